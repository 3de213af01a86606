"""Where a sheet's header is, and which of its titles is which of our columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from portal.ground.import_rows import Column, WrongColumns, cell_text, shown
from portal.ground.rules import N_
from portal.ground.sheets import Cell, Merged, Row

HEADER_WITHIN = 20  # rows from the top in which the header is looked for
HEADER_NEEDS = 3  # known columns that make a row a header


@dataclass(frozen=True)
class SheetHead:
    """A sheet's name, the row of its header (0: none was found), and its titles as written, from column A on.

    `merged` are merged ranges as (first row, last row, first column, last column, name), in order of rows.
    """

    name: str
    row: int
    titles: tuple[str, ...]
    merged: tuple[tuple[int, int, int, int, str], ...] = ()
    known: int = 0  # how many of the titles are columns of ours
    given: bool = False  # by a reader that names our own columns: nothing is to be matched

    def merged_over(self, first: int, last: int, wanted: Sequence[int]) -> list[tuple[int, int, str]]:
        """The merged ranges over these rows that cover one of the wanted columns, as (first row, last row, name)."""
        return [
            (top, bottom, name)
            for top, bottom, left, right, name in self.merged
            if top <= last and bottom >= first and any(left <= index <= right for index in wanted)
        ]


@dataclass(frozen=True)
class Match:
    """What a header's columns are: index → title (unknown ones under their own), and what is not there."""

    titles: Mapping[int, str]
    found: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)  # our column → the file's other title for it


def normal_title(cell: Cell) -> str:
    """A column title without width, spaces, line breaks and the star of a required column."""
    folded = unicodedata.normalize("NFKC", cell_text(cell))
    return "".join(folded.split()).strip("*")


def known_titles(columns: Sequence[Column], remembered: Mapping[str, str]) -> dict[str, str]:
    """Every title under which a column is known, in its normal form → the column."""
    ours = {c.title for c in columns}
    known = {normal_title(also): c.title for c in columns for also in c.also}
    known |= {title: column for title, column in remembered.items() if column in ours}
    return known | {normal_title(c.title): c.title for c in columns}


def find_head(
    name: str, rows: Sequence[Row], merged: Sequence[Merged], columns: Sequence[Column], remembered: Mapping[str, str]
) -> SheetHead:
    """The header among a sheet's first rows: the one with most known titles, else the fullest."""
    known = known_titles(columns, remembered)
    counts = [len({known[n] for c in row.cells if (n := normal_title(c)) in known}) for row in rows]
    best = max(counts, default=0)
    if best >= HEADER_NEEDS:
        at = counts.index(best)
    else:
        filled = [sum(isinstance(c, str) and bool(c.strip()) for c in row.cells) for row in rows]
        if max(filled, default=0) < HEADER_NEEDS:
            return SheetHead(name, 0, (), (), best)
        at = filled.index(max(filled))
    titles = tuple(cell_text(c) for c in rows[at].cells)
    areas = sorted(
        (a.first_row, a.last_row, a.first_column, a.last_column, a.name)
        for a in merged
        if a.last_row > rows[at].number and a.first_column < len(titles)
    )
    return SheetHead(name, rows[at].number, titles, tuple(areas), best)


def given_match(head: SheetHead) -> Match:
    """A head whose reader gave our own columns."""
    return Match(dict(enumerate(head.titles)), head.titles, (), ())


def match(
    columns: Sequence[Column], head: SheetHead, remembered: Mapping[str, str], chosen: Mapping[str, str] | None,
    silent: Sequence[str],
) -> Match:  # fmt: skip
    """Which title is which column: by its own name, as chosen, as remembered, then by the other names we know.

    Raises WrongColumns when a column is named twice.
    """
    ours = {normal_title(c.title): c.title for c in columns}
    places: dict[str, list[int]] = {}
    for index, title in enumerate(head.titles):
        if title:
            places.setdefault(normal_title(title), []).append(index)
    for title, indexes in places.items():
        if len(indexes) > 1 and title in known_titles(columns, remembered):
            raise WrongColumns(
                N_("Row %(row)s of sheet %(sheet)s names the column %(column)s twice. Remove one of them."),
                row=head.row, sheet=head.name, column=ours.get(title, title),
            )  # fmt: skip
    at: dict[str, int] = {}  # our column → index
    for column in columns:
        for title in _names(column, remembered, chosen):
            if title in places and places[title][0] not in at.values():
                at[column.title] = places[title][0]
                break
    titles = {index: column for column, index in at.items()}
    titles |= {i: t for i, t in enumerate(head.titles) if t and i not in titles and normal_title(t) not in ours}
    return Match(
        dict(sorted(titles.items())),
        tuple(at),
        tuple(c.title for c in columns if c.required and c.title not in at),
        tuple(t for i, t in sorted(titles.items()) if i not in at.values() and t not in silent),
        {c: head.titles[i] for c, i in at.items() if normal_title(head.titles[i]) != normal_title(c)},
    )


def _names(column: Column, remembered: Mapping[str, str], chosen: Mapping[str, str] | None) -> list[str]:
    """The normal forms under which a column may stand; where somebody has chosen, only the choice."""
    if chosen is not None and column.title in chosen:
        return [normal_title(chosen[column.title])] if chosen[column.title] else []
    own = [normal_title(column.title)]
    return own + [t for t, c in remembered.items() if c == column.title] + [normal_title(a) for a in column.also]


def lacking(head: SheetHead, found: Match) -> WrongColumns:
    """The refusal of a sheet that lacks columns, with its header as it was read."""
    return WrongColumns(
        N_(
            "Sheet %(sheet)s lacks the columns %(missing)s. Row %(row)s was read as its header: %(header)s. "
            "Add the columns or use the template; nothing was imported."
        ),
        sheet=head.name,
        missing="、".join(found.missing),
        row=head.row,
        header=shown("、".join(filter(None, head.titles))),
    )
