"""When the database is gone, the page says so and asks it nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from portal.ground.db import db
from tests.factories import PASSWORD, County


@pytest.fixture
def reader(app: Flask, web_county: County, tmp_path: Path):
    """Somebody signed in, and then the database is away."""
    officer = web_county.officer()
    web_county.session.commit()
    client = app.test_client()
    client.post("/sign-in", data={"username": officer.username, "password": PASSWORD})
    whole = db.engine
    db.open(f"sqlite:///{tmp_path}/no/such/folder/x.db")
    yield client
    db.engine.dispose()
    db.engine = whole


@pytest.mark.parametrize("path", ["/", "/exams/", "/my-eligibility"])
def test_a_signed_in_reader_gets_a_sentence_and_503(reader, path: str):
    answer = reader.get(path)
    assert answer.status_code == 503
    assert "没有改动" in answer.text or "未作任何更改" in answer.text or "数据库" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_program_gets_json(reader):
    answer = reader.get("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["error"]) == (503, "busy")


def test_pages_that_need_no_database_still_open(reader):
    assert reader.get("/static/page.js").status_code == 200


def test_a_form_gets_the_sentence_too(reader):
    assert reader.post("/my-eligibility").status_code == 503
