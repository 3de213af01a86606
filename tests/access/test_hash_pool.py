"""A rush of sign-ins waits in the browsers; the server's threads stay free for saving."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import islice

import pytest
from flask import Flask

from portal.app import create_app
from portal.exams.delivery import tokens
from portal.people.access.hashing import RESERVE, HashBusy, HashPool, pool
from tests.access.doors import Browser
from tests.factories import County

THREADS = 8


@pytest.fixture
def blocked(app: Flask):
    """The pool of a server with eight threads, its one worker busy until the test lets it go."""
    pool.open(workers=1, threads=THREADS)
    gate = threading.Event()
    pool._workers.submit(gate.wait, 60)
    yield gate
    gate.set()


def test_while_hashing_stands_still_a_save_is_answered(app: Flask, web_county: County, blocked):
    """All of the server's threads but a reserve could be hashing; the rest of the rush is sent to wait."""
    officer = web_county.officer()
    attempt, device = web_county.attempt(officer, web_county.exam()), web_county.sign_in(officer)
    web_county.session.commit()
    secret = app.config["SECRET_KEY"]
    token = tokens.make(secret, attempt.id, attempt.form_id, attempt.epoch, device.id, attempt.deadline_at)
    server = ThreadPoolExecutor(THREADS)  # as many requests at once as the server answers
    rush = [server.submit(Browser(app, f"10.0.2.{n}").sign_in, officer, "x") for n in range(40)]
    saved = server.submit(Browser(app).save, attempt, token, 1)
    try:
        assert saved.result(20).status_code == 200
        sent_away = [one.result() for one in islice(as_completed(rush, 20), 40 - pool.most)]
        assert {answer.status_code for answer in sent_away} == {503}
        assert all(0 < int(answer.headers["Retry-After"]) <= 5 for answer in sent_away)
    finally:
        blocked.set()
        server.shutdown()
    assert sum(r.result().status_code == 401 for r in rush) == pool.most


def test_whoever_is_sent_away_is_not_counted_and_keeps_his_number(app: Flask, web_county: County, blocked):
    officer = web_county.officer()
    web_county.session.commit()
    taken = [threading.Thread(target=lambda: pool.fits("", "x")) for _ in range(pool.most)]
    for thread in taken:
        thread.start()
    while pool._places._value:
        pass
    browser = Browser(app)
    answers = [browser.sign_in(officer, "wrong") for _ in range(20)]
    assert {a.status_code for a in answers} == {503}
    assert f'value="{officer.username}"' in answers[0].text
    blocked.set()
    for thread in taken:
        thread.join()
    assert browser.sign_in(officer).status_code == 302


@pytest.mark.parametrize(("workers", "threads"), [(1, 4), (1, 8), (2, 8), (1, 32), (4, 6)])
def test_the_pool_never_takes_the_reserve(workers: int, threads: int):
    own = HashPool()
    own.open(workers=workers, threads=threads)
    assert own.most <= max(workers, threads - RESERVE)


def test_a_full_pool_says_so_at_once():
    own = HashPool()
    own.open(workers=1, threads=4)
    assert own.most == 1
    gate = threading.Event()
    own._places.acquire()
    with pytest.raises(HashBusy):
        own.hash("x")
    own._places.release()
    gate.set()


def test_setting_hash_workers_reaches_the_pool(app: Flask, tmp_path):
    create_app(replace(app.config["MINGFA"], hash_workers=2, threads=16))
    assert pool.most == 8
