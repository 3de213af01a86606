"""The doors of the live board and of incidents, as people in the hall go through them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.exams.models import Attempt, Entry
from portal.exams.running.models import Incident
from portal.ground import clock
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.ground.sheets import read_workbook
from portal.people import operations as people
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.exams.hall import MINUTE, Hall
from tests.factories import PASSWORD, County

JSON = {"Accept": "application/json"}


class Desk:
    """Somebody signed in, his strong proof fresh, at the pages of one exam."""

    def __init__(self, app: Flask, hall: Hall, account: Account) -> None:
        self.base = f"/exams/manage/{hall.exam.id}"
        self.client = app.test_client()
        self.client.post("/sign-in", data={"username": account.username, "password": PASSWORD})

    def get(self, path: str) -> Any:
        return self.client.get(f"{self.base}/{path}".rstrip("/"))

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(f"{self.base}/{path}", data=form, headers=JSON)

    def report(self, kind: str, where: str, **form: Any) -> int:
        """The id of the incident it made."""
        told = {"kind": kind, "where": where, "cause": "power", "note": "停电", **form}
        answer = self.post("incidents/new", **told)
        assert answer.status_code == 303, answer.text
        return int(answer.headers["Location"].rsplit("/", 1)[-1])


@pytest.fixture
def hall(app: Flask, web_county: County) -> Hall:
    made = Hall(web_county)
    made.session.commit()
    return made


@pytest.fixture
def at(app: Flask, hall: Hall):
    hall.session.commit()
    return lambda account: Desk(app, hall, account)


def attempt_in(hall: Hall, room: Any = None) -> Attempt:
    made = hall.at_work(room)
    hall.session.commit()
    return made


def stands(attempt: Attempt) -> Attempt:
    with db.reading() as session:
        return session.get_one(Attempt, attempt.id)


def entry_of(attempt: Attempt) -> int:
    with db.reading() as session:
        found = select(Entry.id).where(Entry.exam_id == attempt.exam_id, Entry.person_id == attempt.person_id)
        return session.scalars(found).one()


def room_of(hall: Hall) -> str:
    return f"r{hall.sitting.id}-{hall.room.id}"


def test_a_room_is_stopped_and_goes_on_by_two_invigilators(hall: Hall, at):
    attempt, next_door = attempt_in(hall), attempt_in(hall, hall.next_room)
    one, other = at(hall.invigilator), at(hall.other_invigilator)
    incident = one.report("pause", room_of(hall))
    assert (stands(attempt).paused_at, stands(next_door).paused_at) == (NOON, None)
    refused = one.post(f"incidents/{incident}/resume")
    assert (refused.status_code, refused.json["error"]) == (403, "same_person")
    clock.set_source(lambda: NOON + 4 * MINUTE)
    assert other.post(f"incidents/{incident}/resume").status_code == 303
    after = stands(attempt)
    assert (after.paused_at, after.deadline_at) == (None, attempt.deadline_at + 4 * MINUTE)


def test_the_time_of_an_outage_is_reported_restored_and_approved(hall: Hall, at):
    attempt = attempt_in(hall)
    invigilator, manager = at(hall.invigilator), at(hall.manager)
    incident = invigilator.report("outage", f"a{attempt.id}", reported_at="2026-11-23T11:50:30")
    early = manager.post(f"incidents/{incident}/approve")
    assert (early.status_code, early.json["error"]) == (409, "not_now")
    assert invigilator.post(f"incidents/{incident}/restore", at="2026-11-23T11:58:45").status_code == 303
    assert manager.post(f"incidents/{incident}/approve").status_code == 303
    assert stands(attempt).deadline_at == attempt.deadline_at + timedelta(minutes=8, seconds=15)


def test_an_invigilator_approves_no_time(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("extension", f"a{attempt.id}", minutes="10")
    assert at(hall.other_invigilator).post(f"incidents/{incident}/approve").status_code == 403
    assert stands(attempt).deadline_at == attempt.deadline_at


def test_whoever_manages_elsewhere_decides_nothing_here(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("extension", f"a{attempt.id}", minutes="10")
    far = hall.staff(Role.EXAM_ADMIN, hall.county.other_city)
    hall.session.commit()
    for door in ("approve", "resume", "refuse", "restore", "take-back"):
        assert at(far).post(f"incidents/{incident}/{door}").status_code == 404
    assert at(far).get("board").status_code == 404


def test_who_watches_here_and_manages_elsewhere_approves_nothing_here(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("extension", f"a{attempt.id}", minutes="10")
    both = hall.staff(Role.EXAM_ADMIN, hall.county.other_city)
    people.grant(hall.session, both, Role.INVIGILATOR, hall.county.city, now=NOON)
    hall.session.commit()
    desk = at(both)
    assert desk.get(f"incidents/{incident}").status_code == 200
    assert desk.post(f"incidents/{incident}/approve").status_code == 403
    assert desk.post(f"board/candidates/{entry_of(attempt)}/end", reason="别处").status_code == 403
    assert stands(attempt).deadline_at == attempt.deadline_at


def test_a_manager_of_the_sites_body_decides_for_his_rooms(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("extension", f"a{attempt.id}", minutes="10")
    near = hall.staff(Role.EXAM_ADMIN, hall.county.city)
    hall.session.commit()
    assert at(near).post(f"incidents/{incident}/approve").status_code == 303
    assert stands(attempt).deadline_at == attempt.deadline_at + 10 * MINUTE


def test_who_watches_rooms_neither_stops_nor_decides_for_everybody(hall: Hall, at):
    attempt = attempt_in(hall)
    told = {"kind": "pause", "cause": "power", "note": "停电"}
    for where in ("all", f"s{hall.sitting.id}"):
        assert at(hall.invigilator).post("incidents/new", where=where, **told).status_code == 422
    incident = at(hall.manager).report("pause", "all")
    assert at(hall.invigilator).post(f"incidents/{incident}/resume").status_code == 404
    assert stands(attempt).paused_at == NOON


def test_a_wrong_extension_is_taken_back_at_the_door(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("extension", room_of(hall), minutes="20")
    manager = at(hall.manager)
    manager.post(f"incidents/{incident}/approve")
    asked = manager.post(f"incidents/{incident}/take-back", reason="输错了")
    back = int(asked.headers["Location"].rsplit("/", 1)[-1])
    assert manager.post(f"incidents/{back}/approve").status_code == 403
    assert at(hall.other_manager).post(f"incidents/{back}/approve").status_code == 303
    assert stands(attempt).deadline_at == attempt.deadline_at


def test_a_paper_is_ended_by_a_manager_with_a_reason(hall: Hall, at):
    attempt = attempt_in(hall)
    door = f"board/candidates/{entry_of(attempt)}/end"
    assert at(hall.invigilator).post(door, reason="使用手机").status_code == 403
    manager = at(hall.manager)
    assert manager.post(door, reason=" ").status_code == 422
    assert manager.post(door, reason="使用手机").status_code == 303
    assert stands(attempt).hand_in_cause == "administrator"


def test_a_site_invigilators_manager_of_no_rooms_ends_no_paper(hall: Hall, at):
    attempt = attempt_in(hall)
    far = hall.staff(Role.EXAM_ADMIN, hall.county.other_city)
    hall.session.commit()
    assert at(far).post(f"board/candidates/{entry_of(attempt)}/end", reason="别处").status_code == 404
    assert stands(attempt).state == "in_progress"


def test_the_board_and_its_poll_say_the_same(hall: Hall, at):
    attempt = attempt_in(hall)
    desk = at(hall.invigilator)
    page, told = desk.get("board").text, desk.get("board.json").json
    entry = entry_of(attempt)
    assert f'data-entry="{entry}"' in page
    (row,) = told["cells"]
    assert row[0] == entry
    assert all(text in page for text in row[2:] if text)
    assert (told["counts"]["offline"], told["counts"]["working"]) == (1, 0)


def test_filters_stand_in_the_address_and_what_is_not_his_is_not_there(hall: Hall, at):
    attempt_in(hall)
    there = attempt_in(hall, hall.next_room)
    desk = at(hall.invigilator)
    told = desk.get(f"board.json?sitting={hall.sitting.id}&room={hall.next_room.id}").json
    assert [row[0] for row in told["cells"]] == [entry_of(there)]
    assert len(desk.get("board.json?sitting=999&room=999&state=nonsense&page=-3").json["cells"]) == 2
    assert desk.get("board.json?state=handed_in").json["cells"] == []


def test_one_candidates_page_shows_his_time_and_what_happened(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("extension", f"a{attempt.id}", minutes="10")
    at(hall.manager).post(f"incidents/{incident}/approve")
    page = at(hall.invigilator).get(f"board/candidates/{entry_of(attempt)}")
    assert page.status_code == 200
    assert "停电" in page.text
    assert "12:40:00" in page.text
    assert f"board/candidates/{entry_of(attempt)}/end" not in page.text


def test_the_fairness_list_comes_as_a_workbook_with_who_reported_and_who_approved(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("extension", f"a{attempt.id}", minutes="10", note="=1+1 断网")
    manager = at(hall.manager)
    manager.post(f"incidents/{incident}/approve")
    assert manager.get("incidents").status_code == 200
    (sheet,) = read_workbook(manager.get("incidents.xlsx").data)
    assert len(sheet.rows) == 2
    row = sheet.rows[1].cells
    assert (row[0], row[7], row[11], row[13]) == (incident, "=1+1 断网", 1, 600)
    assert row[14] == row[15] == "吕明哲"


def test_every_page_of_the_hall_opens(hall: Hall, at):
    attempt = attempt_in(hall)
    invigilator = at(hall.invigilator)
    incident = invigilator.report("outage", room_of(hall), reported_at="2026-11-23T11:50")
    hall.seated()
    hall.session.commit()
    entries = db_entries(hall)
    paths = ("board", "incidents", "incidents/new", f"incidents/{incident}", f"incidents/new?where=a{attempt.id}")
    for desk in (invigilator, at(hall.manager)):
        for path in paths:
            assert desk.get(path).status_code == 200, path
        for entry in entries:
            assert desk.get(f"board/candidates/{entry}").status_code == 200
        home = desk.client.get("/exams/manage/today")
        assert "第一考场" in home.text
        assert "第二考场" in home.text


def test_the_incidents_are_a_tab_of_every_page_of_the_exam(hall: Hall, at):
    manager = at(hall.manager)
    address = f'href="/exams/manage/{hall.exam.id}/incidents"'
    for path in ("", "results", "board", "incidents"):
        tabs = manager.get(path).text.partition('<nav class="mf-tabs')[2].partition("</nav>")[0]
        assert tabs.count(address) == 1, path
    assert f'{address} aria-current="page"' in manager.get("incidents").text


def test_the_form_of_a_report_names_the_bound_in_force(hall: Hall, at):
    invigilator = at(hall.invigilator)
    assert "120" in invigilator.get("incidents/new").text
    attempt = attempt_in(hall)
    told = {"kind": "extension", "where": f"a{attempt.id}", "cause": "power", "note": "停电", "minutes": "121"}
    refused = invigilator.post("incidents/new", **told)
    assert refused.status_code == 422 and "120" in refused.text


def db_entries(hall: Hall) -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(Entry.id).where(Entry.exam_id == hall.exam.id)))


def test_a_report_with_faults_keeps_what_was_typed(hall: Hall, at):
    attempt_in(hall)
    desk = at(hall.invigilator)
    answer = desk.client.post(
        f"{desk.base}/incidents/new",
        data={"kind": "extension", "where": room_of(hall), "cause": "power", "note": "写好的原因", "minutes": "500"},
    )
    assert answer.status_code == 422
    assert "写好的原因" in answer.text
    with db.reading() as session:
        assert session.scalars(select(Incident)).all() == []


def test_every_step_leaves_a_line_on_record(hall: Hall, at):
    attempt = attempt_in(hall)
    invigilator, manager = at(hall.invigilator), at(hall.manager)
    first = invigilator.report("outage", f"a{attempt.id}", reported_at="2026-11-23T11:50")
    invigilator.post(f"incidents/{first}/restore", at="2026-11-23T11:55")
    manager.post(f"incidents/{first}/approve")
    second = invigilator.report("extension", f"a{attempt.id}", minutes="5")
    manager.post(f"incidents/{second}/refuse", reason="不需要")
    manager.post(f"board/candidates/{entry_of(attempt)}/end", reason="使用手机")
    with db.reading() as session:
        acts = set(session.scalars(select(AuditLine.act)))
    assert {"incident_reported", "incident_restored", "time_given", "incident_refused", "attempt_ended"} <= acts


def test_no_get_changes_anything(hall: Hall, at):
    attempt = attempt_in(hall)
    incident = at(hall.invigilator).report("pause", room_of(hall))
    for door in ("resume", "approve", "refuse", "take-back"):
        assert at(hall.manager).get(f"incidents/{incident}/{door}").status_code in (404, 405)
    assert stands(attempt).paused_at == NOON


def test_the_board_opens_without_a_session_to_nobody(app: Flask, hall: Hall):
    client, base = app.test_client(), f"/exams/manage/{hall.exam.id}"
    assert client.get(f"{base}/board.json", headers=JSON).status_code == 401
    assert "/sign-in" in client.get(f"{base}/board").headers["Location"]
