"""Whatever a foreign file says, a page that shows its questions holds no script."""

from __future__ import annotations

import re

import pytest

from portal.ground.markdown import safe_html
from question_bank.formats.reading import read
from tests.question_bank.formats.test_moodle_xml import answer, question, quiz

ATTACKS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "![x](javascript:alert(1))",
    "<scr<script>ipt>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<<b>script>alert(1)<</b>/script>",
    "<math><mi xlink:href='data:x,<script>alert(1)</script>'>", "<style>@import 'javascript:alert(1)'</style>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>", "<b onmouseover=alert(1)>x</b>",
    "<x onclick=alert(1)>y</x>",
    "<javascript:alert(1)>", "`<script>alert(1)</script>`", "<a href=' &#1; javascript:alert(1)'>x</a>",
    "| a |\n|---|\n| <script>alert(1)</script> |", "<body onload=alert(1)>", "<!--<script>alert(1)</script>-->x",
)  # fmt: skip
HARM = re.compile(
    r"<\s*(script|iframe|svg|object|embed|style|math|img|form)|<[^>]*\son\w+\s*="
    r"|(href|src)\s*=\s*['\"]?\s*(javascript|data|vbscript):",
    re.I,
)  # fmt: skip


def gift(text: str) -> str:
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", "\\n")


def files(attack: str):
    for form in ("", "[html]", "[markdown]", "[plain]"):
        yield f"::x::{form}{gift(attack)}甲{{={gift(attack)} ~乙####{gift(attack)}}}".encode(), "gift"
    said = attack.replace("<", "&lt;").replace("&#1;", "")
    inner = "<single>true</single>" + answer(attack + "甲", 100, said) + answer("乙")
    for form in ("html", "markdown", "plain_text"):
        yield quiz(question("multichoice", attack + "甲", inner, form)), "moodle"
    yield f"{attack.splitlines()[0]}甲\nA. {attack.splitlines()[0]}\nB. 乙\nANSWER: A".encode(), "aiken"


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_import_brings_a_script_onto_a_page(attack) -> None:
    seen = 0
    for data, form in files(attack):
        for found in read(data, "x", form):
            for text in found.question.texts() if found.question else (found.raw,):
                assert not HARM.search(str(safe_html(text))), (form, text)
                seen += 1
    assert seen
