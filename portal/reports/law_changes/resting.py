"""Conferred matters and guides that rest on articles which a version changed or ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.library.guides.models import Guide, GuideVersion
from portal.library.guides.queries import citing, seen
from portal.library.matters.chips import Cited
from portal.library.matters.models import MatterVersion
from portal.library.matters.queries import matters_citing
from portal.library.models import Law, LawVersion
from portal.people.models import Account
from question_bank.laws.numbers import article_of, label_of

Row = TypeVar("Row", MatterVersion, GuideVersion)
Place = tuple[str, tuple[int, int]]  # law, number and suffix of an article; (0, 0) of what names none


def matters_resting(
    session: Session, places: Collection[Place], ended: Sequence[str], version: LawVersion
) -> dict[Place, list[MatterVersion]]:
    """Article → the matters as they stand that rest on the text before `version`; of ended laws every article."""
    found = matters_citing(session, _asked(places, ended))
    rows = [(row, basis) for row in found for basis in row.bases]
    return _by_place(rows, places, ended, _new_labels(session, version))


def guides_resting(
    session: Session, account: Account, on: date, places: Collection[Place], ended: Sequence[str],
    version: LawVersion,
) -> dict[Place, list[GuideVersion]]:  # fmt: skip
    """Article → the guides this account reads that rest on the text before `version`; of ended laws every article."""
    found = citing(session, _asked(places, ended))
    ids = {row.guide_id for row in found}
    mine = select(Guide.id).join(Guide.body).where(Guide.id.in_(ids), seen(session, account, on))
    read = set(session.scalars(mine)) if ids else set()
    found = [row for row in found if row.guide_id in read]
    rows = [(row, citation) for row in found for citation in row.citations]
    return _by_place(rows, places, ended, _new_labels(session, version))


def _asked(places: Iterable[Place], ended: Iterable[str]) -> list[tuple[str, str | None]]:
    return [(law, label_of(*number)) for law, number in places if number[0]] + [(title, None) for title in ended]


def _new_labels(session: Session, version: LawVersion) -> set[tuple[str, str]]:
    """The version, be it stored yet or not, and those behind it: what names one of them rests on the new text."""
    law, since = version.law.title, version.in_force_from
    labels = session.scalars(
        select(LawVersion.label).join(Law).where(Law.title == law, LawVersion.in_force_from >= since)
    )
    return {(law, label) for label in (version.label, *labels)}


def _by_place(
    rows: Iterable[tuple[Row, Cited]], places: Collection[Place], ended: Collection[str], new: set[tuple[str, str]]
) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = defaultdict(list)
    for row, cited in rows:
        place = (cited.law, article_of(cited.article) or (0, 0))
        wanted = cited.law in ended or (place in places and (cited.law, cited.label) not in new)
        if wanted and row not in found[place]:
            found[place].append(row)
    return {place: rows_found for place, rows_found in found.items() if rows_found}
