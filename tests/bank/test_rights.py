"""What a person reads and writes ends where his scope ends; what is sealed tells nothing unrecorded; two at once."""

from __future__ import annotations

from dataclasses import replace
from threading import Event, Thread
from time import sleep

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.bank import operations as banks
from portal.bank import queries
from portal.bank.finding import operations as finding
from portal.bank.finding.alike import alikes_of, look_alikes
from portal.bank.following.models import QuestionView
from portal.bank.models import Question, QuestionStatus
from portal.bank.shelf import queries as shelf
from portal.bank.writing import operations as writing
from portal.bank.writing.models import QuestionPicture
from portal.ground.db import db
from portal.ground.pictures import Illustration
from portal.people.models import Account, BodyKind, Level, Role
from tests.bank.conftest import Desk, staff
from tests.bank.test_finding import HEARING


def above(desk: Desk, *, sealed: bool = True) -> Question:
    """A question of a bank that the province shares with everybody below."""
    shelf_above = banks.create_bank(desk.session, "P-1", "省题库", desk.county.province, now=desk.now)
    shelf_above.shared, shelf_above.sealed = True, sealed
    return banks.add_version(desk.session, shelf_above, HEARING, account_id=None, now=desk.now).question


@pytest.mark.parametrize("sealed", [True, False])
def test_trying_keys_tells_nothing_of_a_sealed_question_of_a_body_above(desk: Desk, sealed: bool):
    bank_id = above(desk, sealed=sealed).bank_id
    other = replace(HEARING, code="N-1", key="C")
    found = look_alikes(desk.session, desk.writer, [bank_id], other, but=None)
    batch = alikes_of(desk.session, [bank_id], [other], account=desk.writer)
    assert [a.code for a in found] == [a.code for _place, a in batch] == [HEARING.code]
    assert [found[0].other_key, batch[0][1].other_key] == [not sealed] * 2


def test_a_look_that_tells_of_a_key_is_noted(web_desk: Desk, signed_in):
    row = web_desk.question(HEARING)
    web_desk.session.commit()
    body = replace(HEARING, code="N-1", key="C").plain()
    for _again in range(2):
        told = signed_in(web_desk.writer).post("/banks/B-1/check", json={"question": body}).json
    assert told["alike"][0]["other_key"]
    with db.reading() as session:
        seen = session.scalars(select(QuestionView)).all()
    assert [(v.via, v.version_id) for v in seen] == [("list", row.current_version_id)]


def test_a_reviewer_who_is_shown_what_was_approved_before_is_noted_for_both(web_desk: Desk, signed_in):
    row = web_desk.question(status=QuestionStatus.APPROVED)
    first = row.current_version_id
    draft = writing.begin(web_desk.session, row, account=web_desk.writer, now=web_desk.now)
    changed = draft.body["question"] | {"stem": "换了说法，哪些正确？"}
    writing.save_draft(web_desk.session, draft, changed, number=1, change="wording", now=web_desk.now)
    writing.submit(web_desk.session, draft, account=web_desk.writer, now=web_desk.now)
    web_desk.session.commit()
    client = signed_in(web_desk.reviewer)
    client.get(f"/banks/B-1/questions/{row.code}/review")
    with db.reading() as session:
        assert set(session.scalars(select(QuestionView.version_id))) == {first, row.current_version_id}
    page = client.get(f"/banks/B-1/questions/{row.code}").text
    assert "Version 1 is in use" in page or "第1版在用" in page


def test_answering_one_s_draft_of_a_sealed_question_is_a_view(web_desk: Desk, signed_in):
    row = web_desk.question()
    draft = writing.begin(web_desk.session, row, account=web_desk.writer, now=web_desk.now)
    web_desk.session.commit()
    assert signed_in(web_desk.writer).post(f"/banks/B-1/drafts/{draft.id}/answer", data={}).status_code == 200
    with db.reading() as session:
        assert session.scalars(select(QuestionView.version_id)).all() == [row.current_version_id]


def test_topics_count_only_what_the_reader_may_read(desk: Desk):
    desk.question(replace(HEARING, topic="本县的词"))
    far = staff(desk.county, Role.TRAINER, desk.county.other_city)
    keeper = staff(desk.county, Role.LAW_EDITOR, desk.county.province)

    def told(account: Account) -> tuple[list[str], int]:
        tree = shelf.tree(desk.session, account=account)
        return [word.title for word in tree.unlisted], len(shelf.by_bank(desk.session, ["本县的词"], "", account))

    assert told(desk.writer) == told(keeper) == (["本县的词"], 1)
    assert told(far) == ([], 0)


def test_nobody_opens_a_bank_at_a_body_that_is_no_more(desk: Desk):
    of_province = staff(desk.county, Role.TRAINER, desk.county.province)
    gone = desk.county.body("撤并的所", BodyKind.TOWN, Level.TOWN, desk.county.city)
    assert queries.body_for_bank(desk.session, of_province, gone.id, None) is gone
    gone.abolished_on = desk.now.date()
    desk.session.flush()
    with pytest.raises(NoResultFound):
        queries.body_for_bank(desk.session, of_province, gone.id, None)


def test_the_pictures_of_older_versions_and_drafts_go_with_a_question(desk: Desk):
    other = banks.create_bank(desk.session, "B-2", "另一题库", desk.county.city, now=desk.now)
    keys = []
    for content in (b"old", b"typed"):
        picture = Illustration(content=content, media_type="image/png", width=1, height=1)
        keys.append(writing.add_picture(desk.session, desk.bank, picture, account=desk.writer, now=desk.now).sha256)
    row = desk.question(replace(HEARING, stem=f"![图](picture:{keys[0]})听证应当在几日前告知当事人？"))
    desk.question(HEARING)
    draft = writing.begin(desk.session, row, account=desk.writer, now=desk.now)
    body = draft.body["question"] | {"stem": f"![图](picture:{keys[1]})"}
    writing.save_draft(desk.session, draft, body, number=1, now=desk.now)
    finding.move_to(desk.session, row, other, account=desk.writer, now=desk.now)
    there = select(QuestionPicture.sha256).where(QuestionPicture.bank_id == other.id)
    assert set(desk.session.scalars(there)) == set(keys)


@pytest.mark.parametrize("then", ["approve", "return"])
def test_of_two_reviewers_at_once_the_second_sees_what_the_first_did(desk: Desk, then: str):
    row, second = desk.question(status=QuestionStatus.REVIEW), staff(desk.county, Role.REVIEWER)
    desk.session.commit()
    loaded, decided, outcome = Event(), Event(), []

    def decide() -> None:
        with db.writing() as session:
            if session.bind.dialect.name == "postgresql":  # SQLite lets the second begin when the first ends
                mine = session.get_one(Question, row.id)
            loaded.set()
            decided.wait(10)
            mine = session.get_one(Question, row.id)
            try:
                if then == "approve":
                    banks.approve(session, mine, account_id=second.id, now=desk.now)
                else:
                    account = session.get_one(Account, second.id)
                    writing.return_to_writer(session, mine, "改", account=account, now=desk.now)
                session.commit()
            except banks.WrongStatus as refusal:
                outcome.append(refusal.code)

    other = Thread(target=decide)
    other.start()
    loaded.wait(10)
    banks.approve(desk.session, row, account_id=desk.reviewer.id, now=desk.now)
    decided.set()
    sleep(0.3)
    desk.session.commit()
    other.join(20)
    assert outcome == ["wrong_status"]
