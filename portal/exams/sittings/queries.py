"""Reading rules of entry, sites and rooms, and the sittings of an exam."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.exams.models import Entry, Exam
from portal.exams.sittings.models import ExamPolicy, Sitting, SittingRoom, TestRoom, TestSite
from portal.exams.sittings.rules import EntryTerms, HallTerms
from portal.ground.clock import local
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission


# ---------- rules of entry ----------
def policy_on(session: Session, day: date) -> tuple[ExamPolicy, EntryTerms]:
    """The row in force on a day with its terms; otherwise NoResultFound."""
    row = session.scalars(
        select(ExamPolicy)
        .where(ExamPolicy.effective_from <= day)
        .order_by(ExamPolicy.effective_from.desc())
        .limit(1)
    ).one()
    return row, EntryTerms.from_plain(row.body)


def hall_terms(session: Session, moment: datetime) -> HallTerms:
    """The bounds of time in the hall on the day of a moment."""
    return policy_on(session, local(moment).date())[1].hall


def policies(session: Session) -> Sequence[ExamPolicy]:
    return session.scalars(select(ExamPolicy).order_by(ExamPolicy.effective_from.desc())).all()


# ---------- sites and rooms ----------
def sites_in_scope(session: Session, account: Account) -> Sequence[TestSite]:
    return session.scalars(
        select(TestSite)
        .join(Body, Body.id == TestSite.body_id)
        .where(bodies_in_scope(account, Permission.MANAGE_EXAMS))
        .order_by(TestSite.closed_at.is_not(None), TestSite.name)
        .options(selectinload(TestSite.rooms))
        .limit(500)
    ).all()


def site_in_scope(session: Session, account: Account, site_id: int) -> TestSite:
    """The site, if its body lies in the account's scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(TestSite)
        .join(Body, Body.id == TestSite.body_id)
        .where(TestSite.id == site_id, bodies_in_scope(account, Permission.MANAGE_EXAMS))
        .options(selectinload(TestSite.rooms))
    ).one()


def bodies_for_sites(session: Session, account: Account, words: str = "") -> Sequence[Body]:
    """Living bodies in scope that could run a site, the highest first."""
    found = select(Body).where(bodies_in_scope(account, Permission.MANAGE_EXAMS), Body.abolished_on.is_(None))
    if words:
        found = found.where(Body.name.contains(words, autoescape=True))
    return session.scalars(found.order_by(func.length(Body.path), Body.id).limit(60)).all()


def rooms_in_scope(session: Session, account: Account) -> Sequence[TestRoom]:
    """Rooms that can be taken: open, at an open site in scope."""
    return session.scalars(
        select(TestRoom)
        .join(TestSite, TestSite.id == TestRoom.site_id)
        .join(Body, Body.id == TestSite.body_id)
        .where(bodies_in_scope(account, Permission.MANAGE_EXAMS))
        .where(TestSite.closed_at.is_(None), TestRoom.closed_at.is_(None))
        .order_by(TestSite.name, TestRoom.id)
        .options(joinedload(TestRoom.site))
        .limit(1000)
    ).all()


def room_of_site(session: Session, site: TestSite, room_id: int) -> TestRoom:
    return session.scalars(select(TestRoom).where(TestRoom.id == room_id, TestRoom.site_id == site.id)).one()


def coming_sittings(session: Session, room_ids: Iterable[int], after: datetime) -> Sequence[tuple[int, Sitting, Exam]]:
    """What is sat in these rooms from a moment on: room id, sitting, exam."""
    rows = session.execute(
        select(SittingRoom.room_id, Sitting, Exam)
        .join(Sitting, Sitting.id == SittingRoom.sitting_id)
        .join(Exam, Exam.id == Sitting.exam_id)
        .where(SittingRoom.room_id.in_(list(room_ids)), SittingRoom.given_back_at.is_(None))
        .where(Sitting.cancelled_at.is_(None), Sitting.closes_at > after)
        .order_by(Sitting.opens_at)
    )
    return [(room_id, sitting, exam) for room_id, sitting, exam in rows]


# ---------- sittings ----------
def sittings_of(session: Session, exam_id: int) -> Sequence[Sitting]:
    """Those that take place, in order; rooms loaded."""
    return session.scalars(
        select(Sitting)
        .where(Sitting.exam_id == exam_id, Sitting.cancelled_at.is_(None))
        .order_by(Sitting.opens_at, Sitting.number)
        .options(selectinload(Sitting.rooms).joinedload(SittingRoom.room).joinedload(TestRoom.site))
    ).all()


def sitting_of(session: Session, exam: Exam, sitting_id: int) -> Sitting:
    """A sitting of this very exam that takes place; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Sitting)
        .where(Sitting.id == sitting_id, Sitting.exam_id == exam.id, Sitting.cancelled_at.is_(None))
        .options(selectinload(Sitting.rooms).joinedload(SittingRoom.room).joinedload(TestRoom.site))
    ).one()


def rooms_of(sitting: Sitting) -> list[TestRoom]:
    """The rooms it has now, by site and room."""
    kept = [taken.room for taken in sitting.rooms if taken.given_back_at is None]
    return sorted(kept, key=lambda room: (room.site_id, room.id))


@dataclass(frozen=True)
class Load:
    """Seats in the rooms of a sitting, people on its list, and how many of them have a seat."""

    capacity: int
    entered: int
    seated: int

    @property
    def free(self) -> int:
        return self.capacity - self.entered


def loads(session: Session, sittings: Sequence[Sitting]) -> dict[int, Load]:
    """Sitting id → its load, in one statement."""
    counted = {
        sitting_id: (entered, seated)
        for sitting_id, entered, seated in session.execute(
            select(Entry.sitting_id, func.count(), func.count(Entry.seat))
            .where(Entry.sitting_id.in_([s.id for s in sittings]), Entry.withdrawn_at.is_(None))
            .group_by(Entry.sitting_id)
        )
    }
    return {s.id: Load(sum(r.seats for r in rooms_of(s)), *counted.get(s.id, (0, 0))) for s in sittings}


@dataclass(frozen=True)
class Place:
    """Hour, site, room and seat of one entry; room and site are empty until seats are given."""

    opens_at: datetime
    closes_at: datetime
    site: str
    address: str
    room: str
    seat: int | None


def places(session: Session, entries: Iterable[Entry]) -> dict[int, Place]:
    """Entry id → where and when he sits, of those that are in a sitting."""
    ids = [entry.id for entry in entries if entry.sitting_id is not None]
    if not ids:
        return {}
    rows = session.execute(
        select(
            Entry.id, Entry.seat, Sitting.opens_at, Sitting.closes_at, TestRoom.name, TestSite.name, TestSite.address
        )  # fmt: skip
        .join(Sitting, Sitting.id == Entry.sitting_id)
        .outerjoin(TestRoom, TestRoom.id == Entry.room_id)
        .outerjoin(TestSite, TestSite.id == TestRoom.site_id)
        .where(Entry.id.in_(ids))
    )
    return {
        entry_id: Place(opens, closes, site or "", address or "", room or "", seat)
        for entry_id, seat, opens, closes, room, site, address in rows
    }


def unplaced(session: Session, exam_id: int) -> int:
    """People on the list of an exam who are in no sitting yet."""
    return session.scalar(
        select(func.count())
        .select_from(Entry)
        .where(Entry.exam_id == exam_id, Entry.sitting_id.is_(None), Entry.withdrawn_at.is_(None))
    ) or 0


def running_freeze(session: Session, exam_id: int, now: datetime) -> Sitting | None:
    """A sitting of the exam that is frozen and not over at a moment."""
    return session.scalars(
        select(Sitting)
        .where(Sitting.exam_id == exam_id, Sitting.cancelled_at.is_(None))
        .where(Sitting.frozen_from <= now, Sitting.closes_at > now)
        .order_by(Sitting.opens_at)
        .limit(1)
    ).first()
