"""A bad line: a TCP proxy that delays, drops and cuts what it carries, and counts what it did."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter

CUT_BEFORE, CUT_AFTER, HALF, DELAY = "cut_before", "cut_after", "half_answer", "delay"
FAULTS = (CUT_BEFORE, CUT_AFTER, HALF, DELAY)


class Line:
    """Forwards to `port`; of each request one in `every` meets a fault.

    cut_before: the request never arrives. cut_after: it does, its answer is lost. half_answer: the answer
    breaks off. delay: it comes late. `down` refuses everything until it is taken back.
    """

    def __init__(self, port: int, *, every: int, seed: int = 1, kinds: tuple[str, ...] = FAULTS) -> None:
        self.target, self.every, self.kinds = port, every, kinds
        self.chance, self.counts, self.down = random.Random(seed), Counter(), False
        self.lock = threading.Lock()
        self.door = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.door.getsockname()[1]
        self.closed = False
        threading.Thread(target=self._welcome, daemon=True).start()

    def fault(self) -> str | None:
        with self.lock:
            if self.chance.randrange(self.every):
                return None
            kind = self.chance.choice(self.kinds)
            self.counts[kind] += 1
            return kind

    def close(self) -> None:
        self.closed = True
        self.door.close()

    def _welcome(self) -> None:
        while not self.closed:
            try:
                came, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(came,), daemon=True).start()

    def _carry(self, came: socket.socket) -> None:
        try:
            onward = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            _reset(came)
            return
        for end in (came, onward):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while self._one(_whole(came), came, onward):
                pass
        except OSError:
            pass
        finally:
            _reset(came)
            onward.close()

    def _one(self, request: bytes, came: socket.socket, onward: socket.socket) -> bool:
        """Carry one request and its answer; False when the connection is over."""
        kind = CUT_BEFORE if self.down else self.fault()
        if kind == CUT_BEFORE:
            return False
        onward.sendall(request)
        answer = _whole(onward)
        if kind == CUT_AFTER:
            return False
        if kind == HALF:
            came.sendall(answer[: len(answer) // 2])
            return False
        if kind == DELAY:
            time.sleep(self.chance.random() / 20)
        came.sendall(answer)
        return True


def _whole(end: socket.socket) -> bytes:
    """One message with the body its head announces. Raises ConnectionError when it breaks off."""
    got = b""
    while True:
        head, gap, body = got.partition(b"\r\n\r\n")
        if gap:
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            if len(body) >= int(length or 0):
                return got
        more = end.recv(65536)
        if not more:
            raise ConnectionError("the line ended")
        got += more


def _reset(end: socket.socket) -> None:
    """Close as a broken line does: with a reset, not a farewell."""
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()
    except OSError:
        pass
