"""Sites and their rooms, sittings and the rooms taken for them; what is frozen before the hour stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.models import Entry, Exam, ExamState
from portal.exams.sittings import queries
from portal.exams.sittings.models import ExamPolicy, Sitting, SittingRoom, TestRoom, TestSite
from portal.exams.sittings.planning import Slot
from portal.exams.sittings.rules import EntryTerms
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account, Body

MOST_SEATS = 2000
TICK = timedelta(microseconds=1)


class Frozen(Refused):
    """The exam day has begun for this sitting: it stays as it is."""

    code = "frozen"


class NotPossible(Refused):
    """What is asked for contradicts what is planned already."""

    status = 422
    code = "not_possible"


def not_frozen(sitting: Sitting, now: datetime) -> None:
    """Raises Frozen from the freeze on."""
    if now >= sitting.frozen_from:
        raise Frozen(
            N_(
                "Sitting %(n)s is closed to changes since %(moment)s. Only withdrawals, extra time and incidents are "
                "recorded now."
            ),
            n=sitting.number,
            moment=f"{local(sitting.frozen_from):%Y-%m-%d %H:%M}",
        )


def moment_after(last: datetime | None, now: datetime) -> datetime:
    """The moment of a change; later than the last one, however fast they follow."""
    return now if last is None or now > last else last + TICK


# ---------- rules of entry ----------
def add_policy(
    session: Session, *, label: str, effective_from: date, body: dict[str, Any], account_id: int | None, now: datetime
) -> ExamPolicy:
    """Add rules of entry that hold from a day on. Raises NotPossible."""
    try:
        EntryTerms.from_plain(body)
    except (ValueError, TypeError, KeyError) as wrong:
        raise NotPossible(N_("These rules cannot be read: %(what)s."), what=str(wrong)) from wrong
    last = session.scalar(select(func.max(ExamPolicy.effective_from)))
    if last is not None and effective_from <= last:
        raise NotPossible(N_("Rules that hold from %(day)s are there already; new ones begin later."), day=str(last))
    if session.scalar(select(ExamPolicy.id).where(ExamPolicy.label == label.strip())) or not label.strip():
        raise NotPossible(N_("Give the rules a name of their own."))
    row = ExamPolicy(label=label.strip()[:60], effective_from=effective_from, body=body)
    session.add(row)
    session.flush()
    audit.record(session, "exam_policy_added", "exam_policy", row.id, now=now, account_id=account_id)
    return row


# ---------- sites and rooms ----------
def open_site(session: Session, body: Body, *, name: str, address: str, account: Account, now: datetime) -> TestSite:
    """Raises NotPossible when the body has a site of this name."""
    name = " ".join(name.split())
    if not name or session.scalar(select(TestSite.id).where(TestSite.body_id == body.id, TestSite.name == name)):
        raise NotPossible(N_("Give the site a name that this body has not used yet."))
    row = TestSite(body_id=body.id, name=name[:80], address=address.strip()[:200])
    session.add(row)
    session.flush()
    audit.record(session, "site_opened", "test_site", row.id, now=now, account_id=account.id, body_id=body.id)
    return row


def close_site(session: Session, site: TestSite, *, closed: bool, account: Account, now: datetime) -> None:
    """Close a site to further sittings, or open it again. Raises NotPossible while something is planned there."""
    if closed and queries.coming_sittings(session, [room.id for room in site.rooms], now):
        raise NotPossible(N_("Sittings are planned there. Move them first."))
    site.closed_at = now if closed else None
    act = "site_closed" if closed else "site_opened"
    audit.record(session, act, "test_site", site.id, now=now, account_id=account.id, body_id=site.body_id)
    session.flush()


def add_room(session: Session, site: TestSite, *, name: str, seats: int, account: Account, now: datetime) -> TestRoom:
    name = " ".join(name.split())[:40]
    _room_fits(name, seats)
    if session.scalar(select(TestRoom.id).where(TestRoom.site_id == site.id, TestRoom.name == name)):
        raise NotPossible(N_("The site has a room of this name."))
    row = TestRoom(site_id=site.id, name=name, seats=seats, changed_at=now)
    session.add(row)
    session.flush()
    _room_line(session, "room_added", row, site, account, now)
    return row


def change_room(
    session: Session, room: TestRoom, *, seats: int, closed: bool, account: Account, now: datetime
) -> None:
    """Other seats, or closed to further sittings. Raises Frozen while it is sat in, NotPossible."""
    _room_fits(room.name, seats)
    coming = [sitting for _, sitting, _ in queries.coming_sittings(session, [room.id], now)]
    for sitting in coming:
        not_frozen(sitting, now)
    highest = session.scalar(
        select(func.max(Entry.seat)).where(Entry.room_id == room.id, Entry.sitting_id.in_([s.id for s in coming]))
    )
    if seats < (highest or 0):
        raise NotPossible(N_("Seat %(n)s of this room is given already."), n=highest)
    if closed and coming and room.closed_at is None:
        raise NotPossible(N_("Sittings are planned there. Move them first."))
    room.seats, room.changed_at = seats, moment_after(room.changed_at, now)
    room.closed_at = (room.closed_at or now) if closed else None
    session.flush()
    _room_line(session, "room_changed", room, room.site, account, now)


def _room_fits(name: str, seats: int) -> None:
    if not name:
        raise NotPossible(N_("Give the room a name."))
    if not 1 <= seats <= MOST_SEATS:
        raise NotPossible(N_("A room has from 1 to %(most)s seats."), most=MOST_SEATS)


def _room_line(session: Session, act: str, room: TestRoom, site: TestSite, account: Account, now: datetime) -> None:
    audit.record(
        session, act, "test_room", room.id, now=now, account_id=account.id, body_id=site.body_id, seats=room.seats,
        closed=room.closed_at is not None,
    )  # fmt: skip


# ---------- sittings ----------
def add_sittings(
    session: Session, exam: Exam, wanted: Sequence[Slot], rooms: Sequence[TestRoom], *, account: Account, now: datetime
) -> list[Sitting]:
    """One sitting for each slot, all of them in these rooms.

    Raises NotPossible when a slot lies outside the exam's window, is too short, has begun, or a room is taken.
    """
    session.scalars(select(TestRoom.id).where(TestRoom.id.in_([r.id for r in rooms])).with_for_update()).all()
    made = []
    number = session.scalar(select(func.max(Sitting.number)).where(Sitting.exam_id == exam.id)) or 0
    for slot in sorted(wanted, key=lambda one: one.opens_at):
        number += 1
        frozen = _frozen_from(session, slot)
        _slot_fits(exam, slot, frozen, now)
        made.append(
            Sitting(
                exam_id=exam.id, number=number, opens_at=slot.opens_at, closes_at=slot.closes_at, frozen_from=frozen,
                changed_at=now,
            )  # fmt: skip
        )
    session.add_all(made)
    session.flush()
    for sitting in made:
        for room in rooms:
            _take(session, sitting, room, now)
    session.flush()
    audit.record(
        session, "sittings_added", "exam", exam.id, now=now, account_id=account.id, body_id=exam.body_id,
        sittings=[s.number for s in made][:40], count=len(made), rooms=[room.id for room in rooms][:40],
    )  # fmt: skip
    return made


def change_sitting(
    session: Session, exam: Exam, sitting: Sitting, slot: Slot, *, account: Account, now: datetime
) -> None:
    """Another time. Raises Frozen, NotPossible."""
    not_frozen(sitting, now)
    frozen = _frozen_from(session, slot)
    _slot_fits(exam, slot, frozen, now)
    for room in queries.rooms_of(sitting):
        _room_is_free(session, room, slot, but=sitting.id)
    before = [sitting.opens_at.isoformat(), sitting.closes_at.isoformat()]
    sitting.opens_at, sitting.closes_at, sitting.frozen_from = slot.opens_at, slot.closes_at, frozen
    sitting.changed_at = moment_after(sitting.changed_at, now)
    session.flush()
    _sitting_line(session, "sitting_changed", exam, sitting, account, now, was=before)


def cancel_sitting(session: Session, exam: Exam, sitting: Sitting, *, account: Account, now: datetime) -> None:
    """Nobody may be on its list. Raises Frozen, NotPossible."""
    not_frozen(sitting, now)
    if session.scalar(select(Entry.id).where(Entry.sitting_id == sitting.id).limit(1)):
        raise NotPossible(N_("People are entered for this sitting. Move them first."))
    for taken in sitting.rooms:
        if taken.given_back_at is None:
            taken.given_back_at = moment_after(taken.taken_at, now)
    sitting.cancelled_at = now
    sitting.changed_at = moment_after(sitting.changed_at, now)
    session.flush()
    _sitting_line(session, "sitting_cancelled", exam, sitting, account, now)


def take_rooms(
    session: Session, exam: Exam, sitting: Sitting, rooms: Sequence[TestRoom], *, account: Account, now: datetime
) -> None:
    """These rooms and no others; one with people in it is not given back. Raises Frozen, NotPossible."""
    not_frozen(sitting, now)
    session.scalars(select(TestRoom.id).where(TestRoom.id.in_([r.id for r in rooms])).with_for_update()).all()
    wanted = {room.id for room in rooms}
    for taken in sitting.rooms:
        if taken.given_back_at is None and taken.room_id not in wanted:
            inside = select(Entry.id).where(Entry.sitting_id == sitting.id, Entry.room_id == taken.room_id)
            if session.scalar(inside.limit(1)):
                raise NotPossible(N_("Seats in %(room)s are given already."), room=taken.room.name)
            taken.given_back_at = moment_after(taken.taken_at, now)
    session.flush()
    held = {taken.room_id for taken in sitting.rooms if taken.given_back_at is None}
    for room in rooms:
        if room.id not in held:
            _take(session, sitting, room, now)
    session.flush()
    session.expire(sitting, ["rooms"])
    _sitting_line(session, "sitting_rooms", exam, sitting, account, now, rooms=sorted(wanted)[:40])


def _take(session: Session, sitting: Sitting, room: TestRoom, now: datetime) -> None:
    _room_is_free(session, room, Slot(sitting.opens_at, sitting.closes_at), but=sitting.id)
    row = session.get(SittingRoom, (sitting.id, room.id))
    if row is None:
        session.add(SittingRoom(sitting_id=sitting.id, room_id=room.id, taken_at=now))
    else:
        row.taken_at, row.given_back_at = moment_after(row.given_back_at, now), None
    session.flush()


def _room_is_free(session: Session, room: TestRoom, slot: Slot, *, but: int) -> None:
    taken = session.execute(
        select(Exam.title, Sitting.number)
        .join(Sitting, Sitting.exam_id == Exam.id)
        .join(SittingRoom, SittingRoom.sitting_id == Sitting.id)
        .where(SittingRoom.room_id == room.id, SittingRoom.given_back_at.is_(None), Sitting.id != but)
        .where(Sitting.opens_at < slot.closes_at, Sitting.closes_at > slot.opens_at)
        .limit(1)
    ).first()
    if taken is not None:
        raise NotPossible(
            N_("%(room)s is taken at this time by %(exam)s, sitting %(n)s."),
            room=room.name, exam=taken.title, n=taken.number,
        )  # fmt: skip
    if room.closed_at is not None or room.site.closed_at is not None:
        raise NotPossible(N_("%(room)s is closed."), room=room.name)


def _frozen_from(session: Session, slot: Slot) -> datetime:
    _, terms = queries.policy_on(session, local(slot.opens_at).date())
    return slot.opens_at - timedelta(minutes=terms.freeze_minutes)


def _slot_fits(exam: Exam, slot: Slot, frozen_from: datetime, now: datetime) -> None:
    if exam.state == ExamState.DISCARDED:
        raise NotPossible(N_("This exam is put away."))
    if slot.opens_at < exam.opens_at or slot.closes_at > exam.closes_at:
        raise NotPossible(N_("A sitting lies inside the exam's own window."))
    if slot.closes_at - slot.opens_at < timedelta(minutes=exam.minutes):
        raise NotPossible(N_("A sitting is at least as long as the paper takes: %(n)s minutes."), n=exam.minutes)
    if frozen_from <= now:
        raise NotPossible(N_("A sitting is planned before its freeze begins."))


def _sitting_line(
    session: Session, act: str, exam: Exam, sitting: Sitting, account: Account, now: datetime, **codes: Any
) -> None:
    audit.record(
        session, act, "sitting", sitting.id, now=now, account_id=account.id, body_id=exam.body_id, exam=exam.id, **codes
    )
