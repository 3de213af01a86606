"""One line per sensitive act, written in the act's own transaction."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.ground import audit_chain, audit_personal, web
from portal.ground.crypto import canonical, digest
from portal.ground.models import AuditLine, FactChange, LedgerLeaf

CODE = re.compile(r"[\w.:,/+|@*-]*", re.ASCII)
LONGEST = 80
NUMBER_OF_A_PERSON = re.compile(r"(?<![0-9A-Za-z])(\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")  # ID card, mobile phone


class NotACode(ValueError):
    """Free text, a name or a person's number where the chain takes only ids and codes."""


def record(
    session: Session,
    act: str,
    object_kind: str,
    object_id: object,
    *,
    now: datetime,
    account_id: int | None = None,
    address: str | None = None,
    reason: str | None = None,
    person_id: int | None = None,
    before: Any = None,
    after: Any = None,
    body_id: int | None = None,
    **codes: Any,
) -> None:
    """Add an audit line; in a request, who and from where are known.

    `codes` are ids and codes: they stay for ever, anything else raises NotACode. `before`, `after` and
    `reason` are sealed under the key of `person_id`, whose data they are, and go when he is erased.
    `body_id` is the body in whose scope the act lies.
    """
    if has_request_context():
        account_id = account_id if account_id is not None else g.get("account_id")
        address = address or web.address()
    line = AuditLine(
        at=now,
        account_id=account_id,
        act=_code(str(act)),
        object_kind=_code(str(object_kind)),
        object_id=_code(str(object_id)),
        body_id=body_id,
        address=address,
        person_id=person_id,
        codes=json.loads(canonical(_plain(codes))),
    )
    personal = {"before": before, "after": after, "reason": reason or None}
    given = {name: _shown(value) for name, value in personal.items() if value is not None}
    if given:
        audit_personal.attach(session, line, given)
    session.add(line)
    audit_chain.will_seal(session, line)


def record_plain(
    session: Session, act: str, object_kind: str, object_id: object, *, now: datetime, account_id: int | None = None,
    address: str | None = None, person_id: int | None = None, body_id: int | None = None,
) -> None:  # fmt: skip
    """The same for the hot doors, in three short statements: ids and codes only, sealed at once.

    To be called last in its transaction: on PostgreSQL it holds the chain until the commit.
    """
    facts = {
        "at": now, "account_id": account_id, "act": _code(act), "object_kind": _code(object_kind),
        "object_id": _code(str(object_id)), "body_id": body_id, "address": address, "person_id": person_id,
        "codes": {}, "commitment": None,
    }  # fmt: skip
    line_id = session.connection().execute(_PLAIN, facts).scalar_one()
    audit_chain.seal(session, [{**facts, "id": line_id}])


_PLAIN = insert(AuditLine.__table__).returning(AuditLine.__table__.c.id)  # type: ignore[arg-type]


def _code(text: str) -> str:
    if len(text) > LONGEST or not CODE.fullmatch(text) or NUMBER_OF_A_PERSON.search(text):
        raise NotACode("an audit line takes ids and codes; put anything else into before, after or reason")
    return text


def _plain(value: Any) -> Any:
    """Codes as JSON keeps them: the hash must be the same before and after the database."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        _code(str(value))
        return int(value)
    if isinstance(value, dict):
        return {_code(str(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        inner = [_plain(one) for one in value]
        return sorted(inner, key=str) if isinstance(value, set | frozenset) else inner
    return _code(value.isoformat() if isinstance(value, date | datetime) else str(value))


def _shown(value: Any) -> Any:
    """Personal values as JSON keeps them."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))


def to_ledger(session: Session, kind: str, object_id: object, content: Any, *, now: datetime) -> None:
    """Queue a fact for the ledger; `content` is hashed in its canonical form, not stored."""
    session.add(LedgerLeaf(at=now, kind=kind, object_id=str(object_id), content_sha256=digest(content)))


def fact_changed(session: Session, person_id: int, fact: str, object_id: object, *, now: datetime) -> None:
    """Say that something decisions rest on has changed: standing is under re-check from this moment."""
    session.add(FactChange(at=now, person_id=person_id, fact=fact, object_id=str(object_id)))
