"""Values sealed under a person's own key: they stay readable while he is on record and go when he is erased."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from portal.ground import audit_personal
from portal.ground.crypto import keys, seal_with, unseal_with
from portal.ground.models import PersonKey


def seal(session: Session, person_id: int, value: Any, bound_to: str) -> bytes:
    """The value as JSON under the person's key, which is made when there is none."""
    audit_personal.load_keys(session, [person_id])
    return seal_with(_key(session, person_id), json.dumps(value, ensure_ascii=False, default=str), bound_to)


def unseal(session: Session, person_id: int, sealed: bytes, bound_to: str) -> Any:
    """The value again; None when the person's key is destroyed. Raises WillNotOpen elsewhere than it was sealed."""
    key = _key(session, person_id)
    return json.loads(unseal_with(key, sealed, bound_to)) if key else None


def _key(session: Session, person_id: int) -> bytes | None:
    row = session.get(PersonKey, person_id)
    return bytes.fromhex(keys.unseal(row.key_sealed, f"person_key|key|{person_id}")) if row else None
