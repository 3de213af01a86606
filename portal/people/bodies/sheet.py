"""The tree of bodies as rows of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.ground import i18n
from portal.ground.rules import N_
from portal.ground.sheets import Cell
from portal.people.models import Body
from portal.words import WORDS

HEAD = (
    N_("Code"), N_("Name"), N_("Kind"), N_("Level"), N_("Division code"), N_("Managed by"), N_("Enforcement fields"),
    N_("Supervision station"), N_("Founded on"), N_("Abolished on"), N_("Confirmed by"), N_("People in post"),
)  # fmt: skip
WIDTHS = [22, 44, 18, 10, 14, 40, 30, 12, 12, 12, 40, 12]


def rows(bodies: Iterable[tuple[Body, str | None, int]]) -> list[list[Cell]]:
    """The header and one row per (body, parent's name, people in post)."""

    def word(kind: str, code: str) -> str:
        return i18n.gettext(WORDS[kind].get(code, code))

    made: list[list[Cell]] = [[i18n.gettext(title) for title in HEAD]]
    yes: Mapping[bool, str] = {True: i18n.gettext(N_("Yes")), False: ""}
    for body, parent, people in bodies:
        fields = "、".join(word("field", f.field) for f in body.fields)
        made.append(
            [
                body.code, body.name, word("body_kind", body.kind), word("level", body.level), body.division_code,
                parent, fields, yes[body.has_supervision_station], body.founded_on, body.abolished_on,
                body.confirmation, people,
            ]
        )  # fmt: skip
    return made
