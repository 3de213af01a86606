"""What the live board shows: everybody of one sitting or room, counted, and one page of them in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.exams.models import AnswerChange, Attempt, CheckIn, Delivery, Entry, ExamForm, FormKey
from portal.exams.queries import times_left
from portal.exams.running.models import Incident, IncidentKind, Presence
from portal.exams.running.rules import Seen, seen
from portal.exams.running.scope import Watch
from portal.ground.db import UtcDateTime
from portal.people.models import Person

MOST = 2_000  # people counted on one board; more choose a sitting or a room
PAGE = 200  # cells of one page


@dataclass(frozen=True)
class Filters:
    """What the address asks for; None: all of them."""

    sitting_id: int | None = None
    room_id: int | None = None
    state: str | None = None
    page: int = 1


@dataclass(frozen=True)
class Cell:
    """One candidate on the board."""

    entry_id: int
    name: str
    admission_number: str
    room_id: int | None
    seat: int | None
    state: str
    attempt_id: int | None = None
    form_id: int | None = None
    drawn: Any = None
    deadline: datetime | None = None
    paused_at: datetime | None = None
    heard: datetime | None = None
    ended: datetime | None = None
    unsent: int = 0
    answered: int = 0
    items: int = 0
    away: tuple[int, int] = (0, 0)  # how often he left the page, and for how many seconds in all

    def left(self, now: datetime) -> timedelta | None:
        """Time left; None where no clock runs or stands."""
        if self.deadline is None or self.state not in (Seen.WORKING, Seen.OFFLINE, Seen.PAUSED):
            return None
        return max(self.deadline - (self.paused_at or now), timedelta(0))


@dataclass(frozen=True)
class Board:
    """How many are in which state, one page of cells, and how many the filters match in all."""

    counts: dict[str, int]
    cells: tuple[Cell, ...]
    matching: int
    cut: bool  # there are more people than a board counts
    waiting: int  # incidents that wait for somebody's decision
    now: datetime

    def by_room(self) -> Iterator[tuple[int | None, list[Cell]]]:
        """Room id, then its cells by seat."""
        for room_id in dict.fromkeys(cell.room_id for cell in self.cells):
            yield room_id, [cell for cell in self.cells if cell.room_id == room_id]


def board(session: Session, seen_by: Watch, filters: Filters, *, now: datetime) -> Board:
    """Four statements, whatever the size; what is answered and when he was away only for the page shown."""
    rows = session.execute(_candidates(seen_by, filters).limit(MOST + 1)).all()
    cells = [_cell(row, now) for row in rows[:MOST]]
    counts = Counter(cell.state for cell in cells)
    matching = [cell for cell in cells if filters.state in (None, cell.state)]
    first = (filters.page - 1) * PAGE
    return Board(
        {str(state): counts[state] for state in Seen}, tuple(_filled(session, seen_by, matching[first : first + PAGE])),
        len(matching), len(rows) > MOST, waiting(session, seen_by), now,
    )  # fmt: skip


def within(seen_by: Watch, sitting_id: int | None = None, room_id: int | None = None) -> tuple[Any, ...]:
    """Conditions on Entry: of this exam, in the watcher's rooms, and where asked for in one sitting or room."""
    conditions = [Entry.exam_id == seen_by.exam.id, Entry.withdrawn_at.is_(None)]
    if seen_by.room_ids is not None:
        conditions.append(Entry.room_id.in_(seen_by.room_ids))
    if sitting_id is not None:
        conditions.append(Entry.sitting_id == sitting_id)
    if room_id is not None:
        conditions.append(Entry.room_id == room_id)
    return tuple(conditions)


def _candidates(seen_by: Watch, filters: Filters) -> Select[Any]:
    """Everybody on the list with his last attempt, a check-in that has not begun, and when he was heard of."""
    later, newer = aliased(Attempt), aliased(CheckIn)
    last = and_(
        Attempt.exam_id == Entry.exam_id, Attempt.person_id == Entry.person_id,
        ~exists().where(
            later.exam_id == Attempt.exam_id, later.person_id == Attempt.person_id, later.number > Attempt.number
        ),
    )  # fmt: skip
    waiting_one = and_(
        CheckIn.entry_id == Entry.id, ~exists().where(newer.entry_id == CheckIn.entry_id, newer.number > CheckIn.number)
    )
    return (
        select(
            Entry.id, Person.name, Entry.admission_number, Entry.room_id, Entry.seat, Attempt.id.label("attempt_id"),
            Attempt.form_id, Attempt.drawn, Attempt.state, Attempt.started_at, Attempt.deadline_at, Attempt.paused_at,
            Attempt.handed_in_at, Attempt.hand_in_cause, Presence.seen_at, Presence.unsent,
            (CheckIn.number > func.coalesce(Attempt.number, 0)).label("waiting"),
        )
        .join(Person, Person.id == Entry.person_id)
        .outerjoin(Attempt, last)
        .outerjoin(CheckIn, waiting_one)
        .outerjoin(Presence, Presence.attempt_id == Attempt.id)
        .where(*within(seen_by, filters.sitting_id, filters.room_id))
        .order_by(Entry.room_id, Entry.seat, Entry.admission_number)
    )  # fmt: skip


def _cell(row: Row[Any], now: datetime) -> Cell:
    heard = max((at for at in (row.seen_at, row.started_at) if at is not None), default=None)
    state = seen(
        row.state, cause=row.hand_in_cause, paused=row.paused_at is not None, deadline=row.deadline_at, heard=heard,
        waiting=bool(row.waiting), now=now,
    )  # fmt: skip
    again = state == Seen.CHECKED_IN  # what is shown then is of no earlier attempt
    return Cell(
        row.id, row.name, row.admission_number, row.room_id, row.seat, str(state),
        None if again else row.attempt_id, row.form_id, row.drawn, row.deadline_at, row.paused_at,
        None if again else heard, None if again else row.handed_in_at, row.unsent or 0,
    )  # fmt: skip


def _filled(session: Session, seen_by: Watch, cells: Sequence[Cell]) -> Iterator[Cell]:
    ids = [cell.attempt_id for cell in cells if cell.attempt_id is not None]
    done, away = answered(session, ids), times_left(session, ids)
    for cell in cells:
        if cell.attempt_id is None:
            yield cell
            continue
        count, saved_at = done.get(cell.attempt_id, (0, None))
        items = item_count(session, seen_by, cell.form_id or 0, cell.drawn)
        heard = max(filter(None, (cell.heard, saved_at)), default=None)
        gone = away.get(cell.attempt_id, (0, 0))
        yield replace(cell, answered=count, items=items, away=gone, heard=heard)


def answered(session: Session, attempt_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    """Attempt id → how many items have an answer that was not taken back, and when one was last saved."""
    newest_first = func.row_number().over(
        partition_by=(AnswerChange.attempt_id, AnswerChange.item),
        order_by=(AnswerChange.epoch.desc(), AnswerChange.sequence.desc()),
    )
    changes = (
        select(AnswerChange.attempt_id, AnswerChange.answer, AnswerChange.saved_at, newest_first.label("place"))
        .where(AnswerChange.attempt_id.in_(attempt_ids))
        .subquery()
    )
    stands = case((and_(changes.c.place == 1, changes.c.answer != ""), 1), else_=0)
    rows = session.execute(
        select(changes.c.attempt_id, func.sum(stands), func.max(changes.c.saved_at, type_=UtcDateTime()))
        .group_by(changes.c.attempt_id)
    )
    return {attempt_id: (int(count), saved_at) for attempt_id, count, saved_at in rows}


def waiting(session: Session, seen_by: Watch) -> int:
    """How many incidents wait: a clock that stands, time nobody has decided on."""
    found = select(func.count()).select_from(Incident).where(*in_sight(seen_by), is_open())
    return session.scalar(found) or 0


def is_open() -> ColumnElement[bool]:
    """A condition on Incident: somebody has to act."""
    undecided = and_(Incident.approved_by_id.is_(None), Incident.refused_because.is_(None))
    return and_(Incident.kind != IncidentKind.ENDED, undecided)


def in_sight(seen_by: Watch) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Incident: of this exam, and where only rooms are watched, in one of them or for everybody."""
    conditions = [Incident.exam_id == seen_by.exam.id]
    if seen_by.room_ids is not None:
        everywhere = and_(Incident.room_id.is_(None), Incident.attempt_id.is_(None))
        conditions.append(or_(Incident.room_id.in_(seen_by.room_ids), everywhere))
    return tuple(conditions)


_counted: dict[tuple[str, int], Any] = {}  # of frozen forms: how many items; kept by database and form


def item_count(session: Session, seen_by: Watch, form_id: int, drawn: Sequence[int] | None) -> int:
    """How many items a candidate's paper has; all forms of an exam are counted at the first question."""
    key = (str(session.get_bind().engine.url), form_id)
    if key not in _counted:
        if len(_counted) > 5_000:
            _counted.clear()
        _counted.update({(key[0], form): count for form, count in _count_items(session, seen_by).items()})
    known = _counted.get(key, 0)
    return known if drawn is None else sum(known[version] for version in drawn)


def _count_items(session: Session, seen_by: Watch) -> dict[int, Any]:
    """Form id → its number of items; of a drawn exam, how many items each version of its pool has."""
    forms = ExamForm.exam_id == seen_by.exam.id
    if seen_by.exam.delivery == Delivery.SEALED:
        counted = select(ExamForm.id, func.json_array_length(ExamForm.paper["items"])).where(forms)
        return dict(session.execute(counted).all())
    keys = select(FormKey.form_id, FormKey.body).join(ExamForm, ExamForm.id == FormKey.form_id)
    rows = session.execute(keys.where(forms, FormKey.number == 1))
    return {form_id: Counter(entry.get("version") for entry in body.values()) for form_id, body in rows}
