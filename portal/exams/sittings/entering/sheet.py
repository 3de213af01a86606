"""The list of an exam as rows of a workbook, in the words of the screen; ID numbers stay masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portal.exams.sittings.entering.queries import Listed
from portal.ground import i18n
from portal.ground.rules import N_
from portal.ground.sheets import Cell

HEAD = (
    N_("Admission number"), N_("Name"), N_("Personnel number"), N_("ID number"), N_("Entered by unit"), N_("Sitting"),
    N_("Opens at"), N_("Test site"), N_("Test room"), N_("Seat"), N_("Extra minutes"), N_("Withdrawn"),
)  # fmt: skip
WIDTHS = (18, 16, 14, 22, 40, 8, 18, 24, 16, 8, 10, 18)


def head() -> list[str]:
    return [i18n.gettext(title) for title in HEAD]


def in_words(portions: Iterable[list[Listed]]) -> Iterator[list[list[Cell]]]:
    for portion in portions:
        yield [_row(one) for one in portion]


def _row(one: Listed) -> list[Cell]:
    entry, sitting = one.entry, one.sitting
    return [
        entry.admission_number, one.person.name, one.person.personnel_number, one.person.masked_id_number(),
        one.unit.name if one.unit else "", sitting.number if sitting else None,
        i18n.show_moment(sitting.opens_at) if sitting else "", one.site.name if one.site else "",
        one.room.name if one.room else "", entry.seat, entry.extra_minutes or None,
        i18n.show_moment(entry.withdrawn_at) if entry.withdrawn_at else "",
    ]  # fmt: skip
