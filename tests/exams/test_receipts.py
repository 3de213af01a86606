"""A receipt can be computed again by anybody, and says so when one stored letter was changed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from portal.cli import main
from portal.exams.delivery import receipts
from portal.exams.delivery.receipts import canonical_file, receipt_of, recompute, verify_receipt
from portal.exams.models import Attempt
from portal.ground import clock
from portal.ground.db import db
from tests.conftest import NOON
from tests.exams.candidates import Candidate
from tests.factories import PASSWORD, RIGHT, County


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    made = Candidate(app, web_county)
    made.save([1, 1, "A"], [2, 1, "B"], [3, 4, ["公正", "公开"]], [4, 3, ""])
    made.hand_in()
    return made


def download(candidate: Candidate, username: str | None = None):
    client = candidate.app.test_client()
    client.post("/sign-in", data={"username": username or candidate.account.username, "password": PASSWORD})
    return client.get(f"/exams/attempts/{candidate.attempt.public_id}/answers.json")


def tamper(attempt: Attempt, item: int, answer: str) -> None:
    """What somebody with the whole database in his hands can do."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            connection.execute(text("ALTER TABLE answer_change DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE answer_change SET answer = :answer WHERE attempt_id = :id AND item = :item"),
            {"answer": answer, "id": attempt.id, "item": item},
        )


def test_the_receipt_is_the_hash_of_a_fixed_file():
    assert canonical_file("p", {2: "AC", 1: "B", 3: ""}) == b'{"answers":{"1":"B","2":"AC"},"attempt":"p"}'
    assert receipt_of("p", {2: "AC", 1: "B", 3: ""}) == (
        "43b42db1808bfbec3a735aec23ba42e893aa98a3804f21009a67c357a9aedc68"
    )


def test_the_downloaded_file_has_the_receipt_as_its_hash(candidate: Candidate):
    clock.set_source(lambda: NOON + timedelta(days=3))
    answer = download(candidate)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.data).hexdigest() == candidate.now_stands().receipt
    assert json.loads(answer.data)["answers"] == {"1": "B", "4": '["公正", "公开"]'}
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]


def test_nobody_carries_his_answers_out_while_others_still_sit(candidate: Candidate):
    refused = download(candidate)
    assert refused.status_code == 409


def test_another_officer_does_not_get_the_file(candidate: Candidate, app, web_county: County):
    other = Candidate(app, web_county)
    clock.set_source(lambda: NOON + timedelta(days=3))
    assert download(candidate, other.account.username).status_code == 404


def test_a_receipt_holds_until_one_stored_letter_is_changed(candidate: Candidate):
    with db.reading() as session:
        assert verify_receipt(session, session.get_one(Attempt, candidate.attempt.id))
    tamper(candidate.attempt, 4, '["公正", "公平"]')
    with db.reading() as session:
        assert not verify_receipt(session, session.get_one(Attempt, candidate.attempt.id))


def test_the_outcome_page_says_what_the_receipt_proves(candidate: Candidate):
    clock.set_source(lambda: NOON + timedelta(days=3))
    client = candidate.app.test_client()
    client.post("/sign-in", data={"username": candidate.account.username, "password": PASSWORD})
    page = client.get(f"/exams/attempts/{candidate.attempt.public_id}/outcome").text
    assert candidate.now_stands().receipt in page
    assert f"/exams/attempts/{candidate.attempt.public_id}/answers.json" in page


def sat(county: County, number: int) -> list[Attempt]:
    exam = county.exam()
    found = []
    for n in range(number):
        officer = county.officer(born=county.today.replace(year=1960 + n))
        found.append(county.result(officer, exam, {**RIGHT, 1: "ABCD"[n % 4]}).attempt)
    county.session.commit()
    return found


def test_a_whole_exam_is_recomputed_in_portions_and_each_that_differs_is_named(
    county: County, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(receipts, "PORTION", 2)
    attempts = sat(county, 5)
    with db.reading() as session:
        assert [(n, found) for n, found in recompute(session, attempts[0].exam_id)] == [(2, []), (2, []), (1, [])]
    tamper(attempts[1], 2, "AC")
    tamper(attempts[4], 3, "F")
    with db.reading() as session:
        named = [one.attempt_id for _, found in recompute(session, attempts[0].exam_id) for one in found]
    assert named == [attempts[1].id, attempts[4].id]


def test_the_doctor_names_the_receipts_that_differ(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    environ = {
        "DATABASE_URL": sqlite_url, "SECRET_KEY": "s" * 48, "DATA_KEY": "11" * 32, "INDEX_KEY": "22" * 32,
        "AUDIT_KEY": "33" * 32, "FILES_DIR": str(tmp_path / "files"),
    }  # fmt: skip
    for name, value in environ.items():
        monkeypatch.setenv(f"MINGFA_{name}", value)
    db.open(sqlite_url)
    with db.writing() as session:
        attempts = sat(County(session, NOON), 3)
        code = attempts[0].exam.code
    whole = CliRunner().invoke(main, ["doctor", "receipts", code])
    assert (whole.exit_code, whole.output) == (0, "All 3 receipts follow from the stored answers.\n")
    tamper(attempts[1], 1, "D")
    broken = CliRunner().invoke(main, ["doctor", "receipts", code])
    assert broken.exit_code == 1
    assert f"attempt {attempts[1].id} ({attempts[1].public_id})" in broken.output
    assert "1 of 3 receipts" in broken.output
    assert CliRunner().invoke(main, ["doctor", "receipts", "no such exam"]).exit_code == 1
    db.engine.dispose()
