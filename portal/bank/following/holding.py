"""Questions that cite what a law no longer says leave the draw until a person answers for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from portal.bank.following.models import QuestionHold
from portal.bank.models import Citation, Question, QuestionStatus
from portal.ground import audit
from portal.ground.clock import local
from portal.library.fates import Cited, Fate
from portal.library.fates import fates as fates_of

PORTION = 200  # laws, or holds, in one statement
LIFTED = "lifted"


def cited_articles(session: Session, laws: Collection[str] | None = None) -> list[Cited]:
    """Every (law, label, article) that the current or the approved version of a living question cites.

    With `laws` only those of laws with these titles.
    """
    found = (
        select(Citation.law, Citation.label, Citation.article)
        .join(Question, _living())
        .where(Question.status != QuestionStatus.RETIRED)
        .distinct()
    )
    rows = session.execute(found if laws is None else found.where(Citation.law.in_(laws)))
    return [(law, label, article) for law, label, article in rows]


def _living() -> ColumnElement[bool]:
    """A citation is of the version that is written on, or of the one that papers draw."""
    return or_(Citation.version_id == Question.current_version_id, Citation.version_id == Question.approved_version_id)


@dataclass(frozen=True)
class Missing:
    """A current or approved version that cites what no longer holds, and is not held for it.

    `hold_id` is that of a hold that was lifted.
    """

    question_id: int
    version_id: int
    cited: Cited
    hold_id: int | None


def missing_holds(session: Session, fates: Mapping[Cited, Fate]) -> list[Missing]:
    """The holds that these fates ask for and that are not there."""
    laws, found = sorted({law for law, *_ in fates}), []
    for first in range(0, len(laws), PORTION):
        portion = laws[first : first + PORTION]
        known = {
            tuple(row[:5]): (hold_id, outcome)
            for *row, hold_id, outcome in session.execute(
                select(
                    QuestionHold.version_id, QuestionHold.law, QuestionHold.label, QuestionHold.article,
                    QuestionHold.raised_by, QuestionHold.id, QuestionHold.outcome,
                ).where(QuestionHold.law.in_(portion))
            )
        }  # fmt: skip
        for question_id, version_id, *place in session.execute(
            select(Question.id, Citation.version_id, Citation.law, Citation.label, Citation.article)
            .join(Question, _living())
            .where(Citation.law.in_(portion), Question.status != QuestionStatus.RETIRED)
            .order_by(Question.id, Citation.id)
        ):
            cited = (place[0], place[1], place[2])
            if cited not in fates:
                continue
            hold_id, outcome = known.get((version_id, *cited, fates[cited].raised_by), (None, LIFTED))
            if outcome == LIFTED:
                found.append(Missing(question_id, version_id, cited, hold_id))
    return found


def hold_for(session: Session, fates: Mapping[Cited, Fate], now: datetime) -> int:
    """Hold every living question with a current or approved version that cites one of these; returns how many are new.

    Safe to run twice: a version is held once for each citation and cause.
    """
    return put_holds(session, missing_holds(session, fates), fates, now)


def hold_laws(session: Session, laws: Collection[str], now: datetime) -> int:
    """Hold what no longer rests on these laws as they are today, all within the caller's transaction."""
    found = fates_of(session, cited_articles(session, laws), local(now).date())
    missing = missing_holds(session, found)
    portions = (missing[first : first + PORTION] for first in range(0, len(missing), PORTION))
    return sum(put_holds(session, portion, found, now) for portion in portions)


def put_holds(session: Session, missing: Sequence[Missing], fates: Mapping[Cited, Fate], now: datetime) -> int:
    """Write holds for versions that are still current or approved; returns how many questions they hold."""
    ids = {m.question_id for m in missing}
    living = {
        number: versions
        for number, *versions in session.execute(
            select(Question.id, Question.current_version_id, Question.approved_version_id)
            .where(Question.id.in_(ids), Question.status != QuestionStatus.RETIRED)
            .with_for_update()
        )
    }
    due = [m for m in missing if m.version_id in living.get(m.question_id, ())]
    fresh = {(m.version_id, m.cited): m for m in due if m.hold_id is None}.values()
    if fresh:
        session.execute(insert(QuestionHold), [
            {
                "question_id": m.question_id, "version_id": m.version_id, "law": m.cited[0], "label": m.cited[1],
                "article": m.cited[2], "change": str(fates[m.cited].kind), "raised_by": fates[m.cited].raised_by,
                "raised_at": now,
            }
            for m in fresh
        ])  # fmt: skip
    again = [m.hold_id for m in due if m.hold_id is not None]
    session.execute(
        update(QuestionHold)
        .where(QuestionHold.id.in_(again))
        .values(outcome=None, ended_at=None, ended_by_id=None, raised_at=now)
    )
    held = {m.question_id for m in due}
    session.execute(update(Question).where(Question.id.in_(held)).values(held=True))
    for cause in {fates[m.cited].by_version_id or 0 for m in due}:
        count = len({m.question_id for m in due if (fates[m.cited].by_version_id or 0) == cause})
        audit.record(session, "question_held", "law_version", cause, now=now, questions=count)
    session.flush()
    return len(held)


def open_holds(session: Session, question_id: int) -> Sequence[QuestionHold]:
    """What keeps a question out of the draw, oldest first."""
    return session.scalars(
        select(QuestionHold)
        .where(QuestionHold.question_id == question_id, QuestionHold.ended_at.is_(None))
        .order_by(QuestionHold.id)
    ).all()


def end_hold(
    session: Session,
    question: Question,
    outcome: str,
    *,
    account_id: int | None,
    now: datetime,
    note: str | None = None,
    but: int | None = None,
) -> int:
    """End every open hold of a question: confirmed, rewritten, retired or lifted; returns how many.

    `but` is a version whose holds stay. An approved version that was held is drawn no more once somebody
    has answered for it: what he wrote has to be approved first.
    """
    every = open_holds(session, question.id)
    ended = [hold for hold in every if hold.version_id != but]
    if any(hold.version_id == question.approved_version_id for hold in ended):
        question.approved_version_id = None
    for hold in ended:
        hold.outcome, hold.ended_by_id, hold.ended_at, hold.note = outcome, account_id, now, note
    question.held = len(ended) < len(every)
    session.flush()
    return len(ended)


def lift(session: Session, raised_by: str, now: datetime) -> int:
    """The cause is gone, as when an import is taken back: its holds end; returns how many questions are free again."""
    ids = session.scalars(
        select(QuestionHold.question_id).where(
            QuestionHold.raised_by == raised_by, QuestionHold.ended_at.is_(None)
        ).distinct()
    ).all()  # fmt: skip
    session.execute(
        update(QuestionHold)
        .where(QuestionHold.raised_by == raised_by, QuestionHold.ended_at.is_(None))
        .values(outcome=LIFTED, ended_at=now)
    )
    still = exists().where(QuestionHold.question_id == Question.id, QuestionHold.ended_at.is_(None))
    session.execute(update(Question).where(Question.id.in_(ids), ~still).values(held=False))
    session.flush()
    return len(ids)
