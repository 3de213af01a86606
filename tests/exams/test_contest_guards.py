"""What the database itself refuses of a contest that began."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.exams.contests.models import ContestRanking
from tests.conftest import NOON
from tests.exams.contests import Ring, finished
from tests.factories import County


@pytest.fixture
def ring(county: County) -> Ring:
    return Ring(county)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contest SET team_size = 9",
        "UPDATE contest SET state = 'draft'",
        "UPDATE contest SET tie_rounds = '[1]'",
        "UPDATE contest_round SET weight = 50",
        "UPDATE contest_round SET abilities = '{}'",
        "UPDATE contest_round SET edition = 0",
        "UPDATE contest_party SET name = '别名'",
        "UPDATE contest_party SET withdrawn_at = (SELECT min(at) FROM contest_score)",
        "UPDATE contest_member SET party_id = (SELECT max(id) FROM contest_party)",
        "UPDATE contest_judge SET account_id = 1",
        "UPDATE contest_score SET points = 9",
        "UPDATE contest_standing SET rank = 1",
        "UPDATE contest_ranking SET reason = 'x'",
        "DELETE FROM contest_member",
        "DELETE FROM contest_judge",
        "DELETE FROM contest_score",
        "DELETE FROM contest_standing",
        "DELETE FROM contest_ranking",
        "INSERT INTO contest_member (contest_id, party_id, person_id) SELECT contest_id, id, 1 FROM contest_party",
        (
            "INSERT INTO contest_party (contest_id, number, name, body_id) SELECT contest_id, 9, 'x', body_id"
            " FROM contest_party WHERE number = 1"
        ),
        (
            "INSERT INTO contest_round (contest_id, number, kind, title, weight, advance_by, base_points, abilities,"
            " drops_extremes, edition) SELECT contest_id, 9, kind, title, 0, advance_by, 0, '{}', drops_extremes, 0"
            " FROM contest_round"
        ),
        (
            "INSERT INTO contest_score (round_id, party_id, judge_id, points, save_key, at) SELECT round_id, party_id,"
            " judge_id, 1, 'late', at FROM contest_score WHERE id = (SELECT min(id) FROM contest_score)"
        ),
        (
            "INSERT INTO contest_standing (round_id, edition, party_id, score, total, rank, advances, details)"
            " SELECT round_id, 7, party_id, 0, 0, 1, advances, '{}' FROM contest_standing"
        ),
        (
            "INSERT INTO contest_ranking (contest_id, number, at, account_id, body, sha256) SELECT contest_id, 2, at,"
            " account_id, '[]', 'x' FROM contest_ranking"
        ),
    ],
)  # fmt: skip
def test_the_database_keeps_what_was_declared_scored_and_published(ring: Ring, statement: str):
    finished(ring, 3000, 2000)
    ring.publish()
    with pytest.raises(DBAPIError, match="guard"):
        ring.session.execute(text(statement))


def test_the_database_refuses_a_ranking_by_whoever_scored(ring: Ring):
    _, row = finished(ring, 3000, 2000)
    judge = ring.account(row.judges[0])
    ring.session.add(
        ContestRanking(
            contest_id=ring.contest.id, number=1, at=NOON, account_id=judge.id, body=[], sha256="0" * 64
        )
    )  # fmt: skip
    with pytest.raises(DBAPIError, match="does not publish"):
        ring.session.flush()
