"""What a roster's row means: a correction, a new post, a matter for somebody else; and which files are read."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from portal.ground import imports
from portal.ground.import_now import import_file
from portal.ground.models import AuditLine, FactChange, ImportBatch
from portal.people.imports import import_officers, kind_of
from portal.people.models import BodyField, Person, Role
from portal.people.queries import id_number_index
from portal.people.roster_import import Officers
from portal.people.rules import check_digit
from tests.imports.workbooks import BODY, ROSTER, id_number, officer, workbook


@pytest.fixture
def take_in(county, tmp_path):
    """Import roster rows as the command line does, and give the report."""

    def run(*rows, account=None, content: bytes | None = None):
        path = tmp_path / "名册.xlsx"
        path.write_bytes(content if content is not None else workbook(rows))
        return import_officers(county.session, path, account=account, now=county.now)

    return run


@pytest.fixture
def more_fields(county):
    county.session.add_all(BodyField(body_id=county.transport.id, field=f) for f in ("urban", "emergency"))
    county.session.flush()


def person(county, number: str = "") -> Person:
    county.session.expire_all()
    return county.session.scalars(
        select(Person).where(Person.id_number_index == id_number_index(number or id_number()))
    ).one()


def only_problem(report):
    (problem,) = report.problems
    return problem


def facts(county) -> list[str]:
    return list(county.session.scalars(select(FactChange.fact)))


def test_a_corrected_fact_changes_the_post_on_record_and_ends_none(county, take_in) -> None:
    take_in(officer())
    report = take_in(officer(编制类型="事业编制", **{"专职/兼职": "兼职"}))
    assert report.changed == 1
    (post,) = person(county).posts
    assert (post.staffing_type, post.part_time, post.ended_on) == ("institution", True, None)
    assert facts(county) == ["post"]


def test_a_corrected_title_puts_nobody_under_re_check_but_leaves_a_line(county, take_in) -> None:
    take_in(officer())
    take_in(officer(职务="二级执法员"))
    assert facts(county) == []
    (line,) = county.session.scalars(select(AuditLine).where(AuditLine.act == "roster_changed")).all()
    assert (line.person_id, line.body_id, line.codes["facts"]) == (person(county).id, county.transport.id, ["title"])


def test_the_establishment_is_corrected_too(county, take_in) -> None:
    take_in(officer())
    take_in(officer(编制所在单位=county.bureau.name))
    (post,) = person(county).posts
    assert post.establishment_body_id == county.bureau.id


def test_several_fields_make_a_main_one_and_further_ones(county, take_in, more_fields) -> None:
    take_in(officer(执法领域="交通运输、城市管理，应急管理"))
    (post,) = person(county).posts
    assert post.field == "transport" and {f.field for f in post.further_fields} == {"urban", "emergency"}
    assert take_in(officer(执法领域="交通运输、应急管理、城市管理")).unchanged == 1
    assert take_in(officer(执法领域="交通运输")).changed == 1
    assert person(county).posts[0].further_fields == []


def test_another_main_field_from_a_later_day_is_a_new_post(county, take_in, more_fields) -> None:
    take_in(officer())
    assert "new post" in only_problem(take_in(officer(执法领域="城市管理"))).message
    take_in(officer(执法领域="城市管理", 任职日期="2025-01-01"))
    old, new = person(county).posts
    assert (old.field, old.ended_on, new.field) == ("transport", date(2024, 12, 31), "urban")


def test_whoever_answers_for_one_field_brings_in_that_field_only(county, take_in, more_fields) -> None:
    account = county.staff(Role.UNIT_ADMIN, county.city, born=date(1980, 1, 1), field="transport")
    assert take_in(officer(), account=account).created == 1
    problem = only_problem(take_in(officer(姓名="吕明", 身份证号=id_number(2), 执法领域="城市管理"), account=account))
    assert (problem.column, problem.message) == ("执法领域", "You do not answer for this field at this body.")
    both = officer(姓名="吕明", 身份证号=id_number(2), 执法领域="交通运输、城市管理")
    assert take_in(both, account=account).parked == 1


def test_a_person_of_another_field_is_not_drawn_away(county, take_in, more_fields) -> None:
    take_in(officer(执法领域="城市管理"))
    account = county.staff(Role.UNIT_ADMIN, county.city, born=date(1980, 1, 1), field="transport")
    problem = only_problem(take_in(officer(任职日期="2025-01-01"), account=account))
    assert "transfer is needed" in problem.remedy


def test_nobody_imports_other_facts_about_himself(county, take_in) -> None:
    take_in(officer())
    account = county.account(person(county), Role.UNIT_ADMIN, county.city)
    assert take_in(officer(), account=account).unchanged == 1
    problem = only_problem(take_in(officer(编制类型="事业编制"), account=account))
    assert (problem.message, problem.remedy) == (
        "This is your own record.", "Leave it to a colleague or to the level above."
    )  # fmt: skip
    assert person(county).posts[0].staffing_type == "civil"


def test_an_account_that_was_disabled_meanwhile_brings_nobody_in(county, take_in, tmp_path) -> None:
    account = county.staff(Role.UNIT_ADMIN, county.city, born=date(1980, 1, 1))
    account.disabled_at = county.now
    county.session.flush()
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([officer()]))
    report = import_file(
        county.session, kind_of, Officers(account), path, account_id=account.id, dry_run=False, now=county.now
    )
    assert report.parked == 1


def test_a_body_that_is_no_more_is_named_no_more(county, take_in) -> None:
    county.transport.abolished_on = date(2026, 1, 1)
    county.session.flush()
    assert "is no more since" in only_problem(take_in(officer())).message


def test_two_bodies_in_one_cell_wait_with_their_names(county, take_in) -> None:
    problem = only_problem(take_in(officer(执法岗位所在单位=f"{BODY}、{county.bureau.name}")))
    assert "several bodies" in problem.message and problem.values["near"] == f"{BODY}、{county.bureau.name}"


def test_a_name_that_could_mean_two_bodies_waits(county, take_in) -> None:
    for name in ("梅河口市执法队（一）", "梅河口市执法队(一)"):
        county.body(name, "enforcement_body", "county", county.city, ["transport"])
    assert take_in(officer(执法岗位所在单位="梅河口市执法队（一）")).created == 1
    problem = only_problem(take_in(officer(身份证号=id_number(2), 执法岗位所在单位="梅河口市执法队〔一）")))
    assert "could mean several" in problem.message and "梅河口市执法队(一)" in problem.values["near"]


def test_an_unknown_area_code_is_a_hint_and_an_abolished_one_is_none(take_in) -> None:
    def number(area: str) -> str:
        first17 = f"{area}19900307001"
        return first17 + check_digit(first17)

    report = take_in(officer(身份证号=number("229999")))
    assert report.created == 1 and only_problem(report).warning
    assert take_in(officer(身份证号=number("220319"))).problems == []  # 公主岭市, 1985 to 1988
    assert take_in(officer(身份证号=number("110101"))).problems == []


def test_a_character_of_a_private_font_is_kept_and_pointed_out(county, take_in) -> None:
    report = take_in(officer(姓名="李\ue863"))
    assert report.created == 1 and only_problem(report).values == {"code": "E863"}
    assert person(county).name == "李\ue863"


def test_a_new_officer_is_found_by_pinyin_and_phone(county, take_in) -> None:
    take_in(officer(姓名="曾敏", 手机号="13844500001"))
    added = person(county)
    assert "zengmin" in added.name_pinyin.split() and "zm" in added.name_initials.split()
    assert added.phone() == "13844500001" and added.phone_index is not None


def test_twins_far_apart_in_the_file_still_name_each_other(take_in) -> None:
    rows = [officer(姓名="安丽华", 身份证号=id_number(n % 999, f"19{60 + n // 999}0307")) for n in range(600)]
    rows[599] |= {"身份证号": rows[3]["身份证号"]}
    report = take_in(*rows)
    assert report.parked == 2
    assert [(p.row, p.values["row"]) for p in report.problems] == [(5, 601), (601, 5)]


def test_a_number_named_far_below_is_not_given_away_above(county, take_in) -> None:
    rows = [officer(身份证号=id_number(n)) for n in range(300)]
    rows[299]["工号"] = "JL00000001"
    assert take_in(*rows).created == 300
    assert person(county, id_number(299)).personnel_number == "JL00000001"


def text(*rows: dict[str, str], encoding: str = "utf-8", divider: str = ",") -> bytes:
    lines = [divider.join(ROSTER), *(divider.join(str(row.get(t, "")) for t in ROSTER) for row in rows)]
    return "\r\n".join(lines).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_its_encoding(county, take_in, encoding) -> None:
    assert take_in(content=text(officer(姓名="安丽华\U00020164"), encoding=encoding)).created == 1
    assert person(county).name == "安丽华\U00020164"


def test_a_text_file_may_be_divided_by_tabs_and_names_the_line(take_in) -> None:
    quoted = officer(职务='"执法\n队员"')
    report = take_in(content=text(quoted, officer(身份证号=id_number(2), 编制类型="在编"), divider="\t"))
    assert report.created == 1
    assert (only_problem(report).row, only_problem(report).line) == (3, 4)


def test_an_id_number_spoiled_by_a_spreadsheet_is_told_in_text_too(take_in) -> None:
    assert "stored as a number" in only_problem(take_in(content=text(officer(身份证号="2.20581E+17")))).message


def test_other_titles_for_the_same_columns_are_understood(county, take_in) -> None:
    titles = {"身份证号": "公民身份号码", "执法岗位所在单位": "单位名称", "手机号": "联系电话"}
    report = take_in({titles.get(t, t): v for t, v in officer(手机号="13844500001").items()})
    assert report.created == 1 and person(county).phone() == "13844500001"
    assert only_problem(report).warning and "公民身份号码 → 身份证号" in only_problem(report).values["pairs"]


def test_rows_of_two_administrators_at_once_neither_collide_nor_double(county, take_in) -> None:
    """Both files were checked before either was imported; the second finds what the first has brought."""
    first = [officer(), officer(姓名="吕明", 身份证号=id_number(2))]
    take_in(*first)
    again = take_in(*first, officer(姓名="黄海", 身份证号=id_number(3)))
    assert again.counts == {"created": 1, "changed": 0, "unchanged": 2, "parked": 0}
    batch = county.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()
    assert imports.report_of(county.session, batch).counts == again.counts
