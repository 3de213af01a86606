"""Towns' lists: drawn up by one, laid down by another, kept, compared, evaluated, brought in as files."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, NoResultFound

from portal.ground.import_now import import_file, undo_now
from portal.ground.imports import CannotTakeBack
from portal.ground.models import ImportBatch
from portal.ground.sheets import Page, read_workbook, write_workbook
from portal.library.matters.evaluations import operations as evaluations
from portal.library.matters.evaluations import queries as rounds
from portal.library.matters.evaluations.models import Proposal
from portal.library.matters.lists import operations, queries, sheet
from portal.library.matters.lists.list_import import TownLists
from portal.library.matters.lists.rules import difference
from portal.people.duties.operations import SamePerson
from portal.people.models import Account, BodyKind, Level, Role
from tests.conftest import NOON
from tests.factories import County
from tests.library.shelf_world import SINCE, a_draft, a_matter, a_town, editor, laid_down, signed_in

TODAY = NOON.date()


@pytest.fixture
def two(county: County):
    return a_matter(county), a_matter(county, "FQ-2", field="market", title="对无照经营的处罚")


def test_a_list_is_in_force_from_its_day_once_somebody_else_laid_it_down(county: County, two):
    town = a_town(county)
    row = laid_down(county, town, two, TODAY)
    assert queries.list_in_force(county.session, town.id, TODAY).id == row.id
    assert queries.list_in_force(county.session, town.id, date(2026, 11, 22)) is None


def test_whoever_had_a_hand_in_the_draft_does_not_lay_it_down(county: County, two):
    writer, changer, town = editor(county), editor(county), a_town(county)
    row = a_draft(county, town, two, account=writer)
    operations.change_draft(
        county.session, row, two[:1], in_force_from=SINCE, document="公告", seen=1, account=changer, now=NOON
    )
    for account in (writer, changer):
        with pytest.raises(SamePerson):
            operations.publish(county.session, row, account=account, now=NOON)
    operations.publish(county.session, row, account=editor(county), now=NOON)
    assert list(queries.contents(county.session, row.id)) == [two[0].matter_id]


def test_a_list_without_matters_document_or_order_is_not_laid_down(county: County, two):
    town = a_town(county)
    laid_down(county, town, two, TODAY)
    for matters, document, since in ((), "公告", TODAY), (two, "", TODAY), (two, "公告", SINCE):
        row = operations.draw_up(
            county.session, town, matters, in_force_from=since, document=document, account=None, now=NOON
        )
        with pytest.raises(operations.NotReady):
            operations.publish(county.session, row, account=editor(county), now=NOON)
        operations.throw_away(county.session, row, account=None, now=NOON)


def test_a_matter_that_has_ended_keeps_a_list_from_being_laid_down(county: County, two):
    ended = a_matter(county, in_force_until=date(2025, 6, 30))
    row = a_draft(county, a_town(county), [ended], TODAY)
    with pytest.raises(operations.NotReady, match="FQ-1"):
        operations.publish(county.session, row, account=editor(county), now=NOON)


def test_a_town_has_one_draft_and_a_thrown_away_one_leaves_no_gap(county: County, two):
    town = a_town(county)
    row = a_draft(county, town, two)
    with pytest.raises(operations.DraftThere):
        a_draft(county, town, two)
    operations.throw_away(county.session, row, account=None, now=NOON)
    assert a_draft(county, town, two).number == 1


def test_whoever_saw_an_older_draft_changes_nothing(county: County, two):
    row, account = a_draft(county, a_town(county), two), editor(county)
    change = {"in_force_from": SINCE, "document": "公告", "seen": 1, "account": account, "now": NOON}
    operations.change_draft(county.session, row, two, **change)
    with pytest.raises(operations.ChangedMeanwhile):
        operations.change_draft(county.session, row, two, **change)


def test_what_came_went_and_changed_between_two_versions(county: County, two):
    one, other = two
    newer = a_matter(county, title="改名")
    third = a_matter(county, "FQ-3")
    found = difference({one.matter_id: one, other.matter_id: other}, {one.matter_id: newer, third.matter_id: third})
    assert (found.gained, found.lost, found.changed) == ((third,), (other,), ((one, newer),))


def test_the_database_keeps_a_list_that_was_laid_down(county: County, two):
    row = laid_down(county, a_town(county), two[:1])
    drafted = a_draft(county, a_town(county, "白石镇人民政府"), two)
    for act in (
        f"UPDATE town_list SET document = 'x' WHERE id = {row.id}",
        f"DELETE FROM town_list_entry WHERE list_id = {row.id}",
        f"UPDATE town_list_entry SET version_id = {two[1].id} WHERE list_id = {row.id}",
        f"INSERT INTO town_list_entry (list_id, matter_id, version_id) VALUES ({row.id}, {two[1].matter_id}, 1)",
        f"DELETE FROM town_list WHERE id = {drafted.id}",
        f"UPDATE town_list SET state = 'published', published_by_id = {editor(county).id} WHERE id = {drafted.id}",
    ):
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            county.session.connection().exec_driver_sql(act)


def test_an_article_leads_to_towns_and_to_the_officers_who_work_there(county: County, two):
    town, other = a_town(county), a_town(county, "白石镇人民政府")
    team = county.body("青沟镇综合行政执法队", BodyKind.TOWN_TEAM, Level.TOWN, town)
    laid_down(county, town, two[:1]), laid_down(county, other, two[1:])
    county.post(county.person("甲", born=date(1991, 1, 1)), town, field="urban")
    county.post(county.person("乙", born=date(1991, 1, 2)), team, field="urban")
    county.post(county.person("丙", born=date(1991, 1, 3)), other, field="urban")
    towns = queries.towns_with(county.session, [two[0].matter_id], TODAY)
    ids = [body.id for body in towns]
    assert towns == [town] and queries.count_officers_of_towns(county.session, ids) == 2
    assert {p.person.name for p in queries.officers_of_towns(county.session, ids)} == {"甲", "乙"}
    keeper = county.staff(Role.UNIT_ADMIN, team, born=date(1970, 2, 2))
    county.session.refresh(keeper, ["grants"])
    assert [p.person.name for p in queries.officers_of_towns(county.session, ids, keeper)] == ["乙"]


def test_a_county_at_a_glance_counts_fields_and_names_towns_without_a_list(county: County, two):
    town, _lacking = a_town(county), a_town(county, "白石镇人民政府")
    a_town(county, "外县镇人民政府", county.other_city)
    laid_down(county, town, two)
    rows, total, lack = queries.at_a_glance(county.session, editor(county, county.city), TODAY)
    assert (total, lack) == (2, 1)
    assert [(g.body.name, g.total, dict(g.fields)) for g in rows if g.list] == [
        ("青沟镇人民政府", 2, {"urban": 1, "market": 1})
    ]


def test_a_grant_for_one_field_keeps_no_list(county: County):
    town = a_town(county)
    account = editor(county, county.city, field="urban")
    assert not county.session.scalars(queries.select(queries.Body).where(queries.kept_towns(account))).all()
    with pytest.raises(NoResultFound):
        queries.town(county.session, account, town.id, keep=True)


def test_an_evaluation_asks_every_matter_and_is_closed_once(county: County, two):
    row, account = laid_down(county, a_town(county), two), editor(county)
    opened = evaluations.open_round(
        county.session, row, period_from=SINCE, period_until=TODAY, account=account, now=NOON
    )
    first, second = row.entries
    note = {"capable": True, "proposal": Proposal.KEEP, "remark": "", "account": account, "now": NOON}
    evaluations.note_finding(county.session, opened, first, times_used=3, **note)
    assert evaluations.note_finding(county.session, opened, first, times_used=3, **note) is None
    with pytest.raises(evaluations.NotComplete):
        evaluations.close_round(county.session, opened, "结论", account=account, now=NOON)
    returned = note | {"capable": False, "proposal": Proposal.RETURN}
    with pytest.raises(evaluations.NotComplete):  # a return says why
        evaluations.note_finding(county.session, opened, second, times_used=0, **returned)
    evaluations.note_finding(county.session, opened, second, times_used=0, **returned | {"remark": "无专业力量"})
    evaluations.note_finding(county.session, opened, first, times_used=4, **note)  # a correction counts
    tally = rounds.tally(county.session, opened)
    assert (tally.found, tally.used, tally.times, tally.incapable, tally.returned) == (2, 1, 4, 1, 1)
    evaluations.close_round(county.session, opened, "交回一项", account=account, now=NOON)
    with pytest.raises(evaluations.NotOpen):
        evaluations.note_finding(county.session, opened, first, times_used=9, **note)
    with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
        county.session.connection().exec_driver_sql("UPDATE list_evaluation SET conclusion = 'x'")


def _file(folder: Path, rows: list[list]) -> Path:
    path = folder / "lists.xlsx"
    path.write_bytes(write_workbook([Page("清单", [[c.title for c in sheet.COLUMNS], *rows])]))
    return path


def _in(county: County, path: Path, account: Account | None = None):
    kind, who = TownLists(account), account.id if account else None
    return import_file(county.session, lambda *_: kind, kind, path, account_id=who, dry_run=False, now=NOON)


def test_a_sheet_makes_a_draft_for_each_town_and_parks_a_town_with_a_wrong_row(county: County, two, tmp_path: Path):
    town, other = a_town(county), a_town(county, "白石镇人民政府")
    rows = [[name, code, "", "2026-01-01", "公告"] for name, code in (
        (town.name, "FQ-1"), (town.code, "FQ-2"), (other.name, "FQ-1"), (other.name, "FQ-99"), ("无名镇", "FQ-1")
    )]  # fmt: skip
    path = _file(tmp_path, rows)
    report = _in(county, path)
    assert (report.created, report.parked) == (2, 3)
    drafted = queries.draft(county.session, town.id)
    assert drafted.in_force_from == date(2026, 1, 1) and len(drafted.entries) == 2
    assert queries.draft(county.session, other.id) is None
    again = _in(county, path)
    assert (again.created, again.unchanged) == (0, 2)


def test_an_import_of_lists_is_taken_back_until_one_is_laid_down(county: County, two, tmp_path: Path):
    town = a_town(county)
    path = _file(tmp_path, [[town.name, "FQ-1", "", "2026-01-01", "公告"]])
    report, kind = _in(county, path), TownLists()
    undo_now(county.session, lambda *_: kind, county.session.get_one(ImportBatch, report.batch_id), now=NOON)
    assert queries.draft(county.session, town.id) is None
    report = _in(county, path)
    row = queries.draft(county.session, town.id)
    operations.publish(county.session, row, account=editor(county), now=NOON)
    with pytest.raises(CannotTakeBack, match="青沟镇"):
        undo_now(county.session, lambda *_: kind, county.session.get_one(ImportBatch, report.batch_id), now=NOON)


def test_an_editor_of_another_county_brings_no_list(county: County, two, tmp_path: Path):
    path = _file(tmp_path, [[a_town(county).name, "FQ-1", "", "2026-01-01", "公告"]])
    assert _in(county, path, editor(county, county.other_city)).parked == 1


def test_through_the_door_from_draft_to_evaluation(app, web_county: County):
    town = a_town(web_county)
    matters = [a_matter(web_county), a_matter(web_county, "FQ-2", title="对无照经营的处罚")]
    web_county.session.commit()
    writer, second = editor(web_county, web_county.city), editor(web_county, web_county.city)
    leader = web_county.staff(Role.LEADER, web_county.city, born=date(1969, 9, 9))
    web_county.session.commit()
    client, base = signed_in(app, writer), f"/library/lists/{town.id}"
    assert client.post(f"{base}/draft", data={"how": "other", "from": "无此镇"}).headers["Location"] == base
    assert client.post(f"{base}/draft", data={"how": "empty"}).status_code == 303
    assert "FQ-2" in client.get(f"{base}/draft").text
    saved = {"version": "1", "in_force_from": "2026-01-01", "document": "清单公告", "matter": str(matters[0].id)}
    assert client.post(f"{base}/draft/save", data=saved).status_code == 303
    assert client.post(f"{base}/draft/publish", data={"version": "2"}).status_code == 403
    assert signed_in(app, leader).get(f"{base}/1").status_code == 404  # a draft is nobody else's business
    other = signed_in(app, second)
    assert f'mf-btn--go" href="{base}/1"' in other.get(base).text
    assert other.post(f"{base}/draft/publish", data={"version": "1"}).status_code == 409  # it was changed since
    assert other.post(f"{base}/draft/publish", data={"version": "2"}).status_code == 303
    page = signed_in(app, leader).get(f"{base}/1").text
    assert "FQ-1" in page and "FQ-2" not in page
    assert client.post(f"{base}/draft", data={"how": "own"}).status_code == 303
    client.post(f"{base}/draft/save", data=saved | {"matter": str(matters[1].id)})
    assert "对无照经营的处罚" in client.get(f"{base}/2").text
    assert client.post(f"{base}/draft/discard").status_code == 303
    exported = read_workbook(client.get(f"{base}/1/export.xlsx").data)
    assert exported[0].rows[1].cells[:2] == (town.name, "FQ-1")
    begun = client.post(
        f"/library/evaluations/of/{town.id}/1", data={"period_from": "2026-01-01", "period_until": "2026-11-01"}
    )
    at = begun.headers["Location"]
    entry = re.search(r"times-(\d+)", client.get(at).text)[1]
    client.post(f"{at}/findings", data={f"times-{entry}": "7", f"capable-{entry}": "yes"})
    assert client.post(f"{at}/close", data={"conclusion": "继续实施"}).status_code == 303
    assert "继续实施" in signed_in(app, leader).get(at).text
    assert BytesIO(client.get(f"{at}/export.xlsx").data).read(2) == b"PK"
    for address in ("/library/lists", "/library/lists?lacking=1", base, "/library/evaluations"):
        assert client.get(address).status_code == 200, address


def test_an_officer_reads_the_list_of_his_own_town_and_of_no_other(app, web_county: County, statements):
    town, other = a_town(web_county), a_town(web_county, "白石镇人民政府")
    team = web_county.body("青沟镇综合行政执法队", BodyKind.TOWN_TEAM, Level.TOWN, town)
    laid_down(web_county, town, [a_matter(web_county)]), laid_down(web_county, other, [a_matter(web_county, "FQ-2")])
    officer = web_county.account(web_county.person("柳依依", born=date(1992, 3, 4)), Role.OFFICER, team)
    web_county.post(officer.person, team, field="urban")
    elsewhere = web_county.officer("祁书航", born=date(1992, 3, 5))
    web_county.session.commit()
    client = signed_in(app, officer)
    statements.clear()
    page = client.get("/library/lists/mine").text
    assert "FQ-1" in page and "FQ-2" not in page and len(statements) <= 14
    assert client.get(f"/library/lists/{town.id}/1").status_code == 200
    assert client.get(f"/library/lists/{other.id}/1").status_code == 404
    assert client.get("/library/lists").status_code == 403
    assert signed_in(app, elsewhere).get("/library/lists/mine").status_code == 200


def test_the_glance_costs_few_statements(app, web_county: County, statements):
    account, matter = editor(web_county, web_county.city), a_matter(web_county)
    for number in range(12):
        laid_down(web_county, a_town(web_county, f"第{number}镇人民政府"), [matter])
    web_county.session.commit()
    client = signed_in(app, account)
    statements.clear()
    assert client.get("/library/lists").status_code == 200
    assert len(statements) <= 12
