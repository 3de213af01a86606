"""The failing disk and clock of shim.c, built once and put before a server."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("shim.c")
MAGIC = b"undo\x17\x0b\x1c\x01"
HEAD = struct.Struct("=8s5q")  # magic, kind, place, length, size of the file before, bytes held
WRITTEN, FLUSHED = range(2)
LETTERS = {"": b"\0", "full": b"f", "log_full": b"w", "read_only": b"r", "eio": b"e", "die": b"d"}


def compiler() -> str:
    """Where there is none, whatever needs the shim is left out, and says so."""
    found = shutil.which("cc") or shutil.which("gcc")
    if found is None:
        pytest.skip("no C compiler here: the failing disk of shim.c cannot be built")
    return found


class Disk:
    """What a server writes into `folder` goes through here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library, self.control, self.undo = folder / "shim.so", folder / "control", folder / "undo"
        self.undo.mkdir()
        self.control.write_bytes(bytes(16))
        command = [compiler(), "-shared", "-fPIC", "-O2", "-o", str(self.library), str(SOURCE), "-ldl", "-lpthread"]
        subprocess.run(command, check=True)

    def environ(self, *, undo: bool = False, flush: int | None = None) -> dict[str, str]:
        """Settings for a process; `undo`: the power may be cut; `flush`: it dies at its Nth flush of the database."""
        given = {"LD_PRELOAD": str(self.library), "SHIM_CONTROL": str(self.control)}
        if undo:
            given["SHIM_UNDO"] = str(self.undo)
        if flush is not None:
            given["SHIM_FLUSH"] = str(flush)
        return given

    def wish(self, word: str = "") -> None:
        """A word of LETTERS; without one the disk is sound."""
        self._write(0, LETTERS[word])

    def set_clock(self, seconds: float = 0) -> None:
        """The machine's clock is so much ahead from now on."""
        self._write(8, struct.pack("=q", round(seconds * 1000)))

    def _write(self, place: int, what: bytes) -> None:
        with self.control.open("r+b") as file:
            file.seek(place)
            file.write(what)

    def cut_power(self, chance: random.Random, share: float | None = None) -> int:
        """With every process dead: of what was not flushed, all or some is gone. Returns how many writes were."""
        if share is None:
            share = chance.choice((1.0, chance.random()))
        gone = 0
        for log in sorted(self.undo.iterdir()):
            home = self.folder / log.name.removesuffix(".undo")
            if home.exists():
                gone += _take_back(home, _since_flush(log.read_bytes()), chance, share)
            log.write_bytes(b"")
        for memory in self.folder.glob("*-shm"):
            memory.unlink()
        return gone


Write = tuple[int, int, int, bytes]  # place, length, size of the file before, what stood there


def _since_flush(log: bytes) -> list[Write]:
    """The writes that no flush has covered, oldest first. A record a killed process left half is passed over."""
    found: list[tuple[int, Write]] = []
    flushed = at = 0
    while (at := log.find(MAGIC, at)) >= 0 and at + HEAD.size <= len(log):
        _, kind, place, length, size, held = HEAD.unpack_from(log, at)
        end = at + HEAD.size + held
        if kind == FLUSHED:
            flushed = max(flushed, place)
        elif end <= len(log):
            found.append((at, (place, length, size, log[at + HEAD.size : end])))
        at = end if end <= len(log) else at + 1
    return [write for at, write in found if at >= flushed]


def _take_back(home: Path, writes: list[Write], chance: random.Random, share: float) -> int:
    """A disk writes in whatever order it likes: each place is kept or lost by itself."""
    if not writes:
        return 0
    lost = {place for place in sorted({place for place, *_ in writes}) if chance.random() < share}
    size = max([writes[0][2]] + [place + length for place, length, *_ in writes if place not in lost])
    with home.open("r+b") as file:
        for place, length, _, before in reversed(writes):
            if place in lost:
                file.seek(place)
                file.write(before.ljust(length, b"\0"))
        file.truncate(size)
        os.fsync(file.fileno())
    return sum(place in lost for place, *_ in writes)
