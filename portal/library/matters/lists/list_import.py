"""Towns' lists through the import cockpit: the rows of a town become its next draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from portal.ground.import_rows import Outcome, ParsedRow, SheetRow, Touched
from portal.ground.import_undo import NAMED, still_touched
from portal.ground.imports import CannotTakeBack, Stale
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.library.matters import queries as catalogue
from portal.library.matters.lists import operations, queries, sheet
from portal.library.matters.lists.models import ListState, TownList
from portal.library.matters.models import MatterVersion
from portal.library.matters.sheet import day
from portal.people.models import Account, Body

LAID_DOWN = N_("A list of this import is published or was changed since, so it can no longer be taken back: %(uses)s.")


@dataclass(frozen=True)
class Plan:
    """A town's list as its rows give it: the ids of its matters' versions."""

    body_id: int
    name: str
    in_force_from: date
    document: str
    version_ids: tuple[int, ...]


class TownLists:
    """The kind `town_lists`; `account` None is the command line. A list is many rows: files are checked as a whole."""

    code = "town_lists"
    target: str | None = None
    columns = sheet.COLUMNS
    most_rows = 20_000
    whole_file = True

    def __init__(self, account: Account | None = None) -> None:
        self.account = account

    def survey(self, rows: Iterable[SheetRow]) -> dict[str, Any]:
        return {}

    def check(self, session: Session, rows: Sequence[ParsedRow], survey: Mapping[str, Any], *, now: datetime) -> None:
        towns = self._towns(session, {row.source.text(sheet.TOWN) for row in rows})
        known = catalogue.newest_by_code(session, {row.source.text(sheet.MATTER) for row in rows})
        of_town: dict[int, list[ParsedRow]] = {}
        for row in rows:
            found = towns.get(row.source.text(sheet.TOWN), [])
            row.label = f"{row.source.text(sheet.TOWN)} {row.source.text(sheet.MATTER)}"
            if len(found) == 1:
                of_town.setdefault(found[0].id, []).append(row)
            elif found:
                row.wrong(sheet.TOWN, N_("Several towns are called so."), N_("Write the code of the body."))
            else:
                row.wrong(sheet.TOWN, N_("No town in what you answer for has this name or code."))
        bodies = {body.id: body for found in towns.values() for body in found}
        lists = self._there(session, of_town)
        for body_id, mine in of_town.items():
            self._plan(bodies[body_id], mine, known, lists.get(body_id, []))

    def _towns(self, session: Session, typed: set[str]) -> dict[str, list[Body]]:
        words = typed - {""}
        where = or_(Body.name.in_(words), Body.code.in_(words), Body.division_code.in_(words))
        found = select(Body).where(queries.IS_TOWN, where)
        if self.account is not None:
            found = found.where(queries.kept_towns(self.account))
        towns: dict[str, list[Body]] = {}
        for body in session.scalars(found):
            for word in {body.name, body.code, body.division_code or ""} & words:
                towns.setdefault(word, []).append(body)
        return towns

    def _there(self, session: Session, body_ids: Iterable[int]) -> dict[int, list[TownList]]:
        """Each town's lists, the newest first."""
        lists: dict[int, list[TownList]] = {}
        kept = TownList.state != ListState.DISCARDED
        found = select(TownList).where(TownList.body_id.in_(list(body_ids)), kept).order_by(TownList.number.desc())
        for row in session.scalars(
            found.options(selectinload(TownList.entries)).execution_options(populate_existing=True)
        ):
            lists.setdefault(row.body_id, []).append(row)
        return lists

    def _plan(
        self, body: Body, rows: Sequence[ParsedRow], known: Mapping[str, MatterVersion], lists: Sequence[TownList]
    ) -> None:
        """The town's rows read together; one bad row parks the town, since half a list is no list."""
        first, chosen = rows[0], {}
        begins, document = day(first.source, sheet.FROM), first.source.text(sheet.DOCUMENT)
        for row in rows:
            code = row.source.text(sheet.MATTER)
            version = known.get(code)
            _look(row, version, begins, document)
            if version is not None and version.matter_id in chosen:
                row.wrong(sheet.MATTER, N_("This matter stands on the town's list already."), N_("Keep one row."))
            elif version is not None:
                chosen[version.matter_id] = version.id
        newest = lists[0] if lists else None
        same = newest is not None and begins == newest.in_force_from and document == newest.document and (
            {e.version_id for e in newest.entries} == set(chosen.values())
        )  # fmt: skip
        if newest is not None and newest.state == ListState.DRAFT and not same:
            first.wrong(
                sheet.TOWN, N_("%(town)s has a draft of its own."), N_("Publish it or throw it away first."),
                town=body.name,
            )  # fmt: skip
        parked = any(row.parked for row in rows)
        for row in rows:
            row.outcome = Outcome.UNCHANGED if same else Outcome.CREATED
            if parked and not row.parked:
                row.wrong(sheet.TOWN, N_("Another row of this town has a problem, so the whole list waits."))
        if not parked and begins is not None:
            first.value = Plan(body.id, body.name, begins, document, tuple(chosen.values()))

    def prepare(self, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        """Nothing in a list is sealed."""

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        touched = []
        for plan in (row.value for row in rows if row.value is not None):
            if queries.draft(session, plan.body_id) is not None:
                raise Stale
            versions = session.scalars(select(MatterVersion).where(MatterVersion.id.in_(plan.version_ids))).all()
            row = operations.draw_up(
                session, session.get_one(Body, plan.body_id), versions, in_force_from=plan.in_force_from,
                document=plan.document, account=self.account, now=now,
            )  # fmt: skip
            touched.append(Touched(Outcome.CREATED, "town_list", row.id))
        return touched

    def check_undo(self, session: Session, batch: ImportBatch) -> None:
        self._refuse(session, still_touched(batch))

    def _refuse(self, session: Session, ids: Any) -> None:
        used = session.scalars(
            select(Body.name)
            .join(TownList, TownList.body_id == Body.id)
            .where(TownList.id.in_(ids), or_(TownList.state != ListState.DRAFT, TownList.version != 1))
            .limit(NAMED)
        ).all()
        if used:
            raise CannotTakeBack(LAID_DOWN, uses=[[name, "town_list"] for name in used])

    def take_back(self, session: Session, objects: Sequence[ImportedObject], *, now: datetime) -> None:
        ids = [o.object_id for o in objects]
        self._refuse(session, ids)
        for row in session.scalars(select(TownList).where(TownList.id.in_(ids))).all():
            operations.throw_away(session, row, account=self.account, now=now)

    def named(self, session: Session, uses: Sequence[Sequence[Any]]) -> list[str]:
        return [str(name) for name, _use in uses]


def _look(row: ParsedRow, version: MatterVersion | None, begins: date | None, document: str) -> None:
    """What is wrong with one row of a town's list."""
    if version is None or version.withdrawn:
        row.wrong(sheet.MATTER, N_("The catalogue has no matter with this number."), N_("Import the matters first."))
    elif (title := row.source.text(sheet.TITLE)) and title != version.title:
        row.hint(sheet.TITLE, N_("The catalogue calls it %(title)s."), title=version.title)
    if (own := day(row.source, sheet.FROM)) is None:
        row.wrong(sheet.FROM, N_("This is not a day."), N_("Write it like 2024-03-01."))
    elif own != begins:
        row.wrong(sheet.FROM, N_("Every row of a town has the same first day."))
    elif version is not None and version.in_force_until is not None and version.in_force_until < own:
        row.wrong(sheet.MATTER, N_("This matter ended before that day."))
    if not row.source.text(sheet.DOCUMENT):
        row.wrong(sheet.DOCUMENT, N_("This is empty."), N_("Name the document by which the list is laid down."))
    elif row.source.text(sheet.DOCUMENT) != document:
        row.wrong(sheet.DOCUMENT, N_("Every row of a town names the same document."))
    if len(row.source.text(sheet.DOCUMENT)) > 200:
        row.wrong(sheet.DOCUMENT, N_("This is too long."), N_("Shorten it."))
