"""Questions go out in every form, by the page or the terminal: what stays behind is named, who took them is known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import event, func, select

from portal import cli
from portal.bank import operations as bank
from portal.bank.exchange import operations, queries
from portal.bank.exchange.booklet import Mark
from portal.bank.finding.queries import Filters
from portal.bank.following.models import QuestionView
from portal.bank.models import Question, QuestionBank, QuestionStatus
from portal.bank.writing.models import QuestionPicture
from portal.ground import clock
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.ground.sheets import read_workbook
from portal.people.models import Role
from question_bank.questions import Kind
from tests.conftest import NOON
from tests.factories import PASSWORD, County, questions
from tests.records.pictures_made import portrait


def fill(session, county, *, sealed: bool = True, body=None) -> QuestionBank:
    made = bank.create_bank(session, "JL-T", "测试题库", body or county.city, now=NOON)
    made.sealed = sealed
    for value in questions():
        bank.add_version(session, made, value, now=NOON)
    return made


@pytest.fixture
def the_bank(county):
    return fill(county.session, county)


def out(county, the_bank, form: str, **asked) -> operations.Exported:
    versions = queries.chosen_versions(county.session, the_bank, Filters(**asked))
    return operations.write_out(county.session, the_bank, versions, form, mark=Mark("JL-1", "2026-11-23 12:00", True))


def retire(county, code: str) -> None:
    row = county.session.scalars(select(Question).where(Question.code == code)).one()
    bank.retire(county.session, row, account_id=None, now=NOON)


# -- below the door, on both engines


@pytest.mark.parametrize("form", sorted(operations.forms()))
def test_every_form_is_written(county, the_bank, form) -> None:
    with out(county, the_bank, form) as written:
        assert written.count == len(questions()) and len(written.file.read()) > 200


def test_a_sheet_holds_every_row_and_the_columns_that_are_needed(county, the_bank) -> None:
    wide = replace(questions()[0], code="T-8", options=tuple("甲乙丙丁戊己庚辛"), key="H")
    bank.add_version(county.session, the_bank, wide, now=NOON)
    with out(county, the_bank, "xlsx") as written:
        (sheet,) = read_workbook(written.file.read())
    head = sheet.rows[0].cells
    assert head.index("H") == head.index("F") + 2
    assert len(sheet.rows) - 1 == sum(1 + len(value.items) for value in [*questions(), wide])


def test_what_is_retired_goes_out_only_when_asked_for(county, the_bank) -> None:
    retire(county, questions()[0].code)
    versions = queries.chosen_versions(county.session, the_bank, Filters())
    assert len(versions) == len(questions()) - 1
    assert len(queries.chosen_versions(county.session, the_bank, Filters(status="retired"))) == 1


def test_by_kind_topic_and_what_was_ticked(county, the_bank) -> None:
    session = county.session
    singles = [value for value in questions() if value.kind is Kind.SINGLE]
    assert len(queries.chosen_versions(session, the_bank, Filters(kind="single_choice"))) == len(singles)
    assert queries.chosen_versions(session, the_bank, Filters(topic="没有这个")) == []
    ids = session.scalars(select(Question.id).order_by(Question.id).limit(2)).all()
    assert len(queries.chosen_versions(session, the_bank, Filters(), ids)) == 2


def test_questions_of_another_bank_never_go_along(county, the_bank) -> None:
    other = bank.create_bank(county.session, "JL-U", "另一题库", county.city, now=NOON)
    bank.add_version(county.session, other, replace(questions()[0], code="U-1"), now=NOON)
    (theirs,) = county.session.scalars(select(Question.id).where(Question.bank_id == other.id))
    assert queries.chosen_versions(county.session, the_bank, Filters(), [theirs]) == []


def test_what_a_form_cannot_carry_is_named_once_with_its_questions(county, the_bank) -> None:
    shown = [replace(questions()[0], code=f"P-{n}", stem=f"图 {n} ![图](picture:{'a' * 64})") for n in range(7)]
    for value in shown:
        bank.add_version(county.session, the_bank, value, now=NOON)
    with out(county, the_bank, "xlsx") as written:
        (lost,) = operations.told(written.losses)
    assert (lost.count, len(lost.codes)) == (7, 5)


def test_too_many_or_none_are_refused_before_anything_is_written(county, the_bank, monkeypatch) -> None:
    monkeypatch.setitem(operations.MOST, "pdf", 2)
    with pytest.raises(operations.TooManyQuestions):
        out(county, the_bank, "pdf")
    with pytest.raises(operations.NothingChosen):
        out(county, the_bank, "pdf", topic="没有")


def test_reading_takes_a_statement_for_every_five_hundred_questions(county, the_bank) -> None:
    versions = queries.chosen_versions(county.session, the_bank, Filters())
    seen: list[str] = []
    event.listen(county.session.get_bind(), "before_cursor_execute", lambda _c, _u, sql, *_r: seen.append(sql))
    assert len(list(queries.questions(county.session, versions))) == len(versions)
    assert len(seen) == 1


def test_who_took_which_sealed_questions_is_on_record(county, the_bank) -> None:
    session, account = county.session, county.staff(Role.TRAINER, county.city, born=date(1980, 1, 1))
    versions = queries.chosen_versions(session, the_bank, Filters())
    operations.note_export(session, account, the_bank, versions, "gift", now=NOON)
    assert {(v.version_id, v.via) for v in session.scalars(select(QuestionView))} == {(v, "export") for v in versions}
    line = session.scalars(select(AuditLine).where(AuditLine.act == "questions_exported")).one()
    assert line.account_id == account.id and line.body_id == the_bank.body_id


def test_a_picture_goes_out_with_its_question(county, the_bank) -> None:
    content = portrait()
    key = hashlib.sha256(content).hexdigest()
    county.session.add(QuestionPicture(
        bank_id=the_bank.id, sha256=key, media_type="image/jpeg", width=358, height=441, content=content, added_at=NOON,
    ))  # fmt: skip
    value = replace(questions()[0], code="P-1", stem=f"看图：\n\n![标志](picture:{key})")
    bank.add_version(county.session, the_bank, value, now=NOON)
    assert queries.pictures(county.session, the_bank, {key, "0" * 64}) == {key: content}
    with out(county, the_bank, "pdf") as written:
        assert b"/Subtype /Image" in written.file.read() and not written.losses


# -- through the door


@pytest.fixture
def enter(app, web_county):
    """A browser signed in with a role at the city."""

    def run(role: Role):
        account = web_county.staff(role, web_county.city, born=date(1980, 1, 1))
        web_county.session.commit()
        client = app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        client.set_cookie("mingfa_lang", "en")
        return client

    return run


@pytest.fixture
def bank_there(web_county):
    made = fill(web_county.session, web_county)
    web_county.session.commit()
    return made


DOOR = "/banks/JL-T/export/"


def test_the_page_says_how_many_and_what_stays_behind_before_anything_is_taken(enter, bank_there) -> None:
    client = enter(Role.TRAINER)
    assert "Export questions" in client.get(DOOR).text
    page = client.get(DOOR, query_string={"format": "gift"}).text
    assert "What stays behind" in page and "Download" in page
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(QuestionView)) == 0


def test_a_sealed_bank_is_taken_out_with_a_fresh_proof_only(enter, bank_there) -> None:
    client = enter(Role.TRAINER)
    clock.set_source(lambda: NOON + timedelta(minutes=11))
    assert client.post(DOOR, data={"format": "gift"}).status_code == 403
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(QuestionView)) == 0


def test_the_file_comes_and_the_views_are_noted(enter, bank_there) -> None:
    answer = enter(Role.TRAINER).post(DOOR, data={"format": "gift", "kind": "single_choice"})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    assert questions()[0].stem[:6] in answer.get_data(as_text=True)
    with db.reading() as session:
        singles = [value for value in questions() if value.kind is Kind.SINGLE]
        assert session.scalar(select(func.count()).select_from(QuestionView)) == len(singles)


def test_a_bank_out_of_reach_is_not_there(enter, web_county) -> None:
    fill(web_county.session, web_county, body=web_county.other_city)
    web_county.session.commit()
    client = enter(Role.TRAINER)
    assert client.get(DOOR).status_code == 404 and client.post(DOOR, data={"format": "gift"}).status_code == 404


@pytest.mark.parametrize(("sealed", "answer"), [(True, 403), (False, 200)])
def test_a_shared_bank_of_a_body_above_is_taken_only_when_it_is_published(enter, web_county, sealed, answer) -> None:
    fill(web_county.session, web_county, sealed=sealed, body=web_county.province).shared = True
    web_county.session.commit()
    client = enter(Role.TRAINER)
    assert client.get(DOOR).status_code == answer
    assert client.post(DOOR, data={"format": "csv"}).status_code == answer


def test_who_only_reviews_takes_nothing_out(enter, bank_there) -> None:
    assert enter(Role.REVIEWER).get(DOOR).status_code == 403


# -- from the terminal, and in again


@pytest.fixture
def place(sqlite_url: str, tmp_path: Path, noon):
    db.open(sqlite_url)
    with db.writing() as session:
        fill(session, County(session, NOON))
        session.commit()
    yield {
        "MINGFA_DATABASE_URL": sqlite_url, "MINGFA_SECRET_KEY": "s" * 48, "MINGFA_DATA_KEY": "11" * 32,
        "MINGFA_INDEX_KEY": "22" * 32, "MINGFA_AUDIT_KEY": "33" * 32, "MINGFA_FILES_DIR": str(tmp_path / "files"),
    }  # fmt: skip
    db.open(sqlite_url)
    db.engine.dispose()


def run(place, *words: str):
    return CliRunner().invoke(cli.main, list(words), env=place)


LOSSLESS = ("xlsx", "csv", "moodle", "qti3")


@pytest.mark.parametrize("form", ["xlsx", "csv", "docx", "gift", "moodle", "qti3"])
def test_out_and_in_again_adds_nothing_but_what_was_named(place, tmp_path, form) -> None:
    path = str(tmp_path / f"bank.{form}")
    gone = run(place, "export", "questions", "--bank", "JL-T", "--format", form, "--out", path, "--json")
    assert gone.exit_code == 0, gone.output
    said = json.loads(gone.stdout)
    back = run(place, "import", "questions", path, "--bank", "JL-T", "--json", "--dry-run")
    report = json.loads(back.stdout)
    assert (said["questions"], report["parked"]) == (len(questions()), 0), report["problems"]
    if form in LOSSLESS or not said["losses"]:
        assert (report["created"], report["changed"]) == (0, 0), report


def test_losses_are_told_on_the_error_stream(place, tmp_path) -> None:
    with db.writing() as session:
        value = replace(questions()[0], code="P-1", stem=f"图 ![图](picture:{'a' * 64})")
        bank.add_version(session, session.scalars(select(QuestionBank)).one(), value, now=NOON)
        session.commit()
    answer = run(place, "export", "questions", "--bank", "JL-T", "--format", "gift", "--out", str(tmp_path / "a.txt"))
    assert answer.exit_code == 0 and "P-1" in answer.stderr


def test_a_booklet_from_the_terminal(place, tmp_path) -> None:
    path = tmp_path / "a.pdf"
    assert run(place, "export", "questions", "--bank", "JL-T", "--format", "pdf", "--out", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"%PDF")


def test_only_one_state_goes_out(place, tmp_path) -> None:
    path = str(tmp_path / "a.csv")
    words = ("export", "questions", "--bank", "JL-T", "--format", "csv", "--out", path, "--status")
    assert run(place, *words, QuestionStatus.APPROVED.value).exit_code == 1
    assert run(place, *words, QuestionStatus.DRAFT.value).exit_code == 0


def test_a_download_is_read_to_its_end(enter, bank_there) -> None:
    answer = enter(Role.TRAINER).post(DOOR, data={"format": "xlsx"})
    (sheet,) = read_workbook(BytesIO(answer.data).getvalue())
    assert len(sheet.rows) > len(questions())
