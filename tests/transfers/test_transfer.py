"""A person moves: the sender releases, the receiver confirms, and no day lacks a responsible unit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError, NoResultFound
from sqlalchemy.orm import Session

from portal.credentials import queries as credentials
from portal.credentials.moves import follow_post
from portal.credentials.rules import RULES
from portal.ground.models import AuditLine, FactChange
from portal.ground.rules import judge
from portal.people import operations as people
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, Body, BodyField, BodyKind, Grant, Level, Post, Role
from portal.people.queries import current_post
from portal.people.transfers import operations, queries
from portal.people.transfers.models import Transfer, TransferState
from portal.people.transfers.rules import Handover, NewPost
from portal.reports.transfers.queries import goes_along
from tests.factories import County

DONE = list(Handover)


class Move:
    """An officer of 梅河口's transport body, and an administrator on either side."""

    def __init__(self, county: County) -> None:
        self.county, self.session = county, county.session
        self.target = county.body(
            "集安市交通运输综合行政执法大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"]
        )
        self.officer = county.officer()
        self.post = self.officer.person.posts[-1]
        self.sender = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))
        self.receiver = county.staff(Role.UNIT_ADMIN, self.target, born=date(1981, 1, 1))

    def proposed(self, **changed: object) -> NewPost:
        values = {
            "field": "transport", "part_time": False, "title": "执法员", "establishment_body_id": self.target.id,
            "staffing_type": "civil", "on_establishment": True, **changed,
        }  # fmt: skip
        return NewPost(**values)  # type: ignore[arg-type]

    def opened(self, *, day: date | None = None, to: Body | None = None, **changed: object) -> Transfer:
        return operations.open_transfer(
            self.session, self.post, to or self.target, self.proposed(**changed),
            effective_on=day or self.county.today, document="调令一号", account=self.sender, now=self.county.now,
        )  # fmt: skip

    def released(self, *, day: date | None = None, kept: tuple[int, ...] = (), **changed: object) -> Transfer:
        transfer = self.opened(day=day, **changed)
        operations.release(
            self.session, transfer, done=DONE, kept=kept, account=self.sender, now=self.county.now
        )
        return transfer

    def confirm(self, transfer: Transfer, account: Account | None = None) -> Post:
        return operations.confirm(self.session, transfer, account=account or self.receiver, now=self.county.now)


@pytest.fixture
def move(county: County) -> Move:
    return Move(county)


def units_on(session: Session, person_id: int, day: date) -> list[int]:
    """The units in which a person has a post on a day."""
    rows = session.scalars(
        select(Post.body_id).where(
            Post.person_id == person_id, Post.started_on <= day, func.coalesce(Post.ended_on, date.max) >= day
        )
    )
    return list(rows)


def test_a_confirmed_transfer_ends_the_old_post_the_day_before_the_new_one_starts(move: Move) -> None:
    new = move.confirm(move.released())
    assert (move.post.ended_on, new.started_on) == (move.county.today - timedelta(days=1), move.county.today)
    assert current_post(move.session, move.officer.person_id).body_id == move.target.id


@pytest.mark.parametrize("back", [0, 1, 30])
def test_every_day_has_exactly_one_responsible_unit_before_during_and_after(move: Move, back: int) -> None:
    person_id, day = move.officer.person_id, move.county.today - timedelta(days=back)
    around = [day + timedelta(days=n) for n in range(-40, 40)]
    transfer = move.opened(day=day)
    assert all(units_on(move.session, person_id, d) == [move.county.transport.id] for d in around)
    operations.release(move.session, transfer, done=DONE, account=move.sender, now=move.county.now)
    assert all(units_on(move.session, person_id, d) == [move.county.transport.id] for d in around)
    move.confirm(transfer)
    for d in around:
        assert units_on(move.session, person_id, d) == [move.target.id if d >= day else move.county.transport.id]


def test_the_database_refuses_a_confirmation_that_leaves_a_gap(move: Move) -> None:
    transfer = move.released()
    new = move.county.post(move.officer.person, move.target, started_on=move.county.today + timedelta(days=2))
    move.post.ended_on = transfer.last_day_on
    transfer.state, transfer.new_post_id = TransferState.CONFIRMED, new.id
    with pytest.raises(DatabaseError, match="no day lies between"):
        move.session.flush()


def test_the_database_refuses_a_confirmation_nobody_released(move: Move) -> None:
    transfer = move.opened()
    new = move.county.post(move.officer.person, move.target, started_on=transfer.effective_on)
    move.post.ended_on = transfer.last_day_on
    transfer.state, transfer.new_post_id = TransferState.CONFIRMED, new.id
    with pytest.raises(DatabaseError, match="was released"):
        move.session.flush()


def test_a_transfer_is_released_only_when_every_point_is_handed_over(move: Move) -> None:
    with pytest.raises(operations.NotHandedOver):
        operations.release(move.session, move.opened(), done=DONE[:2], account=move.sender, now=move.county.now)


def test_whoever_released_does_not_confirm(move: Move) -> None:
    both = move.county.staff(Role.UNIT_ADMIN, move.county.province, born=date(1982, 1, 1))
    transfer = move.opened()
    operations.release(move.session, transfer, done=DONE, account=both, now=move.county.now)
    with pytest.raises(SamePerson):
        move.confirm(transfer, both)
    assert move.post.ended_on is None


def test_nobody_handles_his_own_transfer(move: Move) -> None:
    people.grant(move.session, move.officer, Role.UNIT_ADMIN, move.county.province, now=move.county.now)
    with pytest.raises(operations.OwnTransfer):
        move.confirm(move.released(), move.officer)


def test_it_is_confirmed_on_the_day_or_later_and_until_then_the_sender_answers(move: Move) -> None:
    transfer = move.released(day=move.county.today + timedelta(days=1))
    with pytest.raises(operations.WrongState):
        move.confirm(transfer)
    assert current_post(move.session, move.officer.person_id).body_id == move.county.transport.id


def test_two_transfers_of_one_person_at_once_are_refused(move: Move) -> None:
    first = move.opened()
    with pytest.raises(operations.NotTransferable):
        move.opened()
    values = {c.name: getattr(first, c.name) for c in Transfer.__table__.columns if c.name != "id"}
    move.session.add(Transfer(**values))
    with pytest.raises(DatabaseError):  # the index holds where two come at one moment
        move.session.flush()


def test_a_transfer_to_the_same_body_is_refused(move: Move) -> None:
    with pytest.raises(operations.NotTransferable):
        move.opened(to=move.county.transport, establishment_body_id=move.county.transport.id)


def test_a_transfer_to_an_abolished_body_is_refused(move: Move) -> None:
    move.target.abolished_on = move.county.today
    with pytest.raises(operations.NotTransferable):
        move.opened()


def test_a_body_abolished_while_it_waits_does_not_receive(move: Move) -> None:
    transfer = move.released()
    move.target.abolished_on = move.county.today
    with pytest.raises(operations.NotTransferable):
        move.confirm(transfer)


@pytest.mark.parametrize(
    "changed", [{"staffing_type": "seconded"}, {"field": "culture"}, {"establishment_body_id": 3}]
)
def test_a_proposal_that_cannot_be_is_refused(move: Move, changed: dict[str, object]) -> None:
    with pytest.raises(operations.NotTransferable):
        move.opened(**changed)


def test_the_first_day_lies_after_the_start_of_the_old_post(move: Move) -> None:
    move.post.started_on = move.county.today
    with pytest.raises(operations.NotTransferable):
        move.opened()


def test_a_refusal_and_a_withdrawal_need_their_reason_and_move_nothing(move: Move) -> None:
    transfer = move.released()
    with pytest.raises(operations.ReasonMissing):
        operations.refuse(move.session, transfer, reason=" ", account=move.receiver, now=move.county.now)
    operations.refuse(move.session, transfer, reason="编制已满", account=move.receiver, now=move.county.now)
    with pytest.raises(operations.WrongState):
        move.confirm(transfer)
    again = move.opened()
    operations.withdraw(move.session, again, reason="本人放弃", account=move.sender, now=move.county.now)
    assert move.post.ended_on is None and [s.kind for s in again.steps] == ["opened", "withdrawn"]


def test_an_ended_transfer_stays_ended(move: Move) -> None:
    transfer = move.opened()
    operations.withdraw(move.session, transfer, reason="误报", account=move.sender, now=move.county.now)
    transfer.state = TransferState.RELEASED
    with pytest.raises(DatabaseError, match="its end is final"):
        move.session.flush()


def test_the_officers_role_goes_along_and_every_other_ends_unless_kept(move: Move) -> None:
    kept = people.grant(move.session, move.officer, Role.TRAINER, move.county.province, now=move.county.now)
    ends = people.grant(move.session, move.officer, Role.MARKER, move.county.transport, now=move.county.now)
    move.confirm(move.released(kept=(kept.id,)))
    live = move.session.scalars(
        select(Grant).where(Grant.account_id == move.officer.id, Grant.revoked_at.is_(None))
    ).all()
    assert {(g.role, g.body_id) for g in live} == {
        ("officer", move.target.id), ("trainer", move.county.province.id)
    }  # fmt: skip
    assert ends.revoked_at is not None and ends.revoked_by_id == move.receiver.id


def test_a_kept_role_must_be_one_the_person_holds(move: Move) -> None:
    foreign = people.grant(move.session, move.receiver, Role.MARKER, move.target, now=move.county.now)
    assert move.released(kept=(foreign.id,)).kept_grants == []


def test_hours_passes_and_open_reviews_stay_with_the_person(move: Move) -> None:
    move.county.hours(move.officer)
    move.county.passes(move.officer)
    before = goes_along(move.session, move.officer.person_id, today=move.county.today, now=move.county.now)
    move.confirm(move.released())
    after = goes_along(move.session, move.officer.person_id, today=move.county.today, now=move.county.now)
    assert (before.hours.have, len(before.passes)) == (after.hours.have, len(after.passes)) == (2500, 2)


def test_an_open_application_goes_to_the_new_unit_and_bureau_and_the_old_opinion_is_void(move: Move) -> None:
    application = move.county.application(move.officer, unit=move.sender)
    assert application.bureau_id == move.county.bureau.id
    transfer = move.released()
    new = move.confirm(transfer)
    follow_post(
        move.session, transfer.post_id, new, returned_because="换了领域", account_id=move.receiver.id,
        now=move.county.now,
    )  # fmt: skip
    assert (application.unit_id, application.bureau_id) == (move.target.id, move.county.other_bureau.id)
    assert application.state == "unit_review"
    case, _ = credentials.case_for(move.session, application, checker_account=None, now=move.county.now)
    assert case.unit_opinion is None and case.body == move.target.name


def test_an_application_in_another_field_is_returned_with_the_reason(move: Move) -> None:
    application = move.county.application(move.officer)
    culture = move.county.body("集安市文化市场大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, move.county.other_city)
    transfer = move.opened(to=culture, field="culture", establishment_body_id=culture.id)
    operations.release(move.session, transfer, done=DONE, account=move.sender, now=move.county.now)
    culture_admin = move.county.staff(Role.UNIT_ADMIN, culture, born=date(1983, 1, 1))
    new = move.confirm(transfer, culture_admin)
    follow_post(
        move.session, transfer.post_id, new, returned_because="换了领域", account_id=culture_admin.id,
        now=move.county.now,
    )  # fmt: skip
    assert (application.state, application.steps[-1].opinion) == ("returned", "换了领域")
    assert application.unit_id == culture.id


def test_a_recorded_eligibility_is_under_recheck_from_the_moment_of_the_move(county: County) -> None:
    officer, application, checker = county.ready()
    county.decided(application, checker)
    move = Move.__new__(Move)
    move.county, move.session, move.officer, move.post = county, county.session, officer, officer.person.posts[-1]
    move.target = county.body("集安大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"])
    move.sender = county.staff(Role.UNIT_ADMIN, county.transport, born=date(1984, 1, 1))
    move.receiver = county.staff(Role.UNIT_ADMIN, move.target, born=date(1985, 1, 1))
    assert credentials.in_recheck(county.session, officer.person_id) == 0
    move.confirm(move.released())
    assert credentials.in_recheck(county.session, officer.person_id) == 1
    case, _ = credentials.case_for(county.session, application, checker_account=checker.id, now=county.now)
    assert not all(f.met for f in judge(case, RULES))


def test_every_step_leaves_its_line_without_names_or_free_text(move: Move) -> None:
    move.confirm(move.released())
    acts = [line.act for line in move.session.scalars(select(AuditLine).where(AuditLine.object_kind == "transfer"))]
    assert acts == ["transfer_opened", "transfer_released", "transfer_confirmed"]
    assert move.session.scalar(select(FactChange.fact).where(FactChange.person_id == move.officer.person_id)) == "post"


def test_the_sender_finds_only_people_in_scope_and_the_receiver_only_transfers_to_him(move: Move) -> None:
    with pytest.raises(NoResultFound):
        queries.post_to_leave(move.session, move.receiver, move.officer.person_id)
    transfer = move.released()
    stranger = move.county.staff(Role.UNIT_ADMIN, move.county.other_bureau, born=date(1986, 1, 1))
    for asked in (queries.transfer_in_scope, queries.to_confirm, queries.to_release):
        with pytest.raises(NoResultFound):
            asked(move.session, stranger, transfer.id)
    with pytest.raises(NoResultFound):
        queries.to_confirm(move.session, move.sender, transfer.id)
    with pytest.raises(NoResultFound):
        queries.to_release(move.session, move.receiver, transfer.id)
    assert queries.sides(move.session, move.receiver, transfer.id) == (False, True)


def test_a_receiver_for_another_field_does_not_see_it(move: Move) -> None:
    move.session.add(BodyField(body_id=move.target.id, field="culture"))  # the unit enforces in both
    other = move.county.staff(Role.UNIT_ADMIN, move.county.province, born=date(1987, 1, 1), field="culture")
    transfer = move.released()
    with pytest.raises(NoResultFound):
        queries.to_confirm(move.session, other, transfer.id)


def test_the_lists_count_what_waits_for_each_side(move: Move) -> None:
    transfer = move.opened()
    assert queries.waiting_counts(move.session, move.receiver) == (0, 0)
    assert queries.waiting_counts(move.session, move.sender) == (0, 1)
    operations.release(move.session, transfer, done=DONE, account=move.sender, now=move.county.now)
    assert queries.waiting_counts(move.session, move.receiver) == (1, 0)
