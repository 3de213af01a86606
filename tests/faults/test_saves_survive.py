"""What was acknowledged is there after cut lines, killed processes, a failing disk and a power cut."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.ground import clock
from portal.ground.db import db
from tests.faults.disk import Disk
from tests.faults.ledger import Ledger, Verdict
from tests.faults.line import CUT_AFTER, HALF, Line
from tests.faults.server import Candidate, Server, get, seat
from tests.faults.torture import Torture

CROWD = 4


class Site:
    """A server of our own over a database with running attempts, and the oracle beside it."""

    def __init__(self, url: str, folder: Path) -> None:
        clock.set_source()
        self.url, self.folder = url, folder
        db.open(url)
        with db.writing() as session:
            self.seats = seat(session, CROWD)
            session.commit()
        db.engine.dispose()
        self.disk, self.ledger = Disk(folder), Ledger(folder / "ledger.txt")
        self.server: Server | None = None

    def serve(self, environ: dict[str, str] | None = None, *, careless: str = "") -> Server:
        self.server = Server(self.url, self.folder / "files", environ, bare=True, careless=careless)
        self.server.start()
        return self.server

    def crowd(self, port: int, first: int = 0) -> list[Candidate]:
        """The candidates, going on with their numbers at `first`."""
        found = [Candidate(port, *at, self.ledger) for at in self.seats]
        for one in found:
            one.sequence = first
        return found

    def judge(self, url: str | None = None) -> Verdict:
        db.open(url or self.url)
        try:
            with db.reading() as session:
                assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
                return self.ledger.judge(session, [attempt_id for attempt_id, *_ in self.seats])
        finally:
            db.engine.dispose()


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    found = Site(sqlite_url, tmp_path)
    yield found
    if found.server and found.server.process.poll() is None:
        found.server.kill()


def work(candidates: list[Candidate], enough: int, ledger: Ledger) -> None:
    """Save in parallel until the ledger holds `enough` acknowledgements."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=one.work, args=(stop, 10**9, random.Random(n)), daemon=True)
        for n, one in enumerate(candidates)
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 120
    while len(ledger.acknowledged) < enough:
        assert time.monotonic() < until, "the saves do not get through"
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(30)


def test_an_answer_lost_on_its_way_back_is_stored_once(site: Site):
    server = site.serve()
    line = Line(server.port, every=2, kinds=(CUT_AFTER, HALF))
    work(site.crowd(line.port), 60, site.ledger)
    assert line.counts.total() > 10
    assert site.judge().clean


IN_SMALL = [
    "process_killed", "power_cut", "eio", "disk_full", "clock_ahead", "clock_back", "writer_held", "cut_before",
    "answer_lost", "sent_twice", "out_of_order", "two_pages", "all_cut", "hand_in_race", "hand_in_race",
]  # fmt: skip


def test_a_torture_in_small(tmp_path: Path):
    run = Torture(tmp_path, IN_SMALL, candidates=CROWD, seed=7).run(saves=300)
    assert run.clean, list(run.lines())
    assert run.faults.total() == len(IN_SMALL) and run.handed_in == CROWD + 2


def test_the_torture_bites_where_a_save_is_acknowledged_before_its_commit(tmp_path: Path):
    run = Torture(tmp_path, ["server_killed"], candidates=CROWD, seed=7, careless="early").run(saves=100)
    assert run.verdict.lost and not run.clean


@pytest.mark.long
@pytest.mark.parametrize("flush", [6, 11])  # the first few are those of starting
def test_killed_at_a_flush_and_started_again(site: Site, flush: int):
    server = Server(site.url, site.folder / "files", site.disk.environ(flush=flush))
    site.server = server
    server.start()
    candidates = site.crowd(server.port)
    stop = threading.Event()
    threads = [threading.Thread(target=one.work, args=(stop, 50, random.Random(1)), daemon=True) for one in candidates]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 30
    while get(server.port, "/health")[0] and time.monotonic() < until:
        time.sleep(0.01)  # until it dies at its flush
    stop.set()
    server.kill()
    again = site.serve()
    for one in candidates:
        one.port, one.connection = again.port, None
    work(candidates, len(site.ledger.acknowledged) + 20, site.ledger)
    assert site.judge().clean


def cut_the_power(site: Site, *, careless: str = "") -> int:
    """Saves, then only what was flushed is left; returns how many acknowledged changes are gone."""
    server = site.serve(site.disk.environ(undo=True), careless=careless)
    work(site.crowd(server.port), 300, site.ledger)
    server.kill()
    site.disk.cut_power(random.Random(1), share=1.0)
    verdict = site.judge()
    assert not verdict.phantom
    return len(verdict.lost)


def test_a_power_cut_takes_nothing_that_was_acknowledged(site: Site):
    assert cut_the_power(site) == 0


def test_the_power_cut_bites_where_a_commit_does_not_wait_for_the_disk(site: Site):
    assert cut_the_power(site, careless="unflushed") > 0


def failed_and_mended(site: Site, words: list[str], *, careless: str = "") -> set[int]:
    """Saves; for each word one save each while the disk fails so, then saves again by the same process.

    Returns the statuses told while it failed, those of /health among them.
    """
    server = site.serve(site.disk.environ(undo=True), careless=careless)
    candidates, process, told = site.crowd(server.port), server.process.pid, set()
    work(candidates, 20, site.ledger)
    gone = threading.Event()
    gone.set()
    for word in words:
        site.disk.wish(word)
        told |= {one.save(1, "A", until=gone) for one in candidates} | {get(server.port, "/health")[0]}
        site.disk.wish()
        work(candidates, len(site.ledger.acknowledged) + 20, site.ledger)
        assert server.process.pid == process and get(server.port, "/health")[0] == 200
    server.kill()
    return told


def test_a_disk_that_fails_acknowledges_nothing_and_recovers_without_a_restart(site: Site):
    assert failed_and_mended(site, ["full", "log_full", "read_only", "eio"]) <= {503, 507}
    assert site.judge().clean


def test_the_failing_disk_bites_where_a_refused_save_is_acknowledged(site: Site):
    assert failed_and_mended(site, ["full"], careless="cheerful") == {200}
    assert site.judge().lost


def test_two_pages_that_alternate_never_write_back_an_older_answer(site: Site):
    """The page that was taken over is refused from then on, however often both send."""
    from portal.exams.delivery import tokens
    from portal.exams.models import Attempt
    from tests.faults.server import SECRET

    attempt_id, old_token, epoch = site.seats[0]
    db.open(site.url)
    with db.writing() as session:
        attempt = session.get_one(Attempt, attempt_id)
        attempt.epoch += 1
        sign_in = tokens.read(SECRET, old_token).sign_in_id
        token = tokens.make(SECRET, attempt.id, attempt.form_id, attempt.epoch, sign_in, attempt.deadline_at)
        session.commit()
    db.engine.dispose()
    server = site.serve()
    old = Candidate(server.port, attempt_id, old_token, epoch, site.ledger)
    new = Candidate(server.port, attempt_id, token, epoch + 1, site.ledger)
    for turn in range(150):
        assert old.save(1, "A") == 409
        assert new.save(1, "BC"[turn % 2]) == 200
    assert {code for _, code in old.refused} == {"superseded"}
    assert site.judge().clean
