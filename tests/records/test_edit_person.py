"""Editing a person's facts: what is stored, what is told, and what happens when two edit at once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.ground import audit_personal
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.people.queries import current_post
from portal.people.records import operations, queries
from portal.people.records.models import PersonChange
from portal.people.records.rules import Edit, clashes, current_facts, merged
from tests.conftest import NOON
from tests.records.conftest import Office, stored, waits_for_recheck


def form_of(client, person_id: int) -> dict[str, str]:
    """The edit form as the browser would send it untouched."""
    page = client.get(f"/people/{person_id}/edit").text
    sent = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        sent[name] = re.search(r'<option selected value="(\w+)"', options)[1]
    return sent


def edited(session: Session, office: Office, **changed: object) -> list[str]:
    person = office.person
    post = current_post(session, person.id)
    typed = current_facts(person, post) | changed
    return operations.edit_person(
        session, person, post, typed, version=person.version, account=office.keeper, now=NOON
    )


def test_what_was_typed_is_stored_told_and_re_judged(office: Office):
    session, person = office.county.session, office.person
    assert edited(session, office, phone="13844500001", staffing_type="contract") == ["phone", "staffing_type"]
    assert (person.phone(), person.posts[-1].staffing_type, person.version) == ("13844500001", "contract", 2)
    assert person.masked_phone() == "138****0001"
    assert waits_for_recheck(session, person.id) == {"staffing_type"}
    line = session.scalars(select(AuditLine).where(AuditLine.act == "person_edited")).one()
    said = audit_personal.read(session, line)
    assert (line.person_id, line.account_id) == (person.id, office.keeper.id)
    assert said["before"] == {"phone": "", "staffing_type": "civil"}
    assert said["after"] == {"phone": "13844500001", "staffing_type": "contract"}
    assert "13844500001" not in str(line.codes)


def test_nothing_typed_otherwise_changes_nothing(office: Office):
    session = office.county.session
    assert edited(session, office) == []
    assert office.person.version == 1 and session.scalar(select(PersonChange.id)) is None


def test_the_history_says_who_made_what_of_what(office: Office):
    session = office.county.session
    edited(session, office, title="中队长")
    (event,) = queries.history_of(session, office.person.id)
    assert (event.kind, event.by, event.said) == ("edit", "管理甲", {"title": ["执法员", "中队长"]})


def test_an_edit_of_an_older_version_is_refused(office: Office):
    session, person = office.county.session, office.person
    edited(session, office, title="中队长")
    typed = current_facts(person, person.posts[-1]) | {"title": "大队长"}
    with pytest.raises(operations.SomebodyElseEdited):
        operations.edit_person(session, person, person.posts[-1], typed, version=1, account=office.second, now=NOON)
    assert person.posts[-1].title == "中队长"


def test_the_database_keeps_two_edits_from_making_one_version(office: Office):
    session = office.county.session
    edited(session, office, title="中队长")
    twin = PersonChange(
        person_id=office.person.id, version=2, at=NOON, account_id=office.second.id, facts=[], sealed=b""
    )
    with pytest.raises((IntegrityError, Exception), match="(?i)unique|guard"), session.begin_nested():
        session.add(twin)
        session.flush()


def test_the_second_of_two_sees_what_changed_and_loses_nothing(web_office: Office, enter):
    person_id, first, second = web_office.person.id, enter(web_office.keeper), enter(web_office.second)
    path = f"/people/{person_id}/edit"
    one, two = form_of(first, person_id), form_of(second, person_id)
    assert first.post(path, data=one | {"title": "中队长", "phone": "13844500001"}).status_code == 303
    answer = second.post(path, data=two | {"title": "大队长", "duty": "part"})
    page = answer.text
    assert answer.status_code == 409
    assert "中队长" in page and "大队长" in page and "管理甲" in page and "12:00" in page
    post = current_post_of(person_id)
    assert (post.title, post.part_time) == ("中队长", False)
    shown = ("version", "post", "title", "phone")
    again = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in shown}
    assert again["title"] == "大队长", "his own typing stands in the form"
    assert again["phone"] == "13844500001", "what he had not touched is not undone"
    assert 'selected value="part"' in page
    assert second.post(path, data=two | again | {"duty": "part"}).status_code == 303
    post = current_post_of(person_id)
    assert (post.title, post.part_time, stored(person_id).phone()) == ("大队长", True, "13844500001")


def current_post_of(person_id: int):
    with db.reading() as session:
        return current_post(session, person_id)


def test_a_post_that_ended_meanwhile_is_not_edited(web_office: Office, enter):
    person_id, client = web_office.person.id, enter(web_office.keeper)
    sent = form_of(client, person_id)
    web_office.person.posts[-1].ended_on = web_office.county.today
    web_office.county.post(web_office.person, title="新岗位")
    web_office.county.session.commit()
    assert client.post(f"/people/{person_id}/edit", data=sent | {"title": "误写"}).status_code == 409
    assert current_post_of(person_id).title == "新岗位"


def test_what_was_changed_elsewhere_is_shown_without_a_name():
    stored_now, typed = {"education": "master", "phone": ""}, {"education": "bachelor", "phone": ""}
    (clash,) = clashes(stored_now, typed, [])
    assert (clash.own, clash.by) == (True, "")


def test_three_versions_of_a_fact_are_told_apart():
    edits = [Edit(NOON, "甲", {"phone": ["1", "2"]}), Edit(NOON, "乙", {"phone": ["2", "3"]})]
    untouched = clashes({"phone": "3"}, {"phone": "1"}, edits)
    assert (untouched[0].own, untouched[0].by, merged({"phone": "1"}, untouched)) == (False, "乙", {"phone": "3"})
    own = clashes({"phone": "3"}, {"phone": "4"}, edits)
    assert merged({"phone": "4"}, own) == {"phone": "4"}


@pytest.mark.parametrize("path", ["", "/edit", "/numbers", "/identity-check", "/corrections/new", "/photos/new"])
def test_a_strangers_person_does_not_exist(web_office: Office, enter, path: str):
    assert enter(web_office.stranger).get(f"/people/{web_office.person.id}{path}").status_code == 404


def test_a_stranger_changes_nothing(web_office: Office, enter):
    person_id = web_office.person.id
    sent = form_of(enter(web_office.keeper), person_id)
    assert enter(web_office.stranger).post(f"/people/{person_id}/edit", data=sent | {"title": "x"}).status_code == 404
    assert enter(web_office.officer).post(f"/people/{person_id}/edit", data=sent | {"title": "x"}).status_code == 403
    assert current_post_of(person_id).title == "执法员"


@pytest.mark.parametrize("phone", ["123", "23844500001", "1384450000a"])
def test_a_wrong_phone_stays_in_the_form(web_office: Office, enter, phone: str):
    client = enter(web_office.keeper)
    sent = form_of(client, web_office.person.id)
    answer = client.post(f"/people/{web_office.person.id}/edit", data=sent | {"phone": phone})
    assert answer.status_code == 422 and f'value="{phone}"' in answer.text


def test_the_file_takes_few_statements_whatever_its_length(web_office: Office, enter, statements):
    county, person = web_office.county, web_office.person
    county.certified(web_office.officer)
    for n in range(8):
        body = county.bureau if n % 2 else None
        county.post(person, body, ended_on=county.today, establishment_body_id=county.city.id)
        edited(county.session, web_office, title=f"第{n}岗")
    county.session.commit()
    client = enter(web_office.keeper)
    client.get(f"/people/{person.id}")
    statements.clear()
    assert client.get(f"/people/{person.id}").status_code == 200
    assert len([sent for sent in statements if sent != "BEGIN"]) <= 10
