"""Drawing up a town's list, laying it down, and throwing a draft away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.library.matters.lists import queries
from portal.library.matters.lists.models import ListState, TownList, TownListEntry
from portal.library.matters.models import MatterVersion
from portal.people.duties.models import DutyStep
from portal.people.duties.operations import take_step
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body

OBJECT = "town_list"


class DraftThere(Refused):
    """The town has a draft already."""

    code = "draft_there"


class NotADraft(Refused):
    """The list is published, and stays as it is."""

    code = "not_a_draft"


class ChangedMeanwhile(Refused):
    """Somebody else changed the draft after the form was opened."""

    code = "changed_meanwhile"


class NotReady(Refused):
    """The draft cannot be laid down yet."""

    status = 422
    code = "not_ready"


def draw_up(
    session: Session, body: Body, versions: Iterable[MatterVersion], *, in_force_from: date, document: str,
    account: Account | None, now: datetime,
) -> TownList:  # fmt: skip
    """A draft of the town's next list; None as account is the system itself. Raises DraftThere."""
    if queries.draft(session, body.id) is not None:
        raise DraftThere(N_("The town has a draft already; go on with it, or throw it away."))
    kept = TownList.state != ListState.DISCARDED
    number = session.scalar(select(func.max(TownList.number)).where(TownList.body_id == body.id, kept)) or 0
    row = TownList(
        body_id=body.id, number=number + 1, state=ListState.DRAFT, in_force_from=in_force_from, document=document,
        created_by_id=account.id if account else None, created_at=now,
        entries=[TownListEntry(matter_id=v.matter_id, version_id=v.id) for v in versions],
    )  # fmt: skip
    session.add(row)
    session.flush()
    _wrote(session, row, body, account, now)
    _note(session, "town_list_drawn_up", row, account, now, entries=len(row.entries))
    return row


def change_draft(
    session: Session, row: TownList, versions: Iterable[MatterVersion], *, in_force_from: date, document: str,
    seen: int, account: Account, now: datetime,
) -> None:  # fmt: skip
    """Put other matters on a draft. Raises NotADraft, ChangedMeanwhile, SamePerson."""
    _is_draft(row)
    if row.version != seen:
        raise ChangedMeanwhile(N_("Somebody changed this draft meanwhile. Look at it as it is now."))
    wanted = {v.matter_id: v.id for v in versions}
    for entry in list(row.entries):
        if wanted.get(entry.matter_id) == entry.version_id:
            del wanted[entry.matter_id]
        else:
            row.entries.remove(entry)
    session.flush()
    row.entries += [TownListEntry(matter_id=m, version_id=v) for m, v in wanted.items()]
    row.in_force_from, row.document, row.version = in_force_from, document, row.version + 1
    session.flush()
    _wrote(session, row, session.get_one(Body, row.body_id), account, now)
    _note(session, "town_list_changed", row, account, now, entries=len(row.entries))


def publish(session: Session, row: TownList, *, account: Account, now: datetime, seen: int | None = None) -> None:
    """Lay the list down: from now on it stays as it is. Raises NotADraft, NotReady, SamePerson.

    `seen` is the number of the draft as it was read; raises ChangedMeanwhile when it is another now.
    """
    _is_draft(row)
    if seen is not None and row.version != seen:
        raise ChangedMeanwhile(N_("Somebody changed this draft meanwhile. Look at it as it is now."))
    if not row.entries:
        raise NotReady(N_("The list is empty. A town that gives everything back keeps its last list until it ends."))
    if not row.document:
        raise NotReady(N_("Name the document by which the list is laid down."))
    last = queries.before(session, row)
    if last is not None and row.in_force_from < last.in_force_from:
        raise NotReady(N_("The list before it is in force from %(day)s; this one cannot begin earlier."),
                       day=last.in_force_from.isoformat())  # fmt: skip
    gone = [e.version.matter.code for e in row.entries if not _stands(e.version, row.in_force_from)]
    if gone:
        raise NotReady(N_("These matters are not in force on the first day: %(codes)s."), codes="、".join(gone[:10]))
    body = session.get_one(Body, row.body_id)
    take_step(session, DutyWord.APPROVE, OBJECT, row.id, account=account, at=body, now=now)
    row.state, row.published_by_id, row.published_at = ListState.PUBLISHED, account.id, now
    session.flush()
    _note(session, "town_list_published", row, account, now, entries=len(row.entries))


def throw_away(session: Session, row: TownList, *, account: Account | None, now: datetime) -> None:
    """Forget a draft. Raises NotADraft."""
    _is_draft(row)
    _note(session, "town_list_thrown_away", row, account, now, number=row.number)
    row.state = ListState.DISCARDED
    session.flush()


def _stands(version: MatterVersion, day: date) -> bool:
    return not version.withdrawn and (version.in_force_until is None or version.in_force_until >= day)


def _is_draft(row: TownList) -> None:
    if row.state != ListState.DRAFT:
        raise NotADraft(N_("This list is published and stays as it is; draw up the next one."))


def _wrote(session: Session, row: TownList, body: Body, account: Account | None, now: datetime) -> None:
    """Once for everybody who had a hand in the draft: none of them lays it down."""
    if account is None:
        return
    taken = select(DutyStep.id).where(
        DutyStep.object_kind == OBJECT, DutyStep.object_id == str(row.id), DutyStep.account_id == account.id,
        DutyStep.step == DutyWord.ENTER,
    )  # fmt: skip
    if session.scalar(taken.limit(1)) is None:
        take_step(session, DutyWord.ENTER, OBJECT, row.id, account=account, at=body, now=now)


def _note(session: Session, act: str, row: TownList, account: Account | None, now: datetime, **codes: object) -> None:
    audit.record(
        session, act, OBJECT, row.id, now=now, account_id=account.id if account else None, body_id=row.body_id, **codes
    )
