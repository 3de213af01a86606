"""Which version of a law a citation means, whether it is in force, and what the article says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, selectinload

from portal.library.models import ArticleSummary, Law, LawVersion


@dataclass(frozen=True)
class CitedVersion:
    """A cited law version on one day."""

    law: str
    label: str
    in_force_from: date
    in_force: bool


def versions_for(
    session: Session, citations: Iterable[Mapping[str, Any]], on: date
) -> dict[tuple[str, str], CitedVersion]:
    """(law, label) -> its version, for those the library knows."""
    wanted = {(c["law"], c["label"]) for c in citations}
    if not wanted:
        return {}
    rows = session.execute(
        select(Law.title, LawVersion)
        .join(LawVersion, LawVersion.law_id == Law.id)
        .where(tuple_(Law.title, LawVersion.label).in_(wanted))
    )
    return {
        (title, v.label): CitedVersion(
            title,
            v.label,
            v.in_force_from,
            v.in_force_from <= on and (v.in_force_until is None or on <= v.in_force_until),
        )
        for title, v in rows
    }


def known_versions(session: Session) -> set[tuple[str, str]]:
    """Every (law, label) in the library; a question that cites another one stays a draft."""
    rows = session.execute(select(Law.title, LawVersion.label).join(LawVersion, LawVersion.law_id == Law.id))
    return {(title, label) for title, label in rows}


def laws(session: Session) -> Sequence[Law]:
    return session.scalars(select(Law).order_by(Law.id).options(selectinload(Law.versions))).all()


def law_version(session: Session, version_id: int) -> tuple[Law, LawVersion, Sequence[ArticleSummary]]:
    """A version with the summaries of its articles; NoResultFound when there is none."""
    law, version = session.execute(
        select(Law, LawVersion).join(LawVersion, LawVersion.law_id == Law.id).where(LawVersion.id == version_id)
    ).one()
    summaries = session.scalars(
        select(ArticleSummary).where(ArticleSummary.law_version_id == version_id).order_by(ArticleSummary.id)
    ).all()
    return law, version, summaries
