"""A database of an earlier shape, with rows in every table and all its guards, comes up to today's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import text

from portal.ground import guards, migrate
from portal.ground.db import open_engine

MOMENT, DAY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), date(2026, 1, 2)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.db'}"
    url = request.getfixturevalue("postgres_base").copy()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


def fill(connection: sa.Connection) -> dict[str, int]:
    """One row in every table, foreign keys pointing at row 1; returns the counts."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    tables = [t for t in metadata.tables.values() if t.name != "alembic_version"]
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))  # any order will do
    for table in tables:
        needed = [c for c in table.columns if not c.nullable or c.foreign_keys]
        connection.execute(table.insert(), {c.name: value(c) for c in needed})
    return {t.name: 1 for t in tables}


def old_guard(connection: sa.Connection) -> None:
    """A guard that names a table the migration rebuilds."""
    if connection.dialect.name == "sqlite":
        connection.execute(
            text(
                "CREATE TRIGGER old_guard BEFORE UPDATE ON body WHEN EXISTS (SELECT 1 FROM person p "
                "JOIN sign_in s ON 1) BEGIN SELECT RAISE(ABORT, 'guard: old'); END"
            )
        )
    else:
        raising = "BEGIN RAISE EXCEPTION 'guard: old'; END"
        connection.execute(
            text(f"CREATE FUNCTION guard_old() RETURNS trigger LANGUAGE plpgsql AS $guard$ {raising} $guard$")
        )
        connection.execute(
            text("CREATE TRIGGER old_guard BEFORE UPDATE ON body FOR EACH ROW EXECUTE FUNCTION guard_old()")
        )


def value(column: sa.Column) -> object:
    kind = column.type
    if column.foreign_keys or column.primary_key and isinstance(kind, sa.Integer):
        return 1
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer | sa.BigInteger):
        return 1
    if isinstance(kind, sa.DateTime):
        return MOMENT + timedelta(days=column.name == "closes_at")
    if isinstance(kind, sa.Date):
        return DAY
    if isinstance(kind, sa.LargeBinary):
        return b"a1 not a real cipher text"
    if isinstance(kind, sa.JSON):
        return {}
    return {"path": "/1/", "state": "draft"}.get(column.name, "x")


def test_an_earlier_database_keeps_its_rows_and_gets_every_guard(empty_url: str):
    engine = open_engine(empty_url)
    command.upgrade(migrate.alembic_config(engine), "0001")
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin_nested() if connection.in_transaction() else connection.begin():
            before = fill(connection)
        old_guard(connection)
        connection.commit()
    engine.dispose()
    migrate.upgrade(engine)
    with engine.connect() as connection:
        after = {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in before}
        assert after == before
        assert guards.faults(connection) == set()
    engine.dispose()


def test_the_guards_of_the_earlier_shape_do_not_stop_the_migration(empty_url: str):
    engine = open_engine(empty_url)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert guards.present(connection) == guards.declared()
    migrate.upgrade(engine)  # a second time changes nothing
    with engine.connect() as connection:
        assert guards.faults(connection) == set()
    engine.dispose()
