"""Whose turn an application is: the unit or bureau that answers for it, or the next one up (上提办理)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, String, cast, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, selectinload

from portal.credentials.models import Application, ApplicationState
from portal.credentials.queries import in_reach
from portal.ground import clock
from portal.people import queries as people
from portal.people.duties.models import DutyStep
from portal.people.duties.queries import Holder, Matter, barred_from, holders_of, live_grants, steps_about
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body, Post
from portal.people.rules import Permission

THING = "application"  # as duties name it
WAITS_FOR_UNIT = (ApplicationState.UNIT_REVIEW, ApplicationState.RETURNED)


def turns(session: Session, applications: Sequence[Application | Row]) -> dict[int, Holder]:
    """Application id -> whose turn it is; a decided one waits for nobody. Statements do not grow with the rows."""
    found: dict[int, Holder] = {}
    units = [a for a in applications if a.state in WAITS_FOR_UNIT]
    bureaus = [a for a in applications if a.state == ApplicationState.BUREAU_REVIEW]
    for waiting, step, permission in (
        (units, DutyWord.REVIEW, Permission.UNIT_REVIEW),
        (bureaus, DutyWord.DECIDE, Permission.CHECK_ELIGIBILITY),
    ):
        if waiting:
            barred = barred_from(session, step, THING, [a.id for a in waiting])
            matters = {
                a.id: Matter(
                    a.unit_id if step == DutyWord.REVIEW else a.bureau_id,
                    a.field,
                    barred.get(str(a.id), frozenset()) | {a.person_id},
                )
                for a in waiting
            }
            found |= holders_of(session, permission, matters)
    return found


def raised_to(session: Session, account: Account) -> list[int]:
    """Applications that were handed up to this account, by their ids, the oldest first.

    Those of one body and field whose officers are not staff have the same holder: he is looked up once for all.
    """
    mine: list[tuple[datetime, int]] = []
    for states, step, permission, body in (
        (WAITS_FOR_UNIT, DutyWord.REVIEW, Permission.UNIT_REVIEW, Application.unit_id),
        ((ApplicationState.BUREAU_REVIEW,), DutyWord.DECIDE, Permission.CHECK_ELIGIBILITY, Application.bureau_id),
    ):
        if not people.grants_for(account, permission):
            continue
        where = (Application.state.in_(states), in_reach(account))
        waiting = session.execute(
            select(Application.id, Application.opened_at, body, Application.field, Application.person_id).where(*where)
        ).all()
        barred = barred_from(session, step, THING, select(cast(Application.id, String)).where(*where))
        staff = {i for _, _, *both in session.execute(live_grants(permission, clock.today())) for i in both}
        alike: dict[Matter, list[tuple[datetime, int]]] = {}
        for id, opened_at, body_id, field, person_id in waiting:
            excluded = barred.get(str(id), frozenset()) | {person_id}
            alike.setdefault(Matter(body_id, field, excluded & staff), []).append((opened_at, id))
        holders = holders_of(session, permission, dict(enumerate(alike)))
        for number, those in enumerate(alike.values()):
            if holders[number].raised and account.person_id in holders[number].persons:
                mine += those
    return [id for _, id in sorted(mine)]


def turn(session: Session, application: Application) -> Holder | None:
    return turns(session, [application]).get(application.id)


def acts_on(account: Account, application: Application, holder: Holder | None) -> bool:
    """Whether this account may take the step that waits; a higher unit may speak for those below it."""
    if holder is None or account.person_id in holder.excluded:
        return False
    if application.state == ApplicationState.BUREAU_REVIEW:
        return account.person_id in holder.persons
    reaching = people.grants_for(account, Permission.UNIT_REVIEW)
    return any(g.body_id in holder.upwards and g.field in (None, application.field) for g in reaching)


def _seated(account: Account, application: Application, seats: frozenset[int]) -> bool:
    grants = people.grants_for(account, Permission.CHECK_ELIGIBILITY)
    return any(g.body_id in seats and g.field in (None, application.field) for g in grants)


def to_review(session: Session, account: Account, application_id: int) -> Application:
    """The application, if its unit lies where this account reviews; otherwise NoResultFound, a 404."""
    units = select(Body.id).where(people.bodies_in_scope(account, Permission.UNIT_REVIEW, Application.field))
    return session.scalars(
        select(Application)
        .where(Application.id == application_id, Application.unit_id.in_(units.correlate(Application)))
        .options(selectinload(Application.steps))
        .with_for_update(of=Application)
    ).one()


def to_decide(session: Session, account: Account, application_id: int) -> Application:
    """The application, if this account decides for its same-level bureau or it was handed up to his; else a 404."""
    reached = people.bodies_in_scope(account, Permission.CHECK_ELIGIBILITY, Application.field)
    posts = select(Post.id).join(Body, Body.id == Post.body_id).where(reached)
    application = session.scalars(
        select(Application)
        .where(Application.id == application_id, Application.post_id.in_(posts.correlate(Application)))
        .options(selectinload(Application.steps))
        .with_for_update(of=Application)
    ).one()
    bureau = session.get_one(Body, application.bureau_id)
    if _seated(account, application, frozenset(i for i in (bureau.id, bureau.parent_id) if i)):
        return application
    holder = turn(session, application)
    if holder is None or not _seated(account, application, holder.seats):
        raise NoResultFound
    return application


def taken_by(session: Session, application: Application) -> dict[tuple[int, object], DutyStep]:
    """(account, moment) -> the duty taken: at whose desk, whether handed up, for whom he stood in."""
    return {(d.account_id, d.at): d for d in steps_about(session, THING, application.id)}
