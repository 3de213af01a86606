"""A draft below the door: saved as it is typed, never over a newer one, kept as a version by its writer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.bank import operations as banks
from portal.bank.following.models import QuestionUse
from portal.bank.models import Change, QuestionStatus
from portal.bank.writing import operations, queries, shape
from portal.people.models import Role
from question_bank.questions import Kind, Question
from tests.bank.conftest import Desk, staff
from tests.factories import questions


def rewritten(draft, **changed) -> dict:
    return draft.body["question"] | changed


def saved(desk: Desk, draft, **changed):
    body = rewritten(draft, **changed)
    return operations.save_draft(desk.session, draft, body, number=draft.number, change=changed.pop("change", ""),
                                 now=desk.now)  # fmt: skip


def test_every_save_raises_the_number(desk: Desk):
    draft = operations.begin(desk.session, desk.question(), account=desk.writer, now=desk.now)
    saved(desk, draft, stem="一")
    saved(desk, draft, stem="二")
    assert (draft.number, draft.body["question"]["stem"]) == (3, "二")


def test_the_same_text_again_is_acknowledged_and_not_written(desk: Desk):
    draft = operations.begin(desk.session, desk.question(), account=desk.writer, now=desk.now)
    body = rewritten(draft, stem="一")
    operations.save_draft(desk.session, draft, body, number=1, now=desk.now)
    again = operations.save_draft(desk.session, draft, body, number=1, now=desk.now + timedelta(minutes=1))
    assert (again.number, again.saved_at) == (2, desk.now)


def test_a_stale_page_does_not_overwrite(desk: Desk):
    draft = operations.begin(desk.session, desk.question(), account=desk.writer, now=desk.now)
    saved(desk, draft, stem="新的")
    with pytest.raises(operations.StaleDraft):
        operations.save_draft(desk.session, draft, rewritten(draft, stem="旧页面"), number=1, now=desk.now)
    assert draft.body["question"]["stem"] == "新的"


def test_two_saves_of_one_number_at_the_same_moment(desk: Desk):
    draft = operations.begin(desk.session, desk.question(), account=desk.writer, now=desk.now)
    operations.save_draft(desk.session, draft, rewritten(draft, stem="先到"), number=1, now=desk.now)
    draft.__dict__["number"] = 1  # as the slower of the two read it
    with pytest.raises(operations.StaleDraft):
        operations.save_draft(desk.session, draft, rewritten(draft, stem="后到"), number=1, now=desk.now)


def test_submitting_a_new_question_numbers_it_and_its_parts(desk: Desk):
    draft = operations.begin_new(desk.session, desk.bank, Kind.CASE_SET, account=desk.writer, now=desk.now)
    body = questions()[4].plain() | {"code": ""}
    operations.save_draft(desk.session, draft, body, number=1, now=desk.now)
    row = operations.submit(desk.session, draft, account=desk.writer, now=desk.now)
    assert row.status == QuestionStatus.REVIEW
    assert (row.code, [i["code"] for i in row.current.body["items"]]) == ("B-1-00001", ["B-1-00001-1", "B-1-00001-2"])
    assert queries.own_drafts(desk.session, desk.writer) == []


def test_numbers_go_on_from_the_newest_and_skip_what_is_taken(desk: Desk):
    desk.question(Question.from_plain(questions()[0].plain() | {"code": "TR-009"}))
    other = banks.create_bank(desk.session, "B-2", "另一题库", desk.county.city, now=desk.now)
    taken = Question.from_plain(questions()[0].plain() | {"code": "TR-010"})
    banks.add_version(desk.session, other, taken, now=desk.now)
    assert queries.next_code(desk.session, desk.bank) == "TR-011"


def test_an_approved_question_asks_whether_only_the_wording_changes(desk: Desk):
    row = desk.question(status=QuestionStatus.APPROVED)
    draft = operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    saved(desk, draft, stem="换个说法，哪些正确？")
    with pytest.raises(operations.SayWhatChanged):
        operations.submit(desk.session, draft, account=desk.writer, now=desk.now)
    whole = rewritten(draft)
    operations.save_draft(desk.session, draft, whole, number=draft.number, change="wording", now=desk.now)
    row = operations.submit(desk.session, draft, account=desk.writer, now=desk.now)
    assert (row.current.number, row.current.change) == (2, Change.WORDING)


def test_so_does_one_that_stands_in_a_paper(desk: Desk):
    row = desk.question()
    desk.session.add(QuestionUse(
        question_id=row.id, version_id=row.current_version_id, kind="exam", object_id=1, title="考试", at=desk.now
    ))  # fmt: skip
    desk.session.flush()
    assert queries.must_say_change(desk.session, row)


def test_nothing_changed_is_nothing_to_review(desk: Desk):
    row = desk.question(status=QuestionStatus.APPROVED)
    draft = operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    with pytest.raises(operations.NothingToKeep):
        operations.submit(desk.session, draft, account=desk.writer, now=desk.now)


def test_a_version_kept_by_somebody_else_is_not_passed_over(desk: Desk):
    row, other = desk.question(), staff(desk.county, Role.TRAINER)
    mine = operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    theirs = operations.begin(desk.session, row, account=other, now=desk.now)
    saved(desk, theirs, stem="别人的改动，哪些正确？")
    operations.submit(desk.session, theirs, account=other, now=desk.now)
    operations.return_to_writer(desk.session, row, "再改", account=desk.reviewer, now=desk.now)
    saved(desk, mine, stem="我的改动，哪些正确？")
    with pytest.raises(operations.NewerVersion):
        operations.submit(desk.session, mine, account=desk.writer, now=desk.now)
    operations.follow_newer(desk.session, mine, now=desk.now)
    assert operations.submit(desk.session, mine, account=desk.writer, now=desk.now).current.number == 3


def test_what_is_under_review_is_not_overtaken(desk: Desk):
    row = desk.question(status=QuestionStatus.REVIEW)
    draft = operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    saved(desk, draft, stem="审题期间的改动，哪些正确？")
    with pytest.raises(banks.WrongStatus):
        operations.submit(desk.session, draft, account=desk.writer, now=desk.now)


def test_writing_on_from_an_older_version_takes_its_text(desk: Desk):
    row = desk.question()
    draft = operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    saved(desk, draft, stem="第二版，哪些正确？")
    operations.submit(desk.session, draft, account=desk.writer, now=desk.now)
    operations.take_back(desk.session, row, account=desk.writer, now=desk.now)
    first = queries.version(desk.session, row, 1)
    again = operations.begin(desk.session, row, account=desk.writer, version=first, now=desk.now)
    assert again.body["question"]["stem"] == "哪些正确？" and again.base_version_id == row.current_version_id
    with pytest.raises(operations.DraftThere):  # never over what was typed
        operations.begin(desk.session, row, account=desk.writer, version=first, now=desk.now)


def test_a_draft_follows_its_question_to_another_bank(desk: Desk):
    row = desk.question()
    operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    other = banks.create_bank(desk.session, "B-2", "另一题库", desk.county.city, now=desk.now)
    row.bank_id = other.id
    assert operations.begin(desk.session, row, account=desk.writer, now=desk.now).bank_id == other.id


def test_only_its_writer_takes_a_question_back(desk: Desk):
    row = desk.question(status=QuestionStatus.REVIEW)
    with pytest.raises(banks.WrongStatus):
        operations.take_back(desk.session, row, account=staff(desk.county, Role.TRAINER), now=desk.now)
    operations.take_back(desk.session, row, account=desk.writer, now=desk.now)
    assert row.status == QuestionStatus.DRAFT


def test_changing_the_kind_keeps_the_text_and_the_key_where_it_fits():
    body = questions()[1].plain()
    single = shape.turn_into(body, Kind.SINGLE)
    assert (single["stem"], single["options"], single["key"]) == (body["stem"], body["options"], "A")
    ordering = shape.turn_into(body, Kind.ORDERING)
    assert (ordering["options"], ordering["key"]) == (body["options"], "")
    for kind in Kind:
        Question.from_plain(shape.tidy(shape.turn_into(body, kind)))


def test_moving_and_removing_rows_takes_the_key_along():
    body = questions()[1].plain()  # ACD of four
    shape.apply(body, "up:options/2")
    assert body["key"] == "ABD"
    shape.apply(body, "drop:options/0")
    assert (body["options"], body["key"]) == (["丙项", "乙项", "丁项"], "AC")
    pairs = {"kind": "matching", "options": ["一", "二"], "matches": ["甲", "乙", "丙"], "key": ["3", "1"]}
    shape.apply(pairs, "drop:matches/0")
    assert pairs["key"] == ["2", ""]
    shape.apply(pairs, "up:options/1")
    assert pairs["key"] == ["", "2"]
