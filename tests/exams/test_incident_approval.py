"""Time in the hall is given by two people; page, operation and database each refuse one alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from portal.exams.models import Attempt
from portal.exams.running import operations
from portal.exams.running.giving import NotNow, TooMuchTime
from portal.exams.running.models import Incident, IncidentKind, TimeGrant
from portal.exams.running.operations import NotAReport
from portal.exams.sittings.operations import add_policy
from portal.exams.sittings.queries import policy_on
from portal.people import operations as people
from portal.people.duties.models import DutyStep
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.exams.hall import HALL, MINUTE, Hall
from tests.factories import County

SECOND = timedelta(seconds=1)
ODD = timedelta(minutes=7, seconds=13, microseconds=250_001)


@pytest.fixture
def hall(county: County) -> Hall:
    return Hall(county)


def test_whoever_reports_does_not_approve(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    asked = hall.extend(hall.where(attempt), 10, by=hall.manager)
    with pytest.raises(SamePerson):
        hall.give(asked, by=hall.manager)
    assert hall.deadline(attempt) == before
    hall.give(asked, by=hall.other_manager)
    assert hall.deadline(attempt) == before + 10 * MINUTE


def test_nobody_gives_time_to_a_room_in_which_he_sits_himself(hall: Hall):
    attempt = hall.at_work()
    account = hall.session.scalars(select(Account).where(Account.person_id == attempt.person_id)).one()
    people.grant(hall.session, account, Role.EXAM_ADMIN, hall.county.province, now=NOON)
    hall.session.expire(account, ["grants"])
    with pytest.raises(SamePerson):
        hall.give(hall.extend(hall.whole_room, 5), by=account)


def test_the_database_refuses_an_approval_by_the_reporter(hall: Hall):
    asked = hall.extend(hall.where(hall.at_work()), 10, by=hall.manager)
    with pytest.raises(DBAPIError, match="does not approve"):
        hall.session.execute(
            text("UPDATE incident SET approved_by_id = reported_by_id, approved_at = reported_at WHERE id = :id"),
            {"id": asked.id},
        )


def test_an_incident_that_left_no_step_is_not_approved_by_its_reporter_either(hall: Hall):
    attempt, reporter = hall.at_work(), hall.manager
    made = Incident(
        exam_id=hall.exam.id, attempt_id=attempt.id, kind="extension", cause="software", note="浏览器", seconds=600,
        reported_at=NOON, reported_by_id=reporter.id,
    )  # fmt: skip
    hall.session.add(made)
    hall.session.flush()
    with pytest.raises(SamePerson):
        hall.give(made, by=reporter)
    hall.session.add(
        DutyStep(
            step="approve", object_kind="incident", object_id=str(made.id), account_id=reporter.id,
            person_id=reporter.person_id, at=NOON,
        )
    )  # fmt: skip
    hall.session.flush()
    made.approved_by_id, made.approved_at = reporter.id, NOON
    with pytest.raises(DBAPIError, match="does not approve"):
        hall.session.flush()


def test_the_database_refuses_time_without_an_approved_incident(hall: Hall):
    attempt = hall.at_work()
    asked = hall.extend(hall.where(attempt), 10)
    grant = TimeGrant(
        incident_id=asked.id, attempt_id=attempt.id, seconds=600, deadline_before=attempt.deadline_at,
        deadline_after=attempt.deadline_at + 10 * MINUTE, at=NOON,
    )  # fmt: skip
    hall.session.add(grant)
    with pytest.raises(DBAPIError, match="approved incident"):
        hall.session.flush()


def test_the_database_refuses_a_grant_to_somebody_the_incident_did_not_touch(hall: Hall):
    there = hall.at_work(hall.next_room)
    hall.at_work()
    approved = hall.extend(hall.whole_room, 10)
    hall.give(approved)
    hall.session.add(
        TimeGrant(
            incident_id=approved.id, attempt_id=there.id, seconds=600, deadline_before=there.deadline_at,
            deadline_after=there.deadline_at + 10 * MINUTE, at=NOON,
        )
    )  # fmt: skip
    with pytest.raises(DBAPIError, match="those it touched"):
        hall.session.flush()


@pytest.mark.parametrize("by", [timedelta(minutes=30), -timedelta(minutes=1)])
def test_a_deadline_moves_by_no_other_way(hall: Hall, by: timedelta):
    attempt = hall.at_work()
    with pytest.raises(DBAPIError, match="recorded grant"):
        hall.session.execute(
            update(Attempt).where(Attempt.id == attempt.id).values(deadline_at=attempt.deadline_at + by)
        )


@pytest.mark.parametrize("column", ["reported_at", "note", "seconds", "reported_by_id", "approved_by_id"])
def test_what_was_reported_and_decided_stays(hall: Hall, column: str):
    approved = hall.extend(hall.where(hall.at_work()), 10)
    hall.give(approved)
    values = {"reported_at": NOON - MINUTE, "note": "别的", "seconds": 6000, "reported_by_id": hall.manager.id,
              "approved_by_id": hall.other_manager.id}  # fmt: skip
    setattr(approved, column, values[column])
    with pytest.raises(DBAPIError, match="stays"):
        hall.session.flush()


def test_what_is_decided_is_decided_once(hall: Hall):
    attempt = hall.at_work()
    asked = hall.extend(hall.where(attempt), 10)
    hall.give(asked)
    after = hall.deadline(attempt)
    with pytest.raises(NotNow):
        hall.give(asked, by=hall.other_manager)
    with pytest.raises(NotNow):
        operations.refuse(hall.session, asked, "doch nicht", account=hall.other_manager, now=NOON)
    assert hall.deadline(attempt) == after


def test_a_refused_incident_gives_nothing(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    asked = hall.extend(hall.where(attempt), 10)
    operations.refuse(hall.session, asked, "自己的原因", account=hall.manager, now=NOON)
    with pytest.raises(NotNow):
        hall.give(asked)
    assert hall.deadline(attempt) == before


def test_above_two_hours_for_one_person_the_level_above_approves(hall: Hall):
    attempt = hall.at_work()
    hall.give(hall.extend(hall.where(attempt), 115))
    more = hall.extend(hall.where(attempt), 6)
    with pytest.raises(TooMuchTime):
        hall.give(more)
    hall.session.rollback()


def test_the_level_above_may_give_more(hall: Hall):
    attempt = hall.at_work()
    before = hall.deadline(attempt)
    hall.give(hall.extend(hall.where(attempt), 115))
    hall.give(hall.extend(hall.where(attempt), 6), above=True)
    assert hall.deadline(attempt) == before + 121 * MINUTE


@pytest.mark.parametrize("minutes", [0, -5, 121, None])
def test_an_extension_is_bounded(hall: Hall, minutes):
    with pytest.raises(NotAReport):
        hall.extend(hall.whole_room, minutes)


def test_a_report_says_what_happened(hall: Hall):
    told = operations.Report(IncidentKind.PAUSE, operations.Cause.POWER, "  ")
    with pytest.raises(NotAReport):
        operations.report(hall.session, hall.exam, hall.whole_room, told, account=hall.invigilator, now=NOON)


# ---------- the bounds are policy, and dated ----------
def narrower(hall: Hall, from_day: date, **bounds: int) -> None:
    """Rules that hold from a day on, with other bounds of time in the hall."""
    _, terms = policy_on(hall.session, from_day)
    body = asdict(terms) | {"hall": {**HALL, **bounds}}
    body = json.loads(json.dumps(body))
    add_policy(hall.session, label=f"从 {from_day} 起", effective_from=from_day, body=body, account_id=None, now=NOON)


def test_the_bound_of_one_extension_is_that_of_the_day(hall: Hall):
    attempt = hall.at_work()
    narrower(hall, NOON.date(), most_asked_minutes=20)
    with pytest.raises(NotAReport) as refused:
        hall.extend(hall.where(attempt), 21)
    assert refused.value.values["most"] == 20
    assert hall.extend(hall.where(attempt), 20).seconds == 1200


def test_what_one_person_may_get_in_all_is_the_bound_of_the_day(hall: Hall):
    attempt = hall.at_work()
    narrower(hall, NOON.date(), most_given_minutes=20)
    hall.give(hall.extend(hall.where(attempt), 15))
    more = hall.extend(hall.where(attempt), 6)
    with pytest.raises(TooMuchTime) as refused:
        hall.give(more)
    assert refused.value.values["most"] == 20


def test_a_bound_that_begins_tomorrow_holds_from_tomorrow(hall: Hall):
    attempt = hall.at_work()
    narrower(hall, NOON.date() + timedelta(days=1), most_given_minutes=20, most_asked_minutes=20)
    assert hall.give(hall.extend(hall.where(attempt), 60)).longest == 60 * MINUTE


def test_how_far_back_an_outage_lies_is_bounded_by_policy(hall: Hall):
    hall.at_work()
    narrower(hall, NOON.date(), longest_ago_hours=1)
    assert hall.outage(hall.whole_room, NOON - timedelta(hours=1))
    with pytest.raises(NotAReport):
        hall.outage(hall.whole_room, NOON - timedelta(hours=1) - SECOND)


def test_how_much_is_left_when_time_is_taken_back_is_policy(hall: Hall):
    attempt = hall.at_work()
    narrower(hall, NOON.date(), least_left_seconds=300)
    wrong = hall.extend(hall.where(attempt), 40)
    hall.give(wrong)
    late = hall.deadline(attempt) - 10 * MINUTE
    hall.give(operations.ask_back(hall.session, wrong, "输错了", account=hall.invigilator, now=late), at=late)
    assert hall.deadline(attempt) == late + 5 * MINUTE
