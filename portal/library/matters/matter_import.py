"""Catalogues of matters through the import cockpit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground.import_rows import Outcome, ParsedRow, SheetRow, Touched
from portal.ground.import_undo import CHANGED_SINCE, IN_USE, NAMED, still_touched
from portal.ground.imports import CannotTakeBack, Stale
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.library.matters import operations, queries, sheet
from portal.library.matters.lists.models import TownListEntry
from portal.library.matters.models import Matter, MatterVersion
from portal.library.matters.rules import facts_of, faults
from portal.people.models import Account

KEPT_ELSEWHERE = N_("You do not keep the matters of this field.")
DAYS = (sheet.DOCUMENT_ON, sheet.FROM, sheet.UNTIL)


class Matters:
    """The kind `matters`; `account` becomes the writer of new versions, None is the command line."""

    code = "matters"
    target: str | None = None
    columns = sheet.COLUMNS
    most_rows = 2_000
    whole_file = False

    def __init__(self, account: Account | None = None) -> None:
        self.account = account

    def survey(self, rows: Iterable[SheetRow]) -> dict[str, Any]:
        """Numbers that stand in more than one row."""
        first: dict[str, int] = {}
        twice: dict[str, int] = {}
        for row in rows:
            if code := row.text(sheet.CODE):
                if code in first:
                    twice[f"{row.sheet}|{row.number}"] = first[code]
                first.setdefault(code, row.number)
        return {"twice": twice}

    def check(self, session: Session, rows: Sequence[ParsedRow], survey: Mapping[str, Any], *, now: datetime) -> None:
        kept = queries.fields_kept(self.account) if self.account is not None else None
        known = queries.newest_by_code(session, {row.source.text(sheet.CODE) for row in rows})
        for row in rows:
            facts = sheet.facts(row.source)
            row.value, row.label = facts, f"{facts.code} {facts.title}"
            if (before := survey["twice"].get(f"{row.source.sheet}|{row.source.number}")) is not None:
                row.wrong(sheet.CODE, N_("Row %(row)s has this number already."), N_("Keep one row."), row=before)
            for title in DAYS:
                if row.source.text(title) and sheet.day(row.source, title) is None:
                    row.wrong(title, N_("This is not a day."), N_("Write it like 2024-03-01."))
            for fault in faults(facts):
                row.wrong(sheet.OF_FACT[fault.fact], fault.message, fault.remedy)
            there = known.get(facts.code)
            if kept is not None and ({facts.field} | ({there.field} if there else set())) - kept:
                row.wrong(sheet.FIELD, KEPT_ELSEWHERE)
            self._outcome(row, there)

    def _outcome(self, row: ParsedRow, there: MatterVersion | None) -> None:
        row.outcome = Outcome.CHANGED
        if there is None or there.withdrawn:
            row.outcome = Outcome.CREATED
        elif facts_of(there) == row.value:
            row.outcome = Outcome.UNCHANGED
        else:
            before = facts_of(there)
            row.changes = tuple(
                title for fact, title in sheet.OF_FACT.items() if getattr(before, fact) != getattr(row.value, fact)
            )

    def prepare(self, rows: Sequence[ParsedRow], *, now: datetime) -> None:
        """Nothing in a matter is sealed."""

    def store(self, session: Session, rows: Sequence[ParsedRow], *, now: datetime) -> list[Touched]:
        known, touched = queries.newest_by_code(session, {row.value.code for row in rows}), []
        for row in rows:
            there = known.get(row.value.code)
            if (there is None or there.withdrawn) != (row.outcome == Outcome.CREATED):
                raise Stale
            version = operations.write_matter(session, row.value, account=self.account, now=now)
            touched.append(Touched(row.outcome, "matter_version", version.id))
        return touched

    def check_undo(self, session: Session, batch: ImportBatch) -> None:
        self._refuse(session, still_touched(batch))

    def _refuse(self, session: Session, ids: Any) -> None:
        """Raises CannotTakeBack when a version stands on a town's list, or is not the newest any more."""
        listed = (
            select(Matter.code)
            .join(MatterVersion, MatterVersion.matter_id == Matter.id)
            .join(TownListEntry, TownListEntry.version_id == MatterVersion.id)
            .where(MatterVersion.id.in_(ids))
        )
        if used := session.scalars(listed.distinct().limit(NAMED)).all():
            raise CannotTakeBack(IN_USE, uses=[[code, "town_list"] for code in used])
        later = (
            select(Matter.code)
            .join(MatterVersion, MatterVersion.matter_id == Matter.id)
            .where(MatterVersion.id.in_(ids), MatterVersion.id.not_in(queries.newest()))
        )
        if changed := session.scalars(later.limit(NAMED)).all():
            raise CannotTakeBack(CHANGED_SINCE, uses=[[code, "matter"] for code in changed])

    def take_back(self, session: Session, objects: Sequence[ImportedObject], *, now: datetime) -> None:
        """Versions are kept: what was created is withdrawn, what was changed says again what it said before."""
        ids = [o.object_id for o in objects]
        self._refuse(session, ids)
        account_id = self.account.id if self.account else None
        for version in session.scalars(select(MatterVersion).where(MatterVersion.id.in_(ids))).all():
            history = queries.versions(session, version.matter_id)
            before = next((v for v in history if v.number == version.number - 1), None)
            if before is None or before.withdrawn:
                operations.withdraw_matter(session, version, account_id=account_id, now=now)
            else:
                operations.write_matter(session, facts_of(before), account=None, now=now)

    def named(self, session: Session, uses: Sequence[Sequence[Any]]) -> list[str]:
        return [str(code) for code, _use in uses]
