"""What withdrawing a version of a law would mean: who cites it, what it holds, what comes in force again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from portal.bank.following.hits import times_cited
from portal.bank.following.models import QuestionHold
from portal.library.guides.models import GuideCitation, GuideVersion
from portal.library.matters.models import MatterBasis, MatterVersion
from portal.library.models import Article, ArticleSummary, LawEnding, LawVersion


@dataclass(frozen=True)
class Withdrawal:
    """A version with everything that hangs on it."""

    version: LawVersion
    articles: int
    questions: int
    matters: int
    guides: int
    held: int  # questions out of the draw because of it
    ended: tuple[str, ...]  # laws that it ended
    before: LawVersion | None  # the version that comes in force again
    summaries: bool  # our sentences about its articles stay

    @property
    def cited(self) -> int:
        return self.questions + self.matters + self.guides


def withdrawal(session: Session, version_id: int) -> Withdrawal:
    """NoResultFound for a version that was never imported."""
    version = session.scalars(
        select(LawVersion)
        .where(LawVersion.id == version_id, LawVersion.imported_at.is_not(None))
        .options(joinedload(LawVersion.law))
    ).one()
    title, label = version.law.title, version.label
    matters = select(func.count(func.distinct(MatterVersion.matter_id))).join(MatterBasis)
    guides = select(func.count(func.distinct(GuideVersion.guide_id))).join(GuideCitation)
    held = select(func.count(func.distinct(QuestionHold.question_id))).where(
        QuestionHold.raised_by == f"law_version:{version_id}", QuestionHold.ended_at.is_(None)
    )
    return Withdrawal(
        version,
        session.scalar(select(func.count()).where(Article.law_version_id == version_id)) or 0,
        times_cited(session, title, label),
        session.scalar(matters.where(*_naming(MatterBasis, title, label))) or 0,
        session.scalar(guides.where(*_naming(GuideCitation, title, label))) or 0,
        session.scalar(held) or 0,
        tuple(session.scalars(select(LawEnding.title).where(LawEnding.by_version_id == version_id))),
        _before(session, version),
        session.scalar(select(ArticleSummary.id).where(ArticleSummary.law_version_id == version_id).limit(1))
        is not None,
    )


def _naming(table: type[MatterBasis] | type[GuideCitation], title: str, label: str) -> tuple[ColumnElement[bool], ...]:
    return table.law == title, table.label == label


def _before(session: Session, version: LawVersion) -> LawVersion | None:
    """The version whose last day is the one before this begins."""
    eve = version.in_force_from - timedelta(days=1)
    return session.scalars(
        select(LawVersion).where(LawVersion.law_id == version.law_id, LawVersion.in_force_until == eve).limit(1)
    ).one_or_none()
