"""A paper drawn per person at the start: from a frozen pool, by a seed, only version ids are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.exams import papers
from portal.exams.delivery.closing import hand_in
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import Attempt, ExamKind, FormSeal, HandInCause
from portal.exams.queries import current_key
from portal.ground import clock
from portal.ground.db import db
from question_bank.papers import lay_out
from question_bank.questions import Kind, Question
from tests.conftest import NOON
from tests.exams.sitter import Sitter, exam_at_noon, rows_of
from tests.exams.test_seal import ACCEPTED, QUOTE, RATIONALE, marked, shows, whole_exam
from tests.factories import County, questions

BLUEPRINT = [
    {"topic": "总则", "kind": "single_choice", "count": 4, "points": 200},
    {"topic": "总则", "kind": "case_set", "count": 1, "points": 200},
]


def pool() -> list[Question]:
    single, _, _, _, case = questions()
    return [
        *(replace(single, code=f"S-{n:02d}", stem=f"第{n}题 **哪项** 对？") for n in range(20)),
        *(replace(case, code=f"C-{n}", items=tuple(replace(i, code=f"C-{n}{i.code[-1]}") for i in case.items))
          for n in range(3)),
    ]  # fmt: skip


def drawn_exam(county: County, **changed):
    stock = pool()
    given = {"attempts_allowed": 3, "days": 0.1, "blueprint": BLUEPRINT, **changed}
    return exam_at_noon(
        county, kind=ExamKind.MONTHLY, drawn=stock, delivery="drawn",
        versions={question.code: 900 + n for n, question in enumerate(stock)}, **given,
    )  # fmt: skip


@pytest.fixture
def sitter(app, web_county: County) -> Sitter:
    return Sitter(app, web_county, drawn_exam(web_county)).ready()


def items(page_or_paper: dict) -> list[int]:
    return [item["item"] for item in page_or_paper["items"]]


def test_a_page_that_waits_holds_nothing_of_the_pool_and_the_start_brings_the_paper(sitter: Sitter):
    assert (sitter.page["form"], sitter.page["key"], sitter.page["paper"]) == (None, None, None)
    begun = sitter.start().json
    paper = begun["paper"]["paper"]
    assert begun["key"] is None and len(paper["items"]) == 4 + 2
    assert [item["kind"] for item in paper["items"]][:4] == ["single_choice"] * 4
    assert set(begun["paper"]["shown"]["items"]) == {str(n) for n in items(paper)[:4]}
    assert rows_of(FormSeal) == 0


def test_only_version_ids_are_stored_and_they_name_what_was_shown(sitter: Sitter):
    begun = sitter.start().json
    with db.reading() as session:
        attempt = session.scalars(select(Attempt)).one()
        assert len(attempt.drawn) == 5 and all(isinstance(version, int) for version in attempt.drawn)
        assert items(papers.paper_of(attempt)) == items(begun["paper"]["paper"])


def test_reload_device_and_repeated_start_show_the_same_paper_in_the_same_order(sitter: Sitter):
    first = sitter.start().json
    again = sitter.start().json
    reloaded = sitter.open()
    elsewhere = sitter.open(sitter.signed_in())
    shown = [lay_out(p["paper"]["paper"], reloaded["seed"]) for p in (first, again, reloaded, elsewhere)]
    assert shown[0] == shown[1] == shown[2] == shown[3]
    with db.reading() as session:
        assert papers.laid_out(session.scalars(select(Attempt)).one()) == shown[0]


def test_another_person_and_another_attempt_draw_another_paper(app, web_county: County):
    county, exam = web_county, drawn_exam(web_county)
    seen = []
    for number in range(4):
        officer = county.officer(f"考生{number}", born=county.today - timedelta(days=9000 + number))
        seen.append(tuple(items(Sitter(app, county, exam, officer).ready().start().json["paper"]["paper"])))
    assert len(set(seen)) == 4


def test_an_item_of_the_pool_that_is_not_on_his_paper_is_refused(sitter: Sitter):
    begun = sitter.start().json
    on_paper = set(items(begun["paper"]["paper"]))
    off = next(n for n in range(1, 21) if n not in on_paper)
    for item, status in ((min(on_paper), 200), (off, 422)):
        saved = sitter.app.test_client().post(
            f"/exams/attempts/{begun['attempt']}/answers", json={"changes": [[item, item, "B"]]},
            headers={"X-Attempt-Token": begun["token"]},
        )  # fmt: skip
        assert saved.status_code == status


def test_marks_count_what_was_drawn_and_nothing_else(county: County):
    exam = drawn_exam(county)
    officer = county.officer()
    attempt = county.attempt(officer, exam)
    key = papers.key_of(attempt, current_key(county.session, attempt.form_id))
    county.answer(attempt, {int(item): entry["key"] for item, entry in list(key.items())[:3]})
    hand_in(county.session, attempt, cause=HandInCause.CANDIDATE, now=NOON)
    result = mark_attempt(county.session, attempt, now=NOON)
    assert (result.points, result.full_points, len(result.items)) == (600, 1200, 6)
    assert {item["item"] for item in result.items} == {int(item) for item in key}


def test_the_outcome_shows_his_own_questions_only(app, web_county: County):
    county = web_county
    exam = drawn_exam(county, release_at_once=True)
    sitter = Sitter(app, county, exam).ready()
    begun = sitter.start().json
    sitter.app.test_client().post(
        f"/exams/attempts/{begun['attempt']}/hand-in", json={}, headers={"X-Attempt-Token": begun["token"]}
    )
    page = sitter.client.get(f"/exams/attempts/{sitter.public_id}/outcome").text
    stems = {n for n in range(20) if f"第{n}题 <strong>" in page}
    assert stems == {n - 1 for n in items(begun["paper"]["paper"]) if n <= 20}


def test_an_officer_s_start_without_a_page_draws_too(county: County):
    attempt = county.attempt(county.officer(), drawn_exam(county))
    assert len(attempt.drawn) == 5


def test_nothing_of_the_key_is_in_the_whole_traffic_of_a_drawn_paper(app, web_county: County):
    stock = [question for question in marked() if question.kind is not Kind.SINGLE]
    exam = exam_at_noon(
        web_county, kind=ExamKind.MONTHLY, drawn=stock, delivery="drawn", days=0.1,
        versions={question.code: 900 + n for n, question in enumerate(stock)},
        blueprint=[{"topic": "总则", "kind": kind, "count": 1, "points": 200} for kind in ("fill_blank", "case_set")],
    )  # fmt: skip
    clock.set_source(lambda: NOON - timedelta(minutes=10))
    sitter = Sitter(app, web_county, exam).ready()
    heard = whole_exam(sitter, answer=[1, 1, ["某"]])
    assert shows(heard, "处罚应当____。") and shows(heard, "某案。")
    for mark in (RATIONALE, ACCEPTED, QUOTE, '"rationale"', '"citations"', '"version"', "M-2", "M-3a"):
        assert not shows(heard, mark), mark


def test_a_qualification_is_never_drawn(county: County):
    with pytest.raises(Exception, match="guard: a qualification is never drawn"):
        county.exam(before={"delivery": "drawn"})


def test_the_pool_is_picked_from_by_the_exam_s_own_blueprint(county: County):
    exam = drawn_exam(county)
    assert len(papers.draw_versions(county.session, exam.forms[0].id, 7)) == 5


def test_the_notice_tells_of_one_paper_not_of_the_pool(sitter: Sitter):
    page = sitter.client.get(f"/exams/{sitter.exam.id}").text
    assert "6 题，满分 12 分" in page
