"""Two counties under a province, one thing of each kind in the first, and everybody who may knock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from courses.outline import Chapter, Course, Lesson
from portal.bank import operations as banks
from portal.bank.models import Question, QuestionBank
from portal.bank.writing.models import QuestionPicture
from portal.exams.models import Attempt
from portal.people.models import Account, BodyField, BodyKind, Level, Role
from portal.people.operations import create_api_token
from portal.training import operations as training
from tests.conftest import NOON
from tests.factories import PASSWORD, County, questions
from tests.matrix.bank_things import of_bank
from tests.matrix.contest_things import of_contests
from tests.matrix.exam_things import of_exams
from tests.matrix.law_things import of_laws
from tests.matrix.matters_things import of_library
from tests.matrix.things import file_of, of_people

# relation -> (body's name in the county, field): where an actor's role is granted, seen from the thing
RELATIONS = {
    "here": ("city", None),
    "there": ("other_city", None),
    "above": ("province", None),
    "other_field": ("city", "ecology"),
    "same_field": ("province", "transport"),
}
STAFF = tuple(role for role in Role if role is not Role.OFFICER)
PICTURE = "a1" * 32
NOBODY, OWNER, OTHER_OFFICER = ("nobody", "-"), ("officer", "own"), ("officer", "other")


@dataclass
class World:
    """Cookies of every actor and address values of every thing."""

    cookies: dict[tuple[str, str], str] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)  # what forms and queries name with "@"


def build(session: Session, folder: Path) -> World:
    """Everything committed but the sign-ins."""
    county, world = County(session, NOON), World()
    session.add_all(BodyField(body_id=b.id, field=f) for b in (county.city, county.province, county.other_city)
                    for f in ("transport", "ecology"))  # fmt: skip
    county.other_transport = county.body(
        "集安市交通运输综合行政执法大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, county.other_city, ["transport"]
    )
    owner, application, _ = county.ready()
    other = county.officer("祁书航", born=date(1991, 7, 8))
    pictured = [replace(questions()[0], stem=f"![标志](picture:{PICTURE})"), *questions()[1:]]
    running = county.exam(opens_at=NOON - timedelta(minutes=30), drawn=pictured)
    attempt = county.attempt(owner, running)
    other_exam = county.exam(opens_at=NOON - timedelta(minutes=30))
    county.enter(other_exam, owner)
    world.accounts = {OWNER: owner, OTHER_OFFICER: other}
    _staff(county, world)
    bank = QuestionBank(
        code="MATRIX", title="梅河口交通题库", body_id=county.city.id, field="transport", created_at=NOON
    )
    session.add(bank)
    session.flush()
    session.add(
        QuestionPicture(
            bank_id=bank.id, sha256=PICTURE, media_type="image/png", width=1, height=1, content=b"png", added_at=NOON
        )
    )  # fmt: skip
    version = banks.add_version(session, bank, questions()[0], now=NOON)
    lesson = Lesson("L1", "一", 10, "正文")
    course = Course("MATRIX", "交通执法课程", "简介", "transport", "professional", (Chapter("一", (lesson,)),))
    training.publish_course(session, course, now=NOON)
    exam = county.exam(
        field="transport", drawn=pictured, before={"body_id": county.city.id, "title": "梅河口交通专业考试"}
    )
    outcome = county.result(other, county.exam(opens_at=NOON - timedelta(days=30)))
    session.flush()
    world.names = {
        "person": owner.person.name, "body": county.transport.name, "exam": exam.title, "bank": bank.title,
        "adviser": "钱律师",
    }  # fmt: skip
    world.values = {
        "number": owner.person.personnel_number, "other_number": other.person.personnel_number,
        "receiver": county.other_transport.id, "exam_attempt": county.attempt(other, exam).id,
    }  # fmt: skip
    world.things = {
        "person": {"person_id": owner.person_id},
        "body": {"body_id": county.transport.id},
        "application": {"application_id": application.id},
        "exam": {"exam_id": exam.id},
        "open_exam": {"exam_id": other_exam.id},
        "attempt": {"public_id": attempt.public_id},
        "attempt_id": {"attempt_id": attempt.id},
        "attempt_picture": {"public_id": attempt.public_id, "sha256": PICTURE},
        "others_outcome": {"public_id": session.get_one(Attempt, outcome.attempt_id).public_id},
        "bank": {"code": bank.code},
        "account": {"account_id": owner.id},
        "question": {"code": bank.code, "question_code": session.get_one(Question, version.question_id).code},
        "course": {"code": course.code},
        "lesson": {"code": course.code, "lesson": lesson.code},
        "file": {"filename": "page.js"},
        "no_token": {"token": "unknown"},
    }
    world.things |= of_bank(county, bank, world.accounts["trainer", "here"])
    world.names["reviewed"] = "MATRIX-R"
    world.values["bank_body"] = bank.body_id
    world.things["bank_file"] = {"code": bank.code, "batch_id": file_of(session, "questions", bank.code, owner).id}
    law_things, law_values = of_laws(county, bank, world.accounts["law_editor", "above"])
    world.things |= law_things
    world.values |= law_values
    world.names["held"] = "M-HELD"
    editors = {where: account for (role, where), account in world.accounts.items() if role == "law_editor"}
    world.things |= of_library(county, editors)
    world.names["town"] = "矩阵镇人民政府"
    exam_things, exam_values = of_exams(county, exam, owner, world.accounts["exam_admin", "here"])
    contest_things, contest_values = of_contests(county, world.accounts)
    world.things |= exam_things | contest_things
    world.values |= exam_values | contest_values
    world.things |= of_people(county, owner, other, world.accounts["unit_admin", "here"], folder)
    return world


def _staff(county: County, world: World) -> None:
    born = date(1970, 1, 1)
    for role in STAFF:
        for relation, (where, limited) in RELATIONS.items():
            born += timedelta(days=1)
            person = county.person(f"{role.value[:8]}{relation[:5]}", born=born)
            world.accounts[role.value, relation] = county.account(person, role, getattr(county, where), limited)


def give_tokens(session: Session, world: World) -> None:
    """An API token to everybody."""
    for actor, account in world.accounts.items():
        world.tokens[actor] = create_api_token(session, account, now=NOON)


def sign_everybody_in(app: Flask, world: World) -> None:
    """Each through the door; keeps the cookie header each got."""
    for actor, account in world.accounts.items():
        client = app.test_client()
        answer = client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        assert answer.status_code == 302, (actor, answer.status_code)
        world.cookies[actor] = "; ".join(f"{c.key}={c.value}" for c in client._cookies.values())
