"""A law changes: its editor brings the new text; a trainer reads both beside each other and answers for a question."""

from __future__ import annotations

from datetime import date

import pytest

from portal.bank.models import Question
from portal.ground.db import db
from portal.people.models import Role
from tests.journeys.conftest import PHONE, Candidate, Site
from tests.library.test_import_law import take_in
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, citing

pytestmark = pytest.mark.journey


@pytest.fixture
def people(site: Site):
    """The old text, a question on it, the province's law editor and the city's trainer."""
    county = site.county
    take_in(county.session, BRIDGES_2020)
    citing(county, "第二条")
    editor = county.staff(Role.LAW_EDITOR, county.province, born=date(1980, 1, 1))
    trainer = county.staff(Role.TRAINER, county.city, born=date(1981, 1, 1))
    county.session.commit()
    return editor, trainer


def status() -> tuple[str, bool]:
    with db.reading() as session:
        row = session.query(Question).filter_by(code="B-1").one()
        return row.status, row.held


def test_from_the_new_text_to_the_review(site: Site, chromium, people):
    editor = Candidate(site, chromium, people[0])
    editor.sign_in()
    editor.page.goto(f"{site.address}/library/import/")
    editor.page.fill("#text", BRIDGES_2024)
    editor.page.click("form.lw-form .mf-btn--go")
    editor.page.locator("[name=do][value=commit]").click()
    editor.page.wait_for_url("**/library/laws/*")
    assert status() == ("approved", True)

    trainer = Candidate(site, chromium, people[1], PHONE)
    trainer.sign_in()
    trainer.page.goto(f"{site.address}/banks/BRIDGES/questions/B-1")
    trainer.page.locator("a.mf-law").first.click()
    panel = trainer.page.locator(".lw-panel")
    panel.get_by_text("桥梁每年检查一次").wait_for()
    trainer.page.keyboard.press("Escape")
    assert panel.count() == 0

    trainer.page.goto(f"{site.address}/law-changes/held")
    assert trainer.page.locator("ins").first.is_visible()
    trainer.page.fill("[data-pick-article]", "桥梁管理 4")
    trainer.page.locator(".lw-picked button").first.click()
    trainer.page.locator(".lw-decide .mf-btn--go").first.click()
    trainer.page.wait_for_url("**/law-changes/held*")
    assert status() == ("review", False)
    with db.reading() as session:
        row = session.query(Question).filter_by(code="B-1").one()
        assert [c.article for c in row.current.citations] == ["第四条"]
    assert editor.troubles == trainer.troubles == []
