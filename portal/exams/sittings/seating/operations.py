"""Giving seats: to everybody by the plan that was shown, or one by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from portal.exams.models import Entry, Exam
from portal.exams.sittings import queries as planned
from portal.exams.sittings.entering.cases import clashing
from portal.exams.sittings.models import Sitting, TestRoom
from portal.exams.sittings.operations import TICK, NotPossible, moment_after, not_frozen
from portal.exams.sittings.seating import queries
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account

PORTION = 1000  # rows changed by one statement


class PlanChanged(Refused):
    """The list, the rooms or the sittings are no longer those the plan was made from."""

    code = "plan_changed"


def give_seats(
    session: Session, exam: Exam, number: int, digest: str, *, account: Account, now: datetime
) -> int:
    """Give every seat of plan `number`, in place of those given before; returns how many. Frozen sittings stay.

    Raises PlanChanged when the plan is not the one that was shown.
    """
    session.scalars(select(Exam.id).where(Exam.id == exam.id).with_for_update()).one()
    plan = queries.plan_for(session, exam, number, now=now)
    if plan.digest != digest:
        raise PlanChanged(N_("The list or the rooms have changed since this plan was shown. Look at the new plan."))
    if not plan.places:
        raise NotPossible(N_("There is nobody to seat, or no room to seat them in."))
    open_ids = [sitting.id for sitting in queries.open_sittings(session, exam, now)]
    cleared = moment_after(queries.last_change(session, exam), now)
    entry = Entry.__table__
    session.execute(
        update(entry)
        .where(entry.c.exam_id == exam.id, entry.c.seat.is_not(None), entry.c.sitting_id.in_(open_ids))
        .values(room_id=None, seat=None, changed_at=cleared)
    )
    fill = update(entry).where(entry.c.id == bindparam("entry_id")).values(
        sitting_id=bindparam("to_sitting"), room_id=bindparam("to_room"), seat=bindparam("to_seat"),
        changed_at=cleared + TICK,
    )  # fmt: skip
    rows = [
        {"entry_id": entry_id, "to_sitting": sitting, "to_room": room, "to_seat": seat}
        for entry_id, (sitting, room, seat) in sorted(plan.places.items())
    ]
    for start in range(0, len(rows), PORTION):
        session.execute(fill, rows[start : start + PORTION])
    session.expire_all()
    audit.record(
        session, "seats_given", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        plan=number, digest=digest, seats=len(rows), left=len(plan.left), pairs=plan.pairs,
    )  # fmt: skip
    return len(rows)


def move(
    session: Session, exam: Exam, entry: Entry, sitting: Sitting, room: TestRoom | None, seat: int | None, *,
    account: Account, now: datetime,
) -> None:  # fmt: skip
    """Put one person into another sitting, room or seat. Raises Frozen, NotPossible."""
    if entry.withdrawn_at is not None:
        raise NotPossible(N_("He is withdrawn from this exam."))
    if entry.sitting_id is not None:
        not_frozen(planned.sitting_of(session, exam, entry.sitting_id), now)
    not_frozen(sitting, now)
    if room is None or seat is None:
        room, seat = None, None
    else:
        _seat_is_free(session, entry, sitting, room, seat)
    if entry.sitting_id != sitting.id:
        if clashing(session, exam, sitting, [entry.person_id]):
            raise NotPossible(N_("He sits another exam at this time."))
        if planned.loads(session, [sitting])[sitting.id].free < 1:
            raise NotPossible(N_("This sitting has no seat left."))
    before = [entry.sitting_id, entry.room_id, entry.seat]
    entry.sitting_id, entry.room_id, entry.seat = sitting.id, room.id if room else None, seat
    entry.changed_at = moment_after(entry.changed_at, now)
    session.flush()
    audit.record(
        session, "seat_changed", "entry", entry.id, now=now, account_id=account.id, body_id=exam.body_id,
        person_id=entry.person_id, was=before, place=[sitting.id, entry.room_id, seat],
    )  # fmt: skip


def _seat_is_free(session: Session, entry: Entry, sitting: Sitting, room: TestRoom, seat: int) -> None:
    if room.id not in {known.id for known in planned.rooms_of(sitting)}:
        raise NotPossible(N_("The sitting is not held in this room."))
    if not 1 <= seat <= room.seats:
        raise NotPossible(N_("The room has seats 1 to %(most)s."), most=room.seats)
    taken = select(Entry.id).where(
        Entry.sitting_id == sitting.id, Entry.room_id == room.id, Entry.seat == seat, Entry.id != entry.id
    )
    if session.scalar(taken):
        raise NotPossible(N_("Seat %(seat)s of this room is taken."), seat=seat)
