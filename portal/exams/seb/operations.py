"""Switching Safe Exam Browser on for an exam, its keys, lifting it, and stopping an attempt that does not show it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.exams.models import Attempt, AttemptState, Exam, ExamState
from portal.exams.running.models import Cause, Incident, IncidentKind
from portal.exams.seb import config, queries
from portal.exams.seb.keys import config_key
from portal.exams.seb.models import ExamSeb
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account

SIGN_IN_PATHS = ("/sign-in", "/sign-in/*", "/activate", "/me/password")
SALT_BYTES = 32
MOST_KEYS, KEY_DIGITS = 50, 64
SHORTEST_PASSWORD, SHORTEST_REASON = 8, 4
NOTE = "Safe Exam Browser"


class Settled(Refused):
    """The exam is published, or waits for it: whether and how it uses the browser stays."""

    code = "seb_settled"


class NotOn(Refused):
    """The exam does not use Safe Exam Browser."""

    code = "seb_not_on"


class Frozen(Refused):
    """The exam is being sat, or is about to be."""

    code = "frozen"


class BadKey(Refused):
    """Something in the list is no Browser Exam Key."""

    status = 422
    code = "bad_key"


class TooShort(Refused):
    """A password or a reason that says nothing."""

    status = 422
    code = "too_short"


def switch_on(
    session: Session, exam: Exam, *, base_url: str, quit_password: str, account: Account, now: datetime
) -> ExamSeb:
    """Make the settings file of a draft, anew where there is one; the Browser Exam Keys go, they were of the old file.

    Raises Settled, TooShort.
    """
    _still_a_draft(exam)
    if quit_password and len(quit_password) < SHORTEST_PASSWORD:
        raise TooShort(N_("A quit password has 8 characters or more; leave it empty to have none."))
    settings = config.settings_for(
        base_url, exam.id, salt=secrets.token_bytes(SALT_BYTES), quit_password=quit_password,
        sign_in_paths=SIGN_IN_PATHS,
    )  # fmt: skip
    seb = queries.seb_of(session, exam.id) or ExamSeb(exam_id=exam.id)
    seb.switched_on, seb.settings, seb.config_key = True, config.as_xml(settings), config_key(settings)
    seb.start_address, seb.browser_keys = settings["startURL"], []
    _changed(session, seb, account, now)
    audit.record(
        session, "seb_switched_on", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        config_key=seb.config_key, quit_password=bool(quit_password),
    )  # fmt: skip
    return seb


def switch_off(session: Session, exam: Exam, *, account: Account, now: datetime) -> None:
    """A draft opens in any browser again. Raises Settled, NotOn."""
    _still_a_draft(exam)
    seb = _on(session, exam)
    seb.switched_on = False
    _changed(session, seb, account, now)
    audit.record(
        session, "seb_switched_off", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id
    )


def set_browser_keys(
    session: Session, exam: Exam, keys: Iterable[str], *, account: Account, now: datetime
) -> None:
    """The Browser Exam Keys that are taken, one for each version and platform; none: every version is.

    Raises NotOn, Frozen, BadKey.
    """
    seb = _on(session, exam)
    if queries.is_frozen(session, exam, now):
        raise Frozen(N_("The exam is being sat or about to be; its keys stay as they are."))
    seb.browser_keys = _read_keys(keys)
    _changed(session, seb, account, now)
    audit.record(
        session, "seb_keys_changed", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        keys=len(seb.browser_keys),
    )  # fmt: skip


def lift(session: Session, exam: Exam, *, reason: str, account: Account, now: datetime) -> None:
    """From now on the exam opens in any browser; there is no way back, and it stays on record. Raises NotOn, TooShort.

    For the day on which the browser itself fails a hall.
    """
    seb = _on(session, exam)
    if seb.lifted_at is not None:
        return
    reason = " ".join(reason.split())[:300]
    if len(reason) < SHORTEST_REASON:
        raise TooShort(N_("Say why the demand is lifted; it stays on record."))
    seb.lifted_at, seb.lifted_by_id, seb.lifted_because = now, account.id, reason
    session.flush()
    audit.record(
        session, "seb_lifted", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id, reason=reason
    )


def stop(session: Session, attempt_id: int, *, now: datetime) -> bool:
    """Stop the clock of a running attempt whose page does not show the keys; what is saved stays.

    Says whether it ran until now. Only an invigilator resumes it.
    """
    stopped = update(Attempt).where(
        Attempt.id == attempt_id, Attempt.state == AttemptState.IN_PROGRESS, Attempt.paused_at.is_(None),
        Attempt.deadline_at > now,
    )  # fmt: skip
    if not session.execute(stopped.values(paused_at=now).execution_options(synchronize_session=False)).rowcount:
        return False
    row = session.execute(
        select(Attempt.exam_id, Attempt.person_id, Attempt.sitting_id, Attempt.room_id, Exam.body_id, Account.id)
        .join(Exam, Exam.id == Attempt.exam_id)
        .join(Account, Account.person_id == Attempt.person_id)
        .where(Attempt.id == attempt_id)
    ).first()  # fmt: skip
    exam_id, person_id, sitting_id, room_id, body_id, account_id = row
    session.add(
        Incident(
            exam_id=exam_id, sitting_id=sitting_id, room_id=room_id, attempt_id=attempt_id, kind=IncidentKind.PAUSE,
            cause=Cause.SOFTWARE, note=NOTE, reported_at=now, reported_by_id=account_id,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, "seb_missing", "attempt", attempt_id, now=now, person_id=person_id, body_id=body_id)
    return True


def _still_a_draft(exam: Exam) -> None:
    if exam.state != ExamState.DRAFT:
        raise Settled(N_("Safe Exam Browser is switched on or off in the draft; afterwards it stays as it is."))


def _on(session: Session, exam: Exam) -> ExamSeb:
    seb = queries.seb_of(session, exam.id)
    if seb is None or not seb.switched_on:
        raise NotOn(N_("This exam does not use Safe Exam Browser."))
    return seb


def _changed(session: Session, seb: ExamSeb, account: Account, now: datetime) -> None:
    seb.changed_at, seb.changed_by_id = now, account.id
    session.add(seb)
    session.flush()


def _read_keys(keys: Iterable[str]) -> list[str]:
    read = list(dict.fromkeys(key.strip().lower() for key in keys if key.strip()))
    for key in read:
        if len(key) != KEY_DIGITS or set(key) - set("0123456789abcdef"):
            raise BadKey(N_("A Browser Exam Key is 64 hexadecimal digits; this is none: %(key)s"), key=key[:80])
    if len(read) > MOST_KEYS:
        raise BadKey(N_("Fifty keys are the most an exam takes."))
    return read
