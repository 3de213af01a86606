"""What a writer sends from the editor, read into the plain body of a question; nothing he typed is dropped."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.bank.writing import shape
from portal.ground.errors import Malformed, TooLarge
from portal.ground.rules import N_
from question_bank.questions import CHOICES, COGNITIVE_LEVELS, LETTERS, WITH_OPTIONS, Kind

LONGEST = 20_000  # characters of one text
MOST_VALUES = 3_000
LINE_ENDS = re.compile(r"\r\n?")
TAG_ENDS = re.compile(r"[,，、;；\n]")
VARIANT_ENDS = re.compile(r"[/／]")
WHOLE = ("field", "source", "valid_from", "valid_until")
Form = MultiDict[str, str]


def body_of(form: Form) -> dict[str, Any]:
    """The question the form shows, changed by its button `do`. Raises Malformed, TooLarge."""
    values = sum(len(rows) for rows in form.listvalues())
    if values > MOST_VALUES or any(len(text) > LONGEST for rows in form.listvalues() for text in rows):
        raise TooLarge(N_("The text is longer than a question may be."))
    body = _leaf(form, "")
    body |= {name: _text(form, name).strip() for name in WHOLE}
    body["tags"] = [tag.strip()[:30] for tag in TAG_ENDS.split(_text(form, "tags")) if tag.strip()]
    count = _number(form, "items", 0)
    if not 0 <= count <= shape.MOST_ITEMS:
        raise Malformed(N_("This cannot be read."))
    body["items"] = [_leaf(form, f"i{at}-") for at in range(count)]
    wish = form.get("do", "")
    if ":" in wish:
        shape.apply(body, wish)
    return body


def _leaf(form: Form, before: str) -> dict[str, Any]:
    was, kind = _kind(form.get(f"{before}was", "")), _kind(form.get(f"{before}kind", form.get(f"{before}was", "")))
    if before and Kind.CASE_SET in (was, kind):
        raise Malformed(N_("This cannot be read."))
    level = form.get(f"{before}cognitive_level", "")
    body = {
        "code": form.get(f"{before}code", "")[:40],
        "kind": was.value,
        "stem": _text(form, f"{before}stem"),
        "options": _texts(form, f"{before}option")[: len(LETTERS)] if was in WITH_OPTIONS else [],
        "matches": _texts(form, f"{before}match") if was is Kind.MATCHING else [],
        "rationale": _text(form, f"{before}rationale"),
        "citations": _citations(form, before),
        "topic": _text(form, f"{before}topic").strip(),
        "difficulty": _number(form, f"{before}difficulty", 3),
        "cognitive_level": level if level in COGNITIVE_LEVELS else "understand",
        "items": [],
    }
    body["key"] = _key(form, before, was, body)
    return shape.turn_into(body, kind)


def _key(form: Form, before: str, kind: Kind, body: dict[str, Any]) -> Any:
    letters = LETTERS[: len(body["options"])]
    if kind in CHOICES:
        ticked = set(form.getlist(f"{before}key"))
        return "".join(letter for letter in letters if letter in ticked)
    match kind:
        case Kind.TRUE_FALSE:
            given = form.get(f"{before}key", "")
            return given if given in ("T", "F") else ""
        case Kind.FILL_BLANK:
            split = (VARIANT_ENDS.split(text) for text in _texts(form, f"{before}blank"))
            return [[variant.strip() for variant in variants if variant.strip()] for variants in split]
        case Kind.ORDERING:
            placed = zip(form.getlist(f"{before}place"), letters, strict=False)
            return "".join(letter for _place, letter in sorted((_small(p), x) for p, x in placed if _small(p)))
        case Kind.MATCHING:
            pairs = form.getlist(f"{before}pair")[: len(letters)]
            pairs = [str(_small(given)) if 0 < _small(given) <= len(body["matches"]) else "" for given in pairs]
            return pairs + [""] * (len(letters) - len(pairs))
        case Kind.SHORT_ANSWER:
            return [_text(form, f"{before}reference"), *_texts(form, f"{before}point")]
        case Kind.DRAFTING:
            weights = [_small(weight) for weight in form.getlist(f"{before}weight")]
            rows = zip(_texts(form, f"{before}criterion"), weights, strict=False)
            return [_text(form, f"{before}reference"), *([words, weight] for words, weight in rows)]
    return ""


def _citations(form: Form, before: str) -> list[dict[str, str]]:
    columns = [[text.strip() for text in form.getlist(f"{before}{name}")] for name in ("law", "label", "article")]
    summaries = form.getlist(f"{before}summary")
    return [
        {"law": law[:80], "label": label[:30], "article": article[:30], "summary": summary[:500]}
        for law, label, article, summary in zip(
            *columns, summaries + [""] * (len(columns[0]) - len(summaries)), strict=False
        )
    ]


def _kind(code: str) -> Kind:
    try:
        return Kind(code)
    except ValueError as error:
        raise Malformed(N_("This cannot be read.")) from error


def _text(form: Form, name: str) -> str:
    return LINE_ENDS.sub("\n", form.get(name, ""))


def _texts(form: Form, name: str) -> list[str]:
    return [LINE_ENDS.sub("\n", text) for text in form.getlist(name)]


def _number(form: Form, name: str, default: int) -> int:
    return _small(form.get(name, ""), default)


def _small(text: str, default: int = 0) -> int:
    """A number of at most three digits; whatever else was sent is no number of this form."""
    return int(text) if text.isdecimal() and len(text) < 4 else default
