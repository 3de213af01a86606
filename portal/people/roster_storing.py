"""Rosters into the database: many rows in few statements, everything sealed before the writing begins."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from portal.ground import audit, audit_personal
from portal.ground.crypto import keys
from portal.ground.import_rows import Outcome, Touched
from portal.ground.imports import Stale, seal_values
from portal.people.models import Person, Post, PostField
from portal.people.personnel_numbers import OFFICERS, free_numbers
from portal.people.pinyin import readings
from portal.people.queries import PHONE_PURPOSE
from portal.people.roster_known import KnownPost, known_people
from portal.people.roster_plan import CORRECTABLE, Planned, phone_of
from portal.people.roster_roles import move_officers
from portal.people.rules import birth_date, sex_of

DECIDED_ON = ("staffing_type", "on_establishment", "in_post", "part_time", "further", "establishment_body_id")

PERSON, POST = Person.__table__, Post.__table__

# built once: in a chunk of few rows, building statements would be most of the work
ANY_OF = select(PERSON.c.id).where(PERSON.c.id_number_index.in_(bindparam("indexes", expanding=True))).limit(1)
IDS_OF = select(PERSON.c.id_number_index, PERSON.c.id).where(
    PERSON.c.id_number_index.in_(bindparam("indexes", expanding=True))
)
HOLD_PEOPLE = (
    select(PERSON.c.id).where(PERSON.c.id.in_(bindparam("ids", expanding=True))).order_by(PERSON.c.id).with_for_update()
)
NEWEST_POSTS = (
    select(POST.c.person_id, func.max(POST.c.id))
    .where(POST.c.person_id.in_(bindparam("people", expanding=True)))
    .group_by(POST.c.person_id)
)

Values = dict[str, Any]


def prepare(plan: Planned, *, now: datetime) -> None:
    """Seal and spell; asks no database."""
    ready: Values = {}
    if plan.person is None:
        ready["person"] = _new_person(plan, now=now)
    else:
        ready["changes"] = _person_changes(plan)
        if ready["changes"][1]:
            ready["person_values"] = seal_values("person", plan.person.id, *ready["changes"])
    if plan.corrects is not None:
        ready["corrections"] = _corrections(plan, plan.corrects)
        if ready["corrections"][1]:
            ready["post_values"] = seal_values("post", plan.corrects.id, *ready["corrections"])
    if plan.closes is not None:
        ready["closing"] = ({"ended_on": None}, {"ended_on": _eve(plan).isoformat()})
        ready["post_values"] = seal_values("post", plan.closes.id, *ready["closing"])
    plan.ready = ready


def _eve(plan: Planned) -> date:
    return plan.officer.started_on - timedelta(days=1)


def _new_person(plan: Planned, *, now: datetime) -> Values:
    officer, public_id = plan.officer, secrets.token_urlsafe(16)
    pinyin, initials = readings(officer.name)
    return {
        "public_id": public_id,
        "personnel_number": officer.personnel_number,
        "name": officer.name,
        "name_pinyin": pinyin,
        "name_initials": initials,
        "sex": sex_of(officer.id_number),
        "birth_date": birth_date(officer.id_number),
        "education": officer.education,
        "id_number_sealed": keys.seal(officer.id_number, f"person|id_number|{public_id}"),
        "id_number_index": plan.indexes[0],
        **_phone(public_id, officer.phone),
        "created_at": now,
    }


def _phone(public_id: str, phone: str) -> Values:
    return {
        "phone_sealed": keys.seal(phone, f"person|phone|{public_id}") if phone else None,
        "phone_index": keys.blind(phone, PHONE_PURPOSE) if phone else None,
    }


def _person_changes(plan: Planned) -> tuple[Values, Values]:
    """What of the person changes, before and after."""
    assert plan.person is not None
    officer, person = plan.officer, plan.person
    before: Values = {}
    after: Values = {}
    if officer.education != person.education:
        before["education"], after["education"] = person.education, officer.education
    if officer.phone and (old := phone_of(person, officer.phone)) != officer.phone:
        before["phone"], after["phone"] = old, officer.phone
    return before, after


def _corrections(plan: Planned, post: KnownPost) -> tuple[Values, Values]:
    """What of the post on record changes, before and after."""
    said: Values = {fact: getattr(plan.officer, fact) for fact in CORRECTABLE}
    said |= {"establishment_body_id": plan.establishment.id, "further": plan.officer.further}
    differs = [fact for fact, value in said.items() if getattr(post, fact) != value]
    return {f: _plain(getattr(post, f)) for f in differs}, {f: _plain(said[f]) for f in differs}


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value if isinstance(value, bool | int) else str(value)


def store(
    session: Session, plans: Sequence[Planned], *, highest: int, account_id: int | None, now: datetime
) -> list[Touched]:
    """Write prepared rows. Raises Stale when somebody changed one of these people since they were compared."""
    if not plans:
        return []
    _still_as_compared(session, plans)
    ids = _add_people(session, [p for p in plans if p.person is None], highest)
    ids |= {p.indexes[0]: p.person.id for p in plans if p.person is not None}
    known = [p for p in plans if p.person is not None]
    _change_people(session, known)
    _change_posts(session, known)
    posts = _add_posts(session, [p for p in plans if p.new_post], ids)
    move_officers(session, _moves(known), account_id=account_id, now=now)
    _write_trail(session, known, account_id=account_id, now=now)
    return _touched(plans, ids, posts)


def _moves(plans: Sequence[Planned]) -> dict[int, tuple[int, int]]:
    """Whose post goes on at another body, unless he keeps another one where he was."""
    found = {}
    for plan in plans:
        person, old = plan.person, plan.closes
        if person is not None and old is not None and old.body_id != plan.body.id:
            if not any(p.body_id == old.body_id and p.id != old.id for p in person.posts):
                found[person.id] = (old.body_id, plan.body.id)
    return found


def _still_as_compared(session: Session, plans: Sequence[Planned]) -> None:
    """Raises Stale when a person came, went or changed since the rows were compared."""
    new = [index for p in plans if p.person is None for index in p.indexes]
    if new and session.connection().execute(ANY_OF, {"indexes": new}).first() is not None:
        raise Stale
    known = [p for p in plans if p.person is not None]
    if known:
        session.connection().execute(HOLD_PEOPLE, {"ids": sorted(p.person.id for p in known)})  # type: ignore[union-attr]
        fresh = known_people(session, [index for p in known for index in p.indexes])
        for plan in known:
            if next((fresh[i] for i in plan.indexes if i in fresh), None) != plan.person:
                raise Stale


def _add_people(session: Session, plans: Sequence[Planned], highest: int) -> dict[str, int]:
    """New people; index of the ID number → id."""
    if not plans:
        return {}
    numbers = free_numbers(session, OFFICERS, above=highest)
    rows = [p.ready["person"] | {"personnel_number": p.officer.personnel_number or next(numbers)} for p in plans]
    connection = session.connection()
    connection.execute(insert(PERSON), rows)
    found = connection.execute(IDS_OF, {"indexes": [p.indexes[0] for p in plans]})
    return dict(found.all())


def _change_people(session: Session, plans: Sequence[Planned]) -> None:
    for fact in ("education", "phone"):
        rows = []
        for plan in plans:
            after = plan.ready["changes"][1]
            if fact in after and plan.person is not None:
                values = _phone(plan.person.public_id, after["phone"]) if fact == "phone" else {fact: after[fact]}
                rows.append({"who": plan.person.id, **values})
        if rows:
            columns = {name: bindparam(name) for name in rows[0] if name != "who"}
            session.connection().execute(update(PERSON).where(PERSON.c.id == bindparam("who")).values(**columns), rows)
    seen = [{"who": p.person.id} for p in plans if p.person is not None]
    if seen:
        table = PERSON
        raised = update(table).where(table.c.id == bindparam("who")).values(version=table.c.version + 1)
        session.connection().execute(raised, seen)


def _change_posts(session: Session, plans: Sequence[Planned]) -> None:
    table = POST
    ending = [{"which": p.closes.id, "day": _eve(p)} for p in plans if p.closes is not None]
    if ending:
        ended = update(table).where(table.c.id == bindparam("which")).values(ended_on=bindparam("day"))
        session.connection().execute(ended, ending)
    for plan in plans:
        if plan.corrects is None or not plan.ready["corrections"][1]:
            continue
        set_post(session, plan.corrects.id, plan.ready["corrections"][1])


def set_post(session: Session, post_id: int, values: Values) -> None:
    """Give a post's columns these values; `further` are its fields beside the main one."""
    columns = {name: value for name, value in values.items() if name != "further"}
    if isinstance(columns.get("ended_on"), str):
        columns["ended_on"] = date.fromisoformat(columns["ended_on"])
    if columns:
        session.connection().execute(update(POST).where(POST.c.id == post_id).values(**columns))
    if "further" in values:
        session.connection().execute(delete(PostField.__table__).where(PostField.__table__.c.post_id == post_id))
        rows = [{"post_id": post_id, "field": one} for one in values["further"]]
        if rows:
            session.execute(insert(PostField), rows)


def _add_posts(session: Session, plans: Sequence[Planned], ids: dict[str, int]) -> dict[int, int]:
    """New posts; person id → post id."""
    if not plans:
        return {}
    rows = [
        {
            "person_id": ids[p.indexes[0]],
            "body_id": p.body.id,
            "establishment_body_id": p.establishment.id,
            **{fact: getattr(p.officer, fact) for fact in CORRECTABLE},
            "field": p.officer.field,
            "started_on": p.officer.started_on,
            "ended_on": None,
        }
        for p in plans
    ]
    connection = session.connection()
    connection.execute(insert(POST), rows)
    # the newest post of each person is the one just added
    added = dict(connection.execute(NEWEST_POSTS, {"people": [row["person_id"] for row in rows]}).all())
    further = [{"post_id": added[ids[p.indexes[0]]], "field": one} for p in plans for one in sorted(p.officer.further)]
    if further:
        connection.execute(insert(PostField.__table__), further)
    return added


def _write_trail(session: Session, plans: Sequence[Planned], *, account_id: int | None, now: datetime) -> None:
    """A line for every changed person, and the word that a fact has changed on which decisions rest."""
    audit_personal.load_keys(session, [p.person.id for p in plans if p.person is not None])
    for plan in plans:
        assert plan.person is not None
        before, after = {}, {}
        for part in ("changes", "corrections", "closing"):
            old, new = plan.ready.get(part, ({}, {}))
            before, after = before | old, after | new
        if plan.new_post:
            after |= {"body_id": plan.body.id, "field": plan.officer.field, "started_on": plan.officer.started_on}
        audit.record(
            session, "roster_changed", "person", plan.person.id, now=now, account_id=account_id,
            person_id=plan.person.id, before=before or None, after=after or None, body_id=plan.body.id,
            facts=sorted(after),
        )  # fmt: skip
        if "education" in after:
            audit.fact_changed(session, plan.person.id, "education", plan.person.id, now=now)
        if plan.new_post or any(fact in after for fact in DECIDED_ON):
            audit.fact_changed(session, plan.person.id, "post", plan.person.id, now=now)


def _touched(plans: Sequence[Planned], ids: dict[str, int], posts: dict[int, int]) -> list[Touched]:
    """In an order in which the last can be taken back first."""
    made: list[Touched] = []
    for plan in plans:
        if plan.person is None:
            made.append(Touched(Outcome.CREATED, "person", ids[plan.indexes[0]]))
        elif "person_values" in plan.ready:
            made.append(Touched(Outcome.CHANGED, "person", plan.person.id, plan.ready["person_values"]))
    for plan in plans:
        old = plan.corrects or plan.closes
        if old is not None and "post_values" in plan.ready:
            made.append(Touched(Outcome.CHANGED, "post", old.id, plan.ready["post_values"]))
    made += [Touched(Outcome.CREATED, "post", posts[ids[p.indexes[0]]]) for p in plans if p.new_post]
    return made
