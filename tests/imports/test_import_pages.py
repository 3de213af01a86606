"""The cockpit in the browser: check, look, import, keep the report, take back; and whose batch it is."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from portal import rounds
from portal.bank import operations as bank
from portal.bank.models import Question
from portal.ground import clock, import_jobs, import_portions
from portal.ground.db import db
from portal.ground.import_models import ImportPortion
from portal.ground.import_portions import raw_rows
from portal.ground.models import BatchState, ImportBatch
from portal.ground.sheets import read_workbook
from portal.people.models import Person, Role
from tests.factories import PASSWORD
from tests.imports.workbooks import ROSTER, id_number, officer, question, workbook

ROSTERS = "/roster/import/"


@pytest.fixture
def enter(app, web_county):
    """A browser signed in with a role at a body."""

    def run(role: Role, body=None, born: date = date(1980, 1, 1)):
        account = web_county.staff(role, body or web_county.city, born=born)
        web_county.session.commit()
        client = app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        client.set_cookie("mingfa_lang", "en")
        return client

    return run


def send(client, content: bytes, name: str = "名册.xlsx", to: str = ROSTERS):
    return client.post(to, data={"file": (BytesIO(content), name)})


def checked(client, *rows, to: str = ROSTERS) -> str:
    """Send rows, let the worker check them, and give the address of the page they are shown on."""
    answer = send(client, workbook(rows), to=to)
    assert answer.status_code == 302, answer.text
    rounds.run_imports()
    return answer.headers["Location"]


def press(client, door: str) -> int:
    """Press a button and let the worker do what it asks for; the status of the answer."""
    status = client.post(door).status_code
    rounds.run_imports()
    return status


def people(name: str) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Person).where(Person.name == name))


def test_a_roster_is_checked_imported_reported_and_taken_back(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(), officer(姓名="黄海", 身份证号=id_number(2), 编制类型="临时工"))
    shown = client.get(page).text
    assert "Import the 1 rows without problems" in shown and "临时工" in shown
    assert people("安丽华") == 0
    assert press(client, f"{page}/commit") == 302
    assert people("安丽华") == 1 and people("黄海") == 0
    report = client.get(page).text
    assert "Import report" in report and "Take this import back" in report and "吕明哲" in report
    assert "名册.xlsx" in client.get(ROSTERS).text
    assert press(client, f"{page}/undo") == 302
    assert people("安丽华") == 0
    assert "Taken back" in client.get(page).text


def test_the_pages_never_show_an_id_number_in_full(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(姓名=f"李{id_number()}"), officer(执法领域="农业", 手机号="13844500001"))
    for address in (page, f"{page}?column=姓名", f"{page}?show=created"):
        text = client.get(address).text
        assert id_number() not in text and "13844500001" not in text
    assert id_number()[:6] + "*" * 8 + id_number()[-4:] in client.get(page).text


def test_every_number_opens_its_rows(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    press(client, f"{checked(client, officer())}/commit")
    page = checked(client, officer(职务="队长", 任职日期="2024-01-01"))
    assert "职务、任职日期" in client.get(f"{page}?show=changed").text
    assert "This very file" not in client.get(page).text
    assert "This very file" in client.get(checked(client, officer())).text


def test_problems_are_shown_fifty_at_a_time_and_by_column(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    rows = [officer(身份证号=id_number(n), 编制类型="临时工") for n in range(60)]
    for row in rows[:5]:
        row["执法领域"] = "农业"
    page = checked(client, *rows)
    first = client.get(page).text
    assert first.count("<code>") == 50 and "page=2" in first
    assert client.get(f"{page}?page=2").text.count("<code>") == 15
    assert client.get(f"{page}?column=执法领域").text.count("<code>农业") == 5


def test_a_file_that_cannot_be_read_is_refused_on_the_page_it_was_sent_from(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    answer = send(client, b"\x89PNG\r\n\x1a\n\x00\x00", "名册.xlsx")
    assert answer.status_code == 422
    assert "Save the table as .xlsx" in answer.text and 'aria-invalid="true"' in answer.text
    assert "Choose a file." in client.post(ROSTERS, data={}).text
    broken = workbook([officer()])
    page = send(client, broken[:700] + b"\0" * 40 + broken[740:]).headers["Location"]
    rounds.run_imports()
    assert "damaged" in client.get(page).text and people("安丽华") == 0


def test_a_discarded_file_is_listed_and_imports_no_more(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer())
    assert press(client, f"{page}/discard") == 302
    assert "Discarded" in client.get(ROSTERS).text
    assert client.post(f"{page}/commit").status_code == 409
    assert people("安丽华") == 0


def test_an_import_that_changed_rows_is_taken_back_until_they_change_again(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    press(client, f"{checked(client, officer())}/commit")
    page = checked(client, officer(学历="硕士"))
    press(client, f"{page}/commit")
    later = checked(client, officer(学历="博士"))
    press(client, f"{later}/commit")
    assert press(client, f"{page}/undo") == 302
    shown = client.get(page).text
    assert "can no longer be taken back: 安丽华 (later import)" in shown and "Take this import back" in shown
    for undone in (later, page):
        press(client, f"{undone}/undo")
        assert "Taken back" in client.get(undone).text
    with db.reading() as session:
        assert session.scalars(select(Person.education).where(Person.name == "安丽华")).one() == "bachelor"


def test_the_template_can_be_filled_in_and_its_examples_wait(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    content = client.get(f"{ROSTERS}template.xlsx").data
    filled, legend = read_workbook(content)
    assert list(filled.rows[0].cells) == ROSTER and len(filled.rows) == 3
    assert [row.cells[0] for row in legend.rows[1 : len(ROSTER) + 1]] == ROSTER
    page = send(client, content).headers["Location"]
    rounds.run_imports()
    with db.reading() as session:
        batch = session.get(ImportBatch, int(page.rsplit("/", 1)[1]))
        assert batch.report["parked"] == 2 and batch.state == BatchState.PREVIEW


def test_the_rows_to_correct_are_downloaded_with_their_reasons(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(编制类型="临时工"))
    press(client, f"{page}/commit")
    (sheet,) = read_workbook(client.get(f"{page}/parked.xlsx").data)
    assert "编制类型：This word is not one of the column's words." in sheet.rows[1].cells[-1]


def test_a_roster_batch_is_seen_by_nobody_but_who_brought_it(enter, web_county) -> None:
    page = checked(enter(Role.UNIT_ADMIN), officer())
    colleague = enter(Role.UNIT_ADMIN, born=date(1982, 2, 2))
    for door in ("", "/parked.xlsx"):
        assert colleague.get(page + door).status_code == 404
    for door in ("/commit", "/discard", "/undo"):
        assert colleague.post(page + door).status_code == 404
    assert "名册.xlsx" not in colleague.get(ROSTERS).text


def test_who_may_not_import_is_turned_away(enter) -> None:
    client = enter(Role.BUREAU_CHECKER)
    assert client.get(ROSTERS).status_code == 403
    assert send(client, workbook([officer()])).status_code == 403


def test_questions_come_in_through_the_same_cockpit(enter, web_county) -> None:
    bank.create_bank(web_county.session, "JL-T", "测试题库", web_county.city, now=web_county.now)
    client = enter(Role.TRAINER)
    home = "/banks/JL-T/import/"
    assert "测试题库" in client.get(home).text
    filled, _legend = read_workbook(client.get(f"{home}template.xlsx").data)
    assert "题号" in filled.rows[0].cells and "G" not in filled.rows[0].cells
    page = checked(client, question(), question(题号="Q-2", 答案=""), to=home)
    assert re.search(r"The key is empty\.", client.get(page).text)
    press(client, f"{page}/commit")
    with db.reading() as session:
        row = session.scalars(select(Question)).one()
        assert row.status == "draft" and row.current.author_id is not None
    assert client.get(f"/roster/import/{page.rsplit('/', 1)[1]}").status_code == 403


def test_a_bank_out_of_scope_is_not_there(enter, web_county) -> None:
    bank.create_bank(web_county.session, "JL-O", "别处题库", web_county.other_city, now=web_county.now)
    client = enter(Role.TRAINER)
    assert client.get("/banks/JL-O/import/").status_code == 404
    assert send(client, workbook([question()]), to="/banks/JL-O/import/").status_code == 404


def test_a_batch_of_one_bank_is_not_seen_through_another(enter, web_county) -> None:
    for code in ("JL-T", "JL-U"):
        bank.create_bank(web_county.session, code, code, web_county.city, now=web_county.now)
    client = enter(Role.TRAINER)
    page = checked(client, question(), to="/banks/JL-T/import/")
    assert client.get(page.replace("JL-T", "JL-U")).status_code == 404


def test_while_the_worker_works_the_page_says_how_far_it_is(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = send(client, workbook([officer()])).headers["Location"]
    shown = client.get(page).text
    assert "The file is being read" in shown and '<noscript><meta http-equiv="refresh"' in shown
    asked = client.get(f"{page}/progress").json
    assert (asked["state"], asked["running"]) == ("reading", True)
    rounds.run_imports()
    assert client.get(f"{page}/progress").json["state"] == "preview"
    client.post(f"{page}/commit")
    assert "The rows are being imported" in client.get(page).text
    assert "Being imported" in client.get(ROSTERS).text
    rounds.run_imports()
    assert client.get(f"{page}/progress").json["running"] is False


def test_an_upload_lies_sealed_outside_the_request_until_it_is_read(enter, app) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = send(client, "\n".join([",".join(ROSTER), f"甲{id_number()}"]).encode(), "a.csv").headers["Location"]
    folder = app.config["MINGFA"].files_dir / "imports"
    (kept,) = folder.iterdir()
    assert id_number().encode() not in kept.read_bytes()
    rounds.run_imports()
    assert list(folder.iterdir()) == [] and client.get(page).status_code == 200


def test_other_titles_are_matched_by_hand_once_and_then_remembered(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    titles = {"执法岗位所在单位": "队伍", "职务": "衔"}
    row = {titles.get(title, title): text for title, text in officer().items()}
    page = checked(client, row)
    assert client.get(page).status_code == 302
    shown = client.get(f"{page}/columns").text
    assert "lacks the columns 执法岗位所在单位、职务" in shown and id_number() not in shown
    chosen = {title: titles.get(title, title) for title in ROSTER}
    assert client.post(f"{page}/columns", data=chosen | {"职务": ""}).status_code == 422
    assert client.post(f"{page}/columns", data=chosen | {"职务": "队伍"}).status_code == 422
    assert client.post(f"{page}/columns", data=chosen).status_code == 302
    rounds.run_imports()
    assert "Import the 1 rows without problems" in client.get(page).text
    again = checked(client, row)
    assert "Import the 1 rows without problems" in client.get(again).text
    assert "队伍 → 执法岗位所在单位" in client.get(again).text


def test_what_was_remembered_for_one_account_is_not_used_for_another(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    row = {"衔" if title == "职务" else title: text for title, text in officer().items()}
    page = checked(client, row)
    client.post(f"{page}/columns", data={title: "衔" if title == "职务" else title for title in ROSTER})
    colleague = enter(Role.UNIT_ADMIN, born=date(1982, 2, 2))
    assert "lacks the columns 职务" in colleague.get(f"{checked(colleague, row)}/columns").text


def test_a_roster_may_be_larger_than_other_forms_but_not_without_end(enter, app) -> None:
    client = enter(Role.UNIT_ADMIN)
    padding = b"\n" * (12 * 1024 * 1024)
    text = "\n".join([",".join(ROSTER), ",".join(str(v) for v in officer().values())]).encode()
    assert send(client, text + padding, "a.csv").status_code == 302
    assert send(client, text + padding * 4, "a.csv").status_code == 413
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    assert client.post("/sign-out", data={"x": "y" * 2_000_000}).status_code == 413


def test_a_preview_left_alone_for_a_week_is_cleared_away(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer())
    now = clock.now()
    assert import_jobs.tidy(now + timedelta(days=6)) == 0
    assert import_jobs.tidy(now + timedelta(days=8)) == 1
    clock.set_source(lambda: now + timedelta(days=8))
    rounds.run_imports()
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(ImportPortion)) == 0
        assert session.get(ImportBatch, int(page.rsplit("/", 1)[1])).state == BatchState.DISCARDED


def test_after_the_import_only_what_was_parked_stays(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(), officer(姓名="黄海", 身份证号=id_number(2), 编制类型="临时工"))
    press(client, f"{page}/commit")
    with db.reading() as session:
        (portion,) = session.scalars(select(ImportPortion)).all()
        assert [row.cells[1] for row in raw_rows(portion)] == ["黄海"]


def test_half_a_year_after_the_import_no_row_can_be_read_any_more(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(), officer(姓名="黄海", 身份证号=id_number(2), 编制类型="临时工"))
    press(client, f"{page}/commit")
    now, batch_id = clock.now(), int(page.rsplit("/", 1)[1])

    def kept() -> tuple[int, int]:
        with db.reading() as session:
            return len(list(import_portions.parked_rows(session, batch_id))), len(
                import_portions.rows_page(session, batch_id, "created", 0, 50)
            )

    assert kept() == (1, 1) and import_jobs.tidy(now + timedelta(days=179)) == 0
    assert import_jobs.tidy(now + timedelta(days=181)) == 1 and kept() == (0, 0)
    assert import_jobs.tidy(now + timedelta(days=182)) == 0
    assert client.get(page).status_code == 200
