"""A page that Safe Exam Browser's keys left is stopped by itself; people let it go on, and never the candidate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.exams.models import Attempt
from portal.exams.running.models import Incident
from portal.exams.seb import operations
from portal.ground import clock
from portal.ground.db import db
from portal.people import operations as people
from portal.people.models import Account, Role
from tests.conftest import NOON
from tests.exams.hall import MINUTE, Hall
from tests.exams.making import admin
from tests.exams.test_running_doors import Desk
from tests.exams.test_seb import SITE, Locked
from tests.factories import County


@pytest.fixture
def hall(app: Flask, web_county: County) -> Hall:
    keeper = admin(web_county, "郑海波", day=21)

    def demand(exam) -> None:
        operations.switch_on(web_county.session, exam, base_url=SITE, quit_password="", account=keeper, now=NOON)

    made = Hall(web_county, began=NOON, drafted=demand)
    made.session.commit()
    return made


@pytest.fixture
def her(app: Flask, hall: Hall) -> Locked:
    """At work in the first room, stopped two minutes after the start."""
    candidate = Locked(app, hall.county, hall.exam, hall.seated()).running()
    at(NOON + 2 * MINUTE)
    assert candidate.pulse(key="").json["paused"] is True
    return candidate


def at(moment) -> None:
    clock.set_source(lambda: moment)


def stops() -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(Incident.id).order_by(Incident.id)))


def save(her: Locked, sequence: int) -> int:
    path = f"/exams/attempts/{her.page['attempt']}/answers"
    return her.client.post(path, json={"changes": [[sequence, 1, "B"]]}, headers=her.headers()).status_code


def test_an_invigilator_of_the_room_lets_it_go_on_and_no_second_is_lost(app: Flask, hall: Hall, her: Locked):
    before = her.attempt().deadline_at
    at(NOON + 9 * MINUTE)
    assert save(her, 1) == 409
    resumed = Desk(app, hall, hall.invigilator).post(f"incidents/{stops()[0]}/resume")
    assert resumed.status_code == 303
    attempt: Attempt = her.attempt()
    assert (attempt.paused_at, attempt.deadline_at) == (None, before + 7 * MINUTE)
    pulse = her.pulse().json
    assert (pulse["paused"], pulse["seb_missing"], pulse["deadline"]) == (False, False, attempt.deadline_at.timestamp())
    assert save(her, 1) == 200


def test_resumed_without_its_keys_it_is_stopped_again_at_the_next_look(app: Flask, hall: Hall, her: Locked):
    at(NOON + 4 * MINUTE)
    Desk(app, hall, hall.invigilator).post(f"incidents/{stops()[0]}/resume")
    at(NOON + 4 * MINUTE + timedelta(seconds=20))
    assert her.pulse(key="").json["paused"] is True
    assert her.attempt().paused_at == NOON + 4 * MINUTE + timedelta(seconds=20)
    assert len(stops()) == 2
    at(NOON + 6 * MINUTE)
    assert Desk(app, hall, hall.other_invigilator).post(f"incidents/{stops()[1]}/resume").status_code == 303
    assert her.attempt().paused_at is None


def test_the_candidate_lets_himself_go_on_in_no_role(app: Flask, hall: Hall, her: Locked):
    account = hall.session.get_one(Account, her.account.id, populate_existing=True)
    people.grant(hall.session, account, Role.INVIGILATOR, hall.county.city, now=NOON)
    hall.session.commit()
    refused = Desk(app, hall, account).post(f"incidents/{stops()[0]}/resume")
    assert (refused.status_code, refused.json["error"]) == (403, "same_person")
    assert her.attempt().paused_at == NOON + 2 * MINUTE


def test_the_board_names_who_is_stopped_and_why(app: Flask, hall: Hall, her: Locked):
    page = Desk(app, hall, hall.invigilator).get(f"incidents/{stops()[0]}").text
    assert "Safe Exam Browser" in page and her.account.person.name in page
