"""Check-ins, what a start is judged by, who is at work right now, and the pictures a paper shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, aliased, joinedload

from portal.bank.writing.models import QuestionPicture
from portal.exams.delivery.reading import pictures_of
from portal.exams.hours import COUNTED
from portal.exams.models import Attempt, AttemptState, CheckIn, Entry, Exam, ExamForm, FormSeal, LateAnswer
from portal.exams.sittings.models import Sitting, TestRoom
from portal.people.identity import same_person
from portal.people.models import Ban, Person, SignIn


def is_sitting(session: Session, person_id: int) -> bool:
    """Whether an attempt of this person is running."""
    running = exists().where(Attempt.person_id == person_id, Attempt.state == AttemptState.IN_PROGRESS)
    return bool(session.scalar(select(running)))


def picture_of_form(session: Session, form: ExamForm, sha256: str) -> QuestionPicture:
    """A picture that stands in the form's texts; otherwise NoResultFound, a 404.

    Whichever bank keeps it: the same SHA-256 is the same picture.
    """
    if sha256 not in pictures_of(form.paper):
        raise NoResultFound
    return session.scalars(select(QuestionPicture).where(QuestionPicture.sha256 == sha256).limit(1)).one()


def check_in_numbered(session: Session, entry: Entry, number: int) -> CheckIn | None:
    """The check-in of an entry for its attempt of that number."""
    return session.scalar(
        select(CheckIn).where(
            CheckIn.exam_id == entry.exam_id, CheckIn.person_id == entry.person_id, CheckIn.number == number
        )
    )


def own_check_in(session: Session, person_id: int, public_id: str, *, hold: bool = False) -> CheckIn:
    """The check-in, if it is this person's; otherwise NoResultFound, a 404. `hold` keeps it until the commit."""
    found = select(CheckIn).where(CheckIn.public_id == public_id, CheckIn.person_id.in_(same_person(person_id)))
    if hold:
        found = found.with_for_update().execution_options(populate_existing=True)
    return session.scalars(found).one()


def own_attempt_or_none(session: Session, person_id: int, public_id: str) -> Attempt | None:
    """The attempt of this address, if this person sits it and it has begun."""
    return session.scalars(
        select(Attempt)
        .where(Attempt.public_id == public_id, Attempt.person_id.in_(same_person(person_id)))
        .options(joinedload(Attempt.exam))
    ).one_or_none()


def own_sitting(session: Session, person_id: int, public_id: str) -> Attempt | CheckIn:
    """The attempt of this address, or the check-in it will begin from; otherwise NoResultFound, a 404."""
    return own_attempt_or_none(session, person_id, public_id) or own_check_in(session, person_id, public_id)


def place_of(session: Session, entry: Entry) -> TestRoom | None:
    """The room an entry is seated in, with its site; None where anybody sits wherever he is."""
    if entry.room_id is None:
        return None
    return session.scalars(
        select(TestRoom).where(TestRoom.id == entry.room_id).options(joinedload(TestRoom.site))
    ).one()


def sealed_form(session: Session, form_id: int, sha256: str) -> bytes:
    """The sealed bytes under their digest; otherwise NoResultFound, a 404."""
    return session.scalars(select(FormSeal.sealed).where(FormSeal.form_id == form_id, FormSeal.sha256 == sha256)).one()


def _begin_case() -> Any:
    """One statement for everything a start is judged by, built once; it holds the check-in until the commit."""
    some = select(Entry.id).where(Entry.exam_id == CheckIn.exam_id).correlate(CheckIn).limit(COUNTED).subquery()
    today = bindparam("today")
    stands = func.coalesce(Person.merged_into_id, Person.id)
    record = aliased(Person)
    records = select(record.id).where(or_(record.id == stands, record.merged_into_id == stands)).correlate(Person)
    barred = exists().where(
        Ban.person_id.in_(records), Ban.lifted_on.is_(None), Ban.since <= today,
        or_(Ban.until.is_(None), Ban.until >= today),
    )  # fmt: skip
    columns = (
        CheckIn.public_id, CheckIn.exam_id, CheckIn.person_id, CheckIn.form_id, CheckIn.number, CheckIn.seed,
        CheckIn.epoch, Exam.body_id, Exam.delivery, Exam.timing, Exam.minutes, Exam.late_minutes,
        Exam.check_in_minutes, Entry.extra_minutes, Entry.sitting_id, Entry.room_id, Entry.withdrawn_at,
        func.coalesce(Sitting.opens_at, Exam.opens_at).label("opens_at"),
        func.coalesce(Sitting.closes_at, Exam.closes_at).label("closes_at"),
        Attempt.id.label("attempt_id"), Attempt.epoch.label("attempt_epoch"), Attempt.state.label("attempt_state"),
        Attempt.paused_at.label("attempt_paused_at"), Attempt.deadline_at, Attempt.drawn,
        SignIn.account_id, SignIn.ended_at, barred.label("barred"),
        select(func.count()).select_from(some).scalar_subquery().label("entries"),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Exam, Exam.id == CheckIn.exam_id)
        .join(Entry, Entry.id == CheckIn.entry_id)
        .join(Person, Person.id == CheckIn.person_id)
        .outerjoin(Sitting, Sitting.id == Entry.sitting_id)
        .outerjoin(Attempt, Attempt.public_id == CheckIn.public_id)
        .outerjoin(SignIn, SignIn.id == bindparam("sign_in_id"))
        .where(CheckIn.id == bindparam("check_in_id"))
        .with_for_update(of=CheckIn)
    )


_BEGIN = _begin_case()


def begin_case(session: Session, check_in_id: int, sign_in_id: int | None, today: date) -> Any:
    """The row of `_begin_case`; NoResultFound where there is no such check-in."""
    values = {"check_in_id": check_in_id, "sign_in_id": sign_in_id, "today": today}
    return session.connection().execute(_BEGIN, values).one()


def late_evidence(session: Session, attempt_ids: Sequence[int]) -> dict[int, int]:
    """Attempt id -> how much came after its end: batches and rescue files, kept and not scored."""
    rows = session.execute(
        select(LateAnswer.attempt_id, func.count())
        .where(LateAnswer.attempt_id.in_(attempt_ids))
        .group_by(LateAnswer.attempt_id)
    )
    return dict(rows.all())
