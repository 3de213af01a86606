"""The cockpit in the browser: check, look, import, keep the report, take back; and whose batch it is."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import func, select

from portal.bank import operations as bank
from portal.bank.models import Question
from portal.ground.db import db
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
    """Send rows and give the address of the page they are shown on."""
    answer = send(client, workbook(rows), to=to)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def people(name: str) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Person).where(Person.name == name))


def test_a_roster_is_checked_imported_reported_and_taken_back(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(), officer(姓名="黄海", 身份证号=id_number(2), 编制类型="临时工"))
    shown = client.get(page).text
    assert "Import the 1 rows without problems" in shown and "临时工" in shown
    assert people("安丽华") == 0
    assert client.post(f"{page}/commit").status_code == 302
    assert people("安丽华") == 1 and people("黄海") == 0
    report = client.get(page).text
    assert "Import report" in report and "Take this import back" in report and "吕明哲" in report
    assert "名册.xlsx" in client.get(ROSTERS).text
    assert client.post(f"{page}/undo").status_code == 302
    assert people("安丽华") == 0
    assert "Taken back" in client.get(page).text


def test_the_pages_never_show_an_id_number_in_full(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(姓名=f"李{id_number()}"), officer(执法领域="农业", 手机号="13844500001"))
    for address in (page, f"{page}?column=姓名", f"{page}?show=created"):
        text = client.get(address).text
        assert id_number() not in text and "13844500001" not in text
    assert id_number()[:4] + "*" * 10 + id_number()[-4:] in client.get(page).text


def test_every_number_opens_its_rows(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    client.post(f"{checked(client, officer())}/commit")
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
    answer = send(client, "姓名,身份证号".encode(), "名册.csv")
    assert answer.status_code == 422
    assert "save it as .xlsx" in answer.text and 'aria-invalid="true"' in answer.text
    assert "Choose a file." in client.post(ROSTERS, data={}).text
    missing = send(client, workbook([officer()], [t for t in ROSTER if t != "职务"]))
    assert missing.status_code == 422 and "lacks the columns 职务" in missing.text


def test_a_discarded_file_is_listed_and_imports_no_more(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer())
    assert client.post(f"{page}/discard").status_code == 302
    assert "Discarded" in client.get(ROSTERS).text
    assert client.post(f"{page}/commit").status_code == 409
    assert people("安丽华") == 0


def test_an_import_that_changed_rows_offers_no_way_back(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    client.post(f"{checked(client, officer())}/commit")
    page = checked(client, officer(学历="硕士"))
    client.post(f"{page}/commit")
    assert "cannot be put back" in client.get(page).text and "Take this import back" not in client.get(page).text
    assert client.post(f"{page}/undo").status_code == 409


def test_the_template_can_be_filled_in_and_its_examples_wait(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    content = client.get(f"{ROSTERS}template.xlsx").data
    filled, legend = read_workbook(content)
    assert list(filled.rows[0].cells) == ROSTER and len(filled.rows) == 3
    assert [row.cells[0] for row in legend.rows[1 : len(ROSTER) + 1]] == ROSTER
    page = send(client, content).headers["Location"]
    with db.reading() as session:
        batch = session.get(ImportBatch, int(page.rsplit("/", 1)[1]))
        assert batch.report["parked"] == 2 and batch.state == BatchState.PREVIEW


def test_the_rows_to_correct_are_downloaded_with_their_reasons(enter) -> None:
    client = enter(Role.UNIT_ADMIN)
    page = checked(client, officer(编制类型="临时工"))
    client.post(f"{page}/commit")
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
    page = checked(client, question(), question(题号="Q-2", 解析=""), to=home)
    assert re.search(r"The rationale is empty\.", client.get(page).text)
    client.post(f"{page}/commit")
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
