"""Whoever watches the site sees that answers cannot be stored, until one is stored again."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from portal.ground.db import db
from tests.exams.candidates import Candidate
from tests.factories import County


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def health(candidate: Candidate) -> tuple[int, str]:
    answer = candidate.app.test_client().get("/health")
    return answer.status_code, answer.json["state"]


def test_all_is_well(candidate: Candidate):
    assert health(candidate) == (200, "ok")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_error_of_the_disk_turns_it_red_until_an_answer_is_stored(candidate: Candidate):
    candidate.save([1, 1, "A"])
    soft = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = Path(f"{db.engine.url.database}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, soft[1]))  # the next write of the log fails
    try:
        refused = candidate.save([2, 1, "B"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft)
    assert (refused.status_code, refused.json["error"]) == (503, "journal_busy")
    assert health(candidate) == (503, "journal")
    assert candidate.save([2, 1, "B"]).status_code == 200
    assert health(candidate) == (200, "ok")
    assert candidate.stored() == {1: "B"}
