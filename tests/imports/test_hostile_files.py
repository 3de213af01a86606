"""Files of every form through the command line: a dry run stores nothing, twice is once, tricks are told."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.bank import operations as bank
from portal.bank.exchange.operations import write_out
from portal.ground.db import db
from portal.ground.sheets import MOST_IN_CELL, Page, neutralise, read_workbook, write_workbook
from portal.tables import metadata
from question_bank.formats.writing import write
from question_bank.sheet_format import TITLES
from tests.factories import questions
from tests.imports.test_formats_command import run  # noqa: F401
from tests.imports.test_formats_in import GIFT, TEXT, take_in, the_bank, with_picture  # noqa: F401
from tests.imports.workbooks import question, workbook
from tests.question_bank.formats import fair
from tests.question_bank.formats.docx_files import document
from tests.question_bank.formats.fair import without_own_words

PLAIN = [replace(one, code="") for one in (fair.SINGLE, fair.MULTIPLE, fair.TRUTH)]


def foreign(form: str) -> bytes:
    """A file another program wrote, without numbers of ours."""
    return without_own_words(write(PLAIN, form, title="").data)


def bare_rows() -> list[dict]:
    return [question(题号="", 题干="谁管？"), question(题号="", 题干="怎么管？")]


FILES = {
    "docx": (lambda: document(*TEXT.split("\n")), "题.docx"),
    "text": (lambda: TEXT.encode(), "题.txt"),
    "gift": (lambda: GIFT.encode(), "题.gift"),
    "aiken": (lambda: "谁管？\nA. 甲\nB. 乙\nANSWER: B\n".encode(), "题.aiken"),
    "moodle": (lambda: foreign("moodle"), "题.xml"),
    "moodle with a picture": (with_picture, "图.xml"),
    "qti": (lambda: foreign("qti"), "题.zip"),
    "csv": (lambda: "题型,题干,A,B,答案\n单选,谁管？,甲,乙,B\n".encode("gb18030"), "题.csv"),
    "xlsx": (lambda: workbook(bare_rows(), TITLES), "题.xlsx"),
}  # fmt: skip


def everything() -> dict[str, list]:
    with db.reading() as session:
        return {t.name: sorted(map(repr, session.execute(select(t)).all())) for t in metadata.sorted_tables}


@pytest.mark.parametrize("form", FILES)
def test_a_dry_run_leaves_every_row_of_every_table_as_it_was(run, tmp_path, form) -> None:  # noqa: F811
    make, name = FILES[form]
    before = everything()
    _code, report, said = run(make(), name, "--dry-run")
    assert report["created"] > 0, said
    assert everything() == before
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("form", FILES)
def test_the_same_file_twice_makes_no_duplicate(run, form) -> None:  # noqa: F811
    make, name = FILES[form]
    _code, first, said = run(make(), name)
    assert first["created"] > 0, said
    _code, second, _said = run(make(), name)
    assert (second["created"], second["changed"], second["unchanged"]) == (0, 0, first["created"])


@pytest.mark.parametrize("form", ["gift", "xlsx", "csv"])
def test_text_that_is_shown_backwards_is_told_in_every_form(county, take_in, form) -> None:  # noqa: F811
    stem = "谁\u202e管？"
    content, name = {
        "gift": (f"{stem} {{ =甲 ~乙 }}", "题.gift"),
        "xlsx": (workbook([question(题干=stem)], TITLES), "题.xlsx"),
        "csv": (f"题型,题干,A,B,答案\n单选,{stem},甲,乙,B\n", "题.csv"),
    }[form]
    report = take_in(content, name)
    assert any("hidden sign" in problem.message for problem in report.problems)


def test_a_text_no_cell_holds_is_cut_and_named(county, the_bank) -> None:  # noqa: F811

    value = replace(questions()[0], rationale="据" * (MOST_IN_CELL + 10))
    version = bank.add_version(county.session, the_bank, value, now=county.now)
    county.session.commit()
    with write_out(county.session, the_bank, [version.id], "xlsx", mark=None) as gone:  # type: ignore[arg-type]
        (sheet,) = read_workbook(gone.file.read())
        assert any("longer than a cell" in loss.message for loss in gone.losses)
    assert any(cell == "据" * MOST_IN_CELL for row in sheet.rows for cell in row.cells)


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "\t=1", "＝1+1"]
)
def test_formulas_leave_as_text(text) -> None:
    assert neutralise(text).startswith("'")
    (csv,) = [write([replace(fair.SINGLE, stem=text, rationale=text)], "csv", title="").data.decode("utf-8-sig")]
    assert not re.search(r"(?:^|,)\"?[\t＝=@+-]", csv, re.M)
    (sheet,) = read_workbook(write_workbook([Page("x", [["a"], [text * 20_000]])]))
    assert len(str(sheet.rows[1].cells[0])) >= MOST_IN_CELL - 1  # cut, never left out
