"""Questions in every form through the one cockpit: what is good goes in, the rest says where it stands and why."""

from __future__ import annotations

import hashlib
from copy import deepcopy
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from portal.bank import operations as bank
from portal.bank.imports import import_questions, kind_of, undo
from portal.bank.intake.questions import Questions
from portal.bank.models import Question, QuestionStatus, QuestionVersion
from portal.bank.writing.models import QuestionPicture
from portal.ground import import_work, imports
from portal.ground.cockpit_sheets import pages_of_parked
from portal.ground.import_desk import Within
from portal.ground.import_models import ImportPicture
from portal.ground.import_rows import ParsedRow, SheetRow
from portal.ground.import_work import Work
from portal.ground.models import ImportBatch
from portal.ground.sheets import NotAWorkbook, Page, UnreadableFile, read_workbook, write_workbook
from question_bank.formats import writing
from question_bank.questions import Kind
from question_bank.questions import Question as Value
from tests.factories import questions
from tests.imports.workbooks import question
from tests.records.pictures_made import flood, portrait, with_place

GIFT = """::Q1:: 行政处罚由哪个机关实施？ { ~县级以上各级机关 =具有行政处罚权的行政机关 ~任何社会组织 }

限制人身自由的行政处罚，只能由法律设定。 {T}

这题没有答案 { ~甲 ~乙 }
"""
TEXT = """1. 行政处罚由哪个机关实施？（　　）
A. 县级以上各级机关
B. 具有行政处罚权的行政机关
C. 任何社会组织
答案：B

2. 限制人身自由的行政处罚，只能由法律设定。（　　）
答案：对
"""


@pytest.fixture
def the_bank(county):
    return bank.create_bank(county.session, "JL-T", "测试题库", county.province, now=county.now)


@pytest.fixture
def take_in(county, the_bank, tmp_path):
    def run(content: str | bytes, name: str, code: str = "JL-T", **more):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_questions(county.session, path, code, now=county.now, **more)

    return run


def stored(county, code: str) -> Question:
    return county.session.scalars(select(Question).where(Question.code == code)).one()


def values(county) -> list[Value]:
    rows = county.session.scalars(select(Question).order_by(Question.code))
    return [Value.from_plain(row.current.body) for row in rows]


def test_gift_goes_in_as_drafts_and_what_has_no_key_waits_with_its_line(county, take_in) -> None:
    report = take_in(GIFT, "题.txt")
    assert report.counts == {"created": 2, "changed": 0, "unchanged": 0, "parked": 1}
    (problem,) = [p for p in report.problems if not p.warning]
    assert (problem.unit, problem.line, problem.column) == ("line", 5, "答案")
    assert "这题没有答案" in problem.text and problem.remedy
    assert [(v.code, v.kind, v.key) for v in values(county)] == [
        ("JL-T-00001", Kind.SINGLE, "B"), ("JL-T-00002", Kind.TRUE_FALSE, "T"),
    ]  # fmt: skip
    assert {row.status for row in county.session.scalars(select(Question))} == {QuestionStatus.DRAFT}
    assert county.session.scalars(select(ImportBatch.form)).one() == "gift"


def test_what_a_draft_lacks_is_said_as_a_hint_at_its_line(take_in) -> None:
    hints = [p for p in take_in(GIFT, "题.txt").problems if p.warning and p.line == 1]
    assert {p.column for p in hints} == {"解析", "法律", "知识点"}


def test_text_as_trainers_write_it_goes_in(county, take_in) -> None:
    assert take_in(TEXT, "题.txt").created == 2
    assert [v.key for v in values(county)] == ["B", "T"]


def test_the_same_file_twice_makes_no_duplicate(county, take_in) -> None:
    take_in(TEXT, "题.txt")
    report = take_in(TEXT, "另一个名字.txt")
    assert (report.created, report.unchanged) == (0, 2)
    assert county.session.scalar(select(func.count()).select_from(QuestionVersion)) == 2


def test_a_number_that_stands_in_many_files_is_no_number_of_this_bank(county, take_in) -> None:
    take_in("::Q1:: 第一题？ { =甲 ~乙 }", "a.gift", form="gift")
    take_in("::Q1:: 别的题？ { =甲 ~乙 }", "b.gift", form="gift")
    assert [v.stem for v in values(county)] == ["第一题？", "别的题？"]


@pytest.mark.parametrize("form", ["moodle", "qti", "gift"])
def test_what_the_bank_gave_out_comes_in_again_unchanged(county, take_in, the_bank, form) -> None:
    for value in questions():
        bank.add_version(county.session, the_bank, value, now=county.now)
    target = form if form in writing.FORMATS else "qti3"
    written = writing.write(questions(), target, title="题")
    lossless = {v.code for v in questions()} - {loss.code for loss in written.losses}
    report = take_in(written.data, f"题.{written.file_name_extension}")
    again = [p for p in report.problems if not p.warning]
    assert again == [] and report.created == 0
    assert report.unchanged >= len(lossless)


def test_a_case_of_a_package_goes_in_whole_under_numbers_of_the_bank(county, take_in) -> None:
    (case,) = [v for v in questions() if v.kind is Kind.CASE_SET]
    target = "qti" if "qti" in writing.FORMATS else "qti3"
    written = writing.write([case], target, title="题")
    report = take_in(written.data, "题.zip")
    assert report.parked == 0
    (made,) = values(county)
    assert made.code == "JL-T-00001" and [i.code for i in made.items] == ["JL-T-00001-1", "JL-T-00001-2"]
    assert [(i.stem, i.key) for i in made.items] == [(i.stem, i.key) for i in case.items]


def pictured(key: str) -> Value:
    return Value("", Kind.SINGLE, f"图中是什么？\n\n![标志](picture:{key})", ("甲", "乙"), "A")


def with_picture() -> bytes:
    content = portrait(kind="JPEG")
    key = hashlib.sha256(content).hexdigest()
    return writing.write([pictured(key)], "moodle", pictures={key: content}, title="题").data


def test_a_picture_comes_in_made_anew_and_the_question_names_the_new_one(county, take_in, the_bank) -> None:
    report = take_in(with_picture(), "题.xml")
    assert report.created == 1
    (made,) = values(county)
    ((_alt, key),) = made.pictures()
    kept = county.session.scalars(select(QuestionPicture)).one()
    assert (kept.sha256, kept.bank_id, kept.media_type) == (key, the_bank.id, "image/jpeg")
    assert county.session.scalar(select(func.count()).select_from(ImportPicture)) == 0


def test_the_same_picture_twice_is_kept_once(county, take_in) -> None:
    take_in(with_picture(), "题.xml")
    assert take_in(with_picture(), "题.xml").unchanged == 1
    assert county.session.scalar(select(func.count()).select_from(QuestionPicture)) == 1


def test_on_a_dry_run_not_even_a_picture_is_stored(county, take_in) -> None:
    assert take_in(with_picture(), "题.xml", dry_run=True).created == 1
    for table in (Question, QuestionPicture, ImportPicture, ImportBatch):
        assert county.session.scalar(select(func.count()).select_from(table)) == 0


def test_what_waits_is_handed_out_with_its_text_and_its_reason(county, take_in) -> None:
    report = take_in(GIFT, "题.txt")
    batch = county.session.get_one(ImportBatch, report.batch_id)
    (sheet,) = read_workbook(write_workbook(pages_of_parked(county.session, batch)))
    head, row = sheet.rows[0].cells, sheet.rows[1].cells
    line = dict(zip(head, row, strict=True))
    assert "这题没有答案" in line["原文"] and "5" in line["问题"] and "答案" in line["问题"]
    assert (line["题干"], line["A"], line["题号"]) == ("这题没有答案", "甲", "※3")


def test_the_corrected_rows_come_in_as_a_sheet_and_get_numbers(county, take_in) -> None:
    report = take_in(GIFT, "题.txt")
    batch = county.session.get_one(ImportBatch, report.batch_id)
    (sheet,) = read_workbook(write_workbook(pages_of_parked(county.session, batch)))
    head, row = ([*line.cells] for line in sheet.rows)
    row[head.index("答案")] = "A"
    again = take_in(write_workbook([Page(sheet.name, [head, row])]), "改好.xlsx")
    assert (again.created, again.parked) == (1, 0)
    assert stored(county, "JL-T-00003").current.body["key"] == "A"


def test_taking_it_back_retires_what_came_in(county, take_in) -> None:
    report = take_in(TEXT, "题.txt")
    assert undo(county.session, report.batch_id, now=county.now) == 2
    assert {row.status for row in county.session.scalars(select(Question))} == {QuestionStatus.RETIRED}
    assert take_in(TEXT, "题.txt").created == 2
    assert county.session.scalar(select(func.count()).select_from(Question)) == 2


def test_text_without_a_question_is_refused_and_says_what_to_do(take_in) -> None:
    with pytest.raises(UnreadableFile) as caught:
        take_in("通知：明天上午开会。\n", "通知.txt")
    assert caught.value.remedy


def test_an_old_document_is_refused_with_the_word_to_save_it_anew(take_in) -> None:
    with pytest.raises(UnreadableFile) as caught:
        take_in(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "题.doc")
    assert ".docx" in caught.value.message + caught.value.remedy


def test_an_old_sheet_is_refused_as_before(take_in) -> None:
    with pytest.raises(NotAWorkbook):
        take_in(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "题.xls")


def test_xml_that_declares_a_document_type_is_refused(take_in) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "甲">]><quiz><question type="truefalse"/></quiz>'
    for content in (bomb.encode(), bomb.encode("utf-16")):
        with pytest.raises(UnreadableFile, match="which no question needs"):
            take_in(content, "题.xml")


def test_a_program_is_no_form_of_questions(take_in) -> None:
    with pytest.raises(UnreadableFile):
        take_in(b"\x7fELF" + bytes(range(32)) * 20, "题.docx")


def test_a_file_that_was_half_read_is_read_again_from_its_beginning(county, the_bank, tmp_path, monkeypatch) -> None:
    path = tmp_path / "题.xml"
    path.write_bytes(with_picture())
    session = county.session
    batch = imports.receive(
        session, Questions(the_bank), (None, "0" * 64), file_name="题.xml", account_id=None, now=county.now
    )
    work = Work(Within(session), batch.id, kind_of, lambda: county.now, source=path)
    with monkeypatch.context() as killed:
        killed.setattr(import_work, "_use_sheets", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work.run()
    assert session.scalar(select(func.count()).select_from(ImportPicture)) == 1
    session.expire_all()
    Work(Within(session), batch.id, kind_of, lambda: county.now, source=path).run()
    session.expire_all()
    row = session.get_one(ImportBatch, batch.id)
    assert (row.state, row.report["created"], row.form) == ("preview", 1, "moodle")
    imports.discard(session, row, now=county.now)
    work.run()
    assert session.scalar(select(func.count()).select_from(ImportPicture)) == 0


def wide() -> bytes:
    """Thirty million points in a few kilobytes."""
    target = BytesIO()
    Image.new("1", (6000, 5000)).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("content", [flood(), wide()], ids=["a lie", "true"])
def test_a_picture_of_too_many_points_stays_behind_and_says_so(county, take_in, content) -> None:
    key = hashlib.sha256(content).hexdigest()
    report = take_in(writing.write([pictured(key)], "moodle", pictures={key: content}, title="题").data, "题.xml")
    assert report.created == 1 and "cannot be kept" in " ".join(p.message for p in report.problems)
    (made,) = values(county)
    assert made.pictures() == () and "[标志]" in made.stem


def test_what_a_camera_wrote_into_a_picture_does_not_come_in(county, take_in) -> None:
    content = with_place()
    key = hashlib.sha256(content).hexdigest()
    take_in(writing.write([pictured(key)], "moodle", pictures={key: content}, title="题").data, "题.xml")
    kept = county.session.scalars(select(QuestionPicture)).one()
    assert b"SECRET" in content and b"SECRET" not in kept.content


def test_who_was_faster_with_the_same_text_is_noticed_before_it_is_stored(county, the_bank) -> None:
    kind = Questions(the_bank)
    rows = [ParsedRow(SheetRow("题", 2, question(题号=""), {}))]
    kind.check(county.session, rows, kind.survey([row.source for row in rows]), now=county.now)
    slower = deepcopy(rows)
    kind.store(county.session, rows, now=county.now)
    with pytest.raises(imports.Stale):
        kind.store(county.session, slower, now=county.now)
