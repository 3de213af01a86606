"""What an audit line says about a person: sealed under the person's own key, outside the chain."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.ground.crypto import canonical, keys, seal_with, unseal_with
from portal.ground.models import AuditLine, AuditPersonal, PersonKey

SITE = 0  # the key of what is about nobody in particular
_KNOWN = "audit_person_keys"


def attach(session: Session, line: AuditLine, given: dict[str, Any]) -> None:
    """Seal before, after and reason; the line keeps only a salted commitment to them."""
    owner = line.person_id or SITE
    salt = secrets.token_hex(32)
    line.commitment = committed(salt, given)
    sealed = seal_with(_key_of(session, owner), json.dumps({"salt": salt, "given": given}), bound_to(line.commitment))
    session.add(AuditPersonal(line=line, person_id=owner, sealed=sealed))


def committed(salt: str, given: dict[str, Any]) -> str:
    return hmac.new(bytes.fromhex(salt), canonical(given), hashlib.sha256).hexdigest()


def bound_to(commitment: str) -> str:
    """The commitment is the line's own and stands in the chain: a swapped part will not open."""
    return f"audit_personal|sealed|{commitment}"


def opened(key: bytes, sealed: bytes, commitment: str) -> dict[str, Any]:
    """Before, after and reason. Raises WillNotOpen, also when they are not what the line committed to."""
    return json.loads(unseal_with(key, sealed, bound_to(commitment)))


def read(session: Session, line: AuditLine) -> dict[str, Any] | None:
    """The personal part of a line; None when there is none or it was erased."""
    part = session.scalar(select(AuditPersonal).where(AuditPersonal.line_id == line.id))
    if part is None or part.sealed is None or line.commitment is None:
        return None
    row = session.get(PersonKey, part.person_id)
    return opened(_unwrapped(row), part.sealed, line.commitment)["given"] if row else None


def keys_of(session: Session, person_ids: Iterable[int]) -> dict[int, bytes]:
    """The keys these persons have; makes none."""
    rows = session.scalars(select(PersonKey).where(PersonKey.person_id.in_(list(person_ids))))
    return {row.person_id: _unwrapped(row) for row in rows}


def load_keys(session: Session, person_ids: Iterable[int]) -> None:
    """Fetch or make many persons' keys at once, before many lines about them are recorded."""
    known = session.info.setdefault(_KNOWN, {})
    wanted = sorted(set(person_ids) - known.keys())
    with session.no_autoflush:
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            found = session.scalars(select(PersonKey).where(PersonKey.person_id.in_(some))).all()
            known.update({row.person_id: _unwrapped(row) for row in found})
            _make(session, [person_id for person_id in some if person_id not in known])


def destroy(session: Session, person_id: int) -> int:
    """Destroy a person's key and empty what it sealed; returns how many parts that were."""
    gone = session.execute(
        update(AuditPersonal)
        .where(AuditPersonal.person_id == person_id, AuditPersonal.sealed.is_not(None))
        .values(sealed=None)
    )
    session.execute(delete(PersonKey).where(PersonKey.person_id == person_id))
    session.info.get(_KNOWN, {}).pop(person_id, None)
    return gone.rowcount


def forget(session: Session) -> None:
    """Fetch keys anew: a savepoint took back what it made, or a person is erased between two transactions."""
    session.info.pop(_KNOWN, None)


def _key_of(session: Session, person_id: int) -> bytes:
    load_keys(session, [person_id])
    return session.info[_KNOWN][person_id]


def _make(session: Session, person_ids: list[int]) -> None:
    if not person_ids:
        return
    rows = [
        {"person_id": n, "key_sealed": keys.seal(secrets.token_hex(32), f"person_key|key|{n}")} for n in person_ids
    ]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    # another transaction may make the same key at this moment: then it is his that counts
    session.execute(dialect.insert(PersonKey).on_conflict_do_nothing(), rows)
    found = session.scalars(select(PersonKey).where(PersonKey.person_id.in_(person_ids)))
    session.info[_KNOWN].update({row.person_id: _unwrapped(row) for row in found})


def _unwrapped(row: PersonKey) -> bytes:
    return bytes.fromhex(keys.unseal(row.key_sealed, f"person_key|key|{row.person_id}"))
