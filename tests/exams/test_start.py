"""Beginning: one short transaction that gives the key out once, on time, to the page that waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from portal.exams.delivery import tokens
from portal.exams.delivery.operations import hand_in
from portal.exams.hours import CROWD, LONG_SPREAD, SHORT_SPREAD
from portal.exams.models import Attempt, AttemptState, HandInCause
from portal.exams.operations import enter
from portal.ground import clock
from portal.ground.db import db
from portal.people.access.operations import end_sign_in
from portal.people.models import Ban, SignIn
from tests.conftest import NOON
from tests.exams.sitter import Sitter, crowd, exam_at_noon, rows_of
from tests.factories import County

MS, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
AT_ONCE = 100


def at(moment) -> None:
    clock.set_source(lambda: moment)


def waiting(app, county: County, exam) -> Sitter:
    """A page that checked in five minutes before noon."""
    at(NOON - timedelta(minutes=5))
    sitter = Sitter(app, county, exam).ready()
    at(NOON)
    return sitter


@pytest.fixture
def fixed(app, web_county: County) -> Sitter:
    return waiting(app, web_county, exam_at_noon(web_county, timing="fixed", late_minutes=10, minutes=60))


@pytest.fixture
def window(app, web_county: County) -> Sitter:
    return waiting(app, web_county, exam_at_noon(web_county, minutes=60, days=0.1))


def attempt() -> Attempt:
    with db.reading() as session:
        return session.scalars(select(Attempt)).one()


def test_the_start_gives_the_key_that_opens_the_form_and_a_token_that_saves(fixed: Sitter):
    begun = fixed.start().json
    assert [len(item["stem"]) > 0 for item in fixed.unsealed(begun["key"])["paper"]["items"]] == [True] * 6
    saved = fixed.app.test_client().post(
        f"/exams/attempts/{begun['attempt']}/answers",
        json={"changes": [[1, 1, "B"]]},
        headers={"X-Attempt-Token": begun["token"]},
    )
    assert saved.status_code == 200
    row = attempt()
    assert (row.public_id, row.number, row.seed, row.epoch) == (fixed.public_id, 1, fixed.page["seed"], begun["epoch"])


@pytest.mark.parametrize(("when", "status"), [(-MS, 409), (timedelta(0), 200), (MS, 200)])
@pytest.mark.parametrize("timing", ["fixed", "window"])
def test_not_a_moment_before_the_hour(app, web_county: County, timing, when, status):
    sitter = waiting(app, web_county, exam_at_noon(web_county, timing=timing))
    at(NOON + when)
    answer = sitter.start()
    assert answer.status_code == status
    if status == 409:
        told = answer.json
        assert (told["error"], told["now"], told["starts_at"]) == (
            "not_open",
            (NOON + when).timestamp(),
            NOON.timestamp(),
        )
        assert "key" not in told and rows_of(Attempt) == 0


@pytest.mark.parametrize(("when", "status"), [(-MS, 200), (timedelta(0), 200), (MS, 409)])
def test_of_a_fixed_start_nobody_comes_later_than_the_last_latecomer(fixed: Sitter, when, status):
    at(NOON + timedelta(minutes=10) + when)
    answer = fixed.start()
    assert answer.status_code == status
    assert status == 200 or answer.json["error"] == "window_closed"


@pytest.mark.parametrize(("when", "status"), [(-MS, 200), (timedelta(0), 409)])
def test_in_a_window_nobody_begins_once_it_is_closed(window: Sitter, when, status):
    at(window.exam.closes_at + when)
    answer = window.start()
    assert answer.status_code == status
    assert status == 200 or answer.json["error"] == "window_closed"


@pytest.mark.parametrize(("delay", "lost"), [(0, 0), (2.5, 0), (5, 0), (5.001, 0.001), (60, 55)])
def test_of_a_fixed_start_everybody_within_the_spread_has_every_minute(fixed: Sitter, delay, lost):
    assert fixed.page["spread"] == SHORT_SPREAD
    at(NOON + delay * SECOND)
    begun = fixed.start().json
    assert begun["deadline"] - begun["now"] == pytest.approx(3600 - lost, abs=1e-5)
    assert attempt().deadline_at.timestamp() == begun["deadline"]


def test_a_hall_of_more_than_two_hundred_starts_over_twenty_seconds_and_nobody_loses_one(app, web_county: County):
    exam = exam_at_noon(web_county, timing="fixed", minutes=60)
    crowd(web_county, exam, CROWD)
    sitter = waiting(app, web_county, exam)
    assert sitter.page["spread"] == LONG_SPREAD == 20
    at(NOON + 20 * SECOND)
    begun = sitter.start().json
    assert begun["deadline"] - begun["now"] == 3600


def test_of_a_window_everybody_has_his_minutes_but_not_beyond_its_end(window: Sitter):
    at(window.exam.closes_at - timedelta(minutes=10))
    begun = window.start().json
    assert begun["deadline"] == window.exam.closes_at.timestamp()


def test_extra_time_stands_at_the_end_whatever_the_start(app, web_county: County):
    county = web_county
    officer, exam = county.officer(), exam_at_noon(county, timing="fixed", minutes=60)
    enter(county.session, exam, [officer.person_id], extra_minutes=20)
    county.session.commit()
    at(NOON - timedelta(minutes=5))
    sitter = Sitter(app, county, exam, officer).ready()
    at(NOON)
    assert sitter.start().json["deadline"] == (NOON + timedelta(minutes=80)).timestamp()


def test_a_hundred_starts_at_once_are_one_attempt_and_equal_answers(fixed: Sitter):
    together = Barrier(AT_ONCE)

    def begin(_: int) -> tuple[int, str]:
        together.wait(30)
        answer = fixed.start()
        return answer.status_code, answer.text

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = set(pool.map(begin, range(AT_ONCE)))
    assert {status for status, _ in answers} == {200} and len(answers) == 1
    assert rows_of(Attempt) == 1


def test_a_repeated_start_is_answered_alike_whenever_it_comes(fixed: Sitter):
    first = fixed.start().json
    at(NOON + timedelta(minutes=30))
    again = fixed.start().json
    assert {**again, "now": 0} == {**first, "now": 0}


def test_a_page_of_the_waiting_time_is_fenced_when_another_took_the_attempt_over(fixed: Sitter):
    old = fixed.page
    fixed.start()
    fixed.open()
    refused = fixed.start(token=old["token"], check_in=old["check_in"])
    assert (refused.status_code, refused.json["error"]) == (409, "superseded")


def test_taking_over_and_beginning_at_once_leaves_one_page_in_charge(fixed: Sitter):
    """Whichever comes first: the page that took over last saves, the other is told."""
    first = dict(fixed.page)
    together = Barrier(2)

    def begin() -> int:
        together.wait(10)
        return fixed.start(token=first["token"], check_in=first["check_in"]).status_code

    def take_over() -> dict:
        together.wait(10)
        return fixed.client.post(f"/exams/attempts/{fixed.public_id}/open").json

    with ThreadPoolExecutor(2) as pool:
        begun, taken = pool.submit(begin), pool.submit(take_over)
        status, page = begun.result(), taken.result()
    if page["state"] == "waiting":
        assert status == 409
        assert fixed.start(token=page["token"], check_in=page["check_in"]).status_code == 200
    else:
        assert (status, page["epoch"]) == (200, first["epoch"] + 1)
    assert attempt().epoch == page["epoch"]


def test_whoever_signed_out_meanwhile_signs_in_first(fixed: Sitter):
    with db.writing() as session:
        for row in session.scalars(select(SignIn)).all():
            end_sign_in(session, row, why="signed_out", now=NOON)
        session.commit()
    refused = fixed.start()
    assert (refused.status_code, refused.json["error"]) == (401, "signed_out")


def test_an_entry_withdrawn_after_the_check_in_does_not_begin(app, web_county: County):
    exam = exam_at_noon(web_county, timing="fixed", check_in_minutes=60)
    at(NOON - timedelta(minutes=55))
    sitter = Sitter(app, web_county, exam).ready()
    sitter.withdrawn(NOON - timedelta(minutes=50))
    at(NOON)
    assert sitter.start().json["error"] == "may_not_sit"


@pytest.mark.parametrize("until", [0, None])
def test_a_bar_that_came_after_the_check_in_stops_the_start(fixed: Sitter, until):
    session, today = fixed.county.session, fixed.county.today
    last = None if until is None else today
    session.add(Ban(person_id=fixed.account.person_id, act="cheating", since=today, until=last, reference="决定"))
    session.commit()
    assert fixed.start().json["error"] == "may_not_sit"
    assert rows_of(Attempt) == 0


@pytest.mark.parametrize("bar", [{"until": -1}, {"since": 1}, {"lifted_on": 0}])
def test_a_bar_that_is_over_lifted_or_to_come_stops_nobody(fixed: Sitter, bar):
    session, today = fixed.county.session, fixed.county.today
    days = {name: today + timedelta(days=days) for name, days in bar.items()}
    given = {"since": today - timedelta(days=9), **days}
    session.add(Ban(person_id=fixed.account.person_id, act="cheating", reference="决定", **given))
    session.commit()
    assert fixed.start().status_code == 200


def test_a_start_after_the_paper_was_handed_in_gives_no_key(fixed: Sitter):
    fixed.start()
    with db.writing() as session:
        hand_in(session, session.scalars(select(Attempt)).one(), cause=HandInCause.CANDIDATE, now=NOON)
        session.commit()
    refused = fixed.start()
    assert (refused.status_code, refused.json["error"]) == (409, "too_late")
    page = fixed.open()
    assert (page["state"], page["key"], page["paper"]) == (AttemptState.HANDED_IN, None, None)


# ---------- tokens ----------
def test_neither_kind_of_token_passes_for_the_other(fixed: Sitter):
    secret = fixed.app.config["SECRET_KEY"]
    begun = fixed.start().json
    waiting_as_attempt = fixed.app.test_client().get(
        f"/exams/attempts/{begun['attempt']}/pulse", headers=fixed.headers(fixed.page["token"])
    )
    assert fixed.page["check_in"] == begun["attempt"] == 1  # the numbers fit: only the purpose differs
    assert waiting_as_attempt.json["error"] == "bad_token"
    assert fixed.start(token=begun["token"]).json["error"] == "bad_token"
    assert tokens.read(secret, fixed.page["token"]) is None
    assert tokens.read_waiting(secret, begun["token"]) is None


def test_a_token_of_another_person_or_check_in_begins_nothing(fixed: Sitter):
    county = fixed.county
    stranger = county.officer("陈绍文", born=county.today.replace(year=1985, day=1))
    county.session.commit()
    other = Sitter(fixed.app, county, exam_at_noon(county, timing="fixed"), stranger).ready()
    for refused in (other.start(check_in=fixed.page["check_in"]), fixed.start(check_in=other.page["check_in"])):
        assert (refused.status_code, refused.json["error"]) == (401, "bad_token")
    assert rows_of(Attempt) == 0


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"), lambda t: "1" + t, lambda t: "x", lambda t: ""]
)
def test_a_forged_token_begins_nothing(fixed: Sitter, spoil):
    refused = fixed.start(token=spoil(fixed.page["token"]))
    assert (refused.status_code, refused.json["error"]) == (401, "bad_token")


def test_an_old_token_begins_nothing(fixed: Sitter):
    at(fixed.exam.closes_at + timedelta(days=2))
    assert fixed.start().json["error"] == "bad_token"


# ---------- cost ----------
def test_a_start_costs_five_statements_of_which_two_are_its_own(fixed: Sitter, statements: list[str]):
    other = Sitter(
        fixed.app, fixed.county, fixed.exam, fixed.county.officer(born=fixed.county.today.replace(year=1988))
    )
    other.ready().start()  # unwraps the form's key once per process
    statements.clear()
    assert fixed.start().status_code == 200
    sent = [sql for sql in statements if not sql.startswith(("SAVEPOINT", "RELEASE", "SELECT pg_advisory"))]
    sent = [sql for sql in sent if "FOR KEY SHARE" not in sql]  # PostgreSQL waits for a pause that is being made
    assert len([sql for sql in sent if "audit" not in sql]) == 2
    assert len(sent) <= 5
    assert not any("FROM account" in sql or "FROM exam_form" in sql for sql in statements)


def test_a_repeated_start_costs_one_statement(fixed: Sitter, statements: list[str]):
    fixed.start()
    statements.clear()
    assert fixed.start().status_code == 200
    assert len([sql for sql in statements if not sql.startswith(("SAVEPOINT", "RELEASE"))]) == 1
