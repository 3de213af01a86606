"""Taking an import back: only while nothing it created is used, and never half."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from portal.bank import imports as bank_imports
from portal.bank import operations as bank
from portal.bank.models import Question, QuestionStatus
from portal.ground.imports import BatchClosed, CannotTakeBack
from portal.people import operations as accounts
from portal.people.imports import import_officers
from portal.people.models import IdentityCheck, Person, Post
from tests.imports.workbooks import id_number, officer, question, workbook


@pytest.fixture
def roster(county, tmp_path):
    def run(*rows):
        path = tmp_path / "a.xlsx"
        path.write_bytes(workbook(rows))
        return import_officers(county.session, path, now=county.now).batch_id

    return run


@pytest.fixture
def sheet(county, tmp_path):
    bank.create_bank(county.session, "JL-T", "测试题库", county.province, now=county.now)

    def run(*rows):
        path = tmp_path / "q.xlsx"
        path.write_bytes(workbook(rows))
        return bank_imports.import_questions(county.session, path, "JL-T", now=county.now)

    return run


def undo(county, batch_id: int) -> int:
    return bank_imports.undo(county.session, batch_id, now=county.now)


def count(county, model) -> int:
    return county.session.scalar(select(func.count()).select_from(model))


def test_an_unused_roster_goes_away_again_and_can_come_back(county, roster) -> None:
    batch = roster(officer(), officer(姓名="吕明", 身份证号=id_number(2)))
    undo(county, batch)
    assert (count(county, Person), count(county, Post)) == (0, 0)
    roster(officer())
    assert count(county, Person) == 1


def test_only_an_import_that_stands_is_taken_back(county, roster) -> None:
    batch = roster(officer())
    undo(county, batch)
    with pytest.raises(BatchClosed):
        undo(county, batch)


def test_an_account_makes_a_person_used(county, roster) -> None:
    batch = roster(officer())
    accounts.create_account(county.session, county.session.scalars(select(Person)).one(), now=county.now)
    with pytest.raises(CannotTakeBack):
        undo(county, batch)
    assert count(county, Person) == 1


def test_a_check_by_a_clerk_makes_a_person_used(county, roster) -> None:
    batch = roster(officer())
    person = county.session.scalars(select(Person)).one()
    county.session.add(
        IdentityCheck(person_id=person.id, checked_on=date(2026, 1, 1), photo_meets_standard=True, reference="x")
    )
    county.session.flush()
    with pytest.raises(CannotTakeBack):
        undo(county, batch)


def test_a_later_import_that_changed_the_person_stands_in_the_way(county, roster) -> None:
    first = roster(officer())
    roster(officer(学历="硕士"))
    with pytest.raises(CannotTakeBack):
        undo(county, first)


def one(county) -> Person:
    county.session.expire_all()
    return county.session.scalars(select(Person).where(Person.name == "安丽华")).one()


def test_what_an_import_changed_is_as_before_again(county, roster) -> None:
    roster(officer(手机号="13844500001"))
    second = roster(
        officer(学历="硕士", 手机号="13844500002", 职务="副大队长", 是否在岗="否"),
        officer(姓名="吕明", 身份证号=id_number(2)),
    )
    assert (one(county).education, one(county).posts[0].title) == ("master", "副大队长")
    undo(county, second)
    person = one(county)
    assert (person.education, person.phone(), count(county, Person)) == ("bachelor", "13844500001", 1)
    (post,) = person.posts
    assert (post.title, post.in_post, post.ended_on) == ("执法员", True, None)


def test_a_post_that_an_import_ended_goes_on_again(county, roster) -> None:
    roster(officer())
    second = roster(officer(职务="队长", 任职日期="2024-05-01"))
    assert len(one(county).posts) == 2
    undo(county, second)
    (post,) = one(county).posts
    assert (post.title, post.ended_on) == ("执法员", None)


def test_what_was_changed_by_hand_since_stays_and_says_whose_it_is(county, roster) -> None:
    roster(officer())
    second = roster(officer(学历="硕士"), officer(姓名="吕明", 身份证号=id_number(2)))
    one(county).education = "doctor"
    county.session.flush()
    with pytest.raises(CannotTakeBack) as caught:
        undo(county, second)
    assert caught.value.values["uses"] == [[one(county).id, "changed"]]
    assert (one(county).education, count(county, Person)) == ("doctor", 2)


def test_imported_drafts_are_retired_and_the_same_file_brings_them_back(county, sheet) -> None:
    batch = sheet(question()).batch_id
    undo(county, batch)
    row = county.session.scalars(select(Question)).one()
    assert row.status == QuestionStatus.RETIRED
    assert sheet(question()).counts["created"] == 1
    assert row.status == QuestionStatus.DRAFT
    assert sheet(question()).counts["unchanged"] == 1


def test_a_question_retired_on_purpose_is_not_brought_back(county, sheet) -> None:
    sheet(question())
    row = county.session.scalars(select(Question)).one()
    bank.retire(county.session, row, account_id=None, now=county.now)
    assert sheet(question()).counts["unchanged"] == 1
    assert row.status == QuestionStatus.RETIRED


def test_a_question_under_review_is_used(county, sheet) -> None:
    batch = sheet(question()).batch_id
    row = county.session.scalars(select(Question)).one()
    bank.send_to_review(county.session, row, account_id=None, now=county.now)
    with pytest.raises(CannotTakeBack):
        undo(county, batch)


def test_a_question_with_a_newer_version_is_used(county, sheet) -> None:
    first = sheet(question()).batch_id
    second = sheet(question(题干="哪一项更正确？")).batch_id
    for batch in (first, second):
        with pytest.raises(CannotTakeBack):
            undo(county, batch)
