"""A contest in draft, one that is judged, and one with a published ranking, all held by the first county."""

from __future__ import annotations

from typing import Any

from portal.exams.contests import operations
from portal.people.models import Account
from tests.conftest import NOON
from tests.exams.contests import Ring
from tests.factories import County
from tests.matrix.doors import WITHIN

JUDGING = ("trainer", "invigilator")


def of_contests(
    county: County, accounts: dict[tuple[str, str], Account]
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Address values by kind of thing, and values for forms; every judge within reach is named."""
    drafted = Ring(county)
    party = drafted.contestants(2)[0]
    row = drafted.round("quick")
    running = Ring(county)
    first, _ = running.contestants(2)
    quick = running.round("quick")
    for role in JUDGING:
        for relation in WITHIN:
            number = accounts[role, relation].person.personnel_number
            operations.name_judge(
                county.session, running.contest, quick, number, account=running.admin, now=NOON
            )
    running.start()
    score = running.points(quick, first, 1, 1000)
    over = Ring(county)
    over.contestants(2)
    last = over.round("quick")
    over.start()
    over.close(last)
    over.publish()
    things = {
        "contest": {"contest_id": drafted.contest.id},
        "contest_round": {"contest_id": drafted.contest.id, "round_id": row.id},
        "contest_party": {"contest_id": drafted.contest.id, "party_id": party.id},
        "contest_judge": {"contest_id": drafted.contest.id, "judge_id": row.judges[0].id},
        "contest_judged": {"round_id": quick.id},
        "contest_published": {"contest_id": over.contest.id},
    }
    return things, {"contest_score": score.id}
