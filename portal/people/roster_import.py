"""Rosters through the import cockpit: officers compared with those on record, taken in and taken back."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from portal.ground import audit
from portal.ground.clock import local
from portal.ground.crypto import keys
from portal.ground.import_rows import Outcome, ParsedRow, Problem
from portal.ground.imports import IN_USE, CannotTakeBack, Touched, referred_to
from portal.ground.models import ImportedObject
from portal.ground.rules import N_
from portal.people import roster_sheet as sheet
from portal.people.models import Account, Body, Person, Post
from portal.people.queries import bodies_in_scope, id_number_index
from portal.people.roster_sheet import Officer
from portal.people.rules import Permission, birth_date, sex_of

POST_FACTS = {
    "staffing_type": sheet.STAFFING,
    "on_establishment": sheet.ON_ESTABLISHMENT,
    "in_post": sheet.IN_POST,
    "part_time": sheet.DUTY,
    "title": sheet.TITLE,
    "field": sheet.FIELD,
    "started_on": sheet.STARTED,
}
NUMBER_PREFIX = "JL"


@dataclass
class Known:
    """What the database says about the bodies and people a file names."""

    bodies: dict[str, Body]
    in_scope: set[int]
    people: dict[str, Person]  # by id_number_index
    numbers: set[str]  # personnel numbers of the file that somebody has
    near: dict[str, list[str]] = field(default_factory=dict)  # an unknown body's name → similar ones


@dataclass(frozen=True)
class Planned:
    """An officer ready to store: the person on record, if any, and where the posts lie."""

    officer: Officer
    index: str
    body: Body
    establishment: Body
    person: Person | None
    post: Post | None
    post_differs: bool


class Officers:
    """The kind `officers`; with an account, only bodies in its scope may be named."""

    code = "officers"
    target = None
    columns = sheet.COLUMNS

    def __init__(self, account: Account | None = None) -> None:
        self.account = account

    def check(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        for row in rows:
            row.value, row.problems = sheet.read_officer(row.source, local(now).date())
            row.label = row.source.text(sheet.NAME)
        _name_twins(rows)
        known = self._known(session, [row.value for row in rows])
        for row in rows:
            self._compare(row, known)

    def _known(self, session: Session, officers: Sequence[Officer]) -> Known:
        bodies = {b.name: b for b in session.scalars(select(Body).options(selectinload(Body.fields)))}
        scope = select(Body.id)
        if self.account is not None:
            scope = scope.where(bodies_in_scope(self.account, Permission.IMPORT_ROSTER))
        indexes = {id_number_index(o.id_number) for o in officers if o.id_number}
        found = select(Person).where(Person.id_number_index.in_(indexes)).options(selectinload(Person.posts))
        people = {p.id_number_index: p for p in session.scalars(found)}
        numbers = {o.personnel_number for o in officers}
        taken = select(Person.personnel_number).where(Person.personnel_number.in_(numbers))
        return Known(bodies, set(session.scalars(scope)), people, set(session.scalars(taken)))

    def _compare(self, row: ParsedRow, known: Known) -> None:
        officer: Officer = row.value
        index = id_number_index(officer.id_number)
        person = known.people.get(index)
        post = next((p for p in reversed(person.posts) if p.ended_on is None), None) if person else None
        _check_bodies(row, officer, known)
        _check_identity(row, officer, person, known)
        if post is not None and post.body_id not in known.in_scope:
            row.problems.append(
                row.source.problem(
                    sheet.ID_NUMBER,
                    N_("This person has a current post at a body you do not answer for."),
                    N_("Ask the bureau above both bodies to import the move."),
                )
            )
        if row.parked:
            return
        body, establishment = known.bodies[officer.body], known.bodies[officer.establishment]
        differs = _post_differences(post, officer, body, establishment)
        if differs and post is not None and officer.started_on < post.started_on:
            row.problems.append(
                row.source.problem(
                    sheet.STARTED,
                    N_("The post differs from the one on record, which began later, on %(day)s."),
                    N_("Write the day from which the new post counts."),
                    day=post.started_on.isoformat(),
                )
            )
        row.value = Planned(officer, index, body, establishment, person, post, bool(differs))
        if person is None:
            row.outcome = Outcome.CREATED
        else:
            row.changes = (*_person_differences(person, officer), *differs)
            row.outcome = Outcome.CHANGED if row.changes else Outcome.UNCHANGED

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        numbers = _free_numbers(session, {r.value.officer.personnel_number for r in rows})
        added: list[tuple[str, Person | Post]] = []
        for plan in (row.value for row in rows):
            if plan.person is None:
                person = _new_person(plan, plan.officer.personnel_number or next(numbers), now=now)
                session.add(person)
                added.append((Outcome.CREATED, person))
            else:
                person = plan.person
                _change_person(person, plan.officer)
                added.append((Outcome.CHANGED, person))
            if plan.post_differs:
                if plan.post is not None:
                    plan.post.ended_on = plan.officer.started_on - timedelta(days=1)
                post = _new_post(person, plan)
                session.add(post)
                added.append((Outcome.CREATED, post))
        session.flush()
        for plan in (row.value for row in rows if row.value.person is not None and row.value.post_differs):
            audit.fact_changed(session, plan.person.id, "post", plan.person.id, now=now)
        return [Touched(act, thing.__tablename__, thing.id) for act, thing in added]

    def take_back(self, session: Session, created: Sequence[ImportedObject], *, now: datetime) -> None:
        if referred_to(session, created):
            raise CannotTakeBack(IN_USE)
        for model in (Post, Person):
            ids = [o.object_id for o in created if o.object_kind == model.__tablename__]
            session.execute(delete(model).where(model.id.in_(ids)))


def _name_twins(rows: Sequence[ParsedRow]) -> None:
    """Rows with one ID number or one personnel number are all parked: which is right is not ours to say."""
    for title, fact in ((sheet.ID_NUMBER, "id_number"), (sheet.NUMBER, "personnel_number")):
        groups: dict[str, list[ParsedRow]] = {}
        for row in rows:
            if getattr(row.value, fact):
                groups.setdefault(getattr(row.value, fact), []).append(row)
        for group in (group for group in groups.values() if len(group) > 1):
            for row in group:
                other = next(r.source for r in group if r is not row)
                row.problems.append(
                    row.source.problem(
                        title,
                        N_("Row %(row)s of sheet %(sheet)s has the same number."),
                        N_("Keep one of the rows and remove or correct the other."),
                        row=other.number,
                        sheet=other.sheet,
                    )
                )


def _check_bodies(row: ParsedRow, officer: Officer, known: Known) -> None:
    body = known.bodies.get(officer.body)
    for title, name in ((sheet.BODY, officer.body), (sheet.ESTABLISHMENT, officer.establishment)):
        if name not in known.bodies and row.source.text(title):
            row.problems.append(_unknown_body(row, title, name, known))
    if body is None:
        return
    if body.id not in known.in_scope:
        row.problems.append(
            row.source.problem(
                sheet.BODY,
                N_("You do not answer for this body."),
                N_("Leave the row to its own administrator, or correct the name."),
            )
        )
    if officer.field and officer.field not in {f.field for f in body.fields}:
        row.problems.append(
            row.source.problem(
                sheet.FIELD,
                N_("%(body)s does not enforce in this field."),
                N_("Correct the field, or have it added to the body first."),
                body=body.name,
            )
        )


def _unknown_body(row: ParsedRow, title: str, name: str, known: Known) -> Problem:
    """The problem of a body nobody knows, with the nearest names the importer answers for."""
    if name not in known.near:
        offered = [n for n, body in known.bodies.items() if body.id in known.in_scope]
        known.near[name] = difflib.get_close_matches(name, offered, n=3, cutoff=0.6)
    message, near = N_("This body is not registered."), known.near[name]
    if near:
        remedy = N_("Similar names are: %(near)s. Use one of them, or have the body registered first.")
        return row.source.problem(title, message, remedy, near="、".join(near))
    remedy = N_("Write its full registered name, or have the body registered first.")
    return row.source.problem(title, message, remedy)


def _check_identity(row: ParsedRow, officer: Officer, person: Person | None, known: Known) -> None:
    if person is not None and officer.name and person.name != officer.name:
        row.problems.append(
            row.source.problem(
                sheet.NAME,
                N_("This ID number is on record with another name."),
                N_("Compare both with the ID card; a change of name is made in the person's own record."),
            )
        )
    number = officer.personnel_number
    if number and person is not None and person.personnel_number != number:
        row.problems.append(
            row.source.problem(
                sheet.NUMBER,
                N_("On record this person has another personnel number."),
                N_("Empty the cell; a personnel number does not change."),
            )
        )
    elif number and person is None and number in known.numbers:
        row.problems.append(
            row.source.problem(
                sheet.NUMBER,
                N_("This personnel number belongs to another person."),
                N_("Correct it, or empty the cell to get a new one."),
            )
        )


def _post_differences(post: Post | None, officer: Officer, body: Body, establishment: Body) -> list[str]:
    """The columns in which the row differs from the post on record; all of them when there is none."""
    if post is None:
        return [sheet.BODY, sheet.ESTABLISHMENT, *POST_FACTS.values()]
    columns = [column for fact, column in POST_FACTS.items() if getattr(post, fact) != getattr(officer, fact)]
    if post.establishment_body_id != establishment.id:
        columns.insert(0, sheet.ESTABLISHMENT)
    return [sheet.BODY, *columns] if post.body_id != body.id else columns


def _person_differences(person: Person, officer: Officer) -> list[str]:
    """An empty phone number in the file says nothing about the one on record."""
    columns = [] if person.education == officer.education else [sheet.EDUCATION]
    return [*columns, sheet.PHONE] if officer.phone and officer.phone != _phone(person) else columns


def _phone(person: Person) -> str:
    if person.phone_sealed is None:
        return ""
    return keys.unseal(person.phone_sealed, f"person|phone|{person.public_id}")


def _new_person(plan: Planned, number: str, *, now: datetime) -> Person:
    officer, public_id = plan.officer, secrets.token_urlsafe(16)
    person = Person(
        public_id=public_id,
        personnel_number=number,
        name=officer.name,
        sex=sex_of(officer.id_number),
        birth_date=birth_date(officer.id_number),
        education=officer.education,
        id_number_sealed=keys.seal(officer.id_number, f"person|id_number|{public_id}"),
        id_number_index=plan.index,
        created_at=now,
    )
    _set_phone(person, officer)
    return person


def _set_phone(person: Person, officer: Officer) -> None:
    if officer.phone:
        person.phone_sealed = keys.seal(officer.phone, f"person|phone|{person.public_id}")


def _change_person(person: Person, officer: Officer) -> None:
    person.education = officer.education
    if officer.phone != _phone(person):
        _set_phone(person, officer)


def _new_post(person: Person, plan: Planned) -> Post:
    facts = {fact: getattr(plan.officer, fact) for fact in POST_FACTS}
    return Post(
        person=person, body_id=plan.body.id, establishment_body_id=plan.establishment.id, ended_on=None, **facts
    )


def _free_numbers(session: Session, wanted: Iterable[str]) -> Iterator[str]:
    """Personnel numbers nobody has, counting on from the greatest given so far."""
    pattern = f"{NUMBER_PREFIX}{'_' * 8}"
    given = session.scalars(select(Person.personnel_number).where(Person.personnel_number.like(pattern)))
    counted = [int(n[len(NUMBER_PREFIX) :]) for n in given if n[len(NUMBER_PREFIX) :].isdigit()]
    reserved, number = set(wanted), max(counted, default=0)
    while True:
        number += 1
        if (made := f"{NUMBER_PREFIX}{number:08d}") not in reserved:
            yield made
