"""Handing in at the door: one ending, one receipt, one line on record, whoever asks and however often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.exams import queries
from portal.exams.delivery import operations
from portal.exams.delivery.journal import GRACE
from portal.exams.delivery.receipts import receipt_of
from portal.exams.models import AnswerChange, Attempt, AttemptState, HandInCause, LateAnswer
from portal.ground import clock
from portal.ground.db import db
from portal.ground.models import AuditLine, Job
from portal.people.models import SignIn
from tests.conftest import NOON
from tests.exams.candidates import Candidate, at_once, count, hand_ins_on_record, moments_around
from tests.factories import RIGHT, County


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def answer_all(candidate: Candidate) -> None:
    sent = [[number, item, ["公正", "公开"] if item == 4 else RIGHT[item]] for number, item in enumerate(RIGHT, 1)]
    assert candidate.save(*sent).status_code == 200


def test_a_hand_in_answers_with_the_receipt_over_what_was_saved(candidate: Candidate):
    answer_all(candidate)
    told = candidate.hand_in().json
    assert told == {
        "state": "handed_in", "cause": "candidate", "at": NOON.timestamp(),
        "receipt": receipt_of(candidate.attempt.public_id, RIGHT),
        "next": f"/exams/attempts/{candidate.attempt.public_id}/outcome",
    }  # fmt: skip


def test_the_same_page_hears_the_same_again_later_and_after_signing_out(candidate: Candidate):
    answer_all(candidate)
    first = candidate.hand_in().json
    with db.writing() as session:
        session.get_one(SignIn, candidate.device.id).ended_at = NOON
        session.commit()
    clock.set_source(lambda: NOON + timedelta(hours=3))
    assert candidate.hand_in().json == first


def test_a_hundred_at_once_are_one_hand_in_with_equal_replies(candidate: Candidate):
    answer_all(candidate)
    replies = at_once(100, lambda _: (lambda answer: (answer.status_code, answer.data))(candidate.hand_in()))
    assert len(set(replies)) == 1
    assert replies[0][0] == 200
    with db.reading() as session:
        assert hand_ins_on_record(session) == 1
        assert count(session, Job, Job.kind == "mark_attempt") == 1


def test_a_page_that_was_taken_over_does_not_hand_in(candidate: Candidate):
    candidate.change(epoch=candidate.attempt.epoch + 1)
    refused = candidate.hand_in()
    assert (refused.status_code, refused.json["error"]) == (409, "superseded")
    assert candidate.now_stands().state == AttemptState.IN_PROGRESS


def test_a_page_whose_sign_in_was_ended_does_not_hand_in(candidate: Candidate):
    with db.writing() as session:
        session.get_one(SignIn, candidate.device.id).ended_at = NOON
        session.commit()
    refused = candidate.hand_in()
    assert (refused.status_code, refused.json["error"]) == (401, "signed_out")
    assert candidate.now_stands().state == AttemptState.IN_PROGRESS


def test_nobody_hands_in_while_the_clock_stands_but_what_was_on_the_wire_counts(candidate: Candidate):
    candidate.change(paused_at=NOON)
    clock.set_source(lambda: NOON + GRACE + timedelta(milliseconds=1))
    refused = candidate.hand_in()
    assert (refused.status_code, refused.json["error"]) == (409, "paused")
    clock.set_source(lambda: NOON + GRACE)
    assert candidate.hand_in().json["cause"] == "candidate"


def test_who_hands_in_at_the_limit_or_later_is_stamped_with_the_limit(app, web_county: County):
    told = []
    for moment in moments_around(NOON + timedelta(minutes=60)):
        candidate = Candidate(app, web_county)
        clock.set_source(lambda moment=moment: moment)
        answer = candidate.hand_in().json
        told.append((answer["cause"], candidate.attempt.deadline_at.timestamp() - answer["at"]))
        clock.set_source(lambda: NOON)
    assert [cause for cause, _ in told] == ["candidate", "time_over", "time_over"]
    assert [before for _, before in told] == pytest.approx([0.001, 0, 0], abs=1e-5)


def test_whose_minutes_the_window_cut_short_is_told_that_the_window_closed(app, web_county: County):
    cut = Candidate(app, web_county, minutes=600, days=2 / 24)  # opened an hour ago, closes in an hour
    clock.set_source(lambda: cut.attempt.deadline_at)
    assert cut.hand_in().json["cause"] == "window_closed"


def test_of_a_fixed_start_it_is_the_time_that_is_over(app, web_county: County):
    fixed = Candidate(app, web_county, minutes=600, days=2 / 24, before={"timing": "fixed", "late_minutes": 120})
    clock.set_source(lambda: fixed.attempt.deadline_at)
    assert fixed.hand_in().json["cause"] == "time_over"


def test_an_administrator_s_end_says_so_and_ends_a_standing_clock_too(candidate: Candidate):
    candidate.change(paused_at=NOON)
    later = candidate.attempt.deadline_at + timedelta(hours=1)
    with db.writing() as session:
        attempt = session.get_one(Attempt, candidate.attempt.id)
        closed = operations.hand_in(session, attempt, cause=HandInCause.ADMINISTRATOR, now=later)
        session.commit()
    assert (closed.hand_in_cause, closed.handed_in_at) == ("administrator", candidate.attempt.deadline_at)
    assert closed.paused_at is None


def test_the_trail_names_who_handed_in_and_from_where(candidate: Candidate):
    candidate.hand_in()
    with db.reading() as session:
        line = session.query(AuditLine).filter_by(act="attempt_handed_in").one()
        assert (line.account_id, line.person_id) == (candidate.account.id, candidate.account.person_id)
        assert (line.address, line.codes) == ("127.0.0.1", {"cause": "candidate"})


def test_a_hand_in_costs_few_statements_however_many_answers(app, web_county: County, statements: list[str]):
    app.config["MINGFA"] = replace(app.config["MINGFA"], marking_inline=False)
    few, many = Candidate(app, web_county), Candidate(app, web_county)
    few.save([1, 1, "B"])
    for _ in range(3):
        answer_all(many)
    sent = []
    for candidate in (few, many):
        statements.clear()
        assert candidate.hand_in().status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1] <= 11


def refuse_audit(session) -> None:
    """The trail can take no line: as when its disk or its guard fails."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            text("CREATE TRIGGER broken BEFORE INSERT ON audit_line BEGIN SELECT RAISE(ABORT, 'no trail'); END")
        )
        return
    session.execute(
        text("CREATE FUNCTION no_trail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no trail'; END $$")
    )
    session.execute(text("CREATE TRIGGER broken BEFORE INSERT ON audit_line FOR EACH ROW EXECUTE FUNCTION no_trail()"))


def test_without_its_line_in_the_trail_nothing_is_handed_in_and_saving_goes_on(candidate: Candidate):
    with db.writing() as session:
        refuse_audit(session)
        session.commit()
    assert candidate.save([1, 1, "B"]).status_code == 200
    refused = candidate.hand_in()
    assert refused.status_code == 503
    assert candidate.now_stands().state == AttemptState.IN_PROGRESS
    assert candidate.now_stands().receipt is None
    with db.reading() as session:
        assert count(session, Job, Job.kind == "mark_attempt") == 0
    assert candidate.save([2, 1, "C"]).status_code == 200
    assert candidate.stored() == {1: "C"}


def test_saves_that_race_a_hand_in_are_in_the_receipt_or_refused(app, web_county: County):
    """What is scored is what the receipt covers, however the two interleave; what came too late is evidence."""
    for _ in range(5):
        candidate = Candidate(app, web_county)

        def act(number: int, candidate: Candidate = candidate) -> tuple[int, str | None]:
            answer = candidate.hand_in() if number == 6 else candidate.save([number + 1, 1, "ABCD"[number % 4]])
            return answer.status_code, answer.json.get("error")

        came = at_once(12, act)
        saved = [status for status, _ in came[:6] + came[7:]].count(200)
        assert set(came) <= {(200, None), (409, "too_late")}
        with db.reading() as session:
            attempt = session.get_one(Attempt, candidate.attempt.id)
            answers = queries.answers_of(session, attempt.id)
            assert count(session, AnswerChange, AnswerChange.attempt_id == attempt.id) == saved
            assert count(session, LateAnswer, LateAnswer.attempt_id == attempt.id) == 11 - saved
            assert attempt.receipt == receipt_of(attempt.public_id, answers)
