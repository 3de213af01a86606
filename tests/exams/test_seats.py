"""Seats: units are mixed, the same list gives the same plan, nothing is done that was not shown."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert, select

from portal.exams import operations as exams
from portal.exams.models import Entry
from portal.exams.sittings import operations as planned
from portal.exams.sittings import queries as reading
from portal.exams.sittings.operations import Frozen, NotPossible
from portal.exams.sittings.planning import Slot, Wish, slots
from portal.exams.sittings.seating import operations, queries
from portal.exams.sittings.seating.operations import PlanChanged
from portal.exams.sittings.seating.rules import Guest, Hall, in_a_row, seat_everybody, shares
from portal.people.models import Person, Role
from tests.factories import County

START = datetime(2026, 12, 8, 1, tzinfo=UTC)


def slot(number: int) -> Slot:
    return Slot(START + timedelta(hours=3 * number), START + timedelta(hours=3 * number + 2))


def halls(count: int, *rooms: int) -> list[Hall]:
    return [Hall(n, slot(n), tuple((100 * n + place, size) for place, size in enumerate(rooms))) for n in range(count)]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60))
def test_neighbours_are_of_one_unit_only_when_nothing_else_is_possible(units: list[int]):
    guests = [Guest(n, unit) for n, unit in enumerate(units)]
    most = max(Counter(units).values())
    row = in_a_row(guests, len(guests))
    alike = sum(a.unit == b.unit for a, b in pairwise(row) if a and b)
    assert sorted(g.entry for g in row if g) == list(range(len(units)))
    if most <= (len(units) + 1) // 2:
        assert alike == 0
    wide = in_a_row(guests, 2 * len(guests))
    assert all(a.unit != b.unit for a, b in pairwise(wide) if a and b)


@given(st.integers(0, 500), st.lists(st.integers(1, 60), min_size=1, max_size=12))
def test_shares_come_to_everybody_and_overfill_nothing(people: int, sizes: list[int]):
    quotas = shares(people, sizes)
    assert sum(quotas) == min(people, sum(sizes))
    assert all(0 <= quota <= size for quota, size in zip(quotas, sizes, strict=True))


def test_ten_thousand_people_in_forty_four_sittings():
    guests = [Guest(n, n % 200 if n % 5 else 1) for n in range(10_000)]
    plan = seat_everybody(guests, halls(44, *[30] * 8), 7)
    assert (len(plan.places), plan.left, plan.pairs) == (10_000, (), 0)
    assert len(set(plan.places.values())) == 10_000
    assert {sitting for sitting, _, _ in plan.places.values()} == set(range(42))  # no more than are needed
    assert plan.digest == seat_everybody(guests, halls(44, *[30] * 8), 7).digest
    assert plan.digest != seat_everybody(guests, halls(44, *[30] * 8), 8).digest


def test_one_unit_is_spread_over_the_rooms():
    guests = [Guest(n, 1 if n < 30 else n) for n in range(90)]
    plan = seat_everybody(guests, halls(1, 30, 30, 30), 1)
    rooms = Counter(room for entry, (_, room, _) in plan.places.items() if entry < 30)
    assert max(rooms.values()) - min(rooms.values()) <= 1


def test_whoever_chose_a_sitting_or_is_busy_is_put_where_he_can_be():
    guests = [Guest(1, 1, sitting=1), Guest(2, 2, busy=(slot(0),)), Guest(3, 3)]
    plan = seat_everybody(guests, halls(2, 5), 1)
    assert plan.places[1][0] == 1 and plan.places[2][0] == 1 and plan.places[3][0] == 0
    lost = seat_everybody([Guest(2, 2, busy=(slot(0), slot(1)))], halls(2, 5), 1)
    assert (lost.places, lost.left) == ({}, (2,))


def test_more_people_than_seats_are_told():
    plan = seat_everybody([Guest(n, n) for n in range(7)], halls(1, 5), 1)
    assert (len(plan.places), len(plan.left)) == (5, 2)


def test_four_sittings_a_day_over_eleven_days():
    wish = Wish(date(2026, 11, 10), 11, [START.time().replace(hour=h) for h in (8, 10, 14, 16)], 100)
    made = slots(wish, {date(2026, 11, 11): False, date(2026, 11, 14): True})
    days = sorted({each.opens_at.date() for each in made})
    assert (len(made), len(days)) == (44, 11)
    assert date(2026, 11, 11) not in days and date(2026, 11, 14) in days and date(2026, 11, 15) not in days


class World:
    def __init__(self, county: County) -> None:
        self.county, self.session = county, county.session
        self.keeper = county.staff(Role.EXAM_ADMIN, county.province, born=date(1981, 1, 1))
        self.exam = county.exam(opens_at=county.now + timedelta(days=20))
        self.sitting = county.sitting(self.exam, seats=8)
        self.people = [county.officer(f"考生{n}", born=date(1990, 1, 1) + timedelta(days=n)) for n in range(6)]
        exams.enter(self.session, self.exam, [p.person_id for p in self.people])
        for place, entry in enumerate(self.entries()):
            entry.body_id = (county.transport if place < 3 else county.bureau).id
        self.session.flush()

    def entries(self) -> list[Entry]:
        found = select(Entry).where(Entry.exam_id == self.exam.id).order_by(Entry.id)
        return list(self.session.scalars(found.execution_options(populate_existing=True)))

    def give(self, number: int = 1, digest: str | None = None, at: datetime | None = None) -> int:
        at = at or self.county.now
        digest = digest or queries.plan_for(self.session, self.exam, number, now=at).digest
        return operations.give_seats(self.session, self.exam, number, digest, account=self.keeper, now=at)


@pytest.fixture
def world(county: County) -> World:
    return World(county)


def test_the_plan_that_was_shown_is_given(world: World):
    assert world.give() == 6
    seated = sorted(world.entries(), key=lambda e: e.seat)
    assert [e.seat for e in seated] == [1, 2, 3, 4, 5, 6]
    assert all(a.body_id != b.body_id for a, b in pairwise(seated))
    assert {e.sitting_id for e in seated} == {world.sitting.id}


def test_another_plan_takes_its_place_also_in_the_same_moment(world: World):
    world.give()
    before = {e.id: e.seat for e in world.entries()}
    world.give(2)
    assert {e.id: e.seat for e in world.entries()} != before


def test_a_list_that_changed_meanwhile_is_looked_at_again(world: World):
    shown = queries.plan_for(world.session, world.exam, 1, now=world.county.now).digest
    exams.enter(world.session, world.exam, [world.county.officer("后来", born=date(1985, 1, 1)).person_id])
    with pytest.raises(PlanChanged):
        world.give(digest=shown)
    assert {e.seat for e in world.entries()} == {None}


def test_seats_of_a_frozen_sitting_stay(world: World):
    world.give()
    before = {e.id: (e.sitting_id, e.seat) for e in world.entries()}
    frozen = world.sitting.frozen_from
    world.county.sitting(world.exam, opens_at=world.sitting.opens_at + timedelta(hours=5), minutes=90, number=2)
    late = world.county.officer("后来", born=date(1985, 1, 1))
    exams.enter(world.session, world.exam, [late.person_id])
    assert world.give(at=frozen) == 1
    assert {e.id: (e.sitting_id, e.seat) for e in world.entries() if e.person_id != late.person_id} == before


def test_one_seat_is_changed_by_hand(world: World):
    world.give()
    entry, room = world.entries()[0], reading.rooms_of(world.sitting)[0]
    by = {"account": world.keeper, "now": world.county.now}
    operations.move(world.session, world.exam, entry, world.sitting, room, 8, **by)
    assert entry.seat == 8
    for seat in (9, 0, world.entries()[1].seat):
        with pytest.raises(NotPossible):
            operations.move(world.session, world.exam, entry, world.sitting, room, seat, **by)
    with pytest.raises(NotPossible):
        operations.move(world.session, world.exam, entry, world.sitting, world.county.room("别处"), 1, **by)
    with pytest.raises(Frozen):
        operations.move(world.session, world.exam, entry, world.sitting, room, 7,
                        account=world.keeper, now=world.sitting.frozen_from)  # fmt: skip


def test_a_room_is_in_one_sitting_at_a_time(world: World):
    session, county = world.session, world.county
    room = reading.rooms_of(reading.sitting_of(session, world.exam, world.sitting.id))[0]
    by = {"account": world.keeper, "now": county.now}
    inside = Slot(world.exam.opens_at + timedelta(hours=1), world.exam.opens_at + timedelta(hours=3))
    with pytest.raises(NotPossible):
        planned.add_sittings(session, world.exam, [inside], [room], **by)


def test_sittings_lie_inside_the_exam_and_are_long_enough(world: World):
    by = {"account": world.keeper, "now": world.county.now}
    exam, room, hour = world.exam, world.county.room(), timedelta(hours=1)
    for wrong in (
        Slot(exam.opens_at - hour, exam.opens_at + hour), Slot(exam.closes_at - hour, exam.closes_at + hour),
        Slot(exam.opens_at, exam.opens_at + hour / 2),
    ):  # fmt: skip
        with pytest.raises(NotPossible):
            planned.add_sittings(world.session, exam, [wrong], [room], **by)
    made = planned.add_sittings(world.session, exam, [Slot(exam.opens_at + n * hour, exam.opens_at + (n + 1) * hour)
                                                      for n in range(3)], [room], **by)  # fmt: skip
    assert [s.number for s in made] == [2, 3, 4]
    assert reading.loads(world.session, reading.sittings_of(world.session, exam.id))[made[0].id].capacity == 30


def test_a_room_with_people_is_neither_given_back_nor_made_smaller(world: World):
    world.give()
    room = reading.rooms_of(reading.sitting_of(world.session, world.exam, world.sitting.id))[0]
    by = {"account": world.keeper, "now": world.county.now}
    with pytest.raises(NotPossible):
        planned.take_rooms(world.session, world.exam, world.sitting, [], **by)
    with pytest.raises(NotPossible):
        planned.change_room(world.session, room, seats=5, closed=False, **by)
    with pytest.raises(NotPossible):
        planned.cancel_sitting(world.session, world.exam, world.sitting, **by)
    planned.change_room(world.session, room, seats=6, closed=False, **by)


def test_a_room_is_given_back_and_taken_again(world: World):
    by = {"account": world.keeper, "now": world.county.now}
    sitting = reading.sitting_of(world.session, world.exam, world.sitting.id)
    room = reading.rooms_of(sitting)[0]
    planned.take_rooms(world.session, world.exam, sitting, [], **by)
    assert reading.rooms_of(reading.sitting_of(world.session, world.exam, sitting.id)) == []
    planned.take_rooms(world.session, world.exam, sitting, [room], **by)
    assert reading.rooms_of(reading.sitting_of(world.session, world.exam, sitting.id)) == [room]
    planned.take_rooms(world.session, world.exam, sitting, [], **by)
    planned.cancel_sitting(world.session, world.exam, sitting, **by)
    assert reading.sittings_of(world.session, world.exam.id) == []


def test_giving_thousands_of_seats_takes_few_statements(world: World):
    session, exam, many = world.session, world.exam, 2500
    keys = select(Person.id_number_sealed).limit(1)
    sealed = session.scalars(keys).one()
    session.execute(insert(Person), [
        {"public_id": f"p{n}", "personnel_number": f"M{n}", "name": f"众{n}", "sex": "f", "education": "bachelor",
         "birth_date": date(1990, 1, 1), "id_number_sealed": sealed, "id_number_index": f"i{n}",
         "created_at": world.county.now} for n in range(many)
    ])  # fmt: skip
    ids = session.scalars(select(Person.id).where(Person.personnel_number.startswith("M"))).all()
    exams.enter(session, exam, ids)
    world.county.sitting(exam, opens_at=exam.opens_at, minutes=90, number=2, seats=2000)
    world.county.sitting(exam, opens_at=exam.opens_at + timedelta(hours=2), minutes=90, number=3, seats=2000)
    sent: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: sent.append(told[2]))
    assert world.give() == many + 6
    assert len(sent) <= 40
