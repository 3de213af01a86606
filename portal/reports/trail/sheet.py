"""The lines of the audit trail as a table for spreadsheet programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO

from portal.ground import i18n
from portal.ground.rules import N_
from portal.ground.sheets import Page, neutralise, write_workbook
from portal.reports.trail.queries import Entry, Names
from portal.words import WORDS

HEAD = (
    N_("No."), N_("When"), N_("Act"), N_("Code of the act"), N_("Who"), N_("Personnel number"), N_("From where"),
    N_("Kind of thing"), N_("Number of the thing"), N_("About the person"), N_("Unit"), N_("Codes"), N_("Hash"),
)  # fmt: skip


def head() -> list[str]:
    return [i18n.gettext(title) for title in HEAD]


def row(entry: Entry, names: Names) -> list[str]:
    line = entry.line
    name, number = names.accounts.get(line.account_id or 0, ("", ""))
    return [
        str(entry.seal.number), i18n.show_moment(line.at), act_in_words(line.act), line.act, name, number,
        line.address or "", line.object_kind, line.object_id, names.persons.get(line.person_id or 0, ""),
        names.bodies.get(line.body_id or 0, ""), json.dumps(line.codes, ensure_ascii=False) if line.codes else "",
        entry.seal.hash,
    ]  # fmt: skip


def act_in_words(act: str) -> str:
    word = WORDS["act"].get(act, act)
    return i18n.gettext(word)


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    title = i18n.gettext(N_("Audit trail"))
    return write_workbook([Page(title, [head(), *rows], [8, 18, 26, 24, 12, 16, 16, 16, 16, 16, 30, 40, 40])])


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Comma-separated with a byte order mark, so that spreadsheet programs read Chinese; formulas are escaped."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerows([neutralise(cell) for cell in line] for line in [head(), *rows])
    return target.getvalue().encode("utf-8-sig")
