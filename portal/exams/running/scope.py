"""Which sittings and rooms of an exam somebody watches, and whether he may give time there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.exams.models import Exam, ExamState
from portal.exams.sittings.models import Sitting, SittingRoom, TestRoom, TestSite
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope, reach
from portal.people.rules import Permission

MOST_PLACES = 500  # rooms of sittings shown


@dataclass(frozen=True)
class Place:
    """A room in one sitting."""

    sitting: Sitting
    room: TestRoom
    site: TestSite
    ground: str  # path of the body that runs the site
    manages: bool  # its body lies in the scope of somebody who manages exams


@dataclass(frozen=True)
class Watch:
    """An exam as one account sees it: the whole of it, or the rooms at sites in its scope."""

    exam: Exam
    body: Body
    places: tuple[Place, ...]
    whole: bool  # the exam's own body lies in his scope
    manages: bool  # he may give time here, and end a paper
    above: bool  # his scope reaches one level above
    sittings: tuple[Sitting, ...]

    @property
    def room_ids(self) -> frozenset[int] | None:
        """The rooms he sees; None where he sees everybody."""
        return None if self.whole else frozenset(place.room.id for place in self.places)


def watch(session: Session, account: Account, exam_id: int) -> Watch:
    """The exam, if its body or the body of one of its sites lies in the account's scope; otherwise NoResultFound.

    Two statements.
    """
    manages, watches = _scope(account, Permission.MANAGE_EXAMS), _scope(account, Permission.WATCH_SITTING)
    exam, body, own, seen = session.execute(
        select(Exam, Body, manages.label("manages"), or_(manages, watches).label("seen"))
        .join(Body, Body.id == Exam.body_id)
        .where(Exam.id == exam_id, Exam.state == ExamState.PUBLISHED)
    ).one()
    rows = session.execute(_places(account).where(Sitting.exam_id == exam_id)).all()
    places = tuple(Place(s, r, t, ground, bool(m)) for s, r, t, ground, m, near, _ in rows if seen or near)
    if not (seen or places):
        raise NoResultFound
    grounds = {body.path} if seen else {place.ground for place in places}
    return Watch(
        exam, body, places, whole=bool(seen), manages=bool(own) or (not seen and all(p.manages for p in places)),
        above=all(_reaches_above(account, path, exam.field) for path in grounds),
        sittings=tuple(dict.fromkeys(place.sitting for place in places)),
    )  # fmt: skip


def _scope(account: Account, permission: Permission) -> Any:
    return bodies_in_scope(account, permission, Exam.field)


def _places(account: Account) -> Select[Any]:
    manages, watches = _scope(account, Permission.MANAGE_EXAMS), _scope(account, Permission.WATCH_SITTING)
    return (
        select(
            Sitting, TestRoom, TestSite, Body.path, manages.label("manages"), or_(manages, watches).label("near"), Exam
        )
        .join(SittingRoom, SittingRoom.sitting_id == Sitting.id)
        .join(TestRoom, TestRoom.id == SittingRoom.room_id)
        .join(TestSite, TestSite.id == TestRoom.site_id)
        .join(Body, Body.id == TestSite.body_id)
        .join(Exam, Exam.id == Sitting.exam_id)
        .where(SittingRoom.given_back_at.is_(None), Sitting.cancelled_at.is_(None))
        .order_by(Sitting.opens_at, Sitting.number, TestSite.name, TestRoom.id)
        .limit(MOST_PLACES)
    )


def _reaches_above(account: Account, path: str, field: str | None) -> bool:
    """Whether he manages exams at the body above this one; at the top of the tree, at the top itself."""
    parent = "/".join(path.strip("/").split("/")[:-1])
    above = f"/{parent}/" if parent else path
    return any(
        above.startswith(top) and granted in (None, field) for top, granted in reach(account, Permission.MANAGE_EXAMS)
    )


def places_between(session: Session, account: Account, first: datetime, last: datetime) -> list[tuple[Exam, Place]]:
    """The rooms in his scope in which something is sat between two moments, soonest first; one statement."""
    manages, watches = _scope(account, Permission.MANAGE_EXAMS), _scope(account, Permission.WATCH_SITTING)
    rows = session.execute(
        _places(account)
        .where(Exam.state == ExamState.PUBLISHED, Sitting.opens_at < last, Sitting.closes_at > first)
        .where(or_(manages, watches))
    )
    return [(exam, Place(s, r, t, ground, bool(m))) for s, r, t, ground, m, _, exam in rows]


def exams_between(session: Session, account: Account, first: datetime, last: datetime) -> list[Exam]:
    """Exams of his own scope that are open between two moments, soonest end first."""
    found = select(Exam).join(Body, Body.id == Exam.body_id).where(Exam.state == ExamState.PUBLISHED)
    within = and_(Exam.opens_at < last, Exam.closes_at > first)
    scope = or_(_scope(account, Permission.MANAGE_EXAMS), _scope(account, Permission.WATCH_SITTING), false())
    return list(session.scalars(found.where(within, scope).order_by(Exam.closes_at, Exam.id).limit(60)))


def present_sitting(sittings: tuple[Sitting, ...], before: timedelta, now: datetime) -> Sitting | None:
    """The sitting that runs or checks in now; else the next one; else the last."""
    for one in sittings:
        if now < one.closes_at and now >= one.opens_at - before:
            return one
    return next((one for one in sittings if one.opens_at > now), sittings[-1] if sittings else None)
