"""One question of every kind, as a person would write it, and what a foreign program can know of it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO

from question_bank.questions import LETTERS, Citation, Kind, Question

CITED = (Citation("测试法", "2020 修订", "第五条", "说明谁可以处罚。"),)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
FIELDS = {
    "rationale": "依照**法定**职权。", "citations": CITED, "topic": "总则", "difficulty": 4, "cognitive_level": "apply",
    "tags": ("新法", "培训"), "source": "自编", "field": "transport", "valid_from": "2026-01-01",
    "valid_until": "2027-01-01",
}  # fmt: skip


def fair(code: str, kind: Kind, stem: str, **given) -> Question:
    return Question(code, kind, stem, **(FIELDS | given))


SINGLE = fair("K-1", Kind.SINGLE, "由哪个机关实施？\n\n（见*说明*）", options=("甲=乙", "乙~{丙}", "丙: #1"), key="B")
MULTIPLE = fair("K-2", Kind.MULTIPLE, "下列哪些正确？", options=("甲", "乙", "丙"), key="AC")
INDEFINITE = fair("K-3", Kind.INDEFINITE, "哪些属于处罚种类？", options=("警告", "罚款", "表扬"), key="A")
TRUTH = fair("K-4", Kind.TRUE_FALSE, "警告是行政处罚。", key="T")
BLANKS = fair("K-5", Kind.FILL_BLANK, "应当在____日内，书面告知____。", key=(("5", "五"), ("当事人",)))
ORDER = fair("K-6", Kind.ORDERING, "按先后排列。", options=("决定", "立案", "调查"), key="BCA")
MATCH = fair("K-7", Kind.MATCHING, "连线。", options=("警告", "罚款"), matches=("财产", "声誉", "资格"), key=("2", "1"))
SHORT = fair("K-8", Kind.SHORT_ANSWER, "简述程序。", key=("先立案，再调查。", "立案", "调查"))
DRAFT = fair("K-9", Kind.DRAFTING, "写一份决定书。", key=("决定书正文", ("写明事实", 10), ("引用条文", 5)))
CASE = fair(
    "K-10", Kind.CASE_SET, "某镇巡查时发现一辆货车。",
    items=(
        fair("K-10-1", Kind.SINGLE, "谁管？", options=("甲", "乙"), key="A"),
        fair("K-10-2", Kind.TRUE_FALSE, "可以扣车。", key="F"),
        fair("K-10-3", Kind.FILL_BLANK, "告知____。", key=(("当事人",),)),
    ),
)  # fmt: skip
ALL = (SINGLE, MULTIPLE, INDEFINITE, TRUTH, BLANKS, ORDER, MATCH, SHORT, DRAFT, CASE)


def known(question: Question) -> tuple:
    """What stays of a question when its numbering and the order of steps and pairs do not matter."""
    key, options = question.key, question.options
    if question.kind is Kind.ORDERING:
        key = tuple(options[LETTERS.index(letter)] for letter in question.key)
        options = frozenset(options)
    elif question.kind is Kind.MATCHING:
        key = frozenset((o, question.matches[int(n) - 1]) for o, n in zip(options, question.key, strict=True))
        options = frozenset(question.matches)
    return question.kind, question.stem, options, key, tuple(map(known, question.items))


def without_own_words(data: bytes) -> bytes:
    """The file as a foreign program would give it back: our own element, comment or member is gone."""
    if data[:2] != b"PK":
        data = re.sub(rb"<mingfa>.*?</mingfa>", b"", data, flags=re.S)
        return re.sub(rb"^// mingfa:.*$", b"", data, flags=re.M)
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename != "mingfa.json":
                new.writestr(entry.filename, old.read(entry))
    return target.getvalue()


def package(**members: str | bytes) -> bytes:
    """A zip; names are written with __ for / and end in _xml for .xml."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(re.sub(r"_(xml|png|json)$", r".\1", name.replace("__", "/")), text)
    return target.getvalue()


def with_picture(question: Question, key: str) -> Question:
    return replace(question, stem=f"{question.stem}\n\n![路口示意图](picture:{key})")
