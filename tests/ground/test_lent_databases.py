"""The databases the tests are lent: each as the migrations leave it, whatever the test before did."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.orm import Session

from tests.conftest import NOON
from tests.databases import Postgres
from tests.factories import County

NAMES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
NUMBERS = "SELECT seqrelid::regclass::text, pg_sequence_last_value(seqrelid) FROM pg_sequence ORDER BY 1"


def content(connection: Connection) -> dict[str, list]:
    """Every row of every table, and where the numbering stands."""
    rows = {n: connection.execute(text(f'SELECT t::text FROM "{n}" t ORDER BY 1')).all() for n in read(connection)}
    return rows | {"numbers": connection.execute(text(NUMBERS)).all()}


def read(connection: Connection) -> list[str]:
    return list(connection.scalars(text(NAMES)))


def lent(postgres: Postgres, *changes: str) -> tuple[str, dict[str, list]]:
    """Borrow a database, see what is in it, change it, give it back; its address, and what was in it."""
    url = postgres.lend()
    engine = create_engine(url)
    with engine.connect() as connection:
        found = content(connection)
        for change in changes:
            connection.execute(text(change))
        connection.commit()
    engine.dispose()
    postgres.take_back(url)
    return url, found


@pytest.fixture
def postgres(postgres_base: Postgres) -> Postgres:
    """The server, with one database that was lent and given back."""
    postgres_base.take_back(postgres_base.lend())
    return postgres_base


def test_what_a_test_wrote_changed_or_took_away_is_as_before_for_the_next(postgres: Postgres):
    url = postgres.lend()
    engine = create_engine(url)
    with Session(engine) as session:
        before = content(session.connection())
        County(session, NOON).ready()
        session.commit()
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("UPDATE duty_conflict SET id = id + 1000"))
        connection.execute(text("DELETE FROM working_day_exception"))
        assert content(connection) != before
    engine.dispose()
    postgres.take_back(url)
    again, after = lent(postgres)
    assert (again, after) == (url, before)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER answer_change_no_update ON answer_change", "ALTER TABLE answer_change DISABLE TRIGGER USER",
        "CREATE TABLE more (id int)", "ALTER TABLE person ALTER COLUMN name DROP NOT NULL",
    ],
)  # fmt: skip
def test_a_database_of_another_shape_is_not_lent_again(postgres: Postgres, change: str):
    url, as_new = lent(postgres, change)
    other, found = lent(postgres)
    assert other != url
    assert found == as_new


def test_one_with_settings_of_its_own_is_not_lent_again(postgres: Postgres):
    url, _ = lent(postgres)
    assert lent(postgres, f"ALTER DATABASE {make_url(url).database} SET statement_timeout = 0")[0] == url
    assert lent(postgres)[0] != url


def test_nobody_is_left_in_it(postgres: Postgres):
    url = postgres.lend()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO house.changed_shape DEFAULT VALUES"))  # not committed
        postgres.take_back(url)
        with pytest.raises(Exception, match="terminat|closed"):
            connection.execute(text("SELECT 1"))
        connection.invalidate()
    engine.dispose()
    assert lent(postgres)[0] == url
