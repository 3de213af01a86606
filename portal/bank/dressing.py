"""How templates show a question's texts: Markdown made safe, pictures from the bank's own door, places in words."""

from __future__ import annotations

from flask import request, url_for
from markupsafe import Markup

from portal.ground.i18n import gettext
from portal.ground.markdown import pictured_html
from portal.ground.rules import N_
from portal.words_bank import PLACES
from question_bank.questions import LETTERS


def _address(bank_code: str, sha256: str) -> str:
    code = bank_code or (request.view_args or {}).get("code", "")
    return url_for("bank_pictures.shown", code=code, sha256=sha256)


def question_html(text: str, bank_code: str = "") -> Markup:
    """A stem, a rationale, a reference: paragraphs, lists, tables, pictures, blanks."""
    return pictured_html(text, lambda sha256: _address(bank_code, sha256))


def question_line(text: str, bank_code: str = "") -> Markup:
    """An option or an entry to be matched: one run of text."""
    return pictured_html(text, lambda sha256: _address(bank_code, sha256), line=True)


def place_name(place: str) -> str:
    """A field's place in words: "items/1/options/2" → Part 2: Option C."""
    parts = place.split("/")
    if parts[0] == "items" and len(parts) > 2:
        inner = place_name("/".join(parts[2:]))
        return gettext(N_("Part %(n)s: %(sentence)s"), n=int(parts[1]) + 1, sentence=inner)
    if len(parts) == 2 and parts[1].isdecimal():
        at = int(parts[1])
        if parts[0] == "options":
            return gettext(N_("Option %(letter)s"), letter=LETTERS[at] if at < len(LETTERS) else at + 1)
        return gettext(N_("Right %(n)s"), n=at + 1)
    name = PLACES.get(parts[0])
    return gettext(name) if name else place


FILTERS = {"question_html": question_html, "question_line": question_line, "place_name": place_name}
