"""Questions of every form through the cockpit's pages: chosen or pasted, each place named as its file counts."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from portal import rounds
from portal.bank import operations as bank
from portal.bank.intake.examples import AIKEN, TEXT, offered
from portal.bank.models import Question
from portal.ground import import_jobs
from portal.ground.db import db
from portal.ground.import_desk import Pace
from portal.ground.sheets import read_workbook
from portal.people.models import Role
from question_bank.formats import writing
from tests.conftest import NOON
from tests.factories import PASSWORD, questions
from tests.imports.test_formats_in import GIFT

HOME = "/banks/JL-T/import/"


@pytest.fixture
def client(app, web_county):
    """A trainer at his bank's cockpit."""
    bank.create_bank(web_county.session, "JL-T", "测试题库", web_county.city, now=NOON)
    account = web_county.staff(Role.TRAINER, web_county.city, born=date(1980, 1, 1))
    web_county.session.commit()
    browser = app.test_client()
    browser.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    browser.set_cookie("mingfa_lang", "en")
    return browser


def sent(client, content: str | bytes, name: str, **form: str) -> str:
    """The address of the checked file's page."""
    body = content if isinstance(content, bytes) else content.encode()
    answer = client.post(HOME, data={"file": (BytesIO(body), name), **form})
    assert answer.status_code == 302, answer.text
    rounds.run_imports()
    return answer.headers["Location"]


def taken_in(client, page: str) -> str:
    client.post(f"{page}/commit")
    rounds.run_imports()
    return client.get(page).text


def stems() -> list[str]:
    with db.reading() as session:
        return [row.current.body["stem"] for row in session.scalars(select(Question).order_by(Question.code))]


def test_a_gift_file_is_shown_with_lines_and_its_text(client) -> None:
    page = sent(client, GIFT, "题.gift")
    text = client.get(page).text
    assert "GIFT" in text and "line 5" in text and "这题没有答案" in text
    assert "Match the columns" not in text.split("mf-steps")[1].split("</ol>")[1]
    assert client.get(f"{page}/columns").status_code == 302  # there is nothing to match
    (sheet,) = read_workbook(client.get(f"{page}/parked.xlsx").data)
    assert "原文" in sheet.rows[0].cells
    assert "Import report" in taken_in(client, page) and len(stems()) == 2


def test_pasted_text_is_read_like_a_file(client) -> None:
    answer = client.post(HOME, data={"text": TEXT})
    assert answer.status_code == 302
    rounds.run_imports()
    page = answer.headers["Location"]
    assert "Pasted text.txt" in client.get(page).text
    taken_in(client, page)
    assert len(stems()) == 3


def test_nothing_pasted_and_nothing_chosen_is_told_beside_the_field(client) -> None:
    answer = client.post(HOME, data={"text": "   "})
    assert answer.status_code == 422 and "Choose a file." in answer.text


def test_a_pasted_text_may_be_longer_than_other_fields(client) -> None:
    long = TEXT + "\n".join(f"附注 {n}：{'文' * 200}" for n in range(900))
    assert client.post(HOME, data={"text": long}).status_code == 302


@pytest.mark.parametrize("form", ["docx", "moodle", "qti", "csv"])
def test_a_file_of_our_own_goes_in_by_every_form(client, form) -> None:
    written = writing.write([q for q in questions() if not q.items], form, title="题")
    page = sent(client, written.data, f"题.{written.file_name_extension}")
    taken_in(client, page)
    assert len(stems()) == len([q for q in questions() if not q.items])


def test_a_form_may_be_chosen_where_it_cannot_be_told(client) -> None:
    page = sent(client, AIKEN, "题.txt", form="aiken")
    assert "Aiken" in client.get(page).text


def test_every_form_has_an_example_that_is_read_without_a_problem(client) -> None:
    for form in offered():
        if form.code == "xlsx":
            continue
        answer = client.get(f"{HOME}example?form={form.code}")
        assert answer.status_code == 200, form.code
        name = answer.headers["Content-Disposition"].rsplit(".", 1)[1].strip('"')
        text = client.get(sent(client, answer.data, f"a.{name}", form=form.code)).text
        assert "parked.xlsx" not in text, form.code
    assert client.get(f"{HOME}example?form=none").status_code == 404


def test_an_old_document_is_refused_on_the_page_with_what_to_do(client) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    answer = client.post(HOME, data={"file": (BytesIO(old), "题.wps")})
    assert answer.status_code == 422 and ".docx" in answer.text.split('role="alert"')[1][:400]


def test_possible_duplicates_fill_in_after_the_preview(client) -> None:
    taken_in(client, sent(client, TEXT, "题.txt"))
    near = TEXT.replace("由哪个机关实施？", "由哪一个机关实施？")
    answer = client.post(HOME, data={"file": (BytesIO(near.encode()), "近.txt")})
    page, pace = answer.headers["Location"], Pace()
    while import_jobs.work_on_one(lambda: NOON, rounds.kind_of, pace):
        pass
    early = client.get(page).text
    assert "Still being looked for" in early and "data-later" in early
    assert client.get(f"{page}/progress").json["later"] is True
    rounds.run_imports()
    text = client.get(page).text
    assert "Like question JL-T-00001 of bank JL-T" in text and "Still being looked for" not in text
    assert client.get(f"{page}/progress").json["later"] is False
    assert "Like question JL-T-00001" in client.get(f"{page}?show=later").text


def test_a_file_without_duplicates_says_so(client) -> None:
    assert "nearly the same as another" in client.get(sent(client, TEXT, "题.txt")).text


def test_what_is_imported_before_the_duplicates_are_known_is_not_held_up(client) -> None:
    answer = client.post(HOME, data={"text": TEXT})
    page, pace = answer.headers["Location"], Pace()
    while import_jobs.work_on_one(lambda: NOON, rounds.kind_of, pace):
        pass
    assert "Import report" in taken_in(client, page)
    assert "Possible duplicates" not in client.get(page).text


def test_a_line_that_belongs_to_no_question_is_listed_with_its_text(client) -> None:
    text = "1. 甲是对的？\nA. 是\nB. 不是\n答案：A\n参考答案\nA. 无主的选项甲\n"
    page = client.get(sent(client, text, "stray.txt")).text
    assert "无主的选项甲" in page and "This line among the answers belongs to none of them." in page
