"""Reading drafts, remarks, pictures, and what waits for a writer or a reviewer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.bank.following.models import QuestionStatistics, QuestionUse
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion, StatusChange
from portal.bank.writing.models import QuestionComment, QuestionDraft, QuestionPicture
from portal.people.models import Account, Body, Person
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission
from question_bank.analysis import FEW_RIGHT, HARDLY, LEAST_ANSWERS, NEARLY_ALL_RIGHT

NUMBERED = re.compile(r"(.*?)(\d+)$")
SHORT, WORST = 50, 20


def draft_of(session: Session, row: Row, account: Account) -> QuestionDraft | None:
    mine = select(QuestionDraft).filter_by(question_id=row.id, account_id=account.id, discarded_at=None)
    return session.scalar(mine)


def untouched_draft(
    session: Session, bank: QuestionBank, account: Account, body: dict[str, Any]
) -> QuestionDraft | None:
    """The account's draft of a new question in this bank that still reads as `body`, as it was begun."""
    begun = select(QuestionDraft).filter_by(
        bank_id=bank.id, account_id=account.id, question_id=None, number=1, discarded_at=None
    )
    return next((draft for draft in session.scalars(begun.order_by(QuestionDraft.id)) if draft.body == body), None)


def own_draft(
    session: Session, account: Account, bank: QuestionBank, draft_id: int, *, discarded: bool = False
) -> QuestionDraft:
    """The draft, if this account writes it in this bank; otherwise NoResultFound, a 404.

    With `discarded` one that was discarded is found, too.
    """
    mine = select(QuestionDraft).filter_by(id=draft_id, account_id=account.id, bank_id=bank.id)
    return session.scalars(mine if discarded else mine.where(QuestionDraft.discarded_at.is_(None))).one()


def next_code(session: Session, bank: QuestionBank) -> str:
    """The number after that of the bank's newest question, skipping what is taken."""
    newest = session.scalar(select(Row.code).where(Row.bank_id == bank.id).order_by(Row.id.desc()).limit(1))
    found = NUMBERED.fullmatch(newest or "")
    stem, digits = (found[1], found[2]) if found else (f"{bank.code[:30]}-", "00000")
    number = int(digits)
    while True:
        number += 1
        code = f"{stem}{number:0{len(digits)}d}"
        if session.scalar(select(Row.id).where(Row.code == code)) is None:
            return code


def must_say_change(session: Session, row: Row) -> bool:
    """Whether the question was approved once or stands in something that was given out."""
    approved = exists().where(StatusChange.question_id == row.id, StatusChange.status == QuestionStatus.APPROVED)
    used = exists().where(QuestionUse.question_id == row.id)
    return bool(session.scalar(select(or_(approved, used))))


def version(session: Session, row: Row, number: int) -> QuestionVersion:
    """One version of a question; NoResultFound when there is none of that number."""
    return session.scalars(select(QuestionVersion).filter_by(question_id=row.id, number=number)).one()


def approved_version(session: Session, row: Row) -> QuestionVersion | None:
    """The version that was approved last."""
    last = (
        select(StatusChange.version_id)
        .where(StatusChange.question_id == row.id, StatusChange.status == QuestionStatus.APPROVED)
        .order_by(StatusChange.id.desc())
        .limit(1)
    )
    return session.get(QuestionVersion, version_id) if (version_id := session.scalar(last)) else None


def had_a_hand(session: Session, row: Row, account: Account) -> bool:
    """Whether the account wrote a version since one was last approved; it does not approve what grew out of it."""
    approved = approved_version(session, row)
    wrote = exists().where(
        QuestionVersion.question_id == row.id, QuestionVersion.author_id == account.id,
        QuestionVersion.number > (approved.number if approved else 0),
    )  # fmt: skip
    return bool(session.scalar(select(wrote)))


@dataclass(frozen=True)
class Remark:
    """A remark with the names of those who wrote and settled it."""

    id: int
    place: str
    text: str
    by: str
    at: datetime
    version: int
    settled_by: str | None
    settled_at: datetime | None


def remarks(session: Session, row: Row) -> list[Remark]:
    """Every remark about a question, the oldest first."""
    writer, settler = aliased(Person), aliased(Person)
    author, closer = aliased(Account), aliased(Account)
    found = session.execute(
        select(QuestionComment, writer.name, QuestionVersion.number, settler.name)
        .join(author, author.id == QuestionComment.account_id)
        .join(writer, writer.id == author.person_id)
        .join(QuestionVersion, QuestionVersion.id == QuestionComment.version_id)
        .outerjoin(closer, closer.id == QuestionComment.settled_by_id)
        .outerjoin(settler, settler.id == closer.person_id)
        .where(QuestionComment.question_id == row.id)
        .order_by(QuestionComment.id)
    )
    return [
        Remark(c.id, c.place, c.text, by, c.at, number, settled_by, c.settled_at) for c, by, number, settled_by in found
    ]


def remark(session: Session, row: Row, comment_id: int) -> QuestionComment:
    return session.scalars(select(QuestionComment).filter_by(id=comment_id, question_id=row.id)).one()


def last_return(session: Session, row: Row) -> StatusChange | None:
    """Why the question came back from review, if that is the last thing that happened to it."""
    last = session.scalar(
        select(StatusChange).where(StatusChange.question_id == row.id).order_by(StatusChange.id.desc()).limit(1)
    )
    return last if last is not None and last.status == QuestionStatus.DRAFT and last.note else None


def picture(session: Session, bank: QuestionBank, sha256: str) -> QuestionPicture:
    return session.scalars(select(QuestionPicture).filter_by(bank_id=bank.id, sha256=sha256)).one()


def under_review(session: Session, account: Account, *, limit: int = 200) -> Sequence[tuple[Row, datetime]]:
    """Questions under review in banks in scope with the day each was sent, the longest waiting first."""
    sent = (
        select(StatusChange.question_id, func.max(StatusChange.at).label("at"))
        .where(StatusChange.status == QuestionStatus.REVIEW)
        .group_by(StatusChange.question_id)
        .subquery()
    )
    return session.execute(
        select(Row, sent.c.at)
        .join(sent, sent.c.question_id == Row.id)
        .join(QuestionBank, QuestionBank.id == Row.bank_id)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(Row.status == QuestionStatus.REVIEW, _reviewable(account))
        .options(joinedload(Row.current), joinedload(Row.bank))
        .order_by(sent.c.at, Row.id)
        .limit(limit)
    ).all()


def _reviewable(account: Account) -> ColumnElement[bool]:
    return bodies_in_scope(account, Permission.REVIEW_QUESTION, QuestionBank.field)


def count_under_review(session: Session, account: Account) -> int:
    """How many questions wait for this reviewer, his own not counted."""
    mine = QuestionVersion.author_id == account.id
    found = (
        select(func.count(Row.id))
        .join(QuestionBank, QuestionBank.id == Row.bank_id)
        .join(Body, Body.id == QuestionBank.body_id)
        .join(QuestionVersion, QuestionVersion.id == Row.current_version_id)
        .where(Row.status == QuestionStatus.REVIEW, _reviewable(account))
        .where(or_(QuestionVersion.author_id.is_(None), ~mine))
    )
    return session.scalar(found) or 0


def to_review(session: Session, account: Account, bank_code: str, code: str) -> Row:
    """The question, if its bank lies in the reviewer's scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Row)
        .join(QuestionBank, QuestionBank.id == Row.bank_id)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(QuestionBank.code == bank_code, Row.code == code, _reviewable(account))
        .options(joinedload(Row.current), joinedload(Row.bank))
    ).one()


def own_drafts(session: Session, account: Account) -> Sequence[tuple[QuestionDraft, QuestionBank, Row | None]]:
    """What the account has begun and not kept, the newest first."""
    return session.execute(
        _drafts(account).where(QuestionDraft.discarded_at.is_(None)).order_by(QuestionDraft.saved_at.desc())
    ).all()


def own_discarded(session: Session, account: Account) -> Sequence[tuple[QuestionDraft, QuestionBank, Row | None]]:
    """What the account discarded and can bring back, the latest first."""
    found = _drafts(account).where(QuestionDraft.discarded_at.is_not(None))
    return session.execute(found.order_by(QuestionDraft.discarded_at.desc()).limit(SHORT)).all()


def _drafts(account: Account) -> Select[tuple[QuestionDraft, QuestionBank, Row | None]]:
    return (
        select(QuestionDraft, QuestionBank, Row)
        .join(QuestionBank, QuestionBank.id == QuestionDraft.bank_id)
        .outerjoin(Row, Row.id == QuestionDraft.question_id)
        .where(QuestionDraft.account_id == account.id)
    )


def own_rows(session: Session, account: Account, status: QuestionStatus, *, returned: bool = False) -> Sequence[Row]:
    """Questions whose current version the account wrote, in a state; `returned`: that came back with a reason."""
    change, later = aliased(StatusChange), aliased(StatusChange)
    came_back = exists().where(
        change.question_id == Row.id, change.note.is_not(None), change.status == QuestionStatus.DRAFT,
        ~exists().where(later.question_id == change.question_id, later.id > change.id),
    )  # fmt: skip
    found = _own(account).where(Row.status == status)
    if status == QuestionStatus.DRAFT:
        found = found.where(came_back if returned else ~came_back)
    return session.scalars(found.order_by(Row.id.desc()).limit(SHORT)).all()


def _own(account: Account):  # type: ignore[no-untyped-def]
    return (
        select(Row)
        .join(QuestionVersion, QuestionVersion.id == Row.current_version_id)
        .where(QuestionVersion.author_id == account.id)
        .options(joinedload(Row.current), joinedload(Row.bank))
    )


def own_with_poor_figures(session: Session, account: Account) -> Sequence[tuple[Row, QuestionStatistics]]:
    """The account's approved questions that nearly everybody or nobody gets right, or that do not tell people apart."""
    poor = or_(
        and_(QuestionStatistics.discrimination.is_not(None), QuestionStatistics.discrimination < HARDLY),
        QuestionStatistics.facility >= NEARLY_ALL_RIGHT,
        QuestionStatistics.facility <= FEW_RIGHT,
    )
    return session.execute(
        _own(account)
        .join(QuestionStatistics, QuestionStatistics.version_id == Row.current_version_id)
        .add_columns(QuestionStatistics)
        .where(Row.status == QuestionStatus.APPROVED, QuestionStatistics.answered >= LEAST_ANSWERS, poor)
        .order_by(QuestionStatistics.discrimination, Row.id)
        .limit(WORST)
    ).all()


def own_held(session: Session, account: Account) -> Sequence[Row]:
    """The account's questions that a change of law keeps out of the draw."""
    return session.scalars(_own(account).where(Row.held).order_by(Row.id.desc()).limit(SHORT)).all()


def return_notes(session: Session, rows: Sequence[Row]) -> dict[int, tuple[str, datetime]]:
    """Question → why and when it came back."""
    last = (
        select(func.max(StatusChange.id)).where(StatusChange.question_id.in_([r.id for r in rows]))
        .group_by(StatusChange.question_id)
    )  # fmt: skip
    found = session.scalars(select(StatusChange).where(StatusChange.id.in_(last)))
    return {change.question_id: (change.note or "", change.at) for change in found}


def open_remarks(session: Session, question_ids: Sequence[int]) -> dict[int, int]:
    """Question → how many remarks are not settled."""
    found = session.execute(
        select(QuestionComment.question_id, func.count())
        .where(QuestionComment.question_id.in_(question_ids), QuestionComment.settled_at.is_(None))
        .group_by(QuestionComment.question_id)
    )
    return dict(found.all())
