"""An officer's own role goes where a roster moves his post."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.people.models import Account, Grant, Role

Moves = Mapping[int, tuple[int, int]]  # person id -> (body that is left, body that is reached)


def move_officers(session: Session, moves: Moves, *, account_id: int | None, now: datetime) -> None:
    """End the officer's role at the body that is left and give it at the other; nobody without one gets one."""
    if not moves:
        return
    held = session.execute(
        select(
            Grant.id, Grant.account_id, Grant.body_id, Grant.field, Grant.starts_on, Grant.ends_on, Account.person_id
        )
        .join(Account, Account.id == Grant.account_id)
        .where(Account.person_id.in_(moves), Grant.role == Role.OFFICER, Grant.revoked_at.is_(None))
        .order_by(Grant.id)
    ).all()
    leaving = [row for row in held if row.body_id == moves[row.person_id][0]]
    if not leaving:
        return
    ended = update(Grant).where(Grant.id.in_([row.id for row in leaving]))
    session.execute(ended.values(revoked_at=now, revoked_by_id=account_id))
    there = {(row.account_id, row.body_id, row.field) for row in held}
    given = [
        {
            "account_id": row.account_id, "role": str(Role.OFFICER), "body_id": moves[row.person_id][1],
            "field": row.field, "granted_at": now, "granted_by_id": account_id, "starts_on": row.starts_on,
            "ends_on": row.ends_on,
        }
        for row in leaving
        if (row.account_id, moves[row.person_id][1], row.field) not in there
    ]  # fmt: skip
    if given:
        session.execute(insert(Grant), given)
    for row in leaving:
        audit.record(
            session, "role_moved", "account", row.account_id, now=now, account_id=account_id, person_id=row.person_id,
            body_id=moves[row.person_id][1], role=str(Role.OFFICER), left=row.body_id,
        )  # fmt: skip
