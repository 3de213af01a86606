"""What stands in a cell of the board, in the reader's words; the page and its poll say the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.exams.running.board import Cell
from portal.exams.running.rules import Seen
from portal.ground.clock import local
from portal.ground.i18n import gettext
from portal.ground.rules import N_

MINUTE = timedelta(minutes=1)
AT_WORK = (Seen.WORKING, Seen.OFFLINE, Seen.PAUSED)


def told(cell: Cell, now: datetime) -> dict[str, str]:
    """answered, left, heard, notes; each empty where there is nothing to say."""
    started = cell.attempt_id is not None
    return {
        "answered": gettext(N_("%(a)s of %(n)s answered"), a=cell.answered, n=cell.items) if started else "",
        "left": _left(cell, now),
        "heard": _heard(cell),
        "notes": _notes(cell),
    }


def _left(cell: Cell, now: datetime) -> str:
    left = cell.left(now)
    if left is None:
        return gettext(N_("at %(time)s"), time=clock_time(cell.ended)) if cell.ended else ""
    if left < MINUTE:
        return gettext(N_("under 1 min left"))
    return gettext(N_("%(n)s min left"), n=left // MINUTE)


def _heard(cell: Cell) -> str:
    if cell.heard is None or cell.state not in AT_WORK:
        return ""
    return gettext(N_("heard %(time)s"), time=clock_time(cell.heard))


def _notes(cell: Cell) -> str:
    notes = []
    if cell.unsent and cell.state in AT_WORK:
        notes.append(gettext(N_("%(n)s not sent yet"), n=cell.unsent))
    if cell.away[0]:
        notes.append(gettext(N_("away %(n)s times, %(s)s s"), n=cell.away[0], s=cell.away[1]))
    return " · ".join(notes)


def clock_time(moment: datetime) -> str:
    """As the wall clock in the hall shows it: 10:32:05."""
    return local(moment).strftime("%H:%M:%S")


def span(seconds: float) -> str:
    """A length of time, with its sign: 12 min 30 s."""
    whole = round(abs(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes and rest:
        said = gettext(N_("%(m)s min %(s)s s"), m=minutes, s=rest)
    else:
        said = gettext(N_("%(m)s min"), m=minutes) if minutes else gettext(N_("%(s)s s"), s=rest)
    return f"−{said}" if seconds < 0 else said
