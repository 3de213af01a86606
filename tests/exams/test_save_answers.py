"""Saving: short, exact, and refused with a sentence when it must be."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.exams.delivery import doors, operations, refusals
from portal.exams.delivery.journal import GRACE, SqliteJournal
from portal.exams.models import Attempt, HandInCause, LateAnswer
from portal.ground import clock
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.group_commit import JournalBusy
from portal.people.models import SignIn
from tests.conftest import NOON
from tests.exams.candidates import Candidate, moments_around
from tests.factories import PASSWORD, County


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def test_an_acknowledged_answer_is_in_the_database(candidate: Candidate):
    answer = candidate.save([1, 1, "B"])
    assert (answer.status_code, answer.json["saved"]) == (200, 1)
    assert candidate.stored() == {1: "B"}


def test_the_highest_sequence_is_the_answer_whatever_arrives_last(candidate: Candidate):
    candidate.save([2, 1, "C"])
    candidate.save([1, 1, "B"])
    assert candidate.stored() == {1: "C"}


def test_a_repeated_save_is_stored_once_and_answered_alike(candidate: Candidate):
    assert candidate.save([1, 1, "B"], [2, 2, "AC"]).status_code == 200
    assert candidate.save([1, 1, "B"], [2, 2, "AC"]).status_code == 200
    assert candidate.rows() == 2


def test_half_repeated_batch_stores_only_what_is_new(candidate: Candidate):
    candidate.save([1, 1, "B"])
    assert candidate.save([1, 1, "B"], [2, 3, "T"]).status_code == 200
    assert candidate.stored() == {1: "B", 3: "T"}


def test_a_number_used_for_another_answer_is_refused(candidate: Candidate):
    candidate.save([1, 1, "B"])
    refused = candidate.save([1, 1, "C"])
    assert (refused.status_code, refused.json["error"]) == (409, "sequence_taken")
    assert candidate.stored() == {1: "B"}


@pytest.mark.parametrize(
    ("item", "answer"),
    [(1, "E"), (1, "AB"), (1, "AA"), (2, "AZ"), (3, "X"), (4, ["一处"]), (4, "公正"), (4, ["x" * 201, ""]), (99, "A"),
     (1, {"$ne": ""}), (1, None), (1, 7)],
)  # fmt: skip
def test_what_does_not_stand_on_the_paper_is_refused_and_nothing_of_the_batch_is_stored(candidate, item, answer):
    refused = candidate.save([1, 1, "B"], [2, item, answer])
    assert (refused.status_code, refused.json["error"]) == (422, "not_on_paper")
    assert "纸" in refused.json["message"] or "题" in refused.json["message"] or "试卷" in refused.json["message"]
    assert candidate.rows() == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"changes": 1}', b'{"changes": []}', b'{"changes": [[1, 1]]}', b'{"changes": [["1", 1, "A"]]}',
     b'{"changes": [[true, 1, "A"]]}', b'{"changes": [[0, 1, "A"]]}', b'{"changes": [[1, 1, "A"], [1, 1, "B"]]}',
     b"[" * 100_000, json.dumps({"changes": [[n, 1, "A"] for n in range(1, 300)]}).encode()],
)  # fmt: skip
def test_malformed_json_is_refused_with_a_sentence(candidate: Candidate, data: bytes):
    refused = candidate.save(data=data)
    assert refused.status_code == 400
    assert refused.json["message"]
    assert candidate.rows() == 0


def test_an_oversized_save_is_refused(candidate: Candidate):
    refused = candidate.save(data=b'{"changes": [[1, 4, ["' + b"x" * (doors.MAX_SAVE + 1) + b'"]]]}')
    assert (refused.status_code, refused.json["error"]) == (413, "too_large")


def test_the_deadline_leaves_its_grace_and_not_a_moment_more(candidate: Candidate):
    last = candidate.attempt.deadline_at + GRACE
    told = []
    for number, moment in enumerate(moments_around(last), 1):
        clock.set_source(lambda moment=moment: moment)
        answer = candidate.save([number, 1, "B"])
        told.append((answer.status_code, (answer.json or {}).get("error")))
    assert told == [(200, None), (200, None), (409, "too_late")]
    assert candidate.rows() == 2


def test_a_pause_leaves_the_grace_and_refuses_what_comes_later_until_it_ends(candidate: Candidate):
    candidate.change(paused_at=NOON)
    told = []
    for number, moment in enumerate(moments_around(NOON + GRACE), 1):
        clock.set_source(lambda moment=moment: moment)
        answer = candidate.save([number, 1, "B"])
        told.append((answer.status_code, (answer.json or {}).get("error")))
    assert told == [(200, None), (200, None), (409, "paused")]
    candidate.change(paused_at=None)
    assert candidate.save([3, 1, "C"]).status_code == 200
    assert candidate.stored() == {1: "C"}


def test_a_clock_that_stands_at_the_limit_says_paused_and_keeps_no_evidence(candidate: Candidate):
    candidate.change(paused_at=candidate.attempt.deadline_at - timedelta(minutes=1))
    clock.set_source(lambda: candidate.attempt.deadline_at + timedelta(minutes=5))
    assert candidate.save([1, 1, "B"]).json["error"] == "paused"
    with db.reading() as session:
        assert session.scalars(select(LateAnswer)).all() == []


def test_a_repeat_during_a_pause_is_acknowledged_since_it_is_stored(candidate: Candidate):
    candidate.save([1, 1, "B"])
    candidate.change(paused_at=NOON - timedelta(minutes=1))
    assert candidate.save([1, 1, "B"]).status_code == 200


def test_a_page_whose_sign_in_was_ended_is_told_so(candidate: Candidate):
    with db.writing() as session:
        session.get_one(SignIn, candidate.device.id).ended_at = NOON
        session.commit()
    refused = candidate.save([1, 1, "B"])
    assert (refused.status_code, refused.json["error"]) == (401, "signed_out")
    assert candidate.rows() == 0


def test_the_same_batches_in_any_order_come_to_the_same_answers(app, web_county: County):
    batches = [[[1, 1, "A"], [2, 2, "AC"]], [[3, 1, "B"]], [[4, 2, "AD"], [5, 3, "T"]], [[6, 1, "C"]]]
    came = set()
    for order in itertools.permutations(batches):
        candidate = Candidate(app, web_county)
        assert {candidate.save(*batch).status_code for batch in order} == {200}
        came.add(tuple(sorted(candidate.stored().items())))
    assert came == {((1, "C"), (2, "AD"), (3, "T"))}


def test_every_refusal_has_a_word_of_its_own():
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Refused)]
    codes = [kind.code for kind in kinds] + [doors.BadToken.code, JournalBusy.code]
    assert len(set(codes)) == len(codes) >= 12


def test_a_late_answer_is_kept_as_evidence_and_not_counted(candidate: Candidate):
    clock.set_source(lambda: NOON + timedelta(hours=2))
    candidate.save([1, 1, "B"])
    with db.reading() as session:
        late = session.scalars(select(LateAnswer)).one()
    assert json.loads(late.body) == [[candidate.attempt.epoch, 1, 1, "B"]]
    assert candidate.stored() == {}


def test_after_handing_in_nothing_is_added(candidate: Candidate):
    candidate.save([1, 1, "B"])
    with db.writing() as session:
        closed = operations.hand_in(
            session, session.get(Attempt, candidate.attempt.id), cause=HandInCause.CANDIDATE, now=NOON
        )
        session.commit()
        receipt = closed.receipt
    assert candidate.save([2, 1, "C"]).json["error"] == "too_late"
    assert receipt == operations.receipt_of(candidate.attempt.public_id, candidate.stored())


def test_a_page_that_was_taken_over_cannot_save(candidate: Candidate):
    with db.writing() as session:
        operations.open_on_device(session, session.get(Attempt, candidate.attempt.id))
        session.commit()
    refused = candidate.save([1, 1, "B"])
    assert (refused.status_code, refused.json["error"]) == (409, "superseded")
    assert candidate.rows() == 0


def test_a_token_opens_its_own_attempt_only(candidate: Candidate):
    refused = candidate.save([1, 1, "B"], attempt_id=candidate.attempt.id + 1)
    assert (refused.status_code, refused.json["error"]) == (401, "bad_token")


@pytest.mark.parametrize("spoil", [lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"), lambda t: "9" + t, lambda t: "x"])
def test_a_forged_token_is_refused(candidate: Candidate, spoil):
    refused = candidate.save([1, 1, "B"], token=spoil(candidate.token))
    assert (refused.status_code, refused.json["error"]) == (401, "bad_token")


def test_an_expired_token_is_refused_with_what_to_do(candidate: Candidate):
    old = candidate.make_token(age=timedelta(days=3))
    refused = candidate.save([1, 1, "B"], token=old)
    assert refused.status_code == 401
    assert "过期" in refused.json["message"]


def test_a_save_costs_one_statement_with_its_commit_and_no_object(candidate: Candidate, statements: list[str]):
    candidate.save([1, 1, "B"])  # reads the form's shape once per process
    journal = candidate.app.extensions["mingfa_journal"]
    traced: list[str] = []
    if isinstance(journal, SqliteJournal):
        journal.writer.connection.set_trace_callback(lambda sql: traced.append(" ".join(sql.split())))
    statements.clear()
    candidate.save([2, 1, "C"])
    assert statements == []  # nothing went through a session
    assert len(set(traced)) <= 1  # the trace names the statement again for its trigger


def test_the_pulse_tells_the_clock_and_whether_the_page_may_still_write(candidate: Candidate):
    told = candidate.pulse().json
    assert (told["now"], told["state"], told["current"]) == (NOON.timestamp(), "in_progress", True)
    with db.writing() as session:
        operations.open_on_device(session, session.get(Attempt, candidate.attempt.id))
        session.commit()
    assert candidate.pulse().json["current"] is False
    assert candidate.pulse("x").status_code == 401


def test_a_start_needs_the_candidate_s_word_and_two_at_once_are_one_attempt(app, web_county: County):
    officer, exam = web_county.officer(), web_county.exam()
    web_county.enter(exam, officer)
    web_county.session.commit()
    client = app.test_client()
    client.post("/sign-in", data={"username": officer.username, "password": PASSWORD})
    assert client.post(f"/exams/{exam.id}/start").status_code == 422
    places = {client.post(f"/exams/{exam.id}/start", data={"identity": "1"}).headers["Location"] for _ in range(3)}
    assert len(places) == 1


def test_nobody_opens_another_s_attempt(app, web_county: County, candidate: Candidate):
    stranger = web_county.officer("陈绍文", born=web_county.today.replace(year=1985, day=1))
    web_county.session.commit()
    client = app.test_client()
    client.post("/sign-in", data={"username": stranger.username, "password": PASSWORD})
    for method, path in (("get", ""), ("post", "/open"), ("get", "/outcome")):
        answer = getattr(client, method)(f"/exams/attempts/{candidate.attempt.public_id}{path}")
        assert answer.status_code == 404, path
