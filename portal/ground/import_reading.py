"""A file's sheets as they come from the reading process: where each header is, and the rows below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from portal.ground.import_header import HEADER_NEEDS, HEADER_WITHIN, SheetHead, find_head, normal_title
from portal.ground.import_rows import Column, WrongColumns, cell_text, shown
from portal.ground.rules import N_
from portal.ground.sheets import Merged, Part, PictureFound, Row, SheetStart

SAMPLES = 3  # cells of a column shown where columns are matched
EMPTY = N_("The file is empty. Download the template to see what it should hold.")


class Reading:
    """Takes sheets portion by portion and gives back data rows with the number of their sheet.

    The first rows of a sheet wait until its header can be told among them.
    """

    def __init__(self, columns: Sequence[Column], remembered: Mapping[str, str]) -> None:
        self._columns, self._remembered = columns, remembered
        self.heads: list[SheetHead] = []
        self.samples: dict[str, list[str]] = {}
        self._name, self._merged = "", ()
        self._waiting: list[Row] | None = None  # rows before the header is known; None: it is

    def rows(self, parts: Iterable[Part]) -> Iterator[tuple[int, list[Row]] | PictureFound]:
        """(number of the sheet, some of its data rows) until the file ends; pictures as they come."""
        for part in parts:
            if isinstance(part, PictureFound):
                yield part
            else:
                yield from self.feed(part)
        yield from self.finish()

    def feed(self, part: SheetStart | list[Row]) -> list[tuple[int, list[Row]]]:
        if isinstance(part, SheetStart):
            ready = self.finish()
            self._name, self._merged, self._waiting = part.name, part.merged, []
            if part.titles:
                self._waiting = None
                self.heads.append(SheetHead(part.name, 0, part.titles, known=len(part.titles), given=True))
            return ready
        if self._waiting is None:
            return self._data(part)
        self._waiting += part
        return self._decide() if len(self._waiting) >= HEADER_WITHIN else []

    def finish(self) -> list[tuple[int, list[Row]]]:
        """What still waits at the end of a sheet."""
        return self._decide() if self._waiting else []

    def _decide(self) -> list[tuple[int, list[Row]]]:
        rows, self._waiting = self._waiting or [], None
        merged: tuple[Merged, ...] = tuple(self._merged)
        head = find_head(self._name, rows[:HEADER_WITHIN], merged, self._columns, self._remembered)
        self.heads.append(head)
        return self._data([row for row in rows if head.row and row.number > head.row])

    def _data(self, rows: list[Row]) -> list[tuple[int, list[Row]]]:
        head = self.heads[-1]
        if head.given:
            return [(len(self.heads) - 1, rows)] if rows else []
        if not head.row:
            return []
        titled = [index for index, title in enumerate(head.titles) if title]
        kept = [
            row for row in rows if any(index < len(row.cells) and cell_text(row.cells[index]) for index in titled)
        ]
        self._sample(head, kept)
        return [(len(self.heads) - 1, kept)] if kept else []

    def _sample(self, head: SheetHead, rows: Sequence[Row]) -> None:
        for row in rows[:SAMPLES]:
            for index, title in enumerate(head.titles):
                seen = self.samples.setdefault(normal_title(title), [])
                text = shown(cell_text(row.cells[index])) if index < len(row.cells) else ""
                if title and text and len(seen) < SAMPLES and text not in seen:
                    seen.append(text[:40])


def sheets_to_use(heads: Sequence[SheetHead]) -> list[int]:
    """The sheets whose header has columns of ours; else the one that comes nearest.

    Raises WrongColumns when no sheet has anything like a header.
    """
    ours = [n for n, head in enumerate(heads) if head.given or head.known >= HEADER_NEEDS]
    if ours:
        return ours
    like = [n for n, head in enumerate(heads) if head.row]
    if not like:
        raise WrongColumns(EMPTY)
    return [max(like, key=lambda n: (heads[n].known, sum(bool(t) for t in heads[n].titles)))]
