"""Finding questions: by words, sounds, articles, what they are about and how they were answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from portal.bank import operations as banks
from portal.bank.finding import indexing, operations, proving, queries
from portal.bank.finding.alike import alikes_of, look_alikes
from portal.bank.finding.models import QuestionEntry
from portal.bank.finding.operations import CannotMove, NotEdited, StaleEntry
from portal.bank.finding.queries import Filters
from portal.bank.following.models import QuestionStatistics, QuestionUse
from portal.bank.models import Change, QuestionStatus
from portal.ground import search
from portal.people.models import Field, Role
from question_bank.questions import Citation, Kind, Question
from tests.bank.conftest import Desk, staff
from tests.factories import CITED

HEARING = Question(
    "H-1", Kind.SINGLE,
    "当事人要求**听证**的，应当在行政机关告知后几日内提出？",
    ("三日", "五日", "七日", "十日"), "B",
    rationale="听证申请的期限是五日。", topic="行政处罚", difficulty=4, tags=("易错",),
    citations=(*CITED, Citation("行政处罚法", "2021 修订", "第五十一条")),
)  # fmt: skip
SEIZURE = replace(HEARING, code="S-2", stem="查封场所的期限最长是多少日？", topic="行政强制", tags=(), difficulty=2,
                  options=("二十日", "三十日", "六十日"),
                  rationale="期限是三十日。",
                  citations=(Citation("行政强制法", "2011", "第五十一条之一"),))  # fmt: skip


def found(desk: Desk, **asked) -> list[str]:
    page = queries.listed(desk.session, [desk.bank.id], Filters(**asked), page=1, size=50)
    return [each.row.code for each in page.rows]


@pytest.fixture
def two(desk: Desk) -> Desk:
    desk.hearing, desk.seizure = desk.question(HEARING), desk.question(SEIZURE)
    return desk


WAYS = (
    "听证", "要求听证的", "告知后几日", "五日", "H-1", "易错", "xzcf", "xingzhengchufa", "dsryqtz", "ting",
    "行政处罚法 第五十一条", "处罚法51条", "处罚法第51条", "听证 几日",
)  # fmt: skip


@pytest.mark.parametrize("words", WAYS)
def test_a_question_is_found_by_what_it_says_and_how_that_sounds(two: Desk, words: str):
    assert found(two, words=words) == ["H-1"]


def test_words_of_both_find_both_in_the_order_of_numbers(two: Desk):
    assert found(two, words="期限") == ["H-1", "S-2"]
    assert found(two, words="没有这个词") == []
    assert found(two) == ["H-1", "S-2"]


@pytest.mark.parametrize("article, codes", [
    ("行政处罚法 第五十一条", ["H-1"]), ("处罚法51条", ["H-1"]), ("行政处罚法", ["H-1"]), ("第51条", ["H-1"]),
    ("行政处罚法 51", ["H-1"]), ("处罚法５１", ["H-1"]), ("第51", ["H-1"]), ("52", []),
    ("第51条之一", ["S-2"]), ("行政强制法", ["S-2"]), ("测试法", ["H-1"]), ("第52条", []), ("", ["H-1", "S-2"]),
])  # fmt: skip
def test_an_article_is_found_however_its_number_is_written(two: Desk, article: str, codes: list[str]):
    assert found(two, article=article) == codes


def test_lists_are_narrowed_by_what_questions_are(two: Desk):
    assert found(two, topic="行政强制") == ["S-2"]
    assert found(two, tag="易错") == ["H-1"]
    assert found(two, difficulty=4) == ["H-1"]
    assert found(two, status="draft", kind="single_choice") == ["H-1", "S-2"]
    assert found(two, status="approved") == []
    assert found(two, author=two.writer.id) == ["H-1", "S-2"]
    assert found(two, author=two.reviewer.id) == []
    assert found(two, field=two.bank.field or "general") == ["H-1", "S-2"]
    assert found(two, since=two.now.date()) == ["H-1", "S-2"]
    assert found(two, since=two.now.date() + timedelta(days=2)) == []
    two.hearing.held = True
    two.session.flush()
    assert found(two, held=True) == ["H-1"]


def test_figures_and_uses_narrow_and_order_a_list(two: Desk):
    for row, facility, telling in ((two.hearing, 9000, 5), (two.seizure, 2500, 40)):
        two.session.add(QuestionStatistics(
            version_id=row.current_version_id, answered=100, facility=facility, discrimination=telling, choices={},
            counted_at=two.now,
        ))  # fmt: skip
    two.session.add(QuestionUse(question_id=two.hearing.id, version_id=two.hearing.current_version_id, kind="exam",
                                object_id=1, title="月考", at=two.now))  # fmt: skip
    two.session.flush()
    assert found(two, harder=3000) == ["S-2"]
    assert found(two, easier=9000) == ["H-1"]
    assert found(two, weaker=20) == ["H-1"]
    assert found(two, answered=101) == []
    assert found(two, sort="hardest") == ["S-2", "H-1"]
    assert found(two, sort="weakest") == ["H-1", "S-2"]
    assert found(two, used="yes") == ["H-1"]
    assert found(two, used="no") == ["S-2"]


def test_a_new_version_is_found_and_the_old_words_are_not(two: Desk):
    new = replace(HEARING, stem="执法人员应当回避的情形是？", topic="回避")
    banks.add_version(two.session, two.bank, new, now=two.now)
    assert found(two, words="告知后") == []
    assert found(two, words="回避") == ["H-1"]
    assert found(two, topic="回避") == ["H-1"]


def test_what_is_written_together_is_indexed_together(desk: Desk):
    with indexing.gathered(desk.session):
        desk.question(HEARING)
        assert found(desk, words="听证") == []
    assert found(desk, words="听证") == ["H-1"]


def test_counts_are_exact_up_to_a_limit(two: Desk, monkeypatch: pytest.MonkeyPatch):
    page = queries.listed(two.session, [two.bank.id], Filters(), page=1, size=1)
    assert (page.total, page.more) == (2, False)
    monkeypatch.setattr(queries, "COUNTED", 1)
    page = queries.listed(two.session, [two.bank.id], Filters(), page=1, size=1)
    assert (page.total, page.more) == (1, True)
    assert queries.listed(two.session, [two.bank.id], Filters(), page=9, size=1).rows == []


def test_other_banks_are_not_found(two: Desk):
    assert queries.listed(two.session, [], Filters(), page=1, size=50).rows == []
    assert queries.listed(two.session, [two.bank.id + 1], Filters(words="听证"), page=1, size=50).rows == []


def test_an_edit_in_the_list_is_a_version_of_the_editor(two: Desk):
    shown = two.hearing.current_version_id
    assert operations.edit(two.session, two.hearing, topic="听证", difficulty=1, level="apply", tags=["新法"],
                           shown=shown, account=two.writer, now=two.now)  # fmt: skip
    now = two.hearing.current
    assert (now.number, now.topic, now.difficulty, now.change) == (2, "听证", 1, Change.WORDING)
    assert now.author_id == two.writer.id
    assert two.hearing.status == QuestionStatus.DRAFT
    with pytest.raises(StaleEntry):
        operations.edit(two.session, two.hearing, topic="听证", difficulty=2, level="apply", tags=[], shown=shown,
                        account=two.writer, now=two.now)  # fmt: skip


def test_what_is_approved_goes_to_review_when_it_is_tagged(desk: Desk):
    row = desk.question(status=QuestionStatus.APPROVED)
    assert operations.tag(desk.session, row, "冬训", account=desk.writer, now=desk.now)
    assert row.status == QuestionStatus.REVIEW
    assert not operations.tag(desk.session, row, "冬训", account=desk.writer, now=desk.now)
    assert operations.untag(desk.session, row, "冬训", account=desk.writer, now=desk.now)


def test_what_is_retired_or_held_is_not_edited(two: Desk):
    two.hearing.held = True
    operations.retire(two.session, two.seizure, "过时", account=two.writer, now=two.now)
    for row in (two.hearing, two.seizure):
        with pytest.raises(NotEdited):
            operations.tag(two.session, row, "冬训", account=two.writer, now=two.now)


def test_a_retired_question_comes_back_as_a_draft(two: Desk):
    assert operations.retire(two.session, two.seizure, "过时", account=two.writer, now=two.now)
    assert not operations.retire(two.session, two.seizure, "过时", account=two.writer, now=two.now)
    assert operations.restore(two.session, two.seizure, account=two.writer, now=two.now)
    assert two.seizure.status == QuestionStatus.DRAFT


def test_a_question_moves_with_its_entry_and_not_out_of_its_field_or_seal(two: Desk):
    county, session = two.county, two.session
    other = banks.create_bank(session, "B-9", "另一题库", county.city, field=two.bank.field, now=two.now)
    assert operations.move_to(session, two.hearing, other, account=two.writer, now=two.now)
    assert found(two) == ["S-2"]
    page = queries.listed(session, [other.id], Filters(topic="行政处罚"), page=1, size=9)
    assert [each.row.code for each in page.rows] == ["H-1"]
    apart = banks.create_bank(session, "B-7", "别的领域", county.city, field=Field.MARKET, now=two.now)
    with pytest.raises(CannotMove):
        operations.move_to(session, two.hearing, apart, account=two.writer, now=two.now)
    other.sealed = False
    session.add(QuestionUse(question_id=two.seizure.id, version_id=two.seizure.current_version_id, kind="exam",
                            object_id=1, title="月考", at=two.now))  # fmt: skip
    session.flush()
    with pytest.raises(CannotMove):
        operations.move_to(session, two.seizure, other, account=two.writer, now=two.now)


def test_look_alikes_are_told_from_banks_within_reach_only(two: Desk):
    session, other = two.session, replace(HEARING, code="H-9", stem=HEARING.stem.replace("当事人", "申请人"))
    ids = [two.bank.id]
    assert [a.code for a in look_alikes(session, two.writer, ids, other, but=None)] == ["H-1"]
    assert look_alikes(session, two.writer, ids, HEARING, but=two.hearing.id) == []
    stranger = staff(two.county, Role.TRAINER, two.county.other_city)
    assert look_alikes(session, stranger, ids, other, but=None) == []
    assert look_alikes(session, two.writer, ids, replace(HEARING, key="C"), but=None)[0].other_key
    operations.retire(session, two.hearing, "重复", account=two.writer, now=two.now)
    assert look_alikes(session, two.writer, ids, other, but=None) == []


def test_a_batch_is_compared_with_the_bank_and_with_itself(two: Desk):
    batch = [replace(SEIZURE, code="X-1", stem="某某问题与别的都不相同的一道题目？"), replace(HEARING, code="X-2"),
             replace(HEARING, code="X-3", key="D"), HEARING]  # fmt: skip
    told = [(place, a.code, a.place, a.other_key) for place, a in alikes_of(two.session, [two.bank.id], batch)]
    assert (1, "H-1", None, False) in told
    assert (2, "H-1", None, True) in told and (2, "X-2", 1, True) in told
    assert (3, "H-1", None, False) not in told  # the stored question itself, to get a new version
    assert not any(place == 0 for place, *_ in told)


def test_what_differs_from_the_texts_is_found_out_and_mended(two: Desk):
    session = two.session
    assert not (proof := proving.prove(session)).wrong and proof.looked_at == 2
    hearing, seizure = two.hearing.id, two.seizure.id
    search.index(session, indexing.TEXTS, hearing, "别的话")
    session.execute(delete(QuestionEntry).where(QuestionEntry.question_id == seizure))
    search.index(session, indexing.TEXTS, 9999, "没有这道题")
    proof = proving.prove(session)
    assert (proof.wrong, proof.strays, proof.rows_apart) == ({hearing, seizure}, {9999}, [])
    assert indexing.missing(session) == [seizure]
    list(proving.mend(session, proof))
    proof = proving.prove(session)
    assert (proof.wrong, proof.strays) == (set(), set())
    assert session.scalar(select(QuestionEntry.topic).where(QuestionEntry.question_id == seizure)) == "行政强制"
