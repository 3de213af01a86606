"""The roster as rows of a workbook, in the words of the screen; ID numbers stay masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portal.ground import i18n
from portal.ground.rules import N_
from portal.ground.sheets import Cell
from portal.words import WORDS

HEAD = (
    N_("Personnel number"), N_("Name"), N_("Sex"), N_("ID number"), N_("Education"), N_("Unit of the post"),
    N_("Unit of the establishment"), N_("Staffing"), N_("On establishment"), N_("In post"), N_("Duty"), N_("Title"),
    N_("Field"), N_("In this post since"),
)  # fmt: skip
WIDTHS = (14, 16, 6, 22, 10, 40, 40, 16, 10, 8, 10, 18, 14, 12)


def head() -> list[str]:
    return [i18n.gettext(title) for title in HEAD]


def in_words(chunks: Iterable[list[tuple]]) -> Iterator[list[list[Cell]]]:
    """Rows of `queries.for_export` with every code in the reader's language."""
    say = {kind: {c: i18n.gettext(w) for c, w in WORDS[kind].items()} for kind in ("education", "staffing", "field")}
    yes = {True: i18n.gettext(N_("Yes")), False: i18n.gettext(N_("No"))}
    sex = {"m": i18n.gettext(N_("Male")), "f": i18n.gettext(N_("Female"))}
    duty = {True: i18n.gettext(N_("Part-time")), False: i18n.gettext(N_("Full-time"))}
    for chunk in chunks:
        yield [
            [
                number, name, sex.get(s, s), masked, say["education"].get(education, education), unit, establishment,
                say["staffing"].get(staffing, staffing), yes[on], yes[in_post], duty[part], title,
                say["field"].get(field, field), since,
            ]
            for (number, name, s, masked, education, unit, establishment, staffing, on, in_post, part, title, field,
                 since) in chunk
        ]  # fmt: skip
