"""Rosters: good rows go in, faulty ones wait with their reason, the same file twice changes nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event, func, select

from portal.ground import audit_personal, imports
from portal.ground.cockpit_sheets import pages_of_parked
from portal.ground.db import db
from portal.ground.import_desk import Within
from portal.ground.import_models import ImportPortion
from portal.ground.import_rows import WrongColumns
from portal.ground.import_work import Work
from portal.ground.models import AuditLine, FactChange, ImportBatch
from portal.ground.sheets import read_workbook, write_workbook
from portal.people.imports import import_officers, kind_of
from portal.people.models import Person, Post, Role
from portal.people.queries import id_number_index
from portal.people.roster_import import Officers
from portal.people.roster_sheet import read_day
from tests.imports.workbooks import BODY, ROSTER, id_number, officer, workbook


@pytest.fixture
def take_in(county, tmp_path):
    """Import roster rows as the command line does, and give the report."""

    def run(*rows, account=None, dry_run=False, **made):
        path = tmp_path / "名册.xlsx"
        path.write_bytes(workbook(rows, **made))
        return import_officers(county.session, path, account=account, dry_run=dry_run, now=county.now)

    return run


def person(county, number: str = "") -> Person:
    return county.session.scalars(
        select(Person).where(Person.id_number_index == id_number_index(number or id_number()))
    ).one()


def batch(county, report) -> ImportBatch:
    return county.session.get_one(ImportBatch, report.batch_id)


def people(county) -> int:
    return county.session.scalar(select(func.count()).select_from(Person))


def only_problem(report):
    (problem,) = report.problems
    assert report.parked == 1
    return problem


def test_a_new_officer_goes_in_with_the_post(county, take_in) -> None:
    report = take_in(officer(手机号="13844500001"))
    assert report.counts == {"created": 1, "changed": 0, "unchanged": 0, "parked": 0}
    added = person(county)
    assert (added.name, added.sex, added.birth_date) == ("安丽华", "m", date(1990, 3, 7))
    assert added.id_number() == id_number()
    assert added.personnel_number == "JL00000001"
    (post,) = added.posts
    assert (post.body_id, post.establishment_body_id) == (county.transport.id,) * 2
    assert (post.staffing_type, post.field, post.part_time) == ("civil", "transport", False)
    assert post.started_on == date(2020, 3, 1)


def test_neither_id_number_nor_phone_is_kept_in_plain_anywhere(county, take_in) -> None:
    report = take_in(officer(手机号="13844500001", 编制类型="在编"))
    (portion,) = county.session.scalars(select(ImportPortion)).all()
    batch = county.session.get(ImportBatch, report.batch_id)
    for sealed in (batch.sealed_rows, portion.sealed_rows, portion.sealed_found):
        assert id_number().encode() not in sealed and b"13844500001" not in sealed
    lines = county.session.scalars(select(AuditLine).where(AuditLine.act == "import_committed")).all()
    assert [line.codes["parked"] for line in lines] == [1]
    assert id_number() not in repr(report) and "13844500001" not in repr(report)


def test_the_same_file_twice_makes_no_duplicates(county, take_in) -> None:
    rows = [officer(手机号="13844500001"), officer(姓名="吕明", 身份证号=id_number(2))]
    take_in(*rows)
    before = people(county)
    assert take_in(*rows).counts == {"created": 0, "changed": 0, "unchanged": 2, "parked": 0}
    assert people(county) == before
    assert county.session.scalar(select(func.count()).select_from(Post)) == 2


def test_a_dry_run_stores_nothing(county, take_in) -> None:
    assert take_in(officer(), dry_run=True).created == 1
    assert people(county) == 0
    for table in (ImportBatch, ImportPortion):
        assert county.session.scalar(select(func.count()).select_from(table)) == 0


def test_a_changed_post_ends_the_old_one_and_puts_standing_under_re_check(county, take_in) -> None:
    take_in(officer())
    report = take_in(officer(职务="副大队长", 任职日期="2024-05-01"))
    assert report.counts["changed"] == 1
    old, new = person(county).posts
    assert (old.ended_on, new.started_on, new.title) == (date(2024, 4, 30), date(2024, 5, 1), "副大队长")
    assert county.session.scalars(select(FactChange.fact)).all() == ["post"]


def test_a_changed_degree_and_phone_change_the_person_and_no_post(county, take_in) -> None:
    take_in(officer())
    assert take_in(officer(学历="硕士", 手机号="138 4450 0001")).counts["changed"] == 1
    changed = person(county)
    assert (changed.education, changed.phone(), changed.version) == ("master", "13844500001", 2)
    assert len(changed.posts) == 1
    assert county.session.scalars(select(FactChange.fact)).all() == ["education"]  # no decision rests on a phone
    (line,) = county.session.scalars(select(AuditLine).where(AuditLine.act == "roster_changed")).all()
    told = audit_personal.read(county.session, line)
    assert line.person_id == changed.id and line.codes["facts"] == ["education", "phone"]
    assert told == {
        "before": {"education": "bachelor", "phone": ""}, "after": {"education": "master", "phone": "13844500001"}
    }  # fmt: skip
    assert take_in(officer(学历="硕士")).counts["unchanged"] == 1  # an empty phone says nothing


def test_a_post_that_differs_but_begins_earlier_waits(county, take_in) -> None:
    take_in(officer())
    problem = only_problem(take_in(officer(职务="副大队长", 任职日期="2019-01-01")))
    assert problem.column == "任职日期" and "began later" in problem.message and problem.values["day"] == "2020-03-01"


def test_the_good_rows_go_in_and_the_bad_ones_wait(county, take_in) -> None:
    report = take_in(officer(), officer(姓名="吕明", 身份证号=id_number(2), 编制类型="临时工"))
    assert report.counts == {"created": 1, "changed": 0, "unchanged": 0, "parked": 1}
    (problem,) = report.problems
    assert (problem.sheet, problem.row, problem.column, problem.letter) == ("人员", 3, "编制类型", "H")
    assert "劳务派遣" in problem.values["words"]


def test_every_problem_of_a_row_is_told_at_once(take_in) -> None:
    report = take_in(officer(姓名="李?", 编制类型="临时工", 执法领域="农业", 编制所在单位="无此单位", 任职日期="?"))
    assert {p.column for p in report.problems} == {"姓名", "编制类型", "执法领域", "编制所在单位", "任职日期"}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (float(220581199003070010), "stored as a number"),
        (id_number()[:17] + ("1" if id_number()[17] != "1" else "2"), "last character"),
        ("220581199002300011", "date of birth"),
        ("220581900307001", "15-digit"),
        ("2205811990", "18 characters"),
        ("", "empty"),
    ],
)
def test_an_unusable_id_number_says_what_is_wrong(take_in, cell, said) -> None:
    problem = only_problem(take_in(officer(身份证号=cell)))
    assert problem.column == "身份证号" and said in problem.message and problem.remedy


def test_an_id_number_is_shown_only_with_its_middle_masked(take_in) -> None:
    bad = id_number()[:17] + ("1" if id_number()[17] != "1" else "2")
    problem = only_problem(take_in(officer(身份证号=bad)))
    assert problem.text == bad[:6] + "*" * 8 + bad[-4:]


def test_full_width_digits_and_spaces_are_read_as_meant(county, take_in) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in id_number())
    assert take_in(officer(身份证号=f" {wide[:6]}　{wide[6:]} ")).created == 1
    assert person(county).id_number() == id_number()


def test_an_unknown_body_comes_with_the_nearest_names(take_in) -> None:
    problem = only_problem(take_in(officer(执法岗位所在单位="梅河口市交通运输综合执法大队")))
    assert problem.values["near"].split("、")[0] == BODY


def test_a_body_nothing_like_any_other_says_so_too(take_in) -> None:
    problem = only_problem(take_in(officer(编制所在单位="XYZ")))
    assert problem.column == "编制所在单位" and "registered" in problem.message


def test_a_field_in_which_the_body_does_not_enforce_waits(take_in) -> None:
    problem = only_problem(take_in(officer(执法领域="农业")))
    assert problem.column == "执法领域" and problem.values["body"] == BODY


def test_two_rows_with_one_id_number_name_each_other(take_in) -> None:
    report = take_in(officer(), officer(姓名="吕明"))
    assert report.parked == 2
    assert [(p.row, p.values["row"]) for p in report.problems] == [(2, 3), (3, 2)]


def test_an_id_number_on_record_with_another_name_waits(county, take_in) -> None:
    take_in(officer())
    problem = only_problem(take_in(officer(姓名="吕明")))
    assert problem.column == "姓名" and "安丽华" not in repr(problem)
    assert person(county).name == "安丽华"


@pytest.mark.parametrize("name", ["李\ufffd", "李?", "李3"])
def test_a_name_with_a_lost_character_waits(take_in, name) -> None:
    assert only_problem(take_in(officer(姓名=name))).column == "姓名"


RARE = ["𫖯𬱟", "买买提·艾力", "李\U00031350", "\U00020164\u9fb4\u9fbb", "阿" * 50 + "·" + "努尔" * 10]


@pytest.mark.parametrize("name", RARE)
def test_rare_characters_and_dotted_names_go_in(county, take_in, name) -> None:
    assert take_in(officer(姓名=name)).created == 1
    assert person(county).name == name


@pytest.mark.parametrize("cell", ["1979-08-61", "去年三月", "2024031", 45000.5])
def test_an_unreadable_date_says_how_to_write_one(take_in, cell) -> None:
    problem = only_problem(take_in(officer(任职日期=cell)))
    assert "cannot be read" in problem.message and "2024-03-01" in problem.remedy


def test_a_date_to_come_or_before_birth_waits(take_in) -> None:
    assert "future" in only_problem(take_in(officer(任职日期="2027-01-01"))).message
    assert "birth" in only_problem(take_in(officer(任职日期="1980-01-01"))).message


@pytest.mark.parametrize("text", ["2024-03-01", "2024/3/1", "2024.3.1", "2024年3月1日", "20240301", "２０２４-03-01"])
def test_dates_are_read_in_the_usual_ways(text) -> None:
    assert read_day(text) == date(2024, 3, 1)


def test_a_date_cell_is_a_date(county, take_in) -> None:
    take_in(officer(任职日期=date(2024, 3, 1)))
    assert person(county).posts[0].started_on == date(2024, 3, 1)


def test_a_bad_phone_number_waits_and_one_stored_as_a_number_does_not(take_in) -> None:
    assert only_problem(take_in(officer(手机号="0435-422"))).column == "手机号"
    assert take_in(officer(手机号=13844500001)).created == 1


def test_a_personnel_number_that_is_taken_waits(county, take_in) -> None:
    take_in(officer(工号="MH001"))
    other = officer(工号="MH001", 姓名="吕明", 身份证号=id_number(2))
    assert "another person" in only_problem(take_in(other)).message
    assert "another personnel number" in only_problem(take_in(officer(工号="MH002"))).message


def test_merged_cells_among_the_rows_are_named_by_their_range(take_in) -> None:
    report = take_in(officer(), officer(姓名="吕明", 身份证号=id_number(2)), merge="F3:F4")
    assert report.counts["created"] == 1
    assert {p.values["range"] for p in report.problems} == {"F3:F4"}


def test_a_title_above_the_header_does_not_matter(take_in) -> None:
    assert take_in(officer(), above=["全市执法人员名册", "2026 年 11 月"]).created == 1


def test_a_missing_column_refuses_the_whole_file_and_shows_the_header_found(county, take_in) -> None:
    titles = [title for title in ROSTER if title not in ("职务", "学历")]
    with pytest.raises(WrongColumns) as caught:
        take_in(officer(), titles=titles, above=["名册"])
    assert caught.value.values["missing"] == "学历、职务"
    assert caught.value.values["row"] == 2
    assert "身份证号" in caught.value.values["header"]
    assert people(county) == 0


def test_columns_that_may_be_left_out_may_be_left_out(take_in) -> None:
    titles = [title for title in ROSTER if title not in ("工号", "手机号", "编制所在单位")]
    assert take_in(officer(), titles=titles).created == 1


def test_a_column_named_twice_refuses_the_file(take_in) -> None:
    with pytest.raises(WrongColumns):
        take_in(officer(), titles=[*ROSTER, "姓名"])


def test_unknown_columns_are_ignored_with_a_note(take_in) -> None:
    report = take_in(officer(政治面貌="党员"))
    assert report.created == 1
    (note,) = report.problems
    assert note.warning and note.values["columns"] == "政治面貌"


def test_an_importer_brings_in_only_bodies_they_answer_for(county, take_in) -> None:
    stranger = county.staff(Role.UNIT_ADMIN, county.other_city, born=date(1980, 1, 1))
    problem = only_problem(take_in(officer(), account=stranger))
    assert "do not answer" in problem.message
    own = county.staff(Role.UNIT_ADMIN, county.city, born=date(1981, 1, 1))
    assert take_in(officer(), account=own).created == 1


def test_nobody_is_drawn_away_from_a_body_the_importer_does_not_answer_for(county, take_in) -> None:
    take_in(officer())
    own = county.body("集安市交通运输综合行政执法大队", "enforcement_body", "county", county.other_city, ["transport"])
    stranger = county.staff(Role.UNIT_ADMIN, county.other_city, born=date(1980, 1, 1))
    moved = officer(执法岗位所在单位=own.name, 任职日期="2026-01-01")
    assert "transfer is needed" in only_problem(take_in(moved, account=stranger)).remedy
    assert take_in(moved).changed == 1


def test_the_parked_rows_come_back_with_their_reason_and_can_be_sent_in_again(county, take_in) -> None:
    row = officer(编制类型="临时工", 政治面貌="党员")
    report = take_in(officer(姓名="吕明", 身份证号=id_number(2)) | {"政治面貌": ""}, row)
    (sheet,) = read_workbook(write_workbook(pages_of_parked(county.session, batch(county, report))))
    header, parked = sheet.rows
    assert header.cells[-1] == "问题" and "编制类型" in parked.cells[-1]
    assert dict(zip(header.cells, parked.cells, strict=True))["身份证号"] == id_number()
    again = officer(问题=parked.cells[-1])
    assert take_in(again).problems == []


@pytest.fixture
def file(county, tmp_path):
    """A file that was checked and waits, and the work on it."""

    def run(*rows) -> tuple[ImportBatch, Work]:
        path = tmp_path / "a.xlsx"
        path.write_bytes(workbook(rows))
        waiting = imports.receive(
            county.session, Officers(), (None, "0" * 64), file_name="a.xlsx", account_id=None, now=county.now
        )
        work = Work(Within(county.session), waiting.id, kind_of, lambda: county.now, source=path)
        work.run()
        return waiting, work

    return run


def test_a_file_is_committed_once(county, file) -> None:
    waiting, work = file(officer())
    assert people(county) == 0
    imports.commit(county.session, waiting, now=county.now)
    work.run()
    with pytest.raises(imports.BatchClosed):
        imports.commit(county.session, waiting, now=county.now)
    with pytest.raises(imports.BatchClosed):
        imports.discard(county.session, waiting, now=county.now)


def test_rows_are_judged_again_when_they_are_imported(county, file) -> None:
    (first, one), (second, two) = file(officer()), file(officer())
    for waiting, work in ((first, one), (second, two)):
        assert waiting.report["created"] == 1
        imports.commit(county.session, waiting, now=county.now)
        work.run()
    county.session.refresh(second)
    assert second.report == {"created": 0, "changed": 0, "unchanged": 1, "parked": 0}
    assert people(county) == 1


def test_a_discarded_file_keeps_no_rows(county, file) -> None:
    waiting, work = file(officer())
    imports.discard(county.session, waiting, now=county.now)
    work.run()
    assert county.session.scalar(select(func.count()).select_from(ImportPortion)) == 0


def test_six_hundred_rows_cost_no_more_look_ups_than_six(county, take_in) -> None:
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *called: sent.append(called[2]))
    rows = [officer(身份证号=id_number(n), 手机号=f"138{n:08d}") for n in range(600)]
    asked = []
    for some in (rows[:6], rows):
        sent.clear()
        take_in(*some)
        asked.append(sum(statement.startswith("SELECT") for statement in sent))
    assert people(county) == 600
    portions = len(rows) // 250 + 1
    assert asked[1] <= asked[0] * portions  # so many for each portion, whatever it holds
