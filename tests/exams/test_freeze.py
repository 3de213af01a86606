"""The exam day: what a sitting is stays, refused by the operations and by the database itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from portal.bank import operations as bank
from portal.bank.models import QuestionBank
from portal.exams.models import Entry, Exam
from portal.exams.sittings import operations as planned
from portal.exams.sittings import queries as reading
from portal.exams.sittings.entering import operations
from portal.exams.sittings.entering.operations import Desk
from portal.exams.sittings.models import Sitting, SittingRoom, TestRoom
from portal.exams.sittings.operations import Frozen
from portal.exams.sittings.planning import Slot
from portal.people.models import Role
from tests.factories import County, questions


class Day:
    """An exam tomorrow at noon with one seated officer; `shut` lies in its freeze."""

    def __init__(self, county: County) -> None:
        self.county, self.session = county, county.session
        self.keeper = county.staff(Role.EXAM_ADMIN, county.province, born=date(1981, 1, 1))
        self.exam: Exam = county.exam(opens_at=county.now + timedelta(days=1))
        self.sitting: Sitting = county.sitting(self.exam, minutes=120)
        self.entry: Entry = county.seat(county.officer(), self.sitting)
        self.room = self.session.get_one(TestRoom, self.entry.room_id)
        self.before = self.sitting.frozen_from - timedelta(seconds=1)
        self.shut = self.sitting.frozen_from

    def refused(self, statement) -> bool:
        """Whether the database refuses it; nothing of it stays."""
        try:
            with self.session.begin_nested():
                self.session.execute(statement)
                raise Undone
        except DBAPIError as error:
            assert "guard" in str(error.orig)
            return True
        except Undone:
            return False


class Undone(Exception):
    """The statement passed; it is taken back."""


@pytest.fixture
def day(county: County) -> Day:
    return Day(county)


def test_a_sitting_is_frozen_from_the_minutes_the_rules_say(day: Day):
    assert day.sitting.opens_at - day.sitting.frozen_from == timedelta(minutes=30)
    assert reading.running_freeze(day.session, day.exam.id, day.before) is None
    assert reading.running_freeze(day.session, day.exam.id, day.shut) is not None
    assert reading.running_freeze(day.session, day.exam.id, day.sitting.closes_at) is None


def test_operations_refuse_what_changes_a_frozen_sitting(day: Day):
    by = {"account": day.keeper, "now": day.shut}
    later = Slot(day.sitting.opens_at + timedelta(hours=3), day.sitting.opens_at + timedelta(hours=5))
    sitting = reading.sitting_of(day.session, day.exam, day.sitting.id)
    for act in (
        lambda: planned.change_sitting(day.session, day.exam, sitting, later, **by),
        lambda: planned.cancel_sitting(day.session, day.exam, sitting, **by),
        lambda: planned.take_rooms(day.session, day.exam, sitting, [], **by),
        lambda: planned.change_room(day.session, day.room, seats=40, closed=False, **by),
    ):
        with pytest.raises(Frozen):
            act()


def test_withdrawal_and_extra_time_are_recorded_on_the_day(day: Day):
    operations.give_extra_time(
        day.session, day.exam, day.entry, minutes=10, ground="illness", evidence="诊断书", account=day.keeper,
        now=day.shut,
    )  # fmt: skip
    operations.withdraw(day.session, day.exam, day.entry, reason="突发疾病", desk=Desk(day.keeper, True), now=day.shut)
    assert (day.entry.extra_minutes, day.entry.withdrawn_at, day.entry.seat) == (10, day.shut, 1)


def test_a_withdrawal_before_the_day_frees_the_seat(day: Day):
    operations.withdraw(day.session, day.exam, day.entry, reason="调离", desk=Desk(day.keeper, True), now=day.before)
    assert day.entry.seat is None


def moved(day: Day, at: datetime | None):
    return update(Entry).where(Entry.id == day.entry.id).values(seat=9, changed_at=at)


def test_the_database_keeps_the_seats(day: Day):
    assert not day.refused(moved(day, day.before))
    assert day.refused(moved(day, day.shut))
    assert day.refused(moved(day, day.sitting.closes_at + timedelta(days=1)))
    assert day.refused(moved(day, None))  # no moment is named
    assert day.refused(moved(day, day.entry.changed_at))  # the old one does not stand for this change
    assert day.refused(update(Entry).where(Entry.id == day.entry.id).values(seat=9))
    assert day.refused(
        update(Entry).where(Entry.id == day.entry.id).values(sitting_id=None, room_id=None, changed_at=day.shut)
    )


def entered(day: Day, at: datetime | None):
    return insert(Entry).values(
        exam_id=day.exam.id, person_id=day.keeper.person_id, admission_number="N1", sitting_id=day.sitting.id,
        entered_at=at,
    )  # fmt: skip


def test_the_database_enters_nobody_for_a_frozen_sitting(day: Day):
    assert not day.refused(entered(day, day.before))
    assert day.refused(entered(day, day.shut))
    assert day.refused(entered(day, None))


def test_the_database_takes_nobody_back_into_a_frozen_sitting(day: Day):
    operations.withdraw(day.session, day.exam, day.entry, reason="病", desk=Desk(day.keeper, True), now=day.shut)
    back = update(Entry).where(Entry.id == day.entry.id)
    assert day.refused(back.values(withdrawn_at=None, changed_at=day.shut))
    assert not day.refused(back.values(withdrawn_at=None, changed_at=day.before))


def test_the_database_keeps_the_times(day: Day):
    changed = update(Sitting).where(Sitting.id == day.sitting.id)
    later = day.sitting.closes_at + timedelta(hours=1)
    assert not day.refused(changed.values(closes_at=later, changed_at=day.before))
    assert day.refused(changed.values(closes_at=later, changed_at=day.shut))
    assert day.refused(changed.values(closes_at=later))
    assert day.refused(changed.values(frozen_from=later, changed_at=day.shut))
    assert day.refused(changed.values(cancelled_at=day.shut, changed_at=day.shut))


def test_the_database_keeps_the_rooms(day: Day):
    other = day.county.room("另一间")
    take = {"sitting_id": day.sitting.id, "room_id": other.id}
    assert not day.refused(insert(SittingRoom).values(**take, taken_at=day.before))
    assert day.refused(insert(SittingRoom).values(**take, taken_at=day.shut))
    assert day.refused(insert(SittingRoom).values(**take))
    held = update(SittingRoom).where(SittingRoom.sitting_id == day.sitting.id)
    assert not day.refused(held.values(given_back_at=day.before))
    assert day.refused(held.values(given_back_at=day.shut))
    assert day.refused(text("DELETE FROM sitting_room"))
    assert day.refused(update(TestRoom).where(TestRoom.id == day.room.id).values(seats=99, changed_at=day.shut))
    assert day.refused(update(TestRoom).where(TestRoom.id == day.room.id).values(seats=99))
    assert not day.refused(update(TestRoom).where(TestRoom.id == day.room.id).values(seats=99, changed_at=day.before))


def test_the_database_keeps_a_room_out_of_two_sittings_at_once(day: Day):
    other = Sitting(exam_id=day.exam.id, number=2, opens_at=day.sitting.opens_at + timedelta(minutes=30),
                    closes_at=day.sitting.closes_at + timedelta(hours=1))  # fmt: skip
    day.session.add(other)
    day.session.flush()
    taken = insert(SittingRoom).values(sitting_id=other.id, room_id=day.room.id, taken_at=day.county.now)
    assert day.refused(taken)


def test_extra_time_and_withdrawal_do_not_come_without_their_ground(day: Day):
    mine = update(Entry).where(Entry.id == day.entry.id)
    assert day.refused(mine.values(extra_minutes=30))
    assert day.refused(mine.values(withdrawn_at=day.before))
    assert day.refused(mine.values(person_id=day.keeper.person_id))
    assert day.refused(mine.values(admission_number="X"))


def test_banks_are_edited_on_the_day_and_the_paper_stays(day: Day):
    """What is sat was frozen at publication: a new version of a question touches no form."""
    paper = day.exam.forms[0].paper_sha256
    shelf = QuestionBank(code="DAY", title="题库", body_id=day.county.city.id, field=None, created_at=day.shut)
    day.session.add(shelf)
    day.session.flush()
    bank.add_version(day.session, shelf, questions()[0], now=day.shut)
    day.session.refresh(day.exam.forms[0])
    assert day.exam.forms[0].paper_sha256 == paper
