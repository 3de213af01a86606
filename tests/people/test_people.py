"""Who is who, who gets in, and who sees whom."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound

from portal.ground.db import db
from portal.people import operations, queries
from portal.people.models import Account, Role, SignIn
from portal.people.roster.queries import Filters, listed
from portal.people.rules import Permission, check_digit, id_number_problem, normal_id_number, normal_name
from tests.conftest import NOON
from tests.factories import PASSWORD, County


def test_the_standards_own_example_number_checks():
    assert check_digit("11010519491231002") == "X"
    assert id_number_problem("11010519491231002X") is None


@pytest.mark.parametrize(
    ("number", "words"),
    [("110105194912310021", "last character"), ("11010519490231002X", "date of birth"), ("110105491231002", "15-digit"),
     ("1101051949123100", "18 characters"), ("二二〇五八一一九九〇〇五〇六〇〇〇X", "18 characters")],
)  # fmt: skip
def test_what_is_wrong_with_a_number_is_said(number: str, words: str):
    assert words in id_number_problem(number)


def test_full_width_digits_and_a_small_x_are_read_as_meant():
    assert normal_id_number("１１０１０５ １９４９１２３１００２ｘ") == "11010519491231002X"


def test_names_keep_their_characters_and_get_the_one_separator():
    assert normal_name(" 阿依古丽．买买提 ") == "阿依古丽·买买提"
    assert normal_name("张　三") == "张三"
    assert normal_name("𠅤䶮") == "𠅤䶮"


def sign_in(client, username: str, password: str = PASSWORD):
    return client.post("/sign-in", data={"username": username, "password": password})


def test_whoever_signs_in_sees_his_first_page_and_signing_out_ends_it_at_once(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    client = app.test_client()
    assert sign_in(client, officer.username).status_code == 302
    assert client.get("/").status_code == 200
    stolen = client.get_cookie("mingfa").value
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("mingfa", stolen)
    assert thief.get("/").status_code == 302


def test_the_id_number_opens_too_and_is_found_without_being_stored(app: Flask, web_county: County):
    officer = web_county.officer()
    number = officer.person.id_number()
    web_county.session.commit()
    assert sign_in(app.test_client(), number).status_code == 302
    with db.reading() as session:
        assert number not in str(session.execute(text("SELECT * FROM person")).all())


def test_a_disabled_account_is_out_at_the_next_step(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    client = app.test_client()
    sign_in(client, officer.username)
    with db.writing() as session:
        session.get(Account, officer.id).disabled_at = NOON
        session.commit()
    assert client.get("/").status_code == 302
    assert sign_in(client, officer.username).status_code == 401


def test_an_id_number_typed_wrongly_is_not_kept_in_clear(app: Flask, web_county: County):
    number = web_county.officer().person.id_number()
    web_county.session.commit()
    sign_in(app.test_client(), number, "wrong")
    with db.reading() as session:
        assert number not in str(session.execute(text("SELECT * FROM failed_sign_in")).all())


def test_a_password_is_never_stored_and_a_sign_in_only_as_its_digest(app: Flask, web_county: County):
    officer = web_county.officer()
    web_county.session.commit()
    client = app.test_client()
    sign_in(client, officer.username)
    with db.reading() as session:
        row = session.scalars(select(SignIn)).one()
        assert len(row.token_sha256) == 64
        assert PASSWORD not in session.get(Account, officer.id).password_hash


@pytest.mark.parametrize(
    "target",
    ["https://example.org/", "//example.org/", "/\\example.org", "javascript:x", "/%09/example.org",
     "/%0a/example.org"],
)  # fmt: skip
def test_signing_in_never_leads_to_another_host(app: Flask, web_county: County, target: str):
    officer = web_county.officer()
    web_county.session.commit()
    client = app.test_client()
    answer = client.post(f"/sign-in?next={target}", data={"username": officer.username, "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_a_county_sees_its_own_people_and_a_field_its_own_officers(county: County):
    inside = county.officer()
    unit = county.staff(Role.UNIT_ADMIN, county.city, born=date(1980, 1, 1))
    stranger = county.staff(Role.UNIT_ADMIN, county.other_city, born=date(1981, 1, 1))
    other_field = county.staff(Role.UNIT_ADMIN, county.city, born=date(1982, 1, 1), field="market")
    for account, total in ((unit, 1), (stranger, 0), (other_field, 0)):
        assert listed(county.session, account, Filters(), page=1, size=50).total == total
    queries.person_in_scope(county.session, unit, Permission.SEE_ROSTER, inside.person_id)
    with pytest.raises(NoResultFound):
        queries.person_in_scope(county.session, stranger, Permission.SEE_ROSTER, inside.person_id)


def test_a_revoked_role_opens_nothing(county: County):
    county.officer()
    unit = county.staff(Role.UNIT_ADMIN, county.city, born=date(1980, 1, 1))
    unit.grants[0].revoked_at = NOON
    assert listed(county.session, unit, Filters(), page=1, size=50).total == 0


def test_the_same_level_bureau_is_the_county_s_own(county: County):
    assert queries.same_level_bureau(county.session, county.transport).name == "梅河口市司法局"


def test_an_api_token_is_shown_once_and_stored_as_a_digest(county: County):
    officer = county.officer()
    token = operations.create_api_token(county.session, officer, now=NOON)
    assert token.startswith("mf_")
    assert token not in str(county.session.execute(text("SELECT * FROM api_token")).all())
