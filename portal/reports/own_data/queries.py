"""Gathering every row about one person from every room, without naming the rooms one by one.

A row is about him when it carries his `person_id`, or hangs on such a row. What he did about others
stays out: it is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, Table, or_, select
from sqlalchemy.orm import Session

from portal.exams.models import AttemptState, Exam
from portal.exams.own_results import own_results
from portal.ground import audit_personal
from portal.ground.db import Base
from portal.ground.models import AuditLine, AuditPersonal
from portal.people.identity import same_person_ids
from portal.people.models import Account, Body, Person
from portal.people.records import queries as records
from portal.people.records.corrections import queries as corrections

SECRET = re.compile(r"hash|token|sealed|_index$|secret|public_id|public_key|credential_id|sha256$|^epoch$|^codes?_")
# whose account it is, is told apart from what was done with it
OF_THE_ACCOUNT = ("sign_in", "role_grant", "privacy_acknowledgement")
# here `person_id` is who acted; whose thing it was stands elsewhere
ABOUT = {"duty_step": "subject_id"}
LEFT_OUT = frozenset({"person_key", "audit_personal", "photo_batch"})
# how a paper was laid out and which answers were right is the exam's, not the person's
OF_THE_EXAM = {
    "attempt": {"seed", "form_id", "epoch"},
    "check_in": {"seed", "form_id", "epoch"},
    "result": {"items", "key_id"},
}
MOST_LINES = 5000

Row = dict[str, Any]


def tables() -> list[Table]:
    return [t for t in Base.metadata.sorted_tables if t.name not in LEFT_OUT]


def _points_at(table: Table, target: str) -> Iterable[Any]:
    return (c for c in table.columns for key in c.foreign_keys if key.column.table.name == target)


def conditions(
    person_ids: set[int], account_id: int | None, released: Collection[int] = ()
) -> dict[str, ColumnElement[bool]]:
    """Table name → which of its rows are about the person; of results, those `released` by their ids.

    What hangs on an attempt comes once it is handed in.
    """
    found: dict[str, ColumnElement[bool]] = {}
    for table in tables():
        own = table.columns.get(ABOUT.get(table.name, "person_id"))
        if table.name == "person":
            found[table.name] = table.c.id.in_(person_ids)
        elif own is not None:
            found[table.name] = own.in_(person_ids)
        elif table.name in OF_THE_ACCOUNT and account_id is not None:
            found[table.name] = table.c.account_id == account_id
        else:  # sorted: what it hangs on was looked at before
            hung = [
                column.in_(select(parent.c.id).where(found[parent.name], *_over(parent)))
                for parent in tables()
                if parent.name in found and parent.name not in ("person", "account") and "id" in parent.c
                for column in _points_at(table, parent.name)
            ]
            if hung:
                found[table.name] = or_(*hung)
        if table.name == "result":
            found[table.name] = table.c.id.in_(released)
    return found


def _over(table: Table) -> list[ColumnElement[bool]]:
    return [table.c.state == AttemptState.HANDED_IN] if table.name == "attempt" else []


def shown_columns(table: Table) -> list[Any]:
    hidden = OF_THE_EXAM.get(table.name, ())
    return [
        c for c in table.columns if not isinstance(c.type, LargeBinary) and not SECRET.search(c.name)
        and c.name not in hidden
    ]  # fmt: skip


def _rows(session: Session, table: Table, which: ColumnElement[bool]) -> list[Row]:
    found: Select[Any] = select(*shown_columns(table)).where(which).order_by(*table.primary_key.columns)
    return [dict(row._mapping) for row in session.execute(found)]


def everything(session: Session, account: Account) -> dict[str, list[Row]]:
    """Table name → the person's rows, secrets left out, sealed values opened; `audit_line` holds lines about him."""
    person_ids = same_person_ids(session, account.person_id)
    released = [result.id for result in own_results(session, account.person_id).shown().values() if result is not None]
    wanted = conditions(person_ids, account.id, released)
    wanted.pop("audit_line", None)
    found = {table.name: _rows(session, table, wanted[table.name]) for table in tables() if table.name in wanted}
    for row in found["person"]:
        person = session.get_one(Person, row["id"])
        row |= {"id_number": person.id_number(), "phone": person.phone()}
    found["person_change"] = [
        {"at": event.at, "by": event.by, "kind": event.kind, "code": event.code, "said": event.said}
        for event in records.history_of(session, account.person_id)
        if event.kind in ("edit", "proposed", "confirmed", "refused")
    ]
    found["correction_request"] = [
        {
            "fact": asked.fact, "asked_at": asked.asked_at, **corrections.said(session, asked),
            "outcome": asked.answer.outcome if asked.answer else None,
            "reason": corrections.answer_said(session, asked),
        }
        for asked in corrections.own_requests(session, account.person_id)
    ]  # fmt: skip
    found["audit_line"] = _lines(session, account, person_ids)
    return {name: rows for name, rows in found.items() if rows}


def _lines(session: Session, account: Account, person_ids: set[int]) -> list[Row]:
    """What was done about the person, newest first, with the values that line holds about him.

    Why others did it and from where is theirs: an investigation would be told to whom it is about.
    """
    keys = audit_personal.keys_of(session, person_ids)
    rows = session.execute(
        select(AuditLine, AuditPersonal)
        .outerjoin(AuditPersonal, AuditPersonal.line_id == AuditLine.id)
        .where(AuditLine.person_id.in_(person_ids))
        .order_by(AuditLine.id.desc())
        .limit(MOST_LINES)
    )
    found = []
    for line, part in rows:
        row = {"at": line.at, "act": line.act, "object_kind": line.object_kind, "body_id": line.body_id}
        given = {}
        if part is not None and part.sealed is not None and line.commitment and part.person_id in keys:
            given = audit_personal.opened(keys[part.person_id], part.sealed, line.commitment)["given"]
        if line.account_id == account.id:
            row |= {"address": line.address}
        else:
            given.pop("reason", None)
        found.append(row | given)
    return found


def names_of(session: Session, found: dict[str, list[Row]]) -> dict[str, dict[int, str]]:
    """What the numbers of units and exams in these rows stand for, by column."""

    def used(*columns: str) -> set[int]:
        return {row[c] for rows in found.values() for row in rows for c in columns if row.get(c)}

    bodies = select(Body.id, Body.name).where(Body.id.in_(used("body_id", "establishment_body_id")))
    exams = select(Exam.id, Exam.title).where(Exam.id.in_(used("exam_id")))
    by_body = dict(session.execute(bodies).all())
    return {"body_id": by_body, "establishment_body_id": by_body, "exam_id": dict(session.execute(exams).all())}
