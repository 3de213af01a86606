"""The product with one protection taken away, for negative controls. Each makes sure that it was there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from portal.exams.delivery import journal
from portal.ground import guards
from portal.ground.db import db

STATIC = Path(__file__).resolve().parents[2] / "portal/static"
Words = tuple[str, str]  # what stands there, what is put in its place

# Of the statement that saves, for both engines: (SQLite, PostgreSQL).
FENCE = (("AND a.epoch = ?3", ""), ("AND epoch = %(epoch)s", ""))
STATE = (("a.state = 'in_progress' AND ", ""), ("AND state = 'in_progress' ", ""))
LIMIT = (("a.deadline_at >= ?5 AND ", ""), ("AND deadline_at >= %(floor)s ", ""))
_NEXT = "(SELECT coalesce(max(k.sequence), 0) + 1 FROM answer_change k WHERE k.attempt_id = a.id)"
NUMBER = (("a.epoch, c.value ->> 0,", f"a.epoch, {_NEXT},"), ("a.epoch, (c.value ->> 0)::int,", f"a.epoch, {_NEXT},"))
REPEAT = (
    ("AND k.sequence = c.value ->> 0)", "AND k.sequence = c.value ->> 0 AND false)"),
    ("ON CONFLICT (attempt_id, epoch, sequence) DO NOTHING", ""),
)


def weaken_saves(patch: pytest.MonkeyPatch, *taken: tuple[Words, Words]) -> None:
    """Change the one statement that stores answers."""
    for index, name in enumerate(("SQLITE_INSERT", "POSTGRES_INSERT")):
        statement = getattr(journal, name)
        for pair in taken:
            statement = exchanged(statement, *pair[index])
        patch.setattr(journal, name, statement)


def exchanged(whole: str, there: str, instead: str) -> str:
    assert there in whole, f"this is not taken away, it was not there: {there}"
    return whole.replace(there, instead)


def drop_guard(name: str) -> None:
    """Take one guard of the database away, as somebody who owns it can."""
    table = {gate: table for gate, table, *_ in guards.GATES}[name]
    with db.writing() as session:
        on = "" if session.get_bind().dialect.name == "sqlite" else f" ON {table}"
        session.execute(text(f"DROP TRIGGER {name}{on}"))
        session.commit()


def weaken_script(context: Any, name: str, *pairs: Words) -> None:
    """Serve a script of the player with changed words to every page of a browser's context."""
    source = (STATIC / name).read_text(encoding="utf-8")
    for there, instead in pairs:
        source = exchanged(source, there, instead)
    context.route(
        f"**/static/{name}?*", lambda route: route.fulfill(body=source, content_type="text/javascript; charset=utf-8")
    )
