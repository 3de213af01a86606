"""Rosters through the import cockpit: officers compared with those on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground.clock import local
from portal.ground.crypto import keys
from portal.ground.import_rows import Outcome, ParsedRow, SheetRow, Touched
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.people import roster_sheet as sheet
from portal.people import roster_storing, roster_undo
from portal.people.identity import same_person_ids
from portal.people.models import Account, Person
from portal.people.personnel_numbers import OFFICERS
from portal.people.queries import ID_PURPOSE
from portal.people.roster_known import Bodies, KnownBody, KnownPerson, Reach, known_people, load_bodies
from portal.people.roster_plan import CORRECTABLE, Planned, phone_of
from portal.people.roster_sheet import Officer
from portal.people.rules import normal_id_number


class Officers:
    """The kind `officers`; with an account, only posts in its scope may be named."""

    code = "officers"
    target = None
    columns = sheet.COLUMNS
    most_rows = 100_000
    whole_file = False

    def __init__(self, account: Account | None = None) -> None:
        self.account_id = account.id if account else None
        self.person_id = account.person_id if account else None
        self._own: set[int] = set()  # the importer's own records: what they say is not his to change
        self.reach = Reach.of(account)
        self._bodies: Bodies | None = None
        self._highest = 0  # personnel number the file itself names

    def survey(self, rows: Iterable[SheetRow]) -> dict[str, Any]:
        """Rows with one ID number or one personnel number, and the highest number of our own form."""
        first: dict[tuple[str, str], tuple[str, int]] = {}
        twins: dict[str, list[list[Any]]] = {}
        highest = 0
        for row in rows:
            number = row.text(sheet.NUMBER)
            highest = max(highest, OFFICERS.count(number))
            for title, text in ((sheet.ID_NUMBER, normal_id_number(row.text(sheet.ID_NUMBER))), (sheet.NUMBER, number)):
                if not text:
                    continue
                here = (row.sheet, row.number)
                there = first.setdefault((title, text), here)
                if there != here:
                    twins.setdefault(f"{here[1]}|{here[0]}", []).append([title, *there])
                    twins.setdefault(f"{there[1]}|{there[0]}", [[title, *here]])
        return {"twins": twins, "highest": highest}

    def check(self, session: Session, rows: Sequence[ParsedRow], survey: Mapping[str, Any], *, now: datetime) -> None:
        today = local(now).date()
        self._highest = survey["highest"]
        if self._bodies is None:
            self._bodies = load_bodies(session)
            self._own = same_person_ids(session, self.person_id) if self.person_id else set()
        for row in rows:
            row.value, row.problems = sheet.read_officer(row.source, today)
            row.label = row.source.text(sheet.NAME)
            _name_twins(row, survey["twins"])
        indexes = {id(row): keys.blinds(row.value.id_number, ID_PURPOSE) for row in rows if row.value.id_number}
        people = known_people(session, sorted({index for some in indexes.values() for index in some}))
        numbers = {row.value.personnel_number for row in rows} - {""}
        taken = set(session.scalars(select(Person.personnel_number).where(Person.personnel_number.in_(numbers))))
        for row in rows:
            mine = tuple(indexes.get(id(row), ()))
            person = next((people[index] for index in mine if index in people), None)
            self._compare(row, mine, person, taken)

    def _compare(self, row: ParsedRow, indexes: tuple[str, ...], person: KnownPerson | None, taken: set[str]) -> None:
        officer: Officer = row.value
        body = self._body(row, sheet.BODY, officer.body)
        establishment = self._body(row, sheet.ESTABLISHMENT, officer.establishment)
        if body is not None:
            self._check_scope(row, officer, body)
        _check_identity(row, officer, person, taken)
        if row.parked or body is None or establishment is None:
            return
        plan = Planned(officer, indexes, body, establishment, person)
        self._check_establishment(row, plan)
        self._plan_post(row, plan)
        if row.parked:
            return
        changes = () if person is None else (*_person_differences(person, officer), *_post_differences(plan))
        if changes and person is not None and person.id in self._own:
            row.wrong(
                sheet.ID_NUMBER, N_("This is your own record."), N_("Leave it to a colleague or to the level above.")
            )
            return
        row.value, row.changes = plan, changes
        row.outcome = Outcome.CREATED if person is None else Outcome.CHANGED if changes else Outcome.UNCHANGED

    def _body(self, row: ParsedRow, title: str, name: str) -> KnownBody | None:
        """The body a cell names; a problem when there is none, several, or it is no more."""
        assert self._bodies is not None
        written = row.source.text(title) if title == sheet.ESTABLISHMENT else name
        if not name:
            return None
        found = self._bodies.find(name)
        if len(found) == 1:
            if found[0].abolished_on is not None and written:
                row.wrong(
                    title, N_("This body is no more since %(day)s."), N_("Write the body that took over its work."),
                    day=found[0].abolished_on.isoformat(),
                )  # fmt: skip
            return found[0]
        if written:
            self._unknown_body(row, title, name, found)
        return None

    def _unknown_body(self, row: ParsedRow, title: str, name: str, several: Sequence[KnownBody]) -> None:
        assert self._bodies is not None
        message, remedy, near = N_("This body is not registered."), "", []
        if several:
            message = N_("This name could mean several bodies.")
            remedy, near = N_("Write the one meant exactly as it is registered: %(near)s."), [b.name for b in several]
        elif inside := self._bodies.split(name):
            message = N_("The cell names several bodies; one row holds one post.")
            remedy, near = N_("Write one row for each of them: %(near)s."), inside
        elif former := self._bodies.former.get(name) or self._bodies.former.get("".join(name.split())):
            message = N_("A body had this name earlier.")
            remedy, near = N_("Write its present name: %(near)s."), [b.name for b in former]
        else:
            offered = [b for b in self._bodies.by_id.values() if self.reach.covers(b.path, None)]
            near = self._bodies.near(name, offered)
            remedy = N_("Similar names are: %(near)s. Use one of them, or have the body registered first.")
            if not near:
                row.wrong(title, message, N_("Write its full registered name, or have the body registered first."))
                return
        row.wrong(title, message, remedy, near="、".join(near[:3]))

    def _check_scope(self, row: ParsedRow, officer: Officer, body: KnownBody) -> None:
        fields = {officer.field, *officer.further} - {None}
        if not self.reach.covers(body.path, None):
            row.wrong(
                sheet.BODY,
                N_("You do not answer for this body."),
                N_("Leave the row to its own administrator, or correct the name."),
            )
        elif not all(self.reach.covers(body.path, one) for one in fields):
            row.wrong(
                sheet.FIELD,
                N_("You do not answer for this field at this body."),
                N_("Leave the row to the administrator of that field."),
            )
        if fields - body.fields:
            row.wrong(
                sheet.FIELD,
                N_("%(body)s does not enforce in this field."),
                N_("Correct the field, or have it added to the body first."),
                body=body.name,
            )

    def _check_establishment(self, row: ParsedRow, plan: Planned) -> None:
        """编制 lies at the unit, above it, within the importer's reach, or where it was."""
        where, posts = plan.establishment, plan.person.posts if plan.person else ()
        kept = any(p.establishment_body_id == where.id for p in posts)
        if not kept and not plan.body.path.startswith(where.path) and not self.reach.covers(where.path, None):
            row.wrong(
                sheet.ESTABLISHMENT,
                N_("The establishment does not lie at this body."),
                N_("Write the unit itself, a body above it, or one you answer for."),
            )

    def _plan_post(self, row: ParsedRow, plan: Planned) -> None:
        """What the row means for the posts on record: none, a correction, or a new post after the old one."""
        officer, posts = plan.officer, plan.person.posts if plan.person else ()
        here = [p for p in posts if p.body_id == plan.body.id]
        same = next((p for p in here if p.field == officer.field), None)
        old = same or next(iter(here), None) or (posts[-1] if posts else None)
        if old is not None and not self.reach.covers(old.body_path, old.field):
            row.wrong(
                sheet.ID_NUMBER,
                N_("This person has a current post at a body or in a field you do not answer for."),
                N_("A transfer is needed: the other unit releases the person, yours confirms the arrival."),
            )
        elif old is None:
            plan.new_post = True
            last = plan.person.last_ended_on if plan.person else None
            if last is not None and officer.started_on <= last:
                self._too_early(row, N_("The last post on record ended on %(day)s; this one begins before that."), last)
        elif officer.started_on < old.started_on:
            self._too_early(
                row, N_("The post on record began later, on %(day)s, so this row is older than the record."),
                old.started_on,
            )  # fmt: skip
        elif same is not None and officer.started_on == same.started_on:
            plan.corrects = same
        elif officer.started_on == old.started_on:
            self._too_early(
                row,
                N_("Another body or field needs a new post, but this one begins on the day of the old one, %(day)s."),
                old.started_on,
            )
        elif plan.person is not None and plan.person.busy:
            row.wrong(
                sheet.ID_NUMBER,
                N_("An application or a transfer of this person is under way, so his post cannot change by a roster."),
                N_("A transfer is needed, or import the row again once it is decided."),
            )
        else:
            plan.closes, plan.new_post = old, True

    def _too_early(self, row: ParsedRow, message: str, day: date) -> None:
        row.wrong(sheet.STARTED, message, N_("Write the day from which the new post counts."), day=day.isoformat())

    def prepare(self, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        for row in rows:
            roster_storing.prepare(row.value, now=now)

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        plans = [row.value for row in rows]
        return roster_storing.store(session, plans, highest=self._highest, account_id=self.account_id, now=now)

    def check_undo(self, session: Session, batch: ImportBatch) -> None:
        roster_undo.check(session, batch, self.reach)

    def take_back(self, session: Session, objects: Sequence[ImportedObject], *, now: datetime) -> None:
        roster_undo.take_back(session, objects, account_id=self.account_id, now=now)

    def named(self, session: Session, uses: Sequence[Sequence[Any]]) -> list[str]:
        return roster_undo.named(session, uses)


def _name_twins(row: ParsedRow, twins: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """Rows with one ID number or one personnel number are all parked: which is right is not ours to say."""
    for title, other_sheet, other_row in twins.get(f"{row.source.number}|{row.source.sheet}", ()):
        row.wrong(
            title,
            N_("Row %(row)s of sheet %(sheet)s has the same number."),
            N_("Keep one of the rows and remove or correct the other."),
            row=other_row,
            sheet=other_sheet,
        )


def _check_identity(row: ParsedRow, officer: Officer, person: KnownPerson | None, taken: set[str]) -> None:
    if person is not None and person.merged:
        row.wrong(
            sheet.ID_NUMBER,
            N_("The record with this ID number was joined with another record of the same person."),
            N_("Use the ID number of the record that stands."),
        )
    elif person is not None and officer.name and person.name != officer.name:
        row.wrong(
            sheet.NAME,
            N_("This ID number is on record with another name."),
            N_("Compare both with the ID card; a change of name is made in the person's own record."),
        )
    number = officer.personnel_number
    if number and person is not None and person.number != number:
        row.wrong(
            sheet.NUMBER,
            N_("On record this person has another personnel number."),
            N_("Empty the cell; a personnel number does not change."),
        )
    elif number and person is None and number in taken:
        row.wrong(
            sheet.NUMBER,
            N_("This personnel number belongs to another person."),
            N_("Correct it, or empty the cell to get a new one."),
        )


def _person_differences(person: KnownPerson, officer: Officer) -> list[str]:
    """An empty phone number in the file says nothing about the one on record."""
    columns = [] if person.education == officer.education else [sheet.EDUCATION]
    return [*columns, sheet.PHONE] if officer.phone and officer.phone != phone_of(person, officer.phone) else columns


def _post_differences(plan: Planned) -> list[str]:
    """The columns in which the row differs from the post on record; all of them when there is none."""
    old, officer = plan.corrects or plan.closes, plan.officer
    if old is None:
        return [sheet.BODY, sheet.ESTABLISHMENT, *CORRECTABLE.values(), sheet.FIELD, sheet.STARTED]
    columns = [column for fact, column in CORRECTABLE.items() if getattr(old, fact) != getattr(officer, fact)]
    if (old.field, old.further) != (officer.field, officer.further):
        columns.append(sheet.FIELD)
    if old.started_on != officer.started_on:
        columns.append(sheet.STARTED)
    if old.establishment_body_id != plan.establishment.id:
        columns.insert(0, sheet.ESTABLISHMENT)
    return [sheet.BODY, *columns] if old.body_id != plan.body.id else columns
