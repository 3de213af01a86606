"""Giving a role, taking it away, letting somebody stand in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session, joinedload

from portal.ground import audit, clock
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.holdings import covers
from portal.people.duties.operations import SamePerson, take_step
from portal.people.duties.queries import excluding_role
from portal.people.duties.rules import NEVER_LENT, STANDS_IN_AT_MOST, DutyWord
from portal.people.identity import same_person_ids
from portal.people.models import Account, Body, Field, Grant, Role
from portal.people.rules import Permission


class RolesExclude(Refused):
    """The person holds a role that excludes the other."""

    code = "roles_exclude"


class OutsideScope(Refused):
    """A role is given only inside the giver's own scope."""

    status = 403
    code = "outside_scope"


class AlreadyHeld(Refused):
    """The account has this role there already."""

    code = "already_held"


class NotInForce(Refused):
    """The role is not held any more, or the body is no more."""

    code = "not_in_force"


class WrongDays(Refused):
    """The days do not make sense, or are too many."""

    status = 422
    code = "wrong_days"


class ReasonMissing(Refused):
    """Giving and taking away need a reason."""

    status = 422
    code = "reason_missing"


class NotLent(Refused):
    """Nobody stands in for this role, or not in this way."""

    code = "not_lent"


def grant_role(
    session: Session,
    account: Account,
    role: str,
    body: Body,
    *,
    field: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    reason: str,
    by: Account | None,
    now: datetime,
) -> Grant:
    """A role in a body's subtree and one field or all, from a day until a day; `by` None is the terminal.

    Raises SamePerson, OutsideScope, RolesExclude, AlreadyHeld, NotInForce, WrongDays, ReasonMissing.
    """
    today = clock.local(now).date()
    starts_on = starts_on or today
    _check_days(starts_on, ends_on, today)
    if not reason.strip():
        raise ReasonMissing(N_("Say why the role is given or taken away."))
    if by is not None and account.person_id in same_person_ids(session, by.person_id):
        raise SamePerson(N_("Nobody gives a role to himself."))
    if by is not None and not covers(by, Permission.GRANT_ROLE, body, field):
        raise OutsideScope(N_("You give roles only inside what you answer for."))
    if body.abolished_on is not None and body.abolished_on <= starts_on:
        raise NotInForce(N_("%(body)s is no more."), body=body.name)
    row = _add(session, account, Role(role), body, Field(field) if field else None, starts_on, ends_on, by, None, now)
    if by is not None:
        take_step(session, DutyWord.GRANT, "grant", row.id, account=by, person_id=account.person_id, now=now)
    _record(session, "role_granted", row, account, by, reason, now)
    return row


def _check_days(starts_on: date, ends_on: date | None, today: date) -> None:
    if starts_on < today:
        raise WrongDays(N_("A role begins today or later."))
    if ends_on is not None and ends_on < starts_on:
        raise WrongDays(N_("The last day lies before the first."))


def _add(
    session: Session, account: Account, role: str, body: Body, field: str | None, starts_on: date,
    ends_on: date | None, by: Account | None, absent: Account | None, now: datetime,
) -> Grant:  # fmt: skip
    """The row itself, when no role that excludes it is held and it is not there yet."""
    session.scalars(select(Account.id).where(Account.id == account.id).with_for_update()).one()
    if account.disabled_at is not None:
        raise NotInForce(N_("This account is disabled."))
    other = excluding_role(session, account.id, role, starts_on, ends_on)
    if other is not None:
        raise RolesExclude(N_("One person holds only one of the three administrators' roles."))
    held = select(Grant.id).where(
        Grant.account_id == account.id, Grant.role == role, Grant.body_id == body.id,
        Grant.field == field if field else Grant.field.is_(None), Grant.revoked_at.is_(None),
        (Grant.ends_on.is_(None)) | (Grant.ends_on >= starts_on),
    )  # fmt: skip
    if session.scalar(held.limit(1)) is not None:
        raise AlreadyHeld(N_("This role is held there already."))
    row = Grant(
        account_id=account.id, role=str(role), body_id=body.id, field=str(field) if field else None, granted_at=now,
        granted_by_id=by.id if by else None, starts_on=starts_on, ends_on=ends_on,
        on_behalf_of_id=absent.id if absent else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _record(
    session: Session, act: str, row: Grant, account: Account, by: Account | None, reason: str, now: datetime
) -> None:
    audit.record(
        session, act, "account", account.id, now=now, account_id=by.id if by else None, person_id=account.person_id,
        body_id=row.body_id, reason=reason.strip()[:300] or None, grant=row.id, role=row.role, field=row.field,
        starts_on=row.starts_on.isoformat() if row.starts_on else None,
        ends_on=row.ends_on.isoformat() if row.ends_on else None, on_behalf_of=row.on_behalf_of_id,
    )  # fmt: skip


def revoke_role(session: Session, row: Grant, *, reason: str, by: Account | None, now: datetime) -> int:
    """End a role at once, and with it every standing-in for it; returns how many grants ended.

    The security administrator inside his scope, the absent person for his deputy, or the terminal.
    Raises OutsideScope, NotInForce, ReasonMissing.
    """
    if row.revoked_at is not None:
        raise NotInForce(N_("This role has ended already."))
    if not reason.strip():
        raise ReasonMissing(N_("Say why the role is given or taken away."))
    if by is not None and row.on_behalf_of_id != by.id and not covers(by, Permission.GRANT_ROLE, row.body, row.field):
        raise OutsideScope(N_("You give roles only inside what you answer for."))
    _end(session, [row], reason=reason, by=by, now=now)
    if row.on_behalf_of_id is not None:
        return 1
    return 1 + end_grants_lent_by(session, row.account_id, source=row, reason=reason, by=by, now=now)


def end_grants_lent_by(
    session: Session, account_id: int, *, source: Grant | None = None, reason: str = "", by: Account | None,
    now: datetime,
) -> int:  # fmt: skip
    """End what others hold in this account's place: all of it, or what rested on a role that has just ended.

    Whatever ends a role, or closes its holder's account, calls this: nobody signs for one who may not.
    Returns how many grants ended.
    """
    session.flush()
    either = or_(Grant.on_behalf_of_id == account_id, Grant.account_id == account_id)
    rows = session.scalars(
        select(Grant)
        .where(either, Grant.revoked_at.is_(None), Grant.role == source.role if source else true())
        .options(joinedload(Grant.body), joinedload(Grant.account))
        .execution_options(populate_existing=True)
    ).all()
    own = [g for g in rows if g.on_behalf_of_id is None] if source else []
    lent = [g for g in rows if g.on_behalf_of_id == account_id]
    ended = [g for g in lent if not any(_carries(mine, g) for mine in own)]
    _end(session, ended, reason=reason, by=by, now=now)
    return len(ended)


def _carries(row: Grant, lent: Grant) -> bool:
    """Whether the role could have been lent from this one."""
    wide = lent.body.path.startswith(row.body.path) and row.field in (None, lent.field)
    return wide and (row.ends_on is None or (lent.ends_on is not None and lent.ends_on <= row.ends_on))


def _end(session: Session, rows: Sequence[Grant], *, reason: str, by: Account | None, now: datetime) -> None:
    for row in rows:
        row.revoked_at, row.revoked_by_id = now, by.id if by else None
        _record(session, "role_revoked", row, row.account, by, reason, now)
    session.flush()


def stand_in(
    session: Session,
    row: Grant,
    deputy: Account,
    *,
    starts_on: date,
    ends_on: date,
    reason: str,
    body: Body | None = None,
    field: str | None = None,
    by: Account,
    now: datetime,
) -> Grant:
    """授权代签: the deputy holds this role between two days, for its holder, there or in a narrower scope.

    Made by the holder himself or by a security administrator in whose scope it lies; never passed on.
    Raises NotLent, SamePerson, OutsideScope, WrongDays, RolesExclude, AlreadyHeld, NotInForce.
    """
    today, absent = clock.local(now).date(), row.account
    body, field = body or row.body, field or row.field
    _check_days(starts_on, ends_on, today)
    if ends_on - starts_on > STANDS_IN_AT_MOST or (row.ends_on is not None and ends_on > row.ends_on):
        raise WrongDays(N_("Somebody stands in for 30 days at most, and not longer than the role is held."))
    if not reason.strip():
        raise ReasonMissing(N_("Say why somebody stands in."))
    if row.revoked_at is not None or not row.in_force(max(today, row.starts_on or today)):
        raise NotInForce(N_("This role has ended already."))
    if row.starts_on is not None and starts_on < row.starts_on:
        raise WrongDays(N_("Nobody stands in before the role itself begins."))
    if absent.disabled_at is not None:
        raise NotInForce(N_("This account is disabled."))
    if row.on_behalf_of_id is not None:
        raise NotLent(N_("Whoever stands in for somebody does not pass it on."))
    if row.role in NEVER_LENT:
        raise NotLent(N_("Nobody stands in for this role."))
    if by.id != absent.id and not covers(by, Permission.GRANT_ROLE, row.body, row.field):
        raise OutsideScope(N_("You give roles only inside what you answer for."))
    if deputy.person_id in same_person_ids(session, absent.person_id):
        raise SamePerson(N_("Nobody stands in for himself."))
    if by.id != absent.id and deputy.person_id in same_person_ids(session, by.person_id):
        raise SamePerson(N_("Nobody gives a role to himself."))
    if not body.path.startswith(row.body.path) or row.field not in (None, field):
        raise NotLent(N_("Whoever stands in has the same scope or a narrower one."))
    lent = _add(session, deputy, row.role, body, field, starts_on, ends_on, by, absent, now)
    _record(session, "standing_in_given", lent, deputy, by, reason, now)
    return lent
