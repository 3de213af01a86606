"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines of a Markdown table, the first as its head; a single column becomes plain lines."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    width = max((len(row) for row in rows), default=0)
    if width < 2:
        return [row[0] for row in rows]
    lines = ["| " + " | ".join(_cell(row[n] if n < len(row) else "") for n in range(width)) + " |" for row in rows]
    return [lines[0], "|" + " --- |" * width, *lines[1:]]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
