"""Remarks pinned to a field: where they may stand, who settles them, where the writer sees them."""

from __future__ import annotations

import pytest

from portal.bank.models import QuestionStatus
from portal.bank.writing import operations, queries
from tests.bank.conftest import Desk


def test_a_remark_stands_at_its_field_and_version(desk: Desk):
    row = desk.question(status=QuestionStatus.REVIEW)
    operations.comment(desk.session, row, "items/2/stem", " 日期写清楚 ", account=desk.reviewer, now=desk.now)
    found = queries.remarks(desk.session, row)
    assert [(r.place, r.text, r.version, r.by) for r in found] == [("items/2/stem", "日期写清楚", 1, "吕明哲")]


@pytest.mark.parametrize("place", ["", "body", "items/1", "items/x/stem", "stem/../key", "items/1/2/stem"])
def test_there_is_no_remark_at_a_place_that_is_none(desk: Desk, place: str):
    with pytest.raises(operations.NoPlace):
        operations.comment(desk.session, desk.question(), place, "改", account=desk.reviewer, now=desk.now)


@pytest.mark.parametrize("text", ["", "  ", "长" * 1001])
def test_a_remark_says_something_and_not_too_much(desk: Desk, text: str):
    with pytest.raises(operations.NoPlace):
        operations.comment(desk.session, desk.question(), "stem", text, account=desk.reviewer, now=desk.now)


def test_who_settles_it_first_is_written_down(desk: Desk):
    row = desk.question()
    remark = operations.comment(desk.session, row, "stem", "改", account=desk.reviewer, now=desk.now)
    operations.settle(desk.session, remark, account=desk.writer, now=desk.now)
    operations.settle(desk.session, remark, account=desk.reviewer, now=desk.now)
    assert remark.settled_by_id == desk.writer.id
    assert queries.open_remarks(desk.session, [row.id]) == {}


def test_the_writer_sees_it_beside_the_field_and_settles_it(web_desk: Desk, signed_in):
    row = web_desk.question(status=QuestionStatus.REVIEW)
    web_desk.session.commit()
    reviewer, writer = signed_in(web_desk.reviewer), signed_in(web_desk.writer)
    address = f"/banks/B-1/questions/{row.code}"
    assert reviewer.post(f"{address}/comments", data={"place": "stem", "text": "题干太短"}).status_code == 303
    reviewer.post(f"{address}/return", data={"reason": "请改题干"})
    page = writer.get(writer.post(f"{address}/edit").headers["Location"]).text
    assert "题干太短" in page and "请改题干" in page and 'id="settle-1"' in page
    assert writer.post(f"{address}/comments/1/settle").status_code == 303
    assert 'id="settle-1"' not in writer.get(writer.post(f"{address}/edit").headers["Location"]).text


def test_a_remark_of_another_question_is_not_found(web_desk: Desk, signed_in):
    from tests.factories import questions

    row, other = web_desk.question(status=QuestionStatus.REVIEW), web_desk.question(questions()[0])
    remark = operations.comment(
        web_desk.session, other, "stem", "改", account=web_desk.reviewer, now=web_desk.now
    )  # fmt: skip
    web_desk.session.commit()
    answer = signed_in(web_desk.writer).post(f"/banks/B-1/questions/{row.code}/comments/{remark.id}/settle")
    assert answer.status_code == 404
