"""Question sheets: drafts and new versions, every fault named, laws the library does not know marked."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.bank import operations as bank
from portal.bank.imports import import_questions
from portal.bank.models import Citation, Question, QuestionStatus, QuestionVersion, StatusChange
from portal.ground.cockpit_sheets import pages_of_parked
from portal.ground.import_rows import WrongColumns
from portal.ground.models import ImportBatch
from portal.ground.sheets import Page, read_workbook, write_workbook
from portal.library.models import ArticleSummary
from question_bank import sheet_format
from question_bank.questions import Question as Value
from tests.factories import questions
from tests.imports.workbooks import question, workbook


@pytest.fixture
def the_bank(county):
    return bank.create_bank(county.session, "JL-T", "测试题库", county.province, now=county.now)


@pytest.fixture
def take_in(county, the_bank, tmp_path):
    def run(*rows, code="JL-T", dry_run=False, **made):
        path = tmp_path / "题.xlsx"
        path.write_bytes(workbook(rows, **made))
        return import_questions(county.session, path, code, dry_run, now=county.now)

    return run


def stored(county, code: str = "Q-1") -> Question:
    return county.session.scalars(select(Question).where(Question.code == code)).one()


def only_problem(report):
    (problem,) = [p for p in report.problems if not p.warning]
    return problem


CASE = (
    question(题号="C-1", 题型="案例", 题干="某镇巡查。", A="", B="", C="", 答案="", 解析="", 法律="", 版本="", 条=""),
    question(题号="C-1-1", 所属案例="C-1"),
    question(题号="C-1-2", 所属案例="C-1", 题型="判断", A="", B="", C="", 答案="√"),
)


def test_an_imported_question_is_a_draft_with_its_citation(county, take_in) -> None:
    report = take_in(question(条文要点="说明立法目的。"))
    assert report.counts["created"] == 1 and report.problems == []
    row = stored(county)
    assert (row.status, row.current.number, row.current.topic, row.current.difficulty) == ("draft", 1, "总则", 2)
    (cited,) = county.session.scalars(select(Citation)).all()
    assert (cited.law, cited.label, cited.article) == ("测试法", "2020", "第一条")
    (summary,) = county.session.scalars(select(ArticleSummary)).all()
    assert (summary.article, summary.summary) == ("第一条", "说明立法目的。")


def test_a_summary_that_is_there_is_kept(county, take_in) -> None:
    take_in(question(条文要点="说明立法目的。"))
    take_in(question(题号="Q-2", 条文要点="另一种说法。"))
    assert county.session.scalars(select(ArticleSummary.summary)).all() == ["说明立法目的。"]


def test_the_same_file_twice_makes_no_second_version(county, take_in) -> None:
    take_in(question(), *CASE)
    report = take_in(question(), *CASE)
    assert report.counts == {"created": 0, "changed": 0, "unchanged": 4, "parked": 0}
    assert county.session.scalar(select(func.count()).select_from(QuestionVersion)) == 2


def test_a_changed_question_becomes_the_next_version(county, take_in) -> None:
    take_in(question())
    first = stored(county).current
    assert take_in(question(题干="哪一项更正确？")).counts["changed"] == 1
    row = stored(county)
    assert row.current.number == 2 and first.number == 1
    assert Value.from_plain(first.body).stem == "哪一项正确？"


def test_a_new_version_of_an_approved_question_is_a_draft_and_says_so(county, take_in, the_bank) -> None:
    value = sheet_format.read_rows([question()])[0].question
    bank.add_version(county.session, the_bank, value, status=QuestionStatus.APPROVED, now=county.now)
    report = take_in(question(题干="哪一项更正确？"))
    assert report.changed == 1 and [p.warning for p in report.problems] == [True]
    assert stored(county).status == QuestionStatus.DRAFT


def test_a_law_version_the_library_does_not_know_is_marked_and_stays_a_draft(county, take_in) -> None:
    report = take_in(question(版本="1996"))
    (warning,) = report.problems
    assert report.created == 1 and warning.warning and warning.values == {"law": "测试法", "label": "1996"}
    with pytest.raises(bank.NotReady):
        bank.send_to_review(county.session, stored(county), account_id=None, now=county.now)


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"题干": ""}, "题干"),
        ({"题型": "选择"}, "题型"),
        ({"题号": "a b"}, "题号"),
        ({"B": ""}, "A"),
        ({"C": "乙项"}, "A"),
        ({"答案": ""}, "答案"),
        ({"答案": "D"}, "答案"),
        ({"答案": "AB"}, "答案"),
        ({"答案": "甲项"}, "答案"),
        ({"题型": "多选"}, "答案"),
        ({"题型": "判断", "A": "", "B": "", "C": "", "答案": "也许"}, "答案"),
        ({"题型": "填空", "A": "", "B": "", "C": "", "题干": "没有空"}, "题干"),
        ({"题型": "填空", "A": "", "B": "", "C": "", "题干": "____和____", "答案": "一"}, "答案"),
        ({"题型": "填空", "题干": "____", "答案": "一"}, "A"),
        ({"题型": "简答", "A": "", "B": "", "C": "", "答案": "要点见下"}, "答案"),
        ({"难度": "9"}, "难度"),
        ({"认知层次": "背诵"}, "认知层次"),
        ({"所属案例": "C-9"}, "所属案例"),
    ],
)
def test_a_faulty_question_waits_and_its_cell_is_named(county, take_in, changed, column) -> None:
    report = take_in(question(**changed), question(题号="Q-2"))
    assert report.counts == {"created": 1, "changed": 0, "unchanged": 0, "parked": 1}
    problem = only_problem(report)
    assert (problem.row, problem.column) == (2, column) and problem.remedy


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"解析": ""}, "解析"),
        ({"法律": "", "版本": "", "条": ""}, "法律"),
        ({"条": ""}, "法律"),
        ({"知识点": ""}, "知识点"),
    ],
)
def test_what_only_approval_needs_may_be_missing_from_a_draft(county, take_in, changed, column) -> None:
    report = take_in(question(**changed))
    assert (report.created, report.parked) == (1, 0)
    assert [(p.column, p.warning) for p in report.problems] == [(column, True)]
    with pytest.raises(bank.NotReady):
        bank.send_to_review(county.session, stored(county), account_id=None, now=county.now)


def test_a_question_without_number_gets_the_next_of_its_bank(county, take_in) -> None:
    take_in(question(题号="JL-T-00007"))
    take_in(question(题号="", 题干="没有题号的题？"), question(题号="", 题干="又一道？"))
    codes = county.session.scalars(select(Question.code).order_by(Question.code)).all()
    assert codes == ["JL-T-00007", "JL-T-00008", "JL-T-00009"]


def test_a_question_without_number_is_known_again_by_what_it_says(county, take_in) -> None:
    rows = [question(题号="", 题干=f"第 {n} 道？") for n in range(3)]
    assert take_in(*rows).created == 3
    again = take_in(*rows, question(题号="", 题干="新的一道？"))
    assert (again.created, again.unchanged) == (1, 3)
    assert "JL-T-00001" in [p.values["code"] for p in again.problems]


def test_one_question_without_number_that_stands_twice_goes_in_once(county, take_in) -> None:
    report = take_in(question(题号=""), question(题号=""))
    assert (report.created, report.unchanged) == (1, 1)


def test_it_stays_known_after_somebody_has_worked_on_it(county, take_in, the_bank) -> None:
    take_in(question(题号="", 解析=""))
    row = stored(county, "JL-T-00001")
    value = Value.from_plain(row.current.body | {"rationale": "因为如此。"})
    bank.add_version(county.session, the_bank, value, now=county.now)
    assert take_in(question(题号="", 解析="")).unchanged == 1
    assert row.current.number == 2


def test_two_rows_with_one_number_name_each_other(take_in) -> None:
    report = take_in(question(), question(题干="另一题？"))
    assert report.parked == 2
    assert [(p.row, p.values["row"]) for p in report.problems] == [(2, 3), (3, 2)]


def test_a_text_that_the_spreadsheet_made_a_date_waits(county, take_in) -> None:
    assert "date" in only_problem(take_in(question(A=county.today))).message


def test_a_case_goes_in_whole(county, take_in) -> None:
    assert take_in(*CASE).counts["created"] == 3
    value = Value.from_plain(stored(county, "C-1").current.body)
    assert [(item.code, item.key) for item in value.items] == [("C-1-1", "B"), ("C-1-2", "T")]


def test_a_case_waits_whole_when_one_of_its_rows_is_faulty(county, take_in) -> None:
    report = take_in(CASE[0], CASE[1], CASE[2] | {"答案": ""}, question())
    assert report.counts["parked"] == 3 and report.counts["created"] == 1
    assert {(p.row, p.column) for p in report.problems} == {(4, "答案"), (2, "所属案例"), (3, "所属案例")}


def test_a_case_of_one_question_waits(take_in) -> None:
    assert "at least two" in [p.message for p in take_in(*CASE[:2]).problems][0]


def test_a_number_of_another_bank_waits(county, take_in) -> None:
    take_in(question())
    bank.create_bank(county.session, "JL-U", "另一题库", county.province, now=county.now)
    assert "another bank" in only_problem(take_in(question(), code="JL-U")).message


def test_a_bank_code_is_taken_once(county, the_bank) -> None:
    with pytest.raises(bank.BankExists):
        bank.create_bank(county.session, "JL-T", "又一个", county.province, now=county.now)


def test_a_missing_column_refuses_the_whole_file(take_in) -> None:
    with pytest.raises(WrongColumns) as caught:
        take_in(question(), titles=[t for t in sheet_format.TITLES if t not in ("答案", "条文要点")])
    assert caught.value.values["missing"] == "答案"


def test_the_parked_questions_come_back_with_their_reason(county, take_in) -> None:
    batch = county.session.get(ImportBatch, take_in(question(答案="")).batch_id)
    (sheet,) = read_workbook(write_workbook(pages_of_parked(county.session, batch)))
    assert "答案" in sheet.rows[1].cells[-1]


def test_what_a_bank_holds_goes_out_as_a_workbook_and_comes_in_unchanged(county, take_in, the_bank) -> None:
    for value in questions():
        bank.add_version(county.session, the_bank, value, now=county.now)
    rows = [row for value in questions() for row in sheet_format.to_rows(value)]
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    (sheet,) = read_workbook(write_workbook([Page("题", lines)]))
    back = [dict(zip(sheet.rows[0].cells, row.cells, strict=True)) for row in sheet.rows[1:]]
    assert [read.question for read in sheet_format.read_rows(back)] == questions()
    assert take_in(*rows, titles=list(rows[0])).counts["unchanged"] == len(rows)


def test_nobody_approves_what_they_wrote(county, the_bank) -> None:
    author, reviewer = county.officer(), county.officer("吕明", born=county.today.replace(year=1985))
    value = sheet_format.read_rows([question()])[0].question
    with pytest.raises(bank.OwnQuestion):
        bank.add_version(
            county.session, the_bank, value, status=QuestionStatus.APPROVED, account_id=author.id, now=county.now
        )
    bank.add_version(county.session, the_bank, value, account_id=author.id, now=county.now)
    row = stored(county)
    with pytest.raises(bank.WrongStatus):
        bank.approve(county.session, row, account_id=reviewer.id, now=county.now)
    bank.send_to_review(county.session, row, account_id=author.id, now=county.now)
    with pytest.raises(bank.OwnQuestion):
        bank.approve(county.session, row, account_id=author.id, now=county.now)
    bank.approve(county.session, row, account_id=reviewer.id, now=county.now)
    assert row.status == QuestionStatus.APPROVED
    bank.retire(county.session, row, account_id=author.id, now=county.now, note="已修法")
    moves = county.session.scalars(select(StatusChange.status).order_by(StatusChange.id)).all()
    assert moves == ["draft", "review", "approved", "retired"]


def test_a_faulty_question_is_not_sent_to_review(county, the_bank) -> None:
    bank.add_version(county.session, the_bank, questions()[0], now=county.now)
    faulty = Value.from_plain(questions()[0].plain() | {"rationale": ""})
    bank.add_version(county.session, the_bank, faulty, now=county.now)
    with pytest.raises(bank.NotReady):
        bank.send_to_review(county.session, stored(county, "T-1"), account_id=None, now=county.now)
