"""While a revision waits, papers go on drawing the version that was approved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal.bank import operations
from portal.bank.following import confirming, holding
from portal.bank.following.models import QuestionHold
from portal.bank.following.uses import approved_versions
from portal.bank.models import QuestionStatus
from portal.bank.queries import approved_questions, in_use
from portal.library.fates import Fate, FateKind
from portal.people.models import Role
from portal.people.operations import grant
from question_bank.questions import Citation
from question_bank.questions import Question as Value
from tests.bank.conftest import Desk, staff
from tests.factories import questions

FIRST = "第一条"


@pytest.fixture
def approved(desk: Desk):
    return desk.question(status=QuestionStatus.APPROVED)


def rewritten(desk: Desk, row, status=QuestionStatus.DRAFT, *, by=None, **said):
    """A next version by the writer, or by somebody else."""
    value = replace(Value.from_plain(row.current.body), **({"stem": "换了说法，哪些正确？"} | said))
    account = by or desk.writer
    return operations.add_version(desk.session, desk.bank, value, status=status, account_id=account.id, now=desk.now)


def drawn(desk: Desk) -> list[str]:
    return [question.stem for question in approved_questions(desk.session, ["B-1"])]


def hold(desk: Desk, article: str = FIRST) -> int:
    cited = [c for c in holding.cited_articles(desk.session) if c[2] == article]
    fate = Fate(FateKind.GONE, 7, desk.now.date())
    return holding.hold_for(desk.session, dict.fromkeys(cited, fate), desk.now)


@pytest.mark.parametrize("status", [QuestionStatus.DRAFT, QuestionStatus.REVIEW])
def test_a_revision_leaves_the_approved_version_in_the_draw(desk: Desk, approved, status):
    said, first = drawn(desk), approved.current_version_id
    rewritten(desk, approved, status)
    assert approved.status == status and drawn(desk) == said
    assert approved_versions(desk.session, [approved.code]) == {approved.code: first}
    assert in_use(desk.session, [desk.bank.id]) == {desk.bank.id: 1}


def test_approving_the_revision_puts_it_in_the_place_of_the_old_one(desk: Desk, approved):
    version = rewritten(desk, approved, QuestionStatus.REVIEW)
    operations.approve(desk.session, approved, account_id=desk.reviewer.id, now=desk.now)
    assert approved.approved_version_id == version.id and drawn(desk) == ["换了说法，哪些正确？"]


def test_a_retired_question_is_drawn_no_more_and_does_not_come_back_approved(desk: Desk, approved):
    rewritten(desk, approved)
    operations.retire(desk.session, approved, account_id=desk.writer.id, now=desk.now)
    assert drawn(desk) == [] and approved.approved_version_id is None
    operations.move(desk.session, approved, QuestionStatus.DRAFT, account_id=desk.writer.id, now=desk.now)
    assert drawn(desk) == []


def other_article(row) -> tuple[Citation, ...]:
    cited = Value.from_plain(row.current.body).citations[0]
    return (replace(cited, article="第九条"),)


def test_a_change_of_law_holds_an_approved_version_under_a_draft_that_cites_something_else(desk: Desk, approved):
    rewritten(desk, approved, citations=other_article(approved))
    assert hold(desk) == 1
    assert approved.held and drawn(desk) == []
    held = desk.session.scalars(select(QuestionHold.version_id)).all()
    assert held == [approved.approved_version_id] and hold(desk) == 0


def test_approving_the_revision_ends_the_hold_of_the_version_before_it(desk: Desk, approved):
    rewritten(desk, approved, QuestionStatus.REVIEW, citations=other_article(approved))
    hold(desk)
    operations.approve(desk.session, approved, account_id=desk.reviewer.id, now=desk.now)
    assert not approved.held and drawn(desk) == ["换了说法，哪些正确？"]


def test_answering_for_a_held_version_takes_it_out_until_a_second_person_approves(desk: Desk, approved):
    hold(desk)
    cited = Value.from_plain(approved.current.body).citations[0]
    moves = {(cited.law, cited.label, cited.article): replace(cited, article="第二条")}
    confirming.confirm(
        desk.session, approved, moves, version_id=approved.current_version_id, account_id=desk.writer.id, now=desk.now
    )
    assert not approved.held and approved.status == QuestionStatus.REVIEW and drawn(desk) == []
    operations.approve(desk.session, approved, account_id=desk.reviewer.id, now=desk.now)
    assert len(drawn(desk)) == 1


def test_writing_on_over_a_held_version_does_not_free_it(desk: Desk, approved):
    hold(desk)
    rewritten(desk, approved)
    assert drawn(desk) == []


def test_a_draft_that_is_rewritten_after_a_hold_of_its_own_leaves_the_approved_one_drawn(desk: Desk, approved):
    rewritten(desk, approved, citations=other_article(approved))
    assert hold(desk, "第九条") == 1 and drawn(desk) == []
    rewritten(desk, approved, stem="再换，哪些正确？")
    assert not approved.held and len(drawn(desk)) == 1


def test_whoever_wrote_a_part_of_it_does_not_approve_what_another_wrote_on(desk: Desk):
    other = staff(desk.county, Role.TRAINER)
    row = desk.question()
    rewritten(desk, row, QuestionStatus.REVIEW, by=other)
    grant(desk.session, desk.writer, Role.REVIEWER, desk.county.city, now=desk.now)
    desk.session.refresh(desk.writer, ["grants"])
    with pytest.raises(operations.SamePerson):
        operations.approve(desk.session, row, account_id=desk.writer.id, now=desk.now)
    operations.approve(desk.session, row, account_id=desk.reviewer.id, now=desk.now)


def test_whoever_wrote_what_was_approved_before_may_approve_another_s_revision(desk: Desk, approved):
    other = staff(desk.county, Role.TRAINER)
    rewritten(desk, approved, QuestionStatus.REVIEW, by=other)
    grant(desk.session, desk.writer, Role.REVIEWER, desk.county.city, now=desk.now)
    desk.session.refresh(desk.writer, ["grants"])
    operations.approve(desk.session, approved, account_id=desk.writer.id, now=desk.now)
    assert approved.status == QuestionStatus.APPROVED


JUMPS = {
    "draws": "UPDATE question SET approved_version_id = current_version_id",
    "is": "UPDATE question SET status = 'approved'",
    "begins": """INSERT INTO question (code, bank_id, status, current_version_id, approved_version_id, held, created_at)
        SELECT 'X-1', bank_id, 'draft', current_version_id, current_version_id, held, created_at FROM question""",
    "says": """INSERT INTO question_status_change (question_id, version_id, status, account_id, at)
        SELECT q.id, q.current_version_id, 'approved', v.author_id, q.created_at FROM question q
        JOIN question_version v ON v.id = q.current_version_id""",
}


@pytest.mark.parametrize("jump", JUMPS)
def test_the_database_lets_nobody_past_the_second_pair_of_eyes(desk: Desk, jump: str):
    desk.question(questions()[1], QuestionStatus.REVIEW)
    with pytest.raises(DatabaseError, match="guard: "):
        desk.session.execute(text(JUMPS[jump]))
