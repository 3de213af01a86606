"""What an address asks of a list, and what a form asks of many questions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from portal.bank.finding.queries import SORTS, Filters
from portal.bank.models import QuestionStatus
from portal.ground.errors import Malformed
from portal.ground.rules import N_
from portal.people.models import Account, Field
from question_bank.questions import COGNITIVE_LEVELS, Kind

LONGEST = 100
MOST_PICKED = 20_000
SPAN = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
GENERAL = "general"
FILTERS = (
    "q", "article", "topic", "tag", "status", "kind", "field", "difficulty", "level", "held", "author", "since", "used",
    "easier", "harder", "weaker", "answered",
)  # fmt: skip


def filters_from(asked: Mapping[str, str], account: Account) -> Filters:
    """What an address asks for; whatever it cannot mean is left out."""

    def text(name: str) -> str:
        return asked.get(name, "").strip()[:LONGEST]

    def one_of(name: str, allowed: Iterable[str]) -> str:
        return value if (value := asked.get(name, "")) in set(allowed) else ""

    def number(name: str, least: int, most: int) -> int | None:
        told = asked.get(name, "").strip()
        return int(told) if re.fullmatch(r"-?[0-9]{1,6}", told) and least <= int(told) <= most else None

    def hundredths(name: str) -> int | None:
        told = asked.get(name, "").strip().replace("．", ".")
        if re.fullmatch(r"-?[01]?\.[0-9]{1,2}", told):
            return round(float(told) * 100)
        return number(name, -100, 100)

    author = account.id if asked.get("author") == "me" else number("author", 1, 999_999)
    easier, harder = number("easier", 0, 100), number("harder", 0, 100)
    return Filters(
        words=text("q"), article=text("article"), topic=text("topic"), tag=text("tag"),
        status=one_of("status", QuestionStatus), kind=one_of("kind", Kind), field=one_of("field", (GENERAL, *Field)),
        difficulty=number("difficulty", 1, 5), level=one_of("level", COGNITIVE_LEVELS), held=asked.get("held") == "1",
        author=author, since=_day(asked.get("since", "")), used=one_of("used", ("yes", "no")),
        easier=None if easier is None else easier * 100, harder=None if harder is None else harder * 100,
        weaker=hundredths("weaker"), answered=number("answered", 1, 999_999),
        sort=one_of("sort", SORTS) or SORTS[0],
    )  # fmt: skip


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


def picked(told: str) -> list[int]:
    """Ids written as "3,7-12". Raises Malformed."""
    found: list[int] = []
    for part in filter(None, told.split(",")):
        span = SPAN.fullmatch(part)
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
        if last < first or len(found) + last - first >= MOST_PICKED:
            raise Malformed(N_("This cannot be read."))
        found += range(first, last + 1)
    return found


def spans(ids: Iterable[int]) -> str:
    """The same written short."""
    runs: list[list[int]] = []
    for each in sorted(set(ids)):
        if runs and runs[-1][1] == each - 1:
            runs[-1][1] = each
        else:
            runs.append([each, each])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)


def tags_from(told: str) -> list[str]:
    """Tags as people write them in one field."""
    return list(dict.fromkeys(filter(None, (word.strip()[:30] for word in re.split(r"[,，、;；\s]+", told)))))
