"""What a piece of work takes, in counts that are the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.ground.db import Base


@dataclass
class Work:
    """Statements sent, the most parameters of one, objects loaded, and calls of functions (Python's and C's)."""

    statements: int = 0
    parameters: int = 0
    objects: int = 0
    calls: int = 0


@contextmanager
def counted(session: Session) -> Iterator[Work]:
    """Everything this session and this thread do inside the block."""
    work, engine = Work(), session.get_bind()

    def sent(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any) -> None:
        work.statements += 1
        work.parameters = max(work.parameters, len(parameters))

    def loaded(*_told: Any) -> None:
        work.objects += 1

    def called(_frame: FrameType, what: str, _of: Any) -> None:
        work.calls += what in ("call", "c_call")

    session.expunge_all()
    event.listen(engine, "before_cursor_execute", sent)
    event.listen(Base, "load", loaded, propagate=True)
    sys.setprofile(called)
    try:
        yield work
    finally:
        sys.setprofile(None)
        event.remove(Base, "load", loaded)
        event.remove(engine, "before_cursor_execute", sent)
