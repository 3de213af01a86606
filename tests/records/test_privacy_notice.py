"""The privacy notice: shown to everybody first, readable by all, each version once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.cli import main
from portal.ground import clock
from portal.ground.db import db
from portal.people.records.privacy import operations, queries
from portal.people.records.privacy.models import PrivacyAcknowledgement, PrivacyNotice
from tests.conftest import NOON
from tests.factories import County
from tests.records.conftest import Office

NEW = "## 新的告知\n\n" + "处理目的、法律依据、保存期限、权利与联系方式。" * 12
TODAY = date(2026, 11, 23)


@pytest.fixture
def new_version(web_office: Office) -> PrivacyNotice:
    with db.writing() as session:
        row = operations.publish_notice(session, NEW, TODAY, now=NOON)
        session.commit()
    return row


def test_the_first_version_names_what_the_law_asks_for(session: Session):
    notice = queries.notice_on(session, TODAY)
    for word in ("第十三条", "第三十四条", "第三十五条", "保存", "更正", "联系方式", "敏感个人信息"):
        assert word in notice.body


def test_everybody_may_read_it(app):
    page = app.test_client().get("/privacy")
    assert page.status_code == 200 and "个人信息保护法" in page.text and "<table>" in page.text


@pytest.mark.parametrize("who", ["officer", "keeper"])
def test_a_new_version_comes_before_anything_else(web_office: Office, new_version, enter, who: str):
    account = getattr(web_office, who)
    client = enter(account)
    for path in ("/", "/roster", "/me/file", "/me/data"):
        answer = client.get(path)
        assert answer.status_code == 303 and "/privacy/new" in answer.location
    assert "新的告知" in client.get("/privacy/new?next=/me/file").text
    assert client.post("/me/requests/new", data={"fact": "name"}).status_code == 409
    answer = client.post("/privacy/new", data={"number": "2", "next": "/me/file"})
    assert (answer.status_code, answer.location) == (303, "/me/file")
    assert client.get("/me/file").status_code == 200
    assert enter(account).get("/me/file").status_code == 200, "once is enough, on every device"
    with db.reading() as session:
        row = session.scalars(select(PrivacyAcknowledgement).where(PrivacyAcknowledgement.number == 2)).one()
    assert (row.account_id, row.at) == (account.id, NOON)


def test_a_running_exam_signing_out_and_the_notice_itself_are_never_held_up(web_county: County, app, enter):
    officer = web_county.officer()
    attempt = web_county.attempt(officer, web_county.exam())
    operations.publish_notice(web_county.session, NEW, TODAY, now=NOON)
    web_county.session.commit()
    client = enter(officer)
    assert client.get(f"/exams/attempts/{attempt.public_id}").status_code == 200
    assert client.get("/exams/").status_code == 200
    assert client.get("/privacy").status_code == 200
    assert client.get("/api/v1/applications/1/findings").status_code == 401
    assert "/privacy" not in client.post("/sign-out").headers.get("Location", "")


def test_a_version_of_tomorrow_is_not_asked_for_today(web_office: Office, enter):
    with db.writing() as session:
        operations.publish_notice(session, NEW, TODAY + timedelta(days=1), now=NOON)
        session.commit()
    assert enter(web_office.officer).get("/me/file").status_code == 200
    clock.set_source(lambda: NOON + timedelta(days=1))
    assert enter(web_office.officer).get("/me/file").status_code == 303


def test_an_older_version_cannot_be_acknowledged_in_place_of_the_new(web_office: Office, new_version, enter):
    client = enter(web_office.officer)
    assert client.post("/privacy/new", data={"number": "1"}).status_code == 409
    assert client.get("/me/file").status_code == 303


def test_nobody_is_sent_elsewhere_afterwards(web_office: Office, new_version, enter):
    answer = enter(web_office.officer).post("/privacy/new", data={"number": "2", "next": "//evil.example/"})
    assert answer.location == "/"


def test_versions_are_only_added_and_only_forward(session: Session):
    operations.publish_notice(session, NEW, TODAY + timedelta(days=9), now=NOON)
    for body, day in (("短", TODAY), (NEW, TODAY - timedelta(days=1)), (NEW, TODAY + timedelta(days=8))):
        with pytest.raises(operations.NotANotice):
            operations.publish_notice(session, body, day, now=NOON)
    for statement in ("UPDATE privacy_notice SET body = 'x'", "DELETE FROM privacy_notice"):
        with pytest.raises(DBAPIError, match="guard"), session.begin_nested():
            session.execute(text(statement))


def test_all_versions_stay_readable(app, web_office: Office, new_version):
    client = app.test_client()
    assert "新的告知" in client.get("/privacy").text
    assert "第三十四条" in client.get("/privacy?version=1").text


def test_a_version_is_published_from_the_terminal(app, tmp_path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "notice.md"
    file.write_text(NEW, encoding="utf-8")
    settings = app.config["MINGFA"]
    monkeypatch.setattr("portal.terminal.load_config", lambda: settings)
    done = CliRunner().invoke(main, ["privacy", "publish", str(file), "--from", "2026-12-01"])
    assert (done.exit_code, done.output) == (0, "Version 2, in force from 2026-12-01.\n")
    late = CliRunner().invoke(main, ["privacy", "publish", str(file), "--from", "2026-11-01"])
    assert late.exit_code == 1
