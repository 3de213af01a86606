"""A contest from its draft to a corrected ranking."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.exams.contests import figures, holding, operations, queries, scoring
from portal.exams.contests.models import ContestRanking, ContestScore, ContestStanding
from portal.exams.contests.operations import Fixed, NotPossible
from portal.exams.models import ExamKind, ResultEvent
from portal.people import operations as people
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.exams.contests import Ring, finished
from tests.factories import County


@pytest.fixture
def ring(county: County) -> Ring:
    return Ring(county)


def ranks(ring: Ring) -> list[tuple[int, int, int]]:
    rows = figures.table(ring.session, ring.held())
    return [(row.party_id, row.rank, row.total) for row in rows]


def test_a_practical_round_of_five_judges_ranks_the_contestants(ring: Ring):
    first, second = ring.contestants(2)
    row = ring.round("practical", judges=5)
    ring.start()
    ring.marks(row, first, *[(mark, 2000, 1000, 500) for mark in (4000, 3000, 3000, 3000, 0)])
    ring.marks(row, second, *[(mark, 2000, 1000, 500) for mark in (4000, 4000, 4000, 0, 0)])
    assert ranks(ring) == [(first.id, 1, 6500), (second.id, 2, 6167)]
    ring.close(row)
    kept = ring.session.scalars(select(ContestStanding).order_by(ContestStanding.rank)).all()
    assert [(one.party_id, one.score, one.details["abilities"]["case_handling"]) for one in kept] == [
        (first.id, 6500, 3000), (second.id, 6167, 2667),
    ]  # fmt: skip


def test_a_written_round_takes_the_best_released_result_of_each_member(county: County):
    ring = Ring(county, "team", size=2)
    exam = county.exam(ExamKind.CONTEST, field="transport", before={"body_id": county.city.id})
    exam_opens = exam.opens_at
    a, b, c, d = (ring.officer() for _ in range(4))
    one, other = ring.team([a, b]), ring.team([c, d], name="二队")
    row = ring.round("written", exam_id=exam.id)
    ring.start()
    county.result(a, exam)
    county.result(b, exam, {1: "B"})
    county.result(c, exam, release=False)
    assert figures.best_marks(ring.session, exam.id, [a.person_id, b.person_id, c.person_id]).keys() == {
        a.person_id, b.person_id,
    }  # fmt: skip
    table = {each.party_id: each for each in figures.table(ring.session, ring.held())}
    assert table[one.id].members[a.person_id] == 10_000
    assert table[one.id].total == (10_000 + table[one.id].members[b.person_id] + 1) // 2
    assert table[other.id].members == {c.person_id: None, d.person_id: None}
    assert exam_opens == exam.opens_at
    with pytest.raises(holding.Incomplete):
        ring.close(row)  # the results are not all out


def test_results_that_change_after_the_close_are_pointed_out_and_taken_over_when_it_opens_again(county: County):
    ring = Ring(county)
    exam = county.exam(
        ExamKind.CONTEST, field="transport", opens_at=NOON - timedelta(days=5), before={"body_id": county.city.id}
    )
    accounts = [ring.officer(), ring.officer()]
    numbers = [account.person.personnel_number for account in accounts]
    first, second = operations.add_contestants(ring.session, ring.contest, numbers, account=ring.admin, now=NOON)
    row = ring.round("written", exam_id=exam.id)
    ring.start()
    results = [county.result(account, exam) for account in accounts]
    ring.close(row)
    assert figures.changed_since(ring.session, ring.held()) == []
    ring.session.add(ResultEvent(result_id=results[0].id, kind="voided", at=NOON, reason="替考"))
    ring.session.flush()
    assert figures.changed_since(ring.session, ring.held()) == [1]
    assert ranks(ring) == [(first.id, 1, 10_000), (second.id, 1, 10_000)]
    holding.reopen_round(ring.session, ring.held(), row, reason="成绩变动", account=ring.admin, now=NOON)
    ring.close(row)
    assert ranks(ring) == [(second.id, 1, 10_000), (first.id, 2, 0)]


def test_quick_answers_add_up_and_a_wrong_line_is_undone_by_its_opposite(ring: Ring):
    first, second = ring.contestants(2)
    row = ring.round("quick")
    ring.start()
    ring.points(row, first, 1, 1000)
    wrong = ring.points(row, second, 2, -500)
    assert ranks(ring) == [(first.id, 1, 11_000), (second.id, 2, 9500)]
    ring.undo(row, wrong)
    assert ranks(ring) == [(first.id, 1, 11_000), (second.id, 2, 10_000)]
    assert [line.points for line in ring.session.scalars(select(ContestScore).order_by(ContestScore.id))] == [
        1000, -500, 500,
    ]  # fmt: skip
    with pytest.raises(NotPossible):
        ring.undo(row, wrong)
    ring.points(row, second, 2, 500)
    assert ranks(ring)[1] == (second.id, 2, 10_500)


def test_a_retried_line_and_a_second_one_for_the_same_question_count_once(ring: Ring):
    first, _ = ring.contestants(2)
    row = ring.round("quick")
    ring.start()
    kept = ring.points(row, first, 1, 1000, key="same")
    assert ring.points(row, first, 1, 1000, key="same").id == kept.id
    with pytest.raises(NotPossible):
        ring.points(row, first, 1, 500)
    for question, points in ((0, 100), (11, 100), (3, 0), (3, 100_001)):
        with pytest.raises(NotPossible):
            ring.points(row, first, question, points)
    assert ring.session.query(ContestScore).count() == 1


def test_the_first_so_many_go_on_and_only_they_are_judged_further(ring: Ring):
    a, b, c = ring.contestants(3)
    first = ring.round("practical", weight=40, advance=2)
    last = ring.round("quick", weight=60)
    ring.start()
    with pytest.raises(scoring.NotJudged):
        ring.points(last, a, 1, 100)  # its turn has not come
    for party, mark in ((a, 1000), (b, 3000), (c, 2000)):
        ring.marks(first, party, (mark, 0, 0, 0))
    ring.close(first)
    with pytest.raises(scoring.NotJudged):
        ring.points(last, a, 1, 100)
    ring.points(last, c, 1, 1000)
    assert ranks(ring) == [(c.id, 1, 7400), (b.id, 2, 7200), (a.id, 3, 400)]
    with pytest.raises(scoring.NotJudged):
        ring.marks(first, a, (4000, 0, 0, 0))


def test_a_round_is_closed_when_every_judge_has_marked_everybody(ring: Ring):
    first, second = ring.contestants(2)
    row = ring.round("practical", judges=2)
    ring.start()
    ring.marks(row, first, (1, 1, 1, 1), (2, 2, 2, 2))
    with pytest.raises(holding.Incomplete):
        ring.close(row)
    ring.marks(row, second, (1, 1, 1, 1), (2, 2, 2, 2))
    ring.close(row)


def test_a_judge_who_is_relieved_takes_his_marks_with_him(ring: Ring):
    first, _ = ring.contestants(2)
    row = ring.round("practical", judges=2)
    ring.start()
    ring.marks(row, first, (1000, 0, 0, 0), (3000, 0, 0, 0))
    assert ranks(ring)[0] == (first.id, 1, 2000)
    with pytest.raises(NotPossible):
        operations.relieve_judge(ring.session, ring.contest, row.judges[1], reason=" ", account=ring.admin, now=NOON)
    operations.relieve_judge(ring.session, ring.contest, row.judges[1], reason="生病", account=ring.admin, now=NOON)
    assert ranks(ring)[0] == (first.id, 1, 1000)


def test_marks_stay_within_the_full_mark_and_name_every_ability(ring: Ring):
    first, _ = ring.contestants(2)
    row = ring.round("practical")
    ring.start()
    for marks in ((4001, 0, 0, 0), (-1, 0, 0, 0)):
        with pytest.raises(NotPossible):
            ring.marks(row, first, marks)
    with pytest.raises(NotPossible):
        scoring.give_marks(
            ring.session, row.judges[0], first.id, {"case_handling": 1}, save_key="x",
            account=ring.account(row.judges[0]), now=NOON,
        )  # fmt: skip
    assert ring.session.query(ContestScore).count() == 0


def test_publishing_takes_somebody_who_neither_scored_nor_settled_the_outcome(ring: Ring):
    _, row = finished(ring, 3000, 2000)
    with pytest.raises(SamePerson):
        ring.publish(by=ring.admin)  # closed the last round
    with pytest.raises(SamePerson):
        ring.publish(by=ring.account(row.judges[0]))
    ranking = ring.publish()
    assert [(each["rank"], each["total"]) for each in ranking.body] == [(1, 3000), (2, 2000)]


def test_whoever_scored_an_earlier_version_does_not_publish_the_correction(ring: Ring):
    parties, row = finished(ring, 3000, 2000)
    ring.publish()
    holding.reopen_round(ring.session, ring.held(), row, reason="评委回避", account=ring.admin, now=NOON)
    earlier = row.judges[0]
    operations.relieve_judge(ring.session, ring.contest, earlier, reason="回避", account=ring.admin, now=NOON)
    later = ring.judge(row)
    for party in parties:
        scoring.give_marks(
            ring.session, later, party.id, dict.fromkeys(row.abilities, 500), save_key=f"n{party.id}",
            account=ring.account(later), now=NOON,
        )  # fmt: skip
    ring.close(row)
    with pytest.raises(SamePerson):
        ring.publish(by=ring.account(earlier), reason="评委回避")
    assert [each["rank"] for each in ring.publish(reason="评委回避").body] == [1, 1]


def test_nobody_publishes_a_ranking_he_stands_in(ring: Ring):
    parties, _ = finished(ring, 3000, 2000)
    person_id = parties[0].members[0].person_id
    own = ring.session.scalars(select(Account).where(Account.person_id == person_id)).one()
    people.grant(ring.session, own, Role.EXAM_ADMIN, ring.county.city, now=NOON)
    with pytest.raises(SamePerson):
        ring.publish(by=own)


def test_what_is_published_stays_and_a_correction_is_a_further_version_with_its_reason(ring: Ring):
    (first, second), row = finished(ring, 3000, 2000)
    before = list(ring.publish().body)
    with pytest.raises(NotPossible):
        ring.publish(reason="再次公布")  # nothing differs
    with pytest.raises(NotPossible):
        holding.reopen_round(ring.session, ring.held(), row, reason="", account=ring.admin, now=NOON)
    holding.reopen_round(ring.session, ring.held(), row, reason="误登一分", account=ring.admin, now=NOON)
    with pytest.raises(holding.NotNow):
        ring.publish(reason="更正")
    ring.marks(row, second, (3500, 0, 0, 0))
    ring.close(row)
    with pytest.raises(NotPossible):
        ring.publish()
    corrected = ring.publish(reason="二号选手误登")
    assert (corrected.number, corrected.body[0]["party"]) == (2, second.id)
    kept = ring.session.scalars(select(ContestRanking).order_by(ContestRanking.number)).all()
    assert (kept[0].body, kept[0].body[0]["party"]) == (before, first.id)


def test_opening_a_round_again_opens_what_followed_from_it(ring: Ring):
    a, b = ring.contestants(2)
    first, last = ring.round("quick", weight=50, advance=1), ring.round("quick", weight=50)
    ring.start()
    ring.points(first, a, 1, 100)
    ring.close(first)
    ring.close(last)
    holding.reopen_round(ring.session, ring.held(), first, reason="误登", account=ring.admin, now=NOON)
    assert (first.closed_at, last.closed_at) == (None, None)
    ring.points(first, b, 1, 300)
    ring.close(first)
    assert [party.id for party in figures.on_stage(ring.session, ring.held(), last)] == [b.id]


def test_who_withdraws_is_judged_no_more_and_stands_without_a_rank(ring: Ring):
    a, b = ring.contestants(2)
    row = ring.round("quick")
    ring.start()
    with pytest.raises(NotPossible):
        holding.withdraw(ring.session, ring.contest, a, reason="", account=ring.admin, now=NOON)
    holding.withdraw(ring.session, ring.contest, a, reason="伤病", account=ring.admin, now=NOON)
    ring.session.expire_all()
    assert ranks(ring) == [(b.id, 1, 10_000), (a.id, 0, 0)]
    with pytest.raises(scoring.NotJudged):
        ring.points(row, a, 1, 100)


def test_members_of_a_written_round_are_put_on_its_list(county: County):
    ring = Ring(county)
    exam = county.exam(
        ExamKind.CONTEST, field="transport", opens_at=NOON + timedelta(days=9), before={"body_id": county.city.id}
    )
    ring.contestants(2)
    row = ring.round("written", exam_id=exam.id)
    ring.start()
    contest = ring.held()
    assert holding.put_on_list(ring.session, contest, row, account=ring.admin, now=NOON)[0] == 2
    assert holding.put_on_list(ring.session, contest, row, account=ring.admin, now=NOON) == (0, [])


# ---------- what is declared beforehand ----------
def test_a_contest_that_lacks_something_does_not_start(ring: Ring):
    with pytest.raises(holding.Incomplete):
        ring.start()
    ring.contestants(2)
    ring.round("practical", weight=60, abilities={"case_handling": 9000}, judges=0)
    said = {gap.message for gap in holding.missing(ring.session, ring.held())}
    assert len(said) == 3  # weights, judges, full marks
    with pytest.raises(holding.Incomplete):
        ring.start()


def test_teams_have_the_declared_size(county: County):
    ring = Ring(county, "team", size=2)
    ring.team([ring.officer(), ring.officer()])
    ring.team([ring.officer()], name="二队")
    ring.round("quick")
    with pytest.raises(holding.Incomplete):
        ring.start()


def test_a_body_has_one_team_unless_a_further_one_is_named(county: County):
    ring = Ring(county, "team", size=1)
    ring.team([ring.officer()])
    with pytest.raises(NotPossible):
        ring.team([ring.officer()])
    assert ring.team([ring.officer()], name="大队二队").name == "大队二队"


def test_only_officers_in_post_below_the_body_take_part_and_each_once(ring: Ring):
    stranger = ring.officer(ring.county.other_city)
    inside = ring.officer()
    left = ring.officer()
    left.person.posts[-1].ended_on = NOON.date()
    ring.session.flush()
    for account in (stranger, left):
        with pytest.raises(NotPossible):
            operations.add_contestants(
                ring.session, ring.contest, [account.person.personnel_number], account=ring.admin, now=NOON
            )
    number = inside.person.personnel_number
    operations.add_contestants(ring.session, ring.contest, [number], account=ring.admin, now=NOON)
    with pytest.raises(NotPossible):
        operations.add_contestants(ring.session, ring.contest, [number], account=ring.admin, now=NOON)


def test_nobody_judges_where_he_takes_part(ring: Ring):
    row = ring.round("quick", judges=0)
    officer = ring.officer()
    number = officer.person.personnel_number
    with pytest.raises(NotPossible):  # neither trainer nor invigilator
        operations.name_judge(ring.session, ring.contest, row, number, account=ring.admin, now=NOON)
    operations.add_contestants(ring.session, ring.contest, [number], account=ring.admin, now=NOON)
    people.grant(ring.session, officer, Role.TRAINER, ring.county.city, now=NOON)
    ring.session.refresh(officer, ["grants"])
    with pytest.raises(NotPossible):
        operations.name_judge(ring.session, ring.contest, row, number, account=ring.admin, now=NOON)


def test_what_was_declared_stays_once_it_began(ring: Ring):
    ring.contestants(2)
    row = ring.round("quick")
    ring.start()
    for act in (
        lambda: operations.put_away(ring.session, ring.contest, account=ring.admin, now=NOON),
        lambda: ring.round("quick"),
        lambda: ring.contestants(1),
        lambda: operations.remove_round(ring.session, ring.contest, row, account=ring.admin, now=NOON),
        lambda: operations.remove_party(
            ring.session, ring.contest, ring.contest.parties[0], account=ring.admin, now=NOON
        ),
    ):
        with pytest.raises(Fixed):
            act()


def test_a_round_taken_out_of_a_draft_lets_the_others_move_up(ring: Ring):
    first, second, third = ring.round("quick"), ring.round("practical"), ring.round("quick")
    ring.contest.tie_rounds = [3, 1]
    operations.remove_round(ring.session, ring.contest, first, account=ring.admin, now=NOON)
    assert [(row.id, row.number) for row in ring.held().rounds] == [(second.id, 1), (third.id, 2)]
    assert ring.contest.tie_rounds == [2]


def test_outside_the_scope_there_is_no_contest(ring: Ring):
    elsewhere = ring.staff(Role.EXAM_ADMIN, ring.county.other_city)
    with pytest.raises(NoResultFound):
        queries.contest_in_scope(ring.session, elsewhere, ring.contest.id)


def test_an_officer_reads_the_ranking_once_it_is_published(ring: Ring):
    near, far = ring.officer(), ring.officer(ring.county.other_city)
    finished(ring, 3000, 2000)
    assert queries.published_for(ring.session, near) == []
    with pytest.raises(NoResultFound):
        queries.published(ring.session, near, ring.contest.id, None)
    ring.publish()
    assert [contest.id for contest, _ in queries.published_for(ring.session, near)] == [ring.contest.id]
    assert queries.published(ring.session, near, ring.contest.id, None).ranking.number == 1
    assert queries.published_for(ring.session, far) == []
    with pytest.raises(NoResultFound):
        queries.published(ring.session, far, ring.contest.id, None)
