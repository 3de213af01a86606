"""The exam that is being sat has people in every state, the one to come has its sittings, rooms and seats."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo import halls
from portal.demo.accounts import by_username
from portal.demo.cast import CASES
from portal.exams.models import Attempt, Entry, Exam, FocusLoss
from portal.exams.running.board import Filters, board
from portal.exams.running.rules import Seen
from portal.exams.running.scope import watch
from portal.exams.sittings import queries as planned
from portal.exams.sittings.models import EntryCheck
from portal.people.models import Person
from tests.conftest import NOON


def exam(session: Session, begins: str) -> Exam:
    return session.scalars(select(Exam).where(Exam.code.startswith(f"{begins}-2"))).one()


@pytest.mark.parametrize("who", ["testadmin", "invigilator"])
def test_the_board_shows_somebody_in_every_state_while_it_is_sat(reading: Session, who: str):
    running = exam(reading, halls.RUNNING)
    seen_by = watch(reading, by_username(reading)[who], running.id)
    found = board(reading, seen_by, Filters(), now=NOON)
    listed = reading.scalars(select(Entry).where(Entry.exam_id == running.id)).all()
    assert sum(found.counts.values()) == len(listed) > 30
    there = {state for state, count in found.counts.items() if count}
    assert there == {str(state) for state in Seen} - {Seen.TIME_OVER}
    assert found.counts[Seen.WORKING] > 20
    assert found.waiting == 2
    assert {cell.room_id is None for cell in found.cells} == {False}
    assert all(cell.answered for cell in found.cells if cell.state in (Seen.WORKING, Seen.HANDED_IN))
    assert reading.scalars(select(FocusLoss).join(Attempt).where(Attempt.exam_id == running.id)).first()


def test_the_exam_to_come_has_sittings_rooms_seats_and_admission_numbers(reading: Session):
    coming = exam(reading, halls.COMING)
    assert coming.opens_at > NOON
    sittings = planned.sittings_of(reading, coming.id)
    assert [len(planned.rooms_of(one)) for one in sittings] == [2, 2]
    listed = reading.scalars(select(Entry).where(Entry.exam_id == coming.id)).all()
    assert len(listed) > 40
    assert all(entry.sitting_id and entry.room_id and entry.seat and entry.admission_number for entry in listed)
    checked = select(EntryCheck.entry_id).where(EntryCheck.entry_id.in_([entry.id for entry in listed]))
    assert len(reading.scalars(checked).all()) == len(listed)  # entered under the rules


def test_no_named_case_sits_there(reading: Session):
    ids = [exam(reading, code).id for code in (halls.RUNNING, halls.COMING)]
    numbers = select(Person.personnel_number).join(Entry, Entry.person_id == Person.id).where(Entry.exam_id.in_(ids))
    assert not {case.number for case in CASES} & set(reading.scalars(numbers))


def test_who_works_is_heard_of_while_the_demo_is_served_and_who_is_gone_is_not(demo):
    with demo.db.writing() as session:
        later = NOON + timedelta(minutes=30)
        running = exam(session, halls.RUNNING)
        working = halls.hear(session, later)
        seen_by = watch(session, by_username(session)["testadmin"], running.id)
        found = board(session, seen_by, Filters(), now=later)
        assert found.counts[Seen.WORKING] == working > 20
        assert found.counts[Seen.OFFLINE] == len(halls.OFFLINE)
        session.rollback()
