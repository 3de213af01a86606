"""Exams made from an exam: next month's, another one like it, a resit, a rehearsal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams.making import rehearsal
from portal.exams.making.operations import keep_new
from portal.exams.making.publishing import Frozen, store_forms
from portal.exams.making.rules import month_of, moved_to, next_month, retitled, weeks_on
from portal.exams.models import Delivery, Entry, Exam, ExamKind, ExamState, Keeps, Timing
from portal.exams.sittings.models import Sitting
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.crypto import digest
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account, Body
from question_bank.papers import freeze

SAME = (
    "theme", "kind", "subject", "field", "body_id", "minutes", "attempts_allowed", "pass_mark", "marking_rules",
    "blueprint", "notice", "release_at_once", "delivery", "timing", "keeps", "forms_wanted", "bank_codes",
    "late_minutes", "check_in_minutes", "review_days",
)  # fmt: skip
RESIT_TITLE = "{title}（补考）"


class NotFromThis(Refused):
    """No exam of that kind is made from this one."""

    code = "not_from_this"


def copy_exam(session: Session, exam: Exam, *, account: Account, now: datetime) -> Exam:
    """A draft like this exam: of the next month when it is monthly, else some weeks on."""
    opens, closes = _moved(exam, now)
    return _like(session, exam, retitled(exam.title, opens), (opens, closes), account=account, now=now)


def _moved(exam: Exam, now: datetime) -> tuple[datetime, datetime]:
    """Where in time the copy lies: never wholly in the past."""
    if exam.kind != ExamKind.MONTHLY:
        later = weeks_on(exam.opens_at, now)
        return exam.opens_at + later, exam.closes_at + later
    month = next_month(local(exam.opens_at).date())
    if month_of(month)[1] < local(now).date():
        month = local(now).date().replace(day=1)
    return moved_to(exam.opens_at, month), moved_to(exam.closes_at, month)


def make_resit(session: Session, exam: Exam, *, account: Account, now: datetime) -> Exam:
    """A draft for those who failed this exam or were absent from it. Raises NotFromThis."""
    if exam.state != ExamState.PUBLISHED or exam.kind == ExamKind.REHEARSAL or now < exam.closes_at:
        raise NotFromThis(N_("A resit is made from an exam that is over."))
    later = weeks_on(exam.opens_at, now)
    window = (exam.opens_at + later, exam.closes_at + later)
    return _like(session, exam, RESIT_TITLE.format(title=exam.title)[:120], window, resit_of=exam, account=account,
                 now=now)  # fmt: skip


def _like(
    session: Session, exam: Exam, title: str, window: tuple[datetime, datetime], *, resit_of: Exam | None = None,
    account: Account, now: datetime,
) -> Exam:  # fmt: skip
    copy = Exam(
        **{name: getattr(exam, name) for name in SAME}, title=title, opens_at=window[0], closes_at=window[1],
        made_by_id=account.id, resit_of_id=resit_of.id if resit_of else None,
    )  # fmt: skip
    return keep_new(session, copy, session.get_one(Body, exam.body_id), account=account, now=now)


def open_rehearsal(session: Session, exam: Exam, *, account: Account, now: datetime) -> Exam:
    """The rehearsal of a published exam, with its list, rooms and seats, open until the exam begins.

    Asked again it brings those in who were entered since. Raises NotFromThis.
    """
    if exam.state != ExamState.PUBLISHED or exam.kind == ExamKind.REHEARSAL or now >= exam.opens_at:
        raise NotFromThis(N_("A rehearsal belongs to a published exam that has not begun."))
    known = select(Exam).where(Exam.resit_of_id == exam.id, Exam.kind == ExamKind.REHEARSAL)
    trial = session.scalars(known.limit(1)).first() or _publish_rehearsal(session, exam, account, now)
    _bring_in(session, exam, trial, now)
    return trial


def _publish_rehearsal(session: Session, exam: Exam, account: Account, now: datetime) -> Exam:
    paper, key = freeze([(question, rehearsal.POINTS) for question in rehearsal.SAMPLES])
    held = select(Sitting.opens_at).where(Sitting.exam_id == exam.id, Sitting.cancelled_at.is_(None))
    starts = session.scalars(held).all()
    trial = Exam(
        kind=ExamKind.REHEARSAL, title=rehearsal.TITLE.format(title=exam.title)[:120], theme=exam.theme,
        subject=exam.subject, field=exam.field, body_id=exam.body_id, opens_at=now,
        closes_at=max([exam.opens_at, *starts]), minutes=rehearsal.MINUTES, attempts_allowed=rehearsal.ATTEMPTS,
        pass_mark=exam.pass_mark, marking_rules=exam.marking_rules, blueprint=[], bank_codes=[],
        notice=rehearsal.NOTICE, forms_wanted=1, delivery=Delivery.SEALED, timing=Timing.WINDOW, keeps=Keeps.LAST,
        check_in_minutes=exam.check_in_minutes, made_by_id=account.id, resit_of_id=exam.id,
    )  # fmt: skip
    keep_new(session, trial, session.get_one(Body, exam.body_id), account=account, now=now)
    store_forms(session, trial, [Frozen(paper, key, digest(paper))], 1, now=now)
    trial.state, trial.published_at = ExamState.PUBLISHED, now
    session.flush()
    audit.record(
        session, "rehearsal_opened", "exam", trial.id, now=now, account_id=account.id, body_id=exam.body_id, of=exam.id
    )
    return trial


def _bring_in(session: Session, exam: Exam, trial: Exam, now: datetime) -> None:
    """Everybody on the exam's list who is not on the rehearsal's yet, with his room and seat."""
    listed = set(session.scalars(select(Entry.person_id).where(Entry.exam_id == trial.id)))
    for entry in session.scalars(select(Entry).where(Entry.exam_id == exam.id, Entry.withdrawn_at.is_(None))).all():
        if entry.person_id not in listed:
            session.add(
                Entry(
                    exam_id=trial.id, person_id=entry.person_id, admission_number=entry.admission_number,
                    extra_minutes=entry.extra_minutes, body_id=entry.body_id, room_id=entry.room_id, seat=entry.seat,
                    entered_at=now, changed_at=now,
                )
            )  # fmt: skip
    session.flush()
