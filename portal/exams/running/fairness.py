"""The fairness list as rows of a workbook: every incident, who, when, how long, approved by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from portal.exams.running.queries import Line
from portal.exams.running.telling import span
from portal.ground.clock import local
from portal.ground.i18n import gettext
from portal.ground.rules import N_
from portal.ground.sheets import Cell
from portal.words import WORDS

TITLES = (
    N_("Incident no."), N_("What"), N_("Cause"), N_("Sitting"), N_("Room"), N_("Admission number"), N_("Name"),
    N_("What happened"), N_("Hand up"), N_("Work went on"), N_("State"), N_("People given time"),
    N_("Seconds at least"), N_("Seconds at most"), N_("Reported by"), N_("Approved by"), N_("Approved at"),
    N_("Refused because"),
)  # fmt: skip
PAGE_WIDTHS = (6, 16, 8, 6, 14, 14, 10, 40, 19, 19, 10, 8, 10, 10, 10, 10, 19, 30)


def rows_of(lines: Iterable[Line]) -> Iterator[list[Cell]]:
    """The header, then a row per incident."""
    yield [gettext(title) for title in TITLES]
    for line in lines:
        one = line.incident
        yield [
            one.id, _word("incident_kind", one.kind), _word("incident_cause", one.cause),
            line.sitting.number if line.sitting else None, line.room.name if line.room else None,
            line.admission_number, line.person, one.note, _moment(one.reported_at), _moment(one.restored_at),
            _word("incident_state", line.state), line.attempts, line.least, line.most,
            line.names.get(one.reported_by_id), line.names.get(one.approved_by_id or 0), _moment(one.approved_at),
            one.refused_because,
        ]  # fmt: skip


def _word(table: str, code: str) -> str:
    return gettext(WORDS[table][code])


def _moment(moment: datetime | None) -> str | None:
    return local(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else None


def how_much(line: Line) -> str:
    """What people were given for it, as one length or from least to most."""
    if not line.attempts:
        return ""
    if line.least == line.most:
        return span(line.most)
    return gettext(N_("%(a)s to %(b)s"), a=span(line.least), b=span(line.most))
