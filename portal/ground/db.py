"""The database: one Base, one engine, sessions that say whether they write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any, TypeVar

from flask import g, request
from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from portal.ground.errors import SettingMissing

SAFE_SQLITE = (3, 51, 3)  # earlier WAL code can corrupt a file under two checkpointing connections
BUSY_MS = 10_000
Result = TypeVar("Result")
LOOK_AGAIN = 0.001  # seconds; SQLite's own waiting looks less often the longer it waits, and is overtaken


class UtcDateTime(TypeDecorator):
    """A moment in UTC; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the portal."""

    type_annotation_map = {datetime: UtcDateTime}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def open_engine(url: str) -> Engine:
    """An engine for SQLite (through pysqlite3) or PostgreSQL (through psycopg)."""
    if url.startswith("sqlite"):
        return _open_sqlite(url)
    return _open_postgres(url)


def _open_postgres(url: str) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        """Whatever server, database or role say: a commit that returns is on the disk."""
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') <> 'remote_apply'"
        )
        connection.commit()

    return engine


def sqlite_module() -> Any:
    """The SQLite binding, refused when its library has the WAL-reset fault."""
    try:
        from pysqlite3 import dbapi2
    except ImportError as gone:
        raise SettingMissing(
            "SQLite needs the pysqlite3 package, which has no build for this machine; use PostgreSQL here."
        ) from gone
    if dbapi2.sqlite_version_info < SAFE_SQLITE:
        raise SettingMissing(f"SQLite {dbapi2.sqlite_version} can corrupt its file; 3.51.3 or newer is needed.")
    return dbapi2


def prepare_sqlite(connection: Any) -> None:
    """The pragmas every connection of ours runs under."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA recursive_triggers=ON")
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA mmap_size=0")


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, module=sqlite_module(), connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        prepare_sqlite(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("begun"):
            return  # the group's own BEGIN IMMEDIATE was sent already
        if not connection.get_execution_options().get("writes", True):
            connection.exec_driver_sql("BEGIN")
            return
        raw = connection.connection.driver_connection
        raw.execute("PRAGMA busy_timeout=0")
        try:
            when_free(lambda: raw.execute("BEGIN IMMEDIATE"))
        except sqlite_module().OperationalError as error:
            raise OperationalError("BEGIN IMMEDIATE", None, error) from error
        finally:
            raw.execute(f"PRAGMA busy_timeout={BUSY_MS}")

    return engine


def when_free(write: Callable[[], Result], patience: float = BUSY_MS / 1000) -> Result:
    """Do a write that asks for SQLite's one writer; while another holds it, look again every millisecond.

    After `patience` seconds the engine's own "locked" is raised.
    """
    busy, until = sqlite_module().OperationalError, monotonic() + patience
    while True:
        try:
            return write()
        except busy as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
        sleep(LOOK_AGAIN)


class Database:
    """The application's one engine and its two kinds of session."""

    engine: Engine

    def open(self, url: str) -> None:
        self.engine = open_engine(url)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(self.engine.execution_options(writes=False), expire_on_commit=False)

    @property
    def session(self) -> Session:
        """This request's session: GET and HEAD read, everything else writes."""
        if "db_session" not in g:
            reads = request and request.method in ("GET", "HEAD")
            g.db_session = self._reading() if reads else self._writing()
        return g.db_session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session for terminal and worker; the caller commits."""
        with self._writing() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._reading() as session:
            yield session

    def checkpoint_apart(self, session: Session) -> None:
        """From now on this session's commits leave SQLite's checkpoint to `checkpoint`; nobody waits for that."""
        if self.engine.dialect.name == "sqlite":
            session.connection().connection.driver_connection.execute("PRAGMA wal_autocheckpoint=0")

    def checkpoint(self) -> None:
        """Bring what is in SQLite's log into its file, beside readers and writers."""
        if self.engine.dialect.name == "sqlite":
            raw = self.engine.raw_connection()
            try:
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                raw.close()

    def close(self, _error: BaseException | None = None) -> None:
        session = g.pop("db_session", None)
        if session is not None:
            session.close()


db = Database()
