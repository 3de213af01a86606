"""The oracle: what was sent and what was acknowledged, on a disk of its own, held against what is stored."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams.models import AnswerChange

Key = tuple[int, int, int]  # attempt, epoch, sequence
FLUSH_EVERY = 200  # lines


@dataclass
class Verdict:
    """All of it must be empty or zero; what was sent and not acknowledged may be either."""

    lost: list[Key] = field(default_factory=list)  # acknowledged, not stored as sent
    phantom: list[Key] = field(default_factory=list)  # stored, never sent so
    regressed: list[tuple[int, int]] = field(default_factory=list)  # attempt, item: an older answer stands

    @property
    def clean(self) -> bool:
        return not (self.lost or self.phantom or self.regressed)


class Ledger:
    """Lines "s" (about to be sent) and "a" (acknowledged), flushed in portions; one for a whole run."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._lines = 0
        self.sent: dict[Key, tuple[int, str]] = {}
        self.acknowledged: set[Key] = set()

    def note_sent(self, key: Key, item: int, answer: str) -> None:
        with self._lock:
            self.sent[key] = (item, answer)
            self._write(f"s {key} {item} {answer}")

    def note_acknowledged(self, key: Key) -> None:
        with self._lock:
            self.acknowledged.add(key)
            self._write(f"a {key}")

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._lines += 1
        if self._lines % FLUSH_EVERY == 0:
            self._file.flush()
            os.fsync(self._file.fileno())

    def take_in(self, path: Path) -> None:
        """What a process of its own wrote down in these lines; its last one may be half. See saver.py."""
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            what, attempt_id, epoch, sequence, *rest = line.split()
            key = (int(attempt_id), int(epoch), int(sequence))
            if what == "s":
                self.note_sent(key, int(rest[0]), rest[1])
            else:
                self.note_acknowledged(key)

    def judge(self, session: Session, attempt_ids: list[int]) -> Verdict:
        """Hold the ledger against the journal of these attempts."""
        verdict, stored = Verdict(), {}
        rows = select(
            AnswerChange.attempt_id, AnswerChange.epoch, AnswerChange.sequence, AnswerChange.item, AnswerChange.answer
        ).where(AnswerChange.attempt_id.in_(attempt_ids))
        for row in session.execute(rows):
            stored[row.attempt_id, row.epoch, row.sequence] = (row.item, row.answer)
        verdict.lost = [key for key in self.acknowledged if stored.get(key) != self.sent[key]]
        verdict.phantom = [key for key, value in stored.items() if self.sent.get(key) != value]
        verdict.regressed = self._regressed(stored)
        return verdict

    def _regressed(self, stored: dict[Key, tuple[int, str]]) -> list[tuple[int, int]]:
        newest: dict[tuple[int, int], Key] = defaultdict(lambda: (0, 0, 0))
        for key, (item, _) in stored.items():
            newest[key[0], item] = max(newest[key[0], item], key)
        found = []
        for key in self.acknowledged:
            item = self.sent[key][0]
            if newest[key[0], item] < key:
                found.append((key[0], item))
        return found
