"""The days and the fellow laws that a law's text names: adopted, amended, in force, ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

DAY = re.compile(r"([12]\d{3})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_BEGINS = re.compile(r"(?:^|(?<=[\s　（(；;。]))(?:根据)?(?=[12]\d{3}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)")
_IN_FORCE = re.compile(r"自\s*([12]\d{3}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)\s*起(?:正式)?(?:施行|实施|生效)")
_AT_ONCE = re.compile(r"自(?:公布|发布|颁布|印发)之日起(?:施行|实施|生效)")
_KINDS = (
    ("revised", ("修订",)), ("amended", ("修正", "修改", "修 正")), ("in_force", ("施行", "起实施")),
    ("adopted", ("通过", "公布", "发布", "批准", "令第", "颁布", "印发")),
)  # fmt: skip
_NAMED = re.compile(r"《([^《》]{2,80})》")
_ENDED = re.compile(r"(?:同时|予以|即行)废止")


@dataclass(frozen=True)
class Event:
    """One line of a law's history: adopted, revised, amended, in_force or other."""

    kind: str
    on: date
    text: str

    @property
    def is_act(self) -> bool:
        return self.kind in ("adopted", "revised", "amended")


def day_in(text: str) -> date | None:
    """The first day a text names, when it exists."""
    if not (found := DAY.search(text)):
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def day_named(file: str) -> date | None:
    """The day in a file's name, as in 行政处罚法(2021-01-22).md."""
    found = re.search(r"([12]\d{3}-\d{2}-\d{2})", file)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def events_in(line: str) -> list[Event]:
    """The events of a line before the first article; a bracket may hold several."""
    if len(line) > 4000:
        return []
    starts = [found.start() for found in _BEGINS.finditer(line)]
    if not starts or line[: starts[0]].strip("（( 　"):
        return []
    pieces = [line[a:b].strip("　 \t（()）；;") for a, b in zip(starts, [*starts[1:], len(line)], strict=True)]
    found = [(piece, day_in(piece)) for piece in pieces]
    return [Event(_kind(piece), on, piece) for piece, on in found if on]


def _kind(text: str) -> str:
    said = re.sub(r"《.*》", "", text)  # the name of a decision often says 修改
    return next((kind for kind, words in _KINDS if any(word in said for word in words)), "other")


def in_force_in(texts: Sequence[str], published: date | None) -> date | None:
    """The day in force that the last articles name; `published` where they say so."""
    for text in reversed(texts):
        if found := _IN_FORCE.search(text):
            return day_in(found[1])
        if _AT_ONCE.search(text):
            return published
    return None


def laws_ended_in(text: str) -> list[str]:
    """The titles in the sentences of an article that end with 同时废止."""
    return [
        title
        for sentence in re.split(r"[。\n]", text) if _ENDED.search(sentence)
        for title in _NAMED.findall(sentence[: _ENDED.search(sentence).start()])  # type: ignore[union-attr]
    ]  # fmt: skip
