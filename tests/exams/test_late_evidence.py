"""What comes after the end is kept and flagged, within bounds, and never scored; rescue files likewise."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from portal.exams.delivery import operations, queries, tokens
from portal.exams.models import LateAnswer, LateSource
from portal.ground import clock
from portal.ground.db import db
from portal.ground.models import AuditLine
from tests.conftest import NOON
from tests.exams.candidates import Candidate, at_once, count
from tests.factories import PASSWORD, County


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def evidence() -> list[LateAnswer]:
    with db.reading() as session:
        return list(session.scalars(select(LateAnswer).order_by(LateAnswer.id)))


def too_late() -> None:
    clock.set_source(lambda: NOON + timedelta(hours=2))


def test_the_same_late_batch_again_is_kept_once(candidate: Candidate):
    too_late()
    for _ in range(3):
        assert candidate.save([1, 1, "B"]).json["error"] == "too_late"
    assert [json.loads(row.body) for row in evidence()] == [[[candidate.attempt.epoch, 1, 1, "B"]]]
    assert candidate.stored() == {}


def test_late_batches_are_kept_up_to_a_number_and_then_refused(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "MAX_LATE", 3)
    too_late()
    told = [candidate.save([number, 1, "B"]).json["error"] for number in range(1, 6)]
    assert told == ["too_late"] * 3 + ["evidence_full"] * 2
    assert len(evidence()) == 3


def test_late_batches_are_kept_up_to_a_size_and_then_refused(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "MAX_LATE_BYTES", 600)
    too_late()
    told = [candidate.save([number, 4, ["公" * 100, ""]]).json["error"] for number in range(1, 4)]
    assert told == ["too_late", "evidence_full", "evidence_full"]
    assert sum(len(row.body) for row in evidence()) <= 600


def test_many_late_batches_at_once_stay_within_the_bounds(candidate: Candidate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "MAX_LATE", 3)
    too_late()
    at_once(10, lambda index: candidate.save([index + 1, 1, "B"]))
    assert len(evidence()) == 3


def test_late_evidence_is_flagged_for_whoever_looks_at_the_attempts(candidate: Candidate):
    too_late()
    candidate.save([1, 1, "B"])
    candidate.save([2, 1, "C"])
    with db.reading() as session:
        assert queries.late_evidence(session, [candidate.attempt.id]) == {candidate.attempt.id: 2}


def made_file(candidate: Candidate, *changes: dict[str, Any], public_id: str = "", spoil: int | None = None) -> bytes:
    """A rescue file as the page makes it."""
    public_id = public_id or candidate.attempt.public_id
    key = tokens.device_key(candidate.app.config["SECRET_KEY"], candidate.attempt.public_id)
    sealed = bytearray(AESGCM(key).encrypt(b"n" * 12, json.dumps({"changes": changes}).encode(), public_id.encode()))
    if spoil is not None:
        sealed[spoil] ^= 1
    outer = {
        "v": 1, "attempt": public_id, "nonce": base64.b64encode(b"n" * 12).decode(),
        "body": base64.b64encode(bytes(sealed)).decode(),
    }  # fmt: skip
    return json.dumps(outer).encode()


CHANGE = {"item": 1, "answer": "B", "base": 2, "made": 1795406400000}


def bring(candidate: Candidate, content: bytes, public_id: str | None = None):
    client = candidate.app.test_client()
    client.post("/sign-in", data={"username": candidate.account.username, "password": PASSWORD})
    return client.post(
        f"/exams/attempts/{public_id or candidate.attempt.public_id}/rescue",
        data={"file": (io.BytesIO(content), "mingfa-rescue.json")},
        headers={"Accept": "application/json"},
    )


def test_a_rescue_file_after_the_end_is_kept_as_evidence_and_stands_in_the_trail(candidate: Candidate):
    candidate.hand_in()
    answer = bring(candidate, made_file(candidate, CHANGE, {**CHANGE, "item": 3, "answer": "T"}))
    assert (answer.status_code, answer.json) == (200, {"kept": 2})
    kept = evidence()
    assert [(row.source, json.loads(row.body)) for row in kept] == [
        (LateSource.FILE, [[2, None, 1, "B", 1795406400000], [2, None, 3, "T", 1795406400000]])
    ]
    assert candidate.stored() == {}
    with db.reading() as session:
        assert count(session, AuditLine, AuditLine.act == "rescue_file_kept") == 1


def test_while_the_exam_runs_the_page_itself_loads_the_file(candidate: Candidate):
    refused = bring(candidate, made_file(candidate, CHANGE))
    assert (refused.status_code, refused.json["error"]) == (409, "attempt_running")
    assert evidence() == []


@pytest.mark.parametrize("spoil", [0, 5, -1])
def test_a_file_with_one_bit_changed_is_refused(candidate: Candidate, spoil: int):
    candidate.hand_in()
    refused = bring(candidate, made_file(candidate, CHANGE, spoil=spoil))
    assert (refused.status_code, refused.json["error"]) == (422, "not_this_file")
    assert evidence() == []


def test_a_file_of_another_attempt_is_refused_even_when_it_is_renamed(app, web_county: County, candidate: Candidate):
    other = Candidate(app, web_county)
    candidate.hand_in()
    theirs = made_file(other, CHANGE)
    renamed = json.dumps({**json.loads(theirs), "attempt": candidate.attempt.public_id}).encode()
    told = [bring(candidate, content).json["error"] for content in (theirs, renamed)]
    assert told == ["not_this_file", "not_this_file"]
    assert bring(candidate, theirs, other.attempt.public_id).status_code == 404
    assert evidence() == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b'{"v": 2}', b'{"v": 1, "attempt": 5}', b"[" * 10_000])
def test_what_is_no_rescue_file_is_refused_with_a_sentence(candidate: Candidate, content: bytes):
    candidate.hand_in()
    refused = bring(candidate, content)
    assert (refused.status_code, refused.json["error"]) == (422, "not_this_file")
    assert refused.json["message"]


@pytest.mark.parametrize(
    "change", [{"item": 99}, {"answer": "Z"}, {"item": "1"}, {"base": [1]}, {"made": "x" * 41}, {"answer": None}]
)
def test_what_does_not_fit_the_paper_is_refused(candidate: Candidate, change: dict[str, Any]):
    candidate.hand_in()
    assert bring(candidate, made_file(candidate, CHANGE, CHANGE | change)).status_code == 422
    assert evidence() == []


def test_a_file_above_a_megabyte_is_refused(candidate: Candidate):
    candidate.hand_in()
    refused = bring(candidate, b" " * (1024 * 1024) + made_file(candidate, CHANGE))
    assert (refused.status_code, refused.json["error"]) == (413, "too_large")
    assert evidence() == []
