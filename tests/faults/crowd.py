"""Candidates of the long run: some save without end over lines that break, some sit whole exams of a minute."""

from __future__ import annotations

import http.client
import json
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from portal.exams.delivery.journal import GRACE
from tests.benchmarks.client import request_bytes
from tests.factories import PASSWORD
from tests.faults.ledger import Ledger
from tests.faults.seating import Seat
from tests.faults.server import AGAIN, ITEMS, Candidate

RESET = struct.pack("ii", 1, 0)
WAIT = 0.25  # seconds at most between two tries


@dataclass
class Seen:
    """What the candidates saw that must not be, beside what the ledger finds."""

    stale: int = 0  # a page that was taken over, and yet it saved
    after_end: int = 0  # saved after the hand-in was confirmed
    differing: int = 0  # two answers about one end: receipt or moment
    gained: float = 0.0  # seconds after the limit and its grace at which somebody still saved
    deadlines: dict[int, float] = field(default_factory=dict)  # attempt → as the first answer told it
    receipts: dict[int, str] = field(default_factory=dict)
    refused: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


def cut(line: socket.socket) -> None:
    """End it as a broken line does: with a reset."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    line.close()


class Browser:
    """A signed-in page's way of taking its attempt over, again until it gets an answer."""

    def __init__(self, port: int, name: str, public_id: str) -> None:
        self.port, self.name, self.public_id = port, name, public_id
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    def _ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            line.request(method, path, body, {"Cookie": cookies, **headers})
            answer = line.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, text
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            line.close()

    def _token_in(self, path: str, where: str) -> bool:
        _, page = self._ask("GET", path)
        found = re.search(where, page)
        self.csrf = found[1] if found else ""
        return found is not None

    def _sign_in(self) -> bool:
        """False when something came in between: then all of it again."""
        if not self._token_in("/sign-in", r'name="csrf_token" type="hidden" value="([^"]+)"'):
            return False
        fields = urlencode({"csrf_token": self.csrf, "username": self.name, "password": PASSWORD})
        status, _ = self._ask("POST", "/sign-in", fields, **{"Content-Type": "application/x-www-form-urlencoded"})
        return status in (302, 303)

    def open(self, until: threading.Event) -> dict | None:
        """What the new page is told; None when the run ends before."""
        page, ready = f"/exams/attempts/{self.public_id}", bool(self.csrf)
        while not until.is_set():
            ready = ready or self._sign_in() and self._token_in(page, r'name="csrf-token" content="([^"]+)"')
            headers = {"X-CSRFToken": self.csrf, "Content-Type": "application/json"}
            status, told = self._ask("POST", f"{page}/open", "{}", **headers) if ready else (0, "")
            if status == 200:
                return json.loads(told)
            ready = ready and status in AGAIN
            time.sleep(WAIT)
        return None


class Restless(Candidate):
    """Saves until told to stop; `wish` is the mishap that befalls its next save."""

    MISHAPS = ("cut_before", "answer_lost", "sent_twice", "out_of_order", "two_pages")

    def __init__(self, port: int, seat: Seat, ledger: Ledger, seen: Seen) -> None:
        super().__init__(port, seat.attempt_id, seat.token, seat.epoch, ledger)
        self.browser, self.seen, self.wish = Browser(port, seat.username, seat.public_id), seen, ""
        self.stop = threading.Event()

    def work(self, until: threading.Event, most: int, chance: random.Random) -> None:
        self.stop = until
        while not until.is_set() and self.sequence < most:
            wish, self.wish = self.wish, ""
            if wish:
                getattr(self, wish)(chance)
            else:
                self.save(chance.choice(ITEMS), chance.choice("ABCD"), until=until)
        self.close()

    def _new(self, chance: random.Random) -> tuple[int, int, str]:
        """A change with the next number, noted as sent."""
        self.sequence += 1
        item, answer = chance.choice(ITEMS), chance.choice("ABCD")
        self.ledger.note_sent((self.attempt_id, self.epoch, self.sequence), item, answer)
        return self.sequence, item, answer

    def _request(self, change: tuple[int, int, str]) -> bytes:
        body = json.dumps({"changes": [change]}).encode()
        return request_bytes(f"/exams/attempts/{self.attempt_id}/answers", body, {"X-Attempt-Token": self.token})

    def _insist(self, change: tuple[int, int, str]) -> int:
        """Send it until somebody answers for it."""
        while True:
            status, told = self.post({"changes": [change]})
            if status == 200:
                self.ledger.note_acknowledged((self.attempt_id, self.epoch, change[0]))
            elif status not in AGAIN:
                self.refused.append((status, str(told.get("error"))))
            if status not in AGAIN or self.stop.is_set():
                return status
            time.sleep(WAIT * random.random())

    def _broken(self, request: bytes, *, read: int) -> None:
        """Send that much on a line of its own, wait for `read` bytes of the answer, and cut."""
        try:
            line = socket.create_connection(("127.0.0.1", self.port), 20)
            line.sendall(request)
            if read:
                line.recv(read)
            cut(line)
        except OSError:
            pass  # it broke by itself

    def cut_before(self, chance: random.Random) -> None:
        """The request breaks off on its way."""
        change = self._new(chance)
        request = self._request(change)
        self._broken(request[: chance.randrange(1, len(request))], read=0)
        self._insist(change)

    def answer_lost(self, chance: random.Random) -> None:
        """It is stored, but the page never hears of it, or only half."""
        change = self._new(chance)
        self._broken(self._request(change), read=chance.choice((1, 40)))
        self._insist(change)

    def sent_twice(self, chance: random.Random) -> None:
        """The same request on two lines at once."""
        change = self._new(chance)
        other = threading.Thread(target=self._broken, args=(self._request(change),), kwargs={"read": 4096})
        other.start()
        self._insist(change)
        other.join(30)

    def out_of_order(self, chance: random.Random) -> None:
        """Three changes of which the last arrives first."""
        for change in reversed([self._new(chance) for _ in range(3)]):
            self._insist(change)

    def two_pages(self, chance: random.Random) -> None:
        """Another page takes the attempt over while the old one goes on saving; then the old one is read-only."""
        opened: list[dict | None] = []
        new = threading.Thread(target=lambda: opened.append(self.browser.open(self.stop)))
        new.start()
        while new.is_alive():
            self._insist(self._new(chance))
        new.join()
        if not opened or opened[0] is None:
            return
        self.seen.stale += self._insist(self._new(chance)) == 200
        self.refused = [one for one in self.refused if one != (409, "superseded")]
        self.token, self.epoch, self.sequence = opened[0]["token"], opened[0]["epoch"], 0


class Sprinter:
    """Sits exams of one minute, one after the other: begins, saves, and hands in while saves are under way."""

    def __init__(self, port: int, seats: list[tuple[int, str]], ledger: Ledger, seen: Seen) -> None:
        self.port, self.seats, self.ledger, self.seen = port, seats, ledger, seen
        self.races = 0
        self.wishes = 0  # how many races are asked for

    def work(self, until: threading.Event, chance: random.Random) -> None:
        while not until.is_set():
            if self.wishes <= self.races or not self.seats:
                time.sleep(WAIT)
                continue
            self._sit(*self.seats.pop(), until, chance)
            self.races += 1

    def _post(self, path: str, token: str, body: object, until: threading.Event) -> tuple[int, dict]:
        """Until somebody answers for it; (0, {}) when the run is over before."""
        page = Candidate(self.port, 0, token, 0, self.ledger)
        while not until.is_set():
            status, told = page.post(body, path)
            if status not in AGAIN:
                page.close()
                return status, told
            time.sleep(WAIT * random.random())
        return 0, {}

    def _sit(self, check_in_id: int, waiting: str, until: threading.Event, chance: random.Random) -> None:
        status, begun = self._post(f"/exams/check-ins/{check_in_id}/start", waiting, {}, until)
        if status != 200:
            self._unexpected("start", status, begun)
            return
        status, again = self._post(f"/exams/check-ins/{check_in_id}/start", waiting, {}, until)
        with self.seen.lock:
            self.seen.deadlines[begun["attempt"]] = begun["deadline"]
            self.seen.differing += status == 200 and again["deadline"] != begun["deadline"]
        page = _Page(self, begun, until)
        for _ in range(chance.randrange(3, 20)):
            page.save(chance)
        if chance.random() < 0.15:  # nobody hands in: the limit comes, and he tries on until it is refused
            while not until.is_set() and page.save(chance) == 200:
                time.sleep(0.05)
            return
        racing = [threading.Thread(target=page.save, args=(random.Random(n),)) for n in range(3)]
        ends = [threading.Thread(target=page.hand_in) for _ in range(2)]
        both = racing + ends
        chance.shuffle(both)
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(120)
        if page.ended and page.save(chance) == 200:
            self.seen.after_end += 1

    def _unexpected(self, act: str, status: int, told: dict) -> None:
        if status:
            with self.seen.lock:
                self.seen.refused[act, status, str(told.get("error"))] += 1


class _Page:
    """One running attempt of a sprinter."""

    def __init__(self, sprinter: Sprinter, begun: dict, until: threading.Event) -> None:
        self.sprinter, self.until, self.ended = sprinter, until, False
        self.attempt_id, self.token, self.epoch = begun["attempt"], begun["token"], begun["epoch"]
        self.limit = begun["deadline"] + GRACE.total_seconds()
        self.sequence, self.lock = 0, threading.Lock()

    def save(self, chance: random.Random) -> int:
        with self.lock:
            self.sequence += 1
            key = (self.attempt_id, self.epoch, self.sequence)
        item, answer = chance.choice(ITEMS), chance.choice("ABCD")
        ledger, seen = self.sprinter.ledger, self.sprinter.seen
        ledger.note_sent(key, item, answer)
        sent = time.time()
        path, body = f"/exams/attempts/{self.attempt_id}/answers", {"changes": [[key[2], item, answer]]}
        status, told = self.sprinter._post(path, self.token, body, self.until)
        if status == 200:
            ledger.note_acknowledged(key)
            with seen.lock:
                seen.gained = max(seen.gained, sent - self.limit)
        elif (status, told.get("error")) != (409, "too_late"):
            self.sprinter._unexpected("save", status, told)
        return status

    def hand_in(self) -> None:
        path = f"/exams/attempts/{self.attempt_id}/hand-in"
        seen = self.sprinter.seen
        for _ in range(2):
            status, told = self.sprinter._post(path, self.token, {}, self.until)
            if status != 200:
                self.sprinter._unexpected("hand-in", status, told)
                return
            with seen.lock:
                self.ended = True
                seen.differing += seen.receipts.setdefault(self.attempt_id, told["receipt"]) != told["receipt"]
