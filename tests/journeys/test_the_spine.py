"""The whole way: an officer sits the test, the server marks it, the bureau's check decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.credentials.models import Application, Eligibility, Notice
from portal.exams import operations as exams
from portal.exams.models import Result, Subject
from portal.ground.db import db
from portal.people.models import Account, Person, Role
from tests.factories import County
from tests.journeys.conftest import DESKTOP, PHONE, Candidate, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("browser")]


def prepared(county: County) -> tuple[Account, Account, Account, Application]:
    """An officer who lacks nothing but the general-law pass; the exam is open."""
    officer = county.officer()
    county.certified(officer)
    county.hours(officer)
    opened = county.now - timedelta(days=100)
    county.result(officer, county.exam(subject=Subject.PROFESSIONAL, field="transport", opens_at=opened))
    today = county.today
    unit = county.staff(Role.UNIT_ADMIN, county.transport, born=today.replace(year=1980, day=1))
    checker = county.staff(Role.BUREAU_CHECKER, county.city, born=today.replace(year=1981, day=1))
    admin = county.staff(Role.EXAM_ADMIN, county.province, born=today.replace(year=1982, day=1))
    county.account(county.person("葛文君", born=today.replace(year=1983, day=1)), Role.EXAM_ADMIN, county.province)
    application = county.application(officer, unit=unit)
    county.session.commit()
    return officer, checker, admin, application


def second_admin() -> Account:
    """The exam administrator who reviews what the other one publishes."""
    with db.reading() as session:
        return session.scalars(select(Account).join(Person).where(Person.name == "葛文君")).one()


def say_early(at_the_desk: Candidate, step: str) -> None:
    """Take a step on the results of an exam that is still open, on purpose and with a reason."""
    form = f"form[action$='{step}']"
    at_the_desk.page.check(f"{form} [name=early]")
    at_the_desk.page.fill(f"{form} [name=reason]", "本场补考人员当日审核")
    with at_the_desk.page.expect_navigation():
        at_the_desk.page.click(f"{form} button")


RIGHT_TEXTS = {"哪一项正确？": ["乙项"], "哪些正确？": ["甲项", "丙项", "丁项"], "应当先做什么？": ["一"]}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_the_question_to_the_public_answer(site: Site, chromium, size):
    county = site.county
    officer, checker, admin, application = prepared(county)
    exam = county.exam(opens_at=datetime.now(UTC) - timedelta(minutes=5))
    site.enter(exam, officer)

    bureau = Candidate(site, chromium, checker)
    bureau.sign_in("/eligibility")
    bureau.page.click(f"a[href='/eligibility/{application.id}'] >> nth=0")
    assert bureau.page.locator("[data-state=not_met]").count() >= 1
    assert bureau.page.locator("button[value=eligible]").count() == 0

    candidate = Candidate(site, chromium, officer, size)
    candidate.start(exam)
    answer_everything(candidate)
    candidate.saved()
    assert candidate.hand_in()
    with db.reading() as session:
        result = session.scalars(select(Result).order_by(Result.id.desc())).first()
        assert (result.mark, result.passed) == (10_000, True)

    reviewer = Candidate(site, chromium, second_admin())
    reviewer.sign_in(f"/exams/manage/{exam.id}/results")
    say_early(reviewer, "/review")

    holder = Candidate(site, chromium, admin)
    holder.sign_in(f"/exams/manage/{exam.id}/results")
    holder.page.fill("[name=reference]", "第一考场座次表")
    with holder.page.expect_navigation():
        holder.page.click("form[action$='/identity'] button")
    say_early(holder, "/release")

    candidate.page.goto(f"{site.address}/exams/attempts/{site.attempt(exam, officer).public_id}/outcome")
    assert "依据第一条" in candidate.page.inner_text("main")

    bureau.page.reload()
    assert bureau.page.locator("[data-state=met]").count() == 12
    bureau.page.fill("[name=opinion]", "同意")
    with bureau.page.expect_navigation():
        bureau.page.click("button[value=eligible]")
    with db.reading() as session:
        assert session.scalars(select(Eligibility)).one().person_id == officer.person_id
        notice = session.scalars(select(Notice)).one()

    visitor = chromium.new_context(viewport=size, java_script_enabled=False).new_page()
    visitor.goto(f"{site.address}/verify/{notice.token}")
    assert visitor.locator("[data-state=valid]").count() == 1
    assert "周雅琴" not in visitor.content()
    for person in (candidate, bureau, holder):
        assert person.troubles == []


def answer_everything(candidate: Candidate) -> None:
    """Six items, whatever order they come in."""
    page = candidate.page
    for number in range(1, 7):
        candidate.question(number)
        stem = page.inner_text("#stem")
        if texts := RIGHT_TEXTS.get(stem):
            candidate.choose(*texts)
        elif "____" in stem or page.locator("#question input[type=text]").count():
            for blank, written in zip(page.locator("#question input[type=text]").all(), ["公正", "公开"], strict=True):
                blank.fill(written)
        else:
            page.keyboard.press("A" if "这句话" in stem else "B")


def test_a_refused_officer_is_refused_on_the_page_and_recorded_nowhere(site: Site, chromium):
    county = site.county
    officer, application, checker = county.ready()
    officer.person.posts[-1].staffing_type = "contract"
    county.session.commit()
    bureau = Candidate(site, chromium, checker)
    bureau.sign_in(f"/eligibility/{application.id}")
    assert bureau.page.locator("[data-rule=establishment][data-state=not_met]").count() == 1
    assert bureau.page.locator("button[value=eligible]").count() == 0
    forge = "button => { button.value = 'eligible'; button.click(); }"
    with bureau.page.expect_navigation():
        bureau.page.locator("button[value=not_eligible]").evaluate(forge)
    assert "第 3 项条件不符合" in bureau.page.inner_text("main")
    with db.reading() as session:
        assert session.scalars(select(Eligibility)).first() is None


def test_results_wait_for_their_release(site: Site, chromium):
    county = site.county
    officer = county.officer()
    exam = county.exam(opens_at=datetime.now(UTC) - timedelta(minutes=5))
    result = county.result(officer, exam, release=False)
    path = f"/exams/attempts/{result.attempt.public_id}/outcome"
    county.session.commit()
    candidate = Candidate(site, chromium, officer)
    candidate.sign_in(path)
    assert "成绩待公布" in candidate.page.inner_text("main")
    assert "依据第一条" not in candidate.page.content()
    exams.release(county.session, [result], now=datetime.now(UTC))
    county.session.commit()
    candidate.page.reload()
    assert "依据第一条" in candidate.page.inner_text("main")
