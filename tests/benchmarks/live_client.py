"""Thousands of candidates in one process: a keep-alive line each, what they sent and what was acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PULSE = 30.0  # seconds between two looks at the server, up to twice as long, as the page does
HASH_TURN = 200  # tries of one sign-in until it counts as refused


class Line(asyncio.Protocol):
    """One connection with one request under way at a time; opened anew when the other side has closed it."""

    def __init__(self, port: int) -> None:
        self.port, self.transport = port, None
        self.kept = bytearray()
        self.waiting: asyncio.Future | None = None

    def data_received(self, data: bytes) -> None:
        self.kept += data
        end = self.kept.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.kept[:end])
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self.kept) >= whole and self.waiting and not self.waiting.done():
            body = bytes(self.kept[end + 4 : whole])
            del self.kept[:whole]
            self.waiting.set_result((int(head[9:12]), head, body))

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self.kept.clear()
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(error or ConnectionResetError("closed"))

    async def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, bytes]:
        """Status, head and body. Raises OSError."""
        loop = asyncio.get_running_loop()
        if self.transport is None:
            self.transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self.port)
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.waiting = loop.create_future()
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return await self.waiting


@dataclass
class Tally:
    """What all of them met: seconds from when each act was due, and answers that were not as they should be."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, act: str, due: float, status: int, body: bytes = b"") -> None:
        self.times[act].append(time.monotonic() - due)
        if status not in (200, 204, 303):
            self.wrong[f"{act} {status} {body[:80].decode(errors='replace')}"] += 1


class Candidate:
    """One person on one device, as the page behaves."""

    def __init__(self, port: int, tally: Tally, items: int) -> None:
        self.line, self.tally, self.items = Line(port), tally, items
        self.cookies: dict[str, str] = {}
        self.csrf = self.token = self.public_id = self.address = self.went = ""
        self.check_in = self.attempt = 0
        self.sent: dict[int, tuple[int, str]] = {}  # sequence → item and answer
        self.acknowledged: set[int] = set()
        self.receipt = ""

    async def ask(self, act: str, due: float, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """The body of an answer that was as it should be, else nothing; counted either way."""
        try:
            status, head, got = await self.line.ask(method, path, body, headers)
        except OSError as error:
            self.tally.note(act, due, 0, repr(error).encode())
            return b""
        self.tally.note(act, due, status, got)
        for name, value in re.findall(rb"(?i)set-cookie: ([^=]+)=([^;\r]*)", head):
            self.cookies[name.decode()] = value.decode()
        if where := re.search(rb"(?i)location: ([^\r]+)", head):
            self.went = where[1].decode()
        return got if status in (200, 303) else b""

    def signed(self) -> dict[str, str]:
        return {"X-Attempt-Token": self.token} | JSON

    def known(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    async def arrive(self, name: str, password: str, exam_id: int) -> None:
        """Sign in, read the notice, check in, open the page, fetch the sealed form."""
        now = time.monotonic
        self.csrf = _field(await self.ask("sign-in page", now(), "GET", "/sign-in"))
        due, body = now(), urlencode({"csrf_token": self.csrf, "username": name, "password": password}).encode()
        headers = self.known() | FORM | {"X-Sign-In": "script"}
        for _ in range(HASH_TURN):
            status, head, _ = await self.line.ask("POST", "/sign-in", body, headers)
            if status != 503:
                break
            await asyncio.sleep(1 + random.random())
        self.tally.note("sign in", due, status)
        for cookie, value in re.findall(rb"(?i)set-cookie: ([^=]+)=([^;\r]*)", head):
            self.cookies[cookie.decode()] = value.decode()
        page = await self.ask("notice", now(), "GET", f"/exams/{exam_id}", **self.known())
        body = urlencode({"csrf_token": _meta(page), "identity": "1"}).encode()
        await self.ask("check in", now(), "POST", f"/exams/{exam_id}/start", body, **self.known(), **FORM)
        self.public_id = self.went.rsplit("/", 1)[-1]
        page = await self.ask("player page", now(), "GET", f"/exams/attempts/{self.public_id}", **self.known())
        headers = self.known() | JSON | {"X-CSRFToken": _meta(page)}
        told = await self.ask("open", now(), "POST", f"/exams/attempts/{self.public_id}/open", b"{}", **headers)
        if told:
            opened = json.loads(told)
            self.check_in, self.token, self.address = opened["check_in"], opened["token"], opened["form"]["address"]
            await self.fetch_form()

    async def fetch_form(self) -> None:
        await self.ask("sealed form", time.monotonic(), "GET", self.address, **self.signed())

    async def sit(self, begins: float, plan: Plan) -> None:
        """Start, save, look at the server, hand in; `begins` by the monotonic clock."""
        due = begins + random.random() * plan.start
        await _until(due)
        told = await self.ask("start", due, "POST", f"/exams/check-ins/{self.check_in}/start", b"{}", **self.signed())
        if not told:
            return
        begun = json.loads(told)
        self.attempt, self.token = begun["attempt"], begun["token"]
        ends = begins + plan.start + plan.minutes * 60 + random.random() * plan.hand_in
        due += random.random() * plan.every
        look = due + PULSE * (1 + random.random())
        while min(due, look) < ends:
            if due <= look:
                await _until(due)
                await self.save(due)
                due += plan.every
            else:
                await _until(look)
                await self.ask("pulse", look, "GET", f"/exams/attempts/{self.attempt}/pulse?unsent=0", **self.signed())
                look += PULSE * (1 + random.random())
        await _until(ends)
        path = f"/exams/attempts/{self.attempt}/hand-in"
        told = await self.ask("hand in", ends, "POST", path, b"{}", **self.signed())
        self.receipt = json.loads(told)["receipt"] if told else ""

    async def save(self, due: float) -> None:
        sequence = len(self.sent) + 1
        item, answer = random.randint(1, self.items), random.choice("ABCD")
        self.sent[sequence] = item, answer
        body = json.dumps({"changes": [[sequence, item, answer]]}).encode()
        if await self.ask("save", due, "POST", f"/exams/attempts/{self.attempt}/answers", body, **self.signed()):
            self.acknowledged.add(sequence)


@dataclass(frozen=True)
class Plan:
    """Seconds within which all start and hand in, seconds between two saves of one person, minutes in between."""

    start: float
    hand_in: float
    every: float
    minutes: float


async def _until(due: float) -> None:
    await asyncio.sleep(max(0.0, due - time.monotonic()))


def _field(page: bytes) -> str:
    return _first(rb'name="csrf_token" type="hidden" value="([^"]+)"', page)


def _meta(page: bytes) -> str:
    return _first(rb'name="csrf-token" content="([^"]+)"', page)


def _first(pattern: bytes, page: bytes) -> str:
    found = re.search(pattern, page)
    return found[1].decode() if found else ""
