"""The sweep: whoever does not hand in is handed in with the time of the limit, and nobody a moment too early."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from portal import rounds
from portal.exams.delivery import tasks
from portal.exams.delivery.closing import close_overdue, overdue
from portal.exams.delivery.journal import GRACE
from portal.exams.models import Attempt, AttemptState, Exam, HandInCause
from portal.exams.running import giving
from portal.exams.running.models import Cause, Incident, IncidentKind
from portal.exams.running.operations import Report, Where, report
from portal.ground.db import db
from portal.ground.models import Job
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.exams.candidates import at_once, count, hand_ins_on_record
from tests.factories import County

MOMENT = timedelta(milliseconds=1)


def attempts(county: County, number: int, **exam: object) -> list[Attempt]:
    """So many officers at work on one exam."""
    held = county.exam(**exam)
    officers = [county.officer(born=county.today.replace(year=1950 + n // 28, month=1, day=1 + n % 28))
                for n in range(number)]  # fmt: skip
    made = [county.attempt(officer, held) for officer in officers]
    county.session.commit()
    return made


def one(county: County) -> Attempt:
    return attempts(county, 1)[0]


def late(attempt: Attempt) -> datetime:
    """The first moment at which the sweep may close it."""
    return attempt.deadline_at + GRACE + MOMENT


def state(attempt: Attempt) -> Attempt:
    with db.reading() as session:
        return session.get_one(Attempt, attempt.id)


class Extra:
    """Ten minutes that one exam administrator has asked for, and another gives when he likes."""

    def __init__(self, county: County, attempt: Attempt, managers: tuple[Account, Account] | None = None) -> None:
        asks, self.gives = managers or managers_of(county)
        told = Report(IncidentKind.EXTENSION, Cause.NETWORK, "断网", minutes=10)
        exam = county.session.get_one(Exam, attempt.exam_id)
        where = Where(attempt_id=attempt.id)
        self.incident_id = report(county.session, exam, where, told, account=asks, now=NOON).id
        county.session.commit()

    def given(self, session: Session, *, now: datetime) -> bool:
        """Whether the time was given: only while the attempt runs."""
        incident, account = session.get_one(Incident, self.incident_id), session.get_one(Account, self.gives.id)
        return giving.give(session, incident, above=False, account=account, now=now).attempts == 1

    def give(self, *, now: datetime) -> bool:
        with db.writing() as session:
            given = self.given(session, now=now)
            session.commit()
        return given


def managers_of(county: County) -> tuple[Account, Account]:
    born = date(1979, 1, 1), date(1979, 1, 2)
    asks, gives = (county.staff(Role.EXAM_ADMIN, county.province, born=day) for day in born)
    return asks, gives


def test_the_app_was_down_over_the_end_and_everybody_is_closed_with_the_time_of_the_limit(county: County):
    left = attempts(county, tasks.PORTION * 2 + 3)
    assert tasks.close_what_is_over(left[0].deadline_at + timedelta(days=3)) == len(left)
    assert {(state(a).hand_in_cause, state(a).handed_in_at - a.deadline_at) for a in left} == {
        (HandInCause.TIME_OVER, timedelta(0))
    }
    assert tasks.close_what_is_over(left[0].deadline_at + timedelta(days=4)) == 0
    with db.reading() as session:
        assert hand_ins_on_record(session) == count(session, Job, Job.kind == "mark_attempt") == len(left)


def test_a_portion_is_one_short_transaction(county: County, monkeypatch: pytest.MonkeyPatch):
    left = attempts(county, tasks.PORTION + 1)
    closed: list[int] = []
    whole = tasks.close_overdue

    def noted(session: Session, ids, *, now: datetime) -> int:
        closed.append(whole(session, ids, now=now))
        return closed[-1]

    monkeypatch.setattr(tasks, "close_overdue", noted)
    tasks.close_what_is_over(late(left[0]))
    assert closed == [tasks.PORTION, 1]


def test_the_grace_is_left_to_the_millisecond(county: County):
    attempt = one(county)
    assert tasks.close_what_is_over(attempt.deadline_at + GRACE) == 0
    assert tasks.close_what_is_over(late(attempt)) == 1


def test_whose_clock_stands_is_left_alone_and_closed_after_it_goes_on(county: County):
    attempt = one(county)
    county.session.execute(update(Attempt).where(Attempt.id == attempt.id).values(paused_at=attempt.started_at))
    county.session.commit()
    assert tasks.close_what_is_over(late(attempt) + timedelta(days=1)) == 0
    county.session.execute(update(Attempt).where(Attempt.id == attempt.id).values(paused_at=None))
    county.session.commit()
    assert tasks.close_what_is_over(late(attempt) + timedelta(days=1)) == 1


def test_time_given_after_the_sweep_looked_is_judged_again_under_the_lock(county: County):
    attempt = one(county)
    extra = Extra(county, attempt)
    with db.reading() as session:
        found = [attempt_id for attempt_id, _ in overdue(session, now=late(attempt), limit=20)]
    assert found == [attempt.id]
    assert extra.give(now=late(attempt))
    with db.writing() as session:
        assert close_overdue(session, found, now=late(attempt)) == 0
        session.commit()
    assert state(attempt).state == AttemptState.IN_PROGRESS


def test_an_attempt_somebody_holds_at_this_moment_waits_for_the_next_round(county: County, database_url: str):
    if database_url.startswith("sqlite"):
        pytest.skip("on SQLite the sweep itself waits: there is one writer")
    attempt = one(county)
    extra = Extra(county, attempt)
    with db.writing() as granting:
        assert extra.given(granting, now=late(attempt))
        assert tasks.close_what_is_over(late(attempt)) == 0
        granting.commit()
    assert tasks.close_what_is_over(late(attempt)) == 0
    assert state(attempt).state == AttemptState.IN_PROGRESS


def test_extra_time_that_races_the_sweep_is_given_or_refused_never_taken_back(county: County):
    """Whoever was told that he has more time still runs; who was closed was closed with the old limit."""
    found, managers = attempts(county, 20), managers_of(county)
    for attempt in found:
        extra, now = Extra(county, attempt, managers), late(attempt)

        def act(index: int, attempt: Attempt = attempt, extra: Extra = extra, now: datetime = now) -> object:
            if index:
                with db.writing() as session:
                    closed = close_overdue(session, [attempt.id], now=now)
                    session.commit()
                return closed
            return extra.give(now=now - timedelta(milliseconds=20))

        given, *closed = at_once(3, act)
        stands = state(attempt)
        assert isinstance(given, bool)
        if given:
            assert (sum(closed), stands.state) == (0, AttemptState.IN_PROGRESS)
            assert stands.deadline_at > attempt.deadline_at
        else:
            assert (sum(closed), stands.state) == (1, AttemptState.HANDED_IN)
            assert stands.handed_in_at == attempt.deadline_at


def test_an_attempt_that_cannot_be_closed_does_not_hold_up_the_others(county: County):
    left = attempts(county, 5)
    broken = left[2].id
    if db.engine.dialect.name == "sqlite":
        county.session.execute(
            text(
                f"CREATE TRIGGER broken BEFORE UPDATE ON attempt WHEN NEW.id = {broken} AND NEW.state = 'handed_in'"
                " BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        )
    else:
        county.session.execute(
            text(
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = "
                f"{broken} AND NEW.state = 'handed_in' THEN RAISE 'broken'; END IF; RETURN NEW; END $$"
            )
        )
        county.session.execute(
            text("CREATE TRIGGER broken BEFORE UPDATE ON attempt FOR EACH ROW EXECUTE FUNCTION broken()")
        )
    county.session.commit()
    assert tasks.close_what_is_over(late(left[0])) == 4
    assert [state(a).state == AttemptState.HANDED_IN for a in left] == [True, True, False, True, True]


def test_the_worker_s_round_sweeps(county: County):
    attempt = one(county)
    assert rounds.one_round(late(attempt)) >= 1
    assert state(attempt).state == AttemptState.HANDED_IN
