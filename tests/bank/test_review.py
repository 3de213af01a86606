"""The reviewer's desk: who finds what, four eyes, returning with a reason, what is approved is what was read."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import NoResultFound

from portal.bank import operations as banks
from portal.bank.models import QuestionStatus
from portal.bank.writing import operations, queries
from portal.ground.db import db
from portal.people.models import Field, Role
from portal.people.operations import grant
from tests.bank.conftest import Desk, staff
from tests.factories import questions


def test_the_queue_holds_what_lies_in_scope(desk: Desk):
    row = desk.question(status=QuestionStatus.REVIEW)
    far = staff(desk.county, Role.REVIEWER, desk.county.other_city)
    other_field = staff(desk.county, Role.REVIEWER, field=Field.ECOLOGY)
    assert [found.code for found, _ in queries.under_review(desk.session, desk.reviewer)] == [row.code]
    for account in (far, other_field):
        assert queries.under_review(desk.session, account) == []
        with pytest.raises(NoResultFound):
            queries.to_review(desk.session, account, "B-1", row.code)


def test_one_s_own_question_is_not_counted(desk: Desk):
    desk.question(status=QuestionStatus.REVIEW)
    grant(desk.session, desk.writer, Role.REVIEWER, desk.county.city, now=desk.now)
    desk.session.refresh(desk.writer, ["grants"])
    assert queries.count_under_review(desk.session, desk.writer) == 0
    assert queries.count_under_review(desk.session, desk.reviewer) == 1


def test_returning_needs_a_reason_and_shows_it_to_the_writer(desk: Desk):
    row = desk.question(status=QuestionStatus.REVIEW)
    with pytest.raises(operations.ReasonMissing):
        operations.return_to_writer(desk.session, row, "  ", account=desk.reviewer, now=desk.now)
    operations.return_to_writer(desk.session, row, "日期写清楚", account=desk.reviewer, now=desk.now)
    desk.question(questions()[2], QuestionStatus.REVIEW)  # what happens to another later changes nothing
    assert row.status == QuestionStatus.DRAFT
    assert queries.last_return(desk.session, row).note == "日期写清楚"
    came_back = queries.own_rows(desk.session, desk.writer, QuestionStatus.DRAFT, returned=True)
    assert [one.code for one in came_back] == [row.code]
    assert queries.own_rows(desk.session, desk.writer, QuestionStatus.DRAFT) == []


def test_only_what_is_under_review_is_returned(desk: Desk):
    with pytest.raises(banks.WrongStatus):
        operations.return_to_writer(desk.session, desk.question(), "改", account=desk.reviewer, now=desk.now)


def test_a_reviewer_who_edits_becomes_the_author_and_may_not_approve(desk: Desk):
    both = desk.reviewer
    grant(desk.session, both, Role.TRAINER, desk.county.city, now=desk.now)
    desk.session.refresh(both, ["grants"])
    row = desk.question(status=QuestionStatus.REVIEW)
    operations.return_to_writer(desk.session, row, "我来改", account=both, now=desk.now)
    draft = operations.begin(desk.session, row, account=both, now=desk.now)
    changed = draft.body["question"] | {"stem": "审题人改过，哪些正确？"}
    operations.save_draft(desk.session, draft, changed, number=1, now=desk.now)
    operations.submit(desk.session, draft, account=both, now=desk.now)
    with pytest.raises(banks.OwnQuestion):
        banks.approve(desk.session, row, account_id=both.id, now=desk.now)


def test_a_page_of_an_older_version_does_not_approve_the_newer(web_desk: Desk, signed_in):
    row = web_desk.question(status=QuestionStatus.REVIEW)
    web_desk.session.commit()
    client = signed_in(web_desk.reviewer)
    address = f"/banks/B-1/questions/{row.code}"
    assert client.post(f"{address}/approve", data={"version": "7"}).status_code == 409
    assert client.post(f"{address}/approve", data={"version": "1"}).status_code == 303
    with db.reading() as session:
        assert session.get_one(type(row), row.id).status == QuestionStatus.APPROVED


def test_the_desk_shows_question_key_articles_and_what_changes(web_desk: Desk, signed_in):
    row = web_desk.question(status=QuestionStatus.APPROVED)
    draft = operations.begin(web_desk.session, row, account=web_desk.writer, now=web_desk.now)
    changed = draft.body["question"] | {"stem": "换了说法，哪些正确？"}
    operations.save_draft(web_desk.session, draft, changed, number=1, change="wording", now=web_desk.now)
    operations.submit(web_desk.session, draft, account=web_desk.writer, now=web_desk.now)
    web_desk.session.commit()
    client = signed_in(web_desk.reviewer)
    page = client.get(f"/banks/B-1/questions/{row.code}/review").text
    told = ("换了说法", "依据第一条。", "测试法 第一条", "第一条说明立法目的。", "<ins>", 'name="version" value="2"')
    for words in told:
        assert words in page, words
    assert row.code in client.get("/banks/review").text


def test_the_writer_s_own_page_offers_no_approval(web_desk: Desk, signed_in):
    row = web_desk.question(status=QuestionStatus.REVIEW)
    grant(web_desk.session, web_desk.writer, Role.REVIEWER, web_desk.county.city, now=web_desk.now)
    web_desk.session.commit()
    client, address = signed_in(web_desk.writer), f"/banks/B-1/questions/{row.code}"
    assert f"{address}/approve" not in client.get(f"{address}/review").text
    assert client.post(f"{address}/approve", data={"version": "1"}).status_code == 403


def test_the_first_screen_counts_what_waits_for_writer_and_reviewer(web_desk: Desk, signed_in):
    web_desk.question(questions()[0], QuestionStatus.REVIEW)
    operations.begin(web_desk.session, web_desk.question(), account=web_desk.writer, now=web_desk.now)
    web_desk.session.commit()
    shown = signed_in(web_desk.reviewer).get("/").text
    assert '<a href="/banks/review">1</a>' in shown
    assert '<a href="/banks/mine#drafts">1</a>' in signed_in(web_desk.writer).get("/").text
