"""Two records become one person by two people, nothing is rewritten, and it can be undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, NoResultFound

from portal.credentials import queries as credentials
from portal.credentials.rules import RULES
from portal.credentials.verification import standing_of
from portal.exams import operations as exams
from portal.exams import queries as exam_queries
from portal.exams.delivery.starting import MayNotSit
from portal.exams.models import Entry
from portal.ground.models import AuditLine
from portal.ground.rules import judge
from portal.people import operations as people
from portal.people.duplicates import operations, queries
from portal.people.duplicates.models import DuplicatePair, PersonMerge
from portal.people.duplicates.rules import pairs_of
from portal.people.duties.operations import SamePerson
from portal.people.identity import same_person_ids
from portal.people.models import Account, Ban, Exemption, Person, Post, Role, SignIn
from portal.people.queries import current_post, person_in_scope, running_bans
from portal.people.roster.queries import Filters, listed
from portal.people.rules import Permission
from portal.training import operations as training
from portal.training.models import HoursEntry
from portal.training.queries import minutes_by_kind
from tests.factories import County


class Twins:
    """周雅琴, in post, and the same woman entered once more; two administrators of the county."""

    def __init__(self, county: County) -> None:
        self.county, self.session, self.now = county, county.session, county.now
        self.officer = county.officer()
        self.other = county.officer(born=date(1990, 5, 7), title="队员")
        self.first, self.second = self.officer.person, self.other.person
        self.admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
        self.colleague = county.staff(Role.UNIT_ADMIN, county.city, born=date(1981, 1, 1))
        self.pair = operations.pair_by_hand(self.session, self.first, self.second, now=self.now)

    def propose(self, survivor: Person | None = None, account: Account | None = None) -> PersonMerge:
        return operations.propose(
            self.session, self.pair, (survivor or self.first).id, reason="同一人两次录入",
            account=account or self.admin, now=self.now,
        )  # fmt: skip

    def merged(self) -> None:
        self.propose()
        operations.confirm(self.session, self.pair, account=self.colleague, now=self.now)

    def undone(self) -> None:
        operations.propose_undo(self.session, self.pair, reason="确为两人", account=self.admin, now=self.now)
        operations.undo(self.session, self.pair, account=self.colleague, now=self.now)


@pytest.fixture
def twins(county: County) -> Twins:
    return Twins(county)


def test_the_merged_record_leads_to_the_one_that_stands(twins: Twins) -> None:
    twins.merged()
    assert twins.second.merged_into_id == twins.first.id
    both = {twins.first.id, twins.second.id}
    assert same_person_ids(twins.session, twins.first.id) == same_person_ids(twins.session, twins.second.id) == both


def test_a_bar_on_the_merged_record_bars_the_one_that_stands(twins: Twins) -> None:
    bar = Ban(person_id=twins.second.id, act="cheating", since=twins.county.today, reference="处理决定")
    twins.session.add(bar)
    application = twins.county.application(twins.officer)
    exam = twins.county.exam()
    exams.enter(twins.session, exam, [twins.first.id])
    entry = twins.session.query(Entry).one()
    assert running_bans(twins.session, twins.first.id, twins.county.today) == []
    twins.merged()
    case, _ = credentials.case_for(twins.session, application, checker_account=None, now=twins.now)
    assert [b[0] for b in case.bans] == ["cheating"]
    with pytest.raises(MayNotSit):
        exams.start(twins.session, exam, entry, now=twins.now)


def test_hours_passes_and_exemptions_of_both_records_count_for_the_person(twins: Twins) -> None:
    twins.county.hours(twins.other)
    twins.county.passes(twins.other)
    twins.session.add(
        Exemption(person_id=twins.second.id, subject="general_law", kind="legal_profession", reference="证书")
    )
    application = twins.county.application(twins.officer)
    twins.merged()
    case, _ = credentials.case_for(twins.session, application, checker_account=None, now=twins.now)
    assert case.minutes == {"legal": 1500, "professional": 1000}
    assert {p.subject for p in case.passes} == {"general_law", "professional_law"}
    assert len(case.exemptions) == 1


def test_hours_of_one_source_entered_under_both_records_count_once(twins: Twins) -> None:
    twins.county.hours(twins.officer)
    twins.county.hours(twins.other)
    twins.merged()
    assert minutes_by_kind(twins.session, twins.first.id, "transport") == {"legal": 1500, "professional": 1000}


def test_an_entry_taken_back_under_one_record_is_not_counted_through_the_other(twins: Twins) -> None:
    twins.county.hours(twins.officer)
    twins.county.hours(twins.other)
    twins.merged()
    for entry in twins.session.query(HoursEntry).filter_by(person_id=twins.second.id, kind="legal").all():
        training.reverse_hours(twins.session, entry, reason="重复", account_id=twins.admin.id, now=twins.now)
    assert minutes_by_kind(twins.session, twins.first.id, "transport")["legal"] == 1500


def test_attempts_of_both_records_count_against_the_attempts_allowed(twins: Twins) -> None:
    exam = twins.county.exam()
    twins.county.result(twins.other, exam)
    exams.enter(twins.session, exam, [twins.first.id])
    twins.merged()
    assert len(exam_queries.attempts_of(twins.session, twins.first.id, [exam.id])) == 1


def test_an_eligibility_recorded_for_either_record_is_under_recheck(county: County) -> None:
    officer, application, checker = county.ready()
    county.decided(application, checker)
    twins = Twins.__new__(Twins)
    twins.county, twins.session, twins.now = county, county.session, county.now
    twins.second, twins.first = officer.person, county.officer(born=date(1990, 5, 7)).person
    twins.admin = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1982, 1, 1))
    twins.colleague = county.staff(Role.UNIT_ADMIN, county.city, born=date(1983, 1, 1))
    twins.pair = operations.pair_by_hand(county.session, twins.first, twins.second, now=county.now)
    twins.merged()
    (eligibility, _), = credentials.eligibilities_of(county.session, twins.first.id)
    assert standing_of(county.session, eligibility, [], county.now)[0] == "recheck"


def test_the_merged_account_is_signed_out_and_opens_nothing_more(twins: Twins) -> None:
    device = SignIn(
        token_sha256="f" * 64, account_id=twins.other.id, at=twins.now, ends_at=twins.now + timedelta(hours=1)
    )
    twins.session.add(device)
    twins.merged()
    twins.session.refresh(device)
    assert device.ended_at == twins.now and twins.other.disabled_at == twins.now
    twins.other.disabled_at = None
    with pytest.raises(DatabaseError, match="stays closed"):
        twins.session.flush()


def test_the_merged_record_leaves_the_roster_and_the_scope(twins: Twins) -> None:
    twins.merged()
    with pytest.raises(NoResultFound):
        person_in_scope(twins.session, twins.admin, Permission.SEE_ROSTER, twins.second.id)
    people_seen = {p.person_id for p in listed(twins.session, twins.admin, Filters(), page=1, size=50).posts}
    assert twins.second.id not in people_seen and twins.first.id in people_seen


def test_the_one_who_stands_without_a_post_takes_the_others_over_without_a_gap(twins: Twins) -> None:
    twins.first.posts[0].ended_on = date(2021, 1, 1)
    twins.merged()
    post, old = current_post(twins.session, twins.first.id), twins.second.posts[0]
    assert (post.body_id, post.title) == (twins.county.transport.id, "队员")
    assert post.started_on == old.ended_on + timedelta(days=1) == twins.county.today


def test_whoever_proposed_does_not_confirm(twins: Twins) -> None:
    twins.propose()
    with pytest.raises(SamePerson):
        operations.confirm(twins.session, twins.pair, account=twins.admin, now=twins.now)
    assert twins.second.merged_into_id is None


def test_the_database_refuses_a_merge_by_one_person(twins: Twins) -> None:
    twins.propose()
    twins.session.add(
        PersonMerge(
            pair_id=twins.pair.id, act="confirmed", survivor_id=twins.first.id, merged_id=twins.second.id,
            at=twins.now, account_id=twins.admin.id, reason="", moved={},
        )  # fmt: skip
    )
    twins.session.flush()
    twins.second.merged_into_id = twins.first.id
    with pytest.raises(DatabaseError, match="by two people"):
        twins.session.flush()


def test_nobody_merges_his_own_record(twins: Twins) -> None:
    twins.propose()
    people.grant(twins.session, twins.other, Role.UNIT_ADMIN, twins.county.city, now=twins.now)
    with pytest.raises((operations.OwnRecord, SamePerson)):
        operations.confirm(twins.session, twins.pair, account=twins.other, now=twins.now)
    operations.decline(twins.session, twins.pair, reason="身份证不同", account=twins.colleague, now=twins.now)
    with pytest.raises(operations.OwnRecord):
        twins.propose(account=twins.other)


def test_a_proposal_needs_its_reason_and_a_declined_one_leaves_the_pair_open(twins: Twins) -> None:
    with pytest.raises(operations.ReasonMissing):
        operations.propose(
            twins.session, twins.pair, twins.first.id, reason=" ", account=twins.admin, now=twins.now
        )
    twins.propose()
    operations.decline(twins.session, twins.pair, reason="身份证不同", account=twins.colleague, now=twins.now)
    assert twins.pair.state == "open" and twins.second.merged_into_id is None
    with pytest.raises(operations.WrongState):
        operations.confirm(twins.session, twins.pair, account=twins.colleague, now=twins.now)


def test_a_record_others_lead_to_is_not_merged_away(twins: Twins) -> None:
    twins.merged()
    third = twins.county.officer(born=date(1990, 5, 8)).person
    pair = operations.pair_by_hand(twins.session, twins.first, third, now=twins.now)
    with pytest.raises(operations.NotMergeable):
        operations.propose(twins.session, pair, third.id, reason="同一人", account=twins.admin, now=twins.now)
    operations.propose(twins.session, pair, twins.first.id, reason="同一人", account=twins.admin, now=twins.now)


def test_undoing_takes_two_and_both_records_stand_again(twins: Twins) -> None:
    twins.merged()
    operations.propose_undo(twins.session, twins.pair, reason="确为两人", account=twins.admin, now=twins.now)
    with pytest.raises(SamePerson):
        operations.undo(twins.session, twins.pair, account=twins.admin, now=twins.now)
    operations.undo(twins.session, twins.pair, account=twins.colleague, now=twins.now)
    assert twins.second.merged_into_id is None and twins.other.disabled_at is None
    assert current_post(twins.session, twins.second.id).title == "队员"
    assert same_person_ids(twins.session, twins.first.id) == {twins.first.id}
    acts = list(twins.session.scalars(select(PersonMerge.act).order_by(PersonMerge.id)))
    assert acts == ["proposed", "confirmed", "undo_proposed", "undone"]


def test_undoing_gives_a_copied_post_back(twins: Twins) -> None:
    twins.first.posts[0].ended_on = date(2021, 1, 1)
    twins.merged()
    twins.undone()
    assert current_post(twins.session, twins.first.id) is None
    assert current_post(twins.session, twins.second.id) is not None


def test_an_account_closed_before_the_merge_stays_closed_after_undoing(twins: Twins) -> None:
    twins.other.disabled_at = twins.now - timedelta(days=3)
    twins.merged()
    twins.undone()
    assert twins.other.disabled_at == twins.now - timedelta(days=3)


def test_the_history_of_a_pair_cannot_be_changed(twins: Twins) -> None:
    twins.merged()
    with pytest.raises(DatabaseError, match="append-only|keeps its rows"):
        twins.session.execute(text("UPDATE person_merge SET reason = 'x'"))


def test_every_act_leaves_its_line(twins: Twins) -> None:
    twins.merged()
    twins.undone()
    lines = select(AuditLine.act).where(AuditLine.object_kind == "merge").order_by(AuditLine.id)
    acts = list(twins.session.scalars(lines))
    assert acts == ["merge_proposed", "merge_confirmed", "merge_undo_proposed", "merge_undone"]


def test_a_pair_is_seen_only_where_both_records_lie_in_scope(twins: Twins) -> None:
    there = twins.county.body("集安市大队", "enforcement_body", "county", twins.county.other_city, ["transport"])
    far = twins.county.person(born=date(1990, 5, 9))
    twins.county.post(far, there)
    pair = operations.pair_by_hand(twins.session, twins.first, far, now=twins.now)
    top = twins.county.staff(Role.UNIT_ADMIN, twins.county.province, born=date(1984, 1, 1))
    for asked in (queries.pair_in_scope, queries.pair_to_change):
        with pytest.raises(NoResultFound):
            asked(twins.session, twins.colleague, pair.id)
        assert asked(twins.session, top, pair.id).id == pair.id
    with pytest.raises(NoResultFound):
        queries.person_by_number(twins.session, twins.colleague, far.personnel_number)
    assert [p.id for p in queries.pairs(twins.session, twins.colleague, "open", page=1, size=9)[0]] == [twins.pair.id]


def test_a_leaver_without_any_post_is_still_in_the_scope_of_his_last_unit(twins: Twins) -> None:
    twins.second.posts[0].ended_on = date(2022, 1, 1)
    twins.session.flush()
    assert queries.pair_in_scope(twins.session, twins.colleague, twins.pair.id).id == twins.pair.id


def test_the_search_stores_its_pairs_once_and_leaves_judged_ones_alone(twins: Twins) -> None:
    found = pairs_of(queries.records(twins.session))
    assert found[(twins.first.id, twins.second.id)] >= {"id_number"}
    operations.say_different(twins.session, twins.pair, reason="两人", account=twins.admin, now=twins.now)
    for _ in range(2):
        operations.store_pairs(twins.session, found, queries.known_pairs(twins.session), now=twins.now)
    assert twins.pair.state == "different" and twins.pair.reasons == ["by_hand"]
    assert twins.session.query(DuplicatePair).count() == len(found)


def test_a_merged_record_is_not_searched_again(twins: Twins) -> None:
    twins.merged()
    assert twins.second.id not in {r.id for r in queries.records(twins.session)}


def test_rules_are_judged_with_the_survivors_record(twins: Twins) -> None:
    application = twins.county.application(twins.other)
    twins.merged()
    case, _ = credentials.case_for(twins.session, application, checker_account=None, now=twins.now)
    assert case.has_post and case.applicant_account == twins.officer.id
    assert len(judge(case, RULES)) == 12
    assert twins.session.query(Post).filter_by(person_id=twins.second.id, ended_on=None).count() == 0
