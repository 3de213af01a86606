"""A small load client: prepared requests over keep-alive sockets, counted and checked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

TICKS = 100  # clock ticks a second in /proc


def cpu_seconds(root: int) -> float:
    """User and system seconds of a process and everything below it."""
    return sum(below(root).values()) / TICKS


def below(root: int) -> dict[int, int]:
    """A process and everything below it, each with the ticks it has spent."""
    parents: dict[int, list[int]] = {}
    spent: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
            spent[int(folder.name)] = int(fields[11]) + int(fields[12])
    found, waiting = {}, [root]
    while waiting:
        pid = waiting.pop()
        found[pid] = spent.get(pid, 0)
        waiting += parents.get(pid, [])
    return found


def request_bytes(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read_answer(connection: socket.socket, kept: bytearray) -> tuple[int, bytes]:
    """Status and body of one answer; what belongs to the next one stays in `kept`."""
    while (end := kept.find(b"\r\n\r\n")) < 0:
        kept += _more(connection)
    head = bytes(kept[:end]).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(kept) < end + 4 + length:
        kept += _more(connection)
    body = bytes(kept[end + 4 : end + 4 + length])
    del kept[: end + 4 + length]
    return int(head.split(b" ", 2)[1]), body


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


def drive(port: int, streams: Sequence[Sequence[bytes]]) -> tuple[list[float], int]:
    """Send each stream over its own connection, one request after the other.

    Returns the seconds each answer took, and how many were not 200.
    """
    times: list[list[float]] = [[] for _ in streams]
    bad = [0] * len(streams)

    def one(index: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            kept = bytearray()
            for request in streams[index]:
                began = time.perf_counter()
                connection.sendall(request)
                status, _ = read_answer(connection, kept)
                times[index].append(time.perf_counter() - began)
                bad[index] += status != 200

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(streams))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [t for part in times for t in part], sum(bad)
