"""A question from the first word to the bank: written, read by another, sent back, mended, approved."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from portal.bank import operations as banks
from portal.bank.models import Question, QuestionStatus
from portal.ground.db import db
from portal.people.models import Role
from tests.journeys.conftest import DESKTOP, Candidate, Site, wait_until

pytestmark = pytest.mark.journey
OPTIONS = ("应当公开举行", "费用由当事人承担", "可以委托一至二人代理", "由调查人员主持")


@pytest.fixture
def people(site: Site):
    """A bank with a writer and a reviewer."""
    county = site.county
    banks.create_bank(county.session, "B-1", "测试题库", county.city, now=county.now)
    writer = county.staff(Role.TRAINER, county.city, born=date(1980, 1, 1))
    reviewer = county.staff(Role.REVIEWER, county.city, born=date(1981, 1, 1))
    county.session.commit()
    return writer, reviewer


def saved(person: Candidate) -> None:
    """Wait until nothing that was typed waits any more."""
    acknowledged = "document.querySelector('#save use').href.baseVal === '#i-check'"
    person.page.wait_for_function(f"() => !localStorage.length && {acknowledged}")


def write(person: Candidate) -> None:
    page = person.page
    page.fill("[name=stem]", "关于行政处罚听证，下列哪些说法正确？")
    for at, option in enumerate(OPTIONS):
        page.locator("[name=option]").nth(at).fill(option)
    page.check("[name=key][value=A]")
    page.check("[name=key][value=C]")
    page.fill("[name=rationale]", "听证公开举行，当事人可以委托代理人。")
    page.fill("[name=topic]", "听证程序")


def cite(person: Candidate) -> None:
    """By hand: the library of this small county has no texts of articles."""
    page = person.page
    page.click("[data-cite]")
    page.click("[data-cite]")
    page.fill("[name=law]", "测试法")
    page.fill("[name=label]", "2020")
    page.fill("[name=article]", "第一条")


def row() -> Question:
    with db.reading() as session:
        return session.query(Question).one()


def test_written_sent_back_mended_and_approved(site: Site, candidate, people):
    writer, reviewer = (candidate(account) for account in people)
    writer.sign_in("/banks/mine")
    writer.page.click("a[href='/banks/B-1/write']")
    writer.page.click("button[value=multiple_choice]")
    write(writer)
    writer.reads("#shown", "可以委托一至二人代理")
    saved(writer)
    writer.page.reload()
    assert writer.page.locator("[name=option]").nth(2).input_value() == OPTIONS[2]
    assert writer.page.is_checked("[name=key][value=C]")

    cite(writer)
    saved(writer)
    writer.page.check("[name='answer-0'][value=B]")
    writer.page.click("#preview button:text('自己答一遍'), #preview button.mf-btn")
    expect(writer.page.locator("#answered .mf-badge--bad")).to_be_visible()
    writer.page.click("button[value=submit]")
    writer.page.wait_for_url("**/questions/B-1-00001")
    assert row().status == QuestionStatus.REVIEW

    reviewer.sign_in("/banks/review")
    reviewer.page.click("a:text-is('B-1-00001')")
    reviewer.page.select_option("#place", "stem")
    reviewer.page.fill("#text", "写明是哪一种听证。")
    reviewer.page.click(".q-remark button")
    reviewer.reads("#remarks", "写明是哪一种听证。")
    reviewer.page.click(".q-return summary")
    reviewer.page.fill("#reason", "题干不够清楚")
    reviewer.page.click(".q-return form button")
    reviewer.page.wait_for_url("**/banks/review")

    writer.page.goto(f"{site.address}/banks/mine")
    writer.reads("main", "题干不够清楚")
    writer.page.click(".q-returned button")
    writer.reads(".q-pin", "写明是哪一种听证。")
    writer.page.fill("[name=stem]", "关于行政处罚普通程序中的听证，下列哪些说法正确？")
    saved(writer)
    writer.page.click("button[form^=settle]")
    writer.page.wait_for_selector(".q-pin .mf-ok")
    writer.page.click("button[value=submit]")
    writer.page.wait_for_url("**/questions/B-1-00001")

    reviewer.page.goto(f"{site.address}/banks/B-1/questions/B-1-00001/review")
    reviewer.page.click("form[action$=approve] button")
    reviewer.page.wait_for_url("**/banks/review")
    wait_until(lambda: row().status == QuestionStatus.APPROVED)


def test_what_the_server_did_not_get_stays_on_the_device_and_is_sent_later(site: Site, candidate, people):
    writer = candidate(people[0], DESKTOP)
    writer.sign_in("/banks/B-1/write")
    writer.page.click("button[value=multiple_choice]")
    writer.page.wait_for_selector("#editor")
    saved_as = writer.page.url
    writer.context.set_offline(True)
    writer.page.fill("[name=stem]", "断网时写的题干")
    writer.page.wait_for_selector(".mf-save--kept")
    writer.page.close()
    writer.context.set_offline(False)
    writer.page = writer.context.new_page()
    writer.watch(writer.page)
    writer.page.goto(saved_as)
    expect(writer.page.locator("[name=stem]")).to_have_value("断网时写的题干", timeout=10_000)


def test_two_pages_of_one_draft_keep_both_texts(site: Site, candidate, people):
    writer = candidate(people[0])
    writer.sign_in("/banks/B-1/write")
    writer.page.click("button[value=multiple_choice]")
    writer.page.wait_for_selector("#editor")
    other = writer.context.new_page()
    writer.watch(other)
    other.goto(writer.page.url)
    other.fill("[name=stem]", "第二页写的")
    expect(other.locator("#shown")).to_contain_text("第二页写的")
    writer.page.fill("[name=stem]", "第一页写的")
    writer.reads("#conflict", "第二页写的")
    writer.reads("#conflict", "第一页写的")
    writer.page.click("[data-keep]")
    saved(writer)
    other.reload()
    assert other.input_value("[name=stem]") == "第一页写的"
