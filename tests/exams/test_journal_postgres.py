"""The journal on PostgreSQL: one round trip, on the disk when it returns, and never "saved" under a warning."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, select, text

from portal.exams.delivery.journal_postgres import PostgresWriter
from portal.exams.models import AnswerChange, Attempt, AttemptState
from portal.ground.db import db
from portal.ground.errors import SettingMissing
from portal.ground.group_commit import JournalBusy
from tests.exams.candidates import Candidate, at_once
from tests.factories import County

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
# what PostgreSQL says when a commit that waits for the standby is cancelled: the row is here, perhaps nowhere else
WARNING = """
CREATE FUNCTION unsure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE WARNING 'canceling wait for synchronous replication due to user request'; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER unsure AFTER {act} ON {table} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION unsure()
"""


@pytest.fixture
def candidate(app, web_county: County) -> Candidate:
    return Candidate(app, web_county)


def do(sql: str) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(sql))


def idle(candidate: Candidate) -> psycopg.Connection:
    return candidate.journal.writer._idle[-1].connection


def log_position() -> str:
    with db.engine.connect() as connection:
        return connection.execute(text("SELECT pg_current_wal_insert_lsn()::text")).scalar_one()


def test_a_save_is_one_round_trip(candidate: Candidate, tmp_path: Path):
    for number in range(1, 8):  # by then the statement is prepared
        candidate.save([number, 1, "B"])
    pgconn = idle(candidate).pgconn
    with (tmp_path / "trace").open("w") as file:
        pgconn.trace(file.fileno())
        assert candidate.save([8, 1, "C"]).status_code == 200
        pgconn.untrace()
    lines = (tmp_path / "trace").read_text().splitlines()
    assert sum("ReadyForQuery" in line for line in lines) == 1  # how often the server's turn came to its end
    assert idle(candidate).info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_whatever_the_database_says_the_journal_waits_for_the_disk(candidate: Candidate):
    with db.engine.connect() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
    do(f"ALTER DATABASE {name} SET synchronous_commit = off")
    candidate.journal.close()
    db.engine.dispose()
    assert candidate.save([1, 1, "B"]).status_code == 200
    assert idle(candidate).execute("SHOW synchronous_commit").fetchone() == ("on",)
    careless = create_engine(db.engine.url)  # one that does not set it
    with pytest.raises(SettingMissing, match="synchronous_commit is off"):
        PostgresWriter(careless).execute("SELECT 1", {})
    careless.dispose()


def test_a_save_whose_commit_carries_a_warning_is_not_acknowledged(candidate: Candidate):
    do(WARNING.format(act="INSERT", table="answer_change"))
    refused = candidate.save([1, 1, "B"])
    assert (refused.status_code, refused.json["error"]) == (503, "journal_busy")
    do("DROP TRIGGER unsure ON answer_change")
    assert candidate.save([1, 1, "B"]).status_code == 200  # sent again it is certain
    assert candidate.rows() == 1


def test_a_hand_in_whose_commit_carries_a_warning_is_not_acknowledged(candidate: Candidate):
    do(WARNING.format(act="UPDATE", table="attempt"))
    refused = candidate.hand_in()
    assert (refused.status_code, refused.json["error"]) == (503, "journal_busy")
    do("DROP TRIGGER unsure ON attempt")
    assert candidate.hand_in().json["state"] == "handed_in"


@pytest.mark.parametrize("repeat", ["save", "hand_in"])
def test_a_repeat_writes_to_the_log_so_that_it_waits_for_what_was_never_confirmed(candidate: Candidate, repeat: str):
    """A commit without a word in the log does not wait for the standby; what it repeats may be missing there."""
    candidate.save([1, 1, "B"])
    candidate.hand_in()
    before = log_position()
    answer = candidate.save([1, 1, "B"]) if repeat == "save" else candidate.hand_in()
    assert answer.status_code == 200
    assert log_position() != before


def test_a_connection_that_died_while_idle_costs_nobody_an_error(candidate: Candidate):
    candidate.save([1, 1, "B"])
    pid = idle(candidate).info.backend_pid
    do(f"SELECT pg_terminate_backend({pid}, 5000)")
    assert candidate.save([2, 1, "C"]).status_code == 200
    assert candidate.stored() == {1: "C"}


def test_a_server_that_is_gone_is_said_and_the_next_save_works_when_it_is_back(candidate: Candidate):
    with db.engine.connect() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
    candidate.save([1, 1, "B"])
    other = create_engine(db.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with other.connect() as admin:
        admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        admin.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
        refused = candidate.save([2, 1, "C"])
        assert (refused.status_code, refused.json["error"]) == (503, "journal_busy")
        assert candidate.journal.healthy is False
        admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    other.dispose()
    db.engine.dispose()
    assert candidate.save([2, 1, "C"]).status_code == 200
    assert candidate.journal.healthy is True


def test_a_save_waits_for_a_hand_in_that_holds_the_attempt_and_is_then_refused(candidate: Candidate):
    """Without the lock it would slip in behind the receipt."""
    with db.writing() as closing:
        held = closing.scalars(select(Attempt).where(Attempt.id == candidate.attempt.id).with_for_update()).one()
        came: list[object] = []
        saving = threading.Thread(target=lambda: came.append(candidate.save([1, 1, "B"]).json["error"]))
        saving.start()
        saving.join(0.5)
        assert came == []  # it waits
        held.state, held.handed_in_at = AttemptState.HANDED_IN, candidate.attempt.started_at + timedelta(minutes=1)
        held.receipt, held.hand_in_cause = "0" * 64, "candidate"
        closing.commit()
        saving.join(20)
    assert came == ["too_late"]
    with db.reading() as session:
        assert session.scalars(select(AnswerChange)).all() == []


def test_many_at_once_are_all_stored_over_a_few_connections(candidate: Candidate):
    assert at_once(20, lambda n: candidate.save([n + 1, 1, "ABCD"[n % 4]]).status_code) == [200] * 20
    assert candidate.rows() == 20
    assert 1 <= len(candidate.journal.writer._idle) <= 20


def test_the_writer_s_refusal_is_the_journal_s(candidate: Candidate):
    with pytest.raises(JournalBusy):
        candidate.journal.writer.execute("SELECT pg_terminate_backend(pg_backend_pid())", {})
