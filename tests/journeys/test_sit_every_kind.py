"""A paper with every kind a machine marks, a table and a picture, sat on a desktop, on a phone and by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from portal.bank.operations import create_bank
from portal.bank.writing.models import QuestionPicture
from portal.exams import queries
from portal.exams.models import ExamKind
from portal.ground.db import db
from question_bank.questions import Kind, Question
from tests.factories import CITED
from tests.journeys.conftest import DESKTOP, PHONE, wait_until

pytestmark = pytest.mark.journey
WHY = "依据第一条，**罚款**见下表：\n\n| 情节 | 罚款 |\n|---|---|\n| 轻微 | 不罚 |"
COMMON = {"rationale": WHY, "citations": CITED, "topic": "总则"}


def png() -> bytes:
    held = BytesIO()
    Image.new("RGB", (320, 120), (200, 210, 230)).save(held, "PNG")
    return held.getvalue()


SIGN = png()
SHA = sha256(SIGN).hexdigest()


def every_kind() -> list[Question]:
    table = "下表中哪一项不当？\n\n| 情节 | 罚款 |\n|---|---|\n| 轻微 | 1000 元 |\n| 严重 | 500 元 |"
    picture = f"图中标志表示什么？\n\n![圆形红边标志，中间写着 20](picture:{SHA})"
    steps = ("立案", "调查取证", "告知权利", "作出决定")
    right = ("当场决定", "集体讨论", "**告知**听证权利")
    return [
        Question("K-1", Kind.SINGLE, table, ("甲项", "乙项", "丙项"), "B", **COMMON),
        Question("K-2", Kind.MULTIPLE, "哪些正确？", ("甲项", "乙项", "丙项", "丁项"), "ACD", **COMMON),
        Question("K-3", Kind.INDEFINITE, picture, ("限速", "限重", "限高"), "A", **COMMON),
        Question("K-4", Kind.TRUE_FALSE, "这句话对吗？", (), "T", **COMMON),
        Question("K-5", Kind.FILL_BLANK, "应当在____日内、以____元以下罚款。", (), (("七",), ("5万",)), **COMMON),
        Question("K-6", Kind.ORDERING, "把立案到送达的各步按先后排好。", steps, "ABCD", **COMMON),
        Question("K-7", Kind.MATCHING, "各用什么程序？", ("简易程序", "普通程序"), ("1", "2"), matches=right, **COMMON),
    ]


RIGHT = {1: "B", 2: "ACD", 3: "A", 4: "T", 5: '["7", "50000"]', 6: "ABCD", 7: '["1", "2"]'}


@pytest.fixture
def exam(site):
    county = site.county
    bank = create_bank(county.session, "K", "题库", county.bureau, now=datetime.now(UTC))
    county.session.add(
        QuestionPicture(
            bank_id=bank.id, sha256=SHA, media_type="image/png", width=320, height=120, content=SIGN,
            added_at=datetime.now(UTC),
        )
    )  # fmt: skip
    made = county.exam(ExamKind.MOCK, release_at_once=True, drawn=every_kind())
    county.session.commit()
    return made


def put_in_order(page, *steps: str) -> None:
    """Move each step up to its place by the button."""
    for place, step in enumerate(steps):
        while [t.strip() for t in page.locator(".mf-step .t").all_inner_texts()].index(step) > place:
            page.click(f".mf-step:has(.t:text-is('{step}')) .up")


def match(page, **right: str) -> None:
    for left, wanted in right.items():
        select = page.locator(f".mf-pair:has(.t:text-is('{left}')) select")
        value = select.locator("option", has_text=wanted).get_attribute("value")
        select.select_option(value)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_kind_is_answered_kept_over_a_reload_and_marked_right(site, candidate, exam, size):
    officer = site.county.officer()
    site.enter(exam, officer)
    her = candidate(officer, size)
    her.sign_in(f"/exams/{exam.id}")
    assert "立案到送达" not in her.page.content() and "各用什么程序" not in her.page.content()
    assert her.page.locator(".mf-sec .mf-rows li:has-text('1 题')").count() == 7  # a rule in words for each kind
    her.page.check("[name=identity]")
    her.page.click("#start button")
    her.shown()
    page = her.page
    assert page.locator("#stem table td").all_inner_texts() == ["轻微", "1000 元", "严重", "500 元"]
    her.choose("乙项")
    her.question(2)
    her.choose("甲项", "丙项", "丁项")
    her.question(3)
    picture = page.locator("#stem img")
    assert picture.get_attribute("alt") == "圆形红边标志，中间写着 20"
    wait_until(lambda: picture.evaluate("image => image.complete && image.naturalWidth") == 320)
    her.choose("限速", "限高")
    her.choose("限高")  # one alone may be right
    her.question(4)
    her.choose("正确")
    her.question(5)
    assert page.locator("#stem .mf-gap").all_inner_texts() == ["(1)", "(2)"]
    page.fill("#blank-0", "7")
    page.fill("#blank-1", "50000")
    her.question(6)
    assert page.locator(".mf-order.is-open").count() == 1
    page.click(".mf-keep button")
    put_in_order(page, "立案", "调查取证", "告知权利", "作出决定")
    her.question(7)
    assert page.locator(".mf-pair option", has_text="告知听证权利").count() == 2  # the words alone, without their marks
    match(page, 简易程序="当场决定")
    assert page.locator("#sheet-count").inner_text() == "7/7"
    match(page, 普通程序="集体讨论")
    page.reload()
    her.shown()
    assert [s.evaluate("s => s.value") for s in page.locator(".mf-pair select").all()] == ["1", "2"]
    her.question(6)
    assert page.locator(".mf-step .t").all_inner_texts() == ["立案", "调查取证", "告知权利", "作出决定"]
    assert page.locator(".mf-order.is-open, .mf-keep:visible").count() == 0
    her.question(3)
    assert her.chosen() == ["限速"]
    her.saved()
    wait_until(lambda: site.answers(exam, officer) == RIGHT)
    her.hand_in()
    page.click("#receipt-next")
    page.wait_for_selector("#stage[data-stage=shown]")
    assert "100" in page.inner_text("#stage")
    assert page.locator(".mf-item").count() == 7
    assert page.locator("#item-1 .mf-item__stem table").count() == 1
    assert page.locator("#item-1 dd table").count() == 1  # the rationale's own
    shown = page.locator("#item-3 img")
    shown.scroll_into_view_if_needed()
    wait_until(lambda: shown.evaluate("image => image.complete && image.naturalWidth") == 320)
    assert page.locator("#item-6 ol .is-right").count() == 4
    assert page.locator("#item-7 ol .is-right").count() == 2
    with db.reading() as session:
        result = queries.newest_result(session, site.attempt(exam, officer).id)
        assert [item["points"] for item in result.items] == [200] * 7


def test_steps_and_pairs_need_no_mouse(site, candidate, exam):
    officer = site.county.officer()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    page = her.page
    her.question(6)
    before = page.locator(".mf-step .t").all_inner_texts()
    page.keyboard.press("2")  # the second step
    assert page.evaluate("document.activeElement.closest('.mf-step').querySelector('.t').textContent") == before[1]
    page.keyboard.press("ArrowUp")
    assert page.locator(".mf-step .t").all_inner_texts() == [before[1], before[0], *before[2:]]
    page.keyboard.press("ArrowUp")  # it is first already
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator(".mf-step .t").all_inner_texts() == [before[0], before[2], before[1], before[3]]
    assert page.evaluate("document.activeElement.closest('.mf-step').querySelector('.t').textContent") == before[1]
    assert "3" in page.inner_text("#announce")
    her.saved()
    page.keyboard.press("ArrowRight")
    assert "第 7/7 题" in page.inner_text("#heading")
    page.keyboard.press("b")
    page.keyboard.press("ArrowDown")
    wait_until(lambda: 7 in site.answers(exam, officer))
    assert "第 7/7 题" in page.inner_text("#heading")


def test_a_dropped_line_keeps_an_order_and_the_picture(site, candidate, exam):
    officer = site.county.officer()
    site.enter(exam, officer)
    her = candidate(officer)
    her.start(exam)
    page = her.page
    her.saved()
    her.context.set_offline(True)
    her.question(6)
    put_in_order(page, "立案", "调查取证", "告知权利", "作出决定")
    page.click(".mf-step .down >> nth=0")
    page.click(".mf-step .up >> nth=1")
    her.reads("#save", "已存在本机")
    her.question(3)
    wait_until(lambda: page.locator("#stem img").evaluate("image => image.complete && image.naturalWidth") == 320)
    assert 6 not in site.answers(exam, officer)
    her.context.set_offline(False)
    her.saved()
    assert site.answers(exam, officer)[6] == "ABCD"
