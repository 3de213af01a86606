"""From provisional through reviewed to published: two persons, working days, and what the candidate reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.credentials.queries import passes_of
from portal.exams import operations
from portal.exams.making import figures, results
from portal.exams.models import (
    Attempt,
    Exam,
    ExamKind,
    FocusLoss,
    LateAnswer,
    Result,
    ResultEvent,
    ResultEventKind,
)
from portal.exams.own_results import own_results
from portal.ground.models import AuditLine
from portal.people.duties.operations import SamePerson
from portal.people.models import Account
from tests.conftest import NOON
from tests.exams.making import admin, signed_in
from tests.factories import RIGHT, County


def sat(county: County, kind: ExamKind = ExamKind.QUALIFICATION, *, days_ago: int = 9) -> tuple[Exam, Account]:
    """An exam that closed, with one marked paper."""
    exam = county.exam(kind, opens_at=NOON - timedelta(days=days_ago))
    officer = county.officer()
    county.result(officer, exam, release=False)
    return exam, officer


def word(county: County, exam: Exam) -> str:
    return results.standings(county.session, [exam.id])[exam.id].word


def publish(county: County, exam: Exam, account: Account, **said) -> int:
    return operations.release_exam(
        county.session, exam, **{"early": False, "reason": "", **said}, account=account, now=NOON
    )


def test_one_person_reviews_and_another_publishes(county: County):
    exam, officer = sat(county)
    first, second = admin(county), admin(county, "韩雪梅", day=2)
    attempt = county.session.scalars(select(Attempt)).one()
    seen = [own_results(county.session, officer.person_id).states()[attempt.id]]
    results.review(county.session, exam, note="", account=first, now=NOON)
    seen.append(own_results(county.session, officer.person_id).states()[attempt.id])
    assert not any(p.released for p in passes_of(county.session, officer.person_id))
    assert own_results(county.session, officer.person_id).shown() == {attempt.id: None}
    with pytest.raises(SamePerson):
        publish(county, exam, first)
    assert publish(county, exam, second) == 1
    seen.append(own_results(county.session, officer.person_id).states()[attempt.id])
    assert seen == ["provisional", "reviewed", "released"]
    assert any(p.released for p in passes_of(county.session, officer.person_id))
    assert own_results(county.session, officer.person_id).shown()[attempt.id].passed
    assert {"results_reviewed", "results_released"} <= set(county.session.scalars(select(AuditLine.act)))


def test_nothing_of_a_qualification_goes_out_unreviewed(county: County):
    exam, _ = sat(county)
    keeper = admin(county)
    with pytest.raises(results.NotYet):
        publish(county, exam, keeper)
    result = county.session.scalars(select(Result)).one()
    with pytest.raises(DBAPIError), county.session.begin_nested():
        operations.release(county.session, [result], now=NOON, account_id=keeper.id)
    county.session.add(ResultEvent(result_id=result.id, kind="reviewed", at=NOON, account_id=keeper.id))
    county.session.flush()
    with pytest.raises(DBAPIError), county.session.begin_nested():
        operations.release(county.session, [result], now=NOON, account_id=keeper.id)


def test_a_monthly_exam_is_published_by_one(county: County):
    exam, _ = sat(county, ExamKind.MONTHLY)
    assert publish(county, exam, admin(county)) == 1
    assert word(county, exam) == "released"


def test_an_open_exam_is_reviewed_and_released_early_only_on_purpose(county: County):
    exam = county.exam()
    county.result(county.officer(), exam, release=False)
    first, second = admin(county), admin(county, "韩雪梅", day=2)
    with pytest.raises(results.NotYet):
        results.review(county.session, exam, early=True, note=" ", account=first, now=NOON)
    results.review(county.session, exam, early=True, note="补考安排", account=first, now=NOON)
    with pytest.raises(operations.StillOpen):
        publish(county, exam, second)
    with pytest.raises(operations.StillOpen):
        publish(county, exam, second, early=True, reason=" ")
    assert publish(county, exam, second, early=True, reason="补考安排") == 1


def test_papers_not_marked_yet_hold_the_review_up(county: County):
    exam, _ = sat(county, days_ago=1)
    county.attempt(county.officer("祁书航", born=date(1991, 7, 8)), exam, at=exam.opens_at)
    with pytest.raises(results.NotYet):
        results.review(county.session, exam, note="", account=admin(county), now=exam.closes_at)


def test_a_voided_result_is_neither_reviewed_nor_published(county: County):
    exam, officer = sat(county)
    first, second = admin(county), admin(county, "韩雪梅", day=2)
    results.review(county.session, exam, note="", account=first, now=NOON)
    result = county.session.scalars(select(Result)).one()
    operations.void(county.session, result, reason="替考", now=NOON, account_id=first.id)
    with pytest.raises(results.NotYet):
        publish(county, exam, second)
    assert own_results(county.session, officer.person_id).states() == {}


def test_results_are_due_so_many_working_days_after_the_exam_closes(county: County):
    exam = county.exam(opens_at=NOON - timedelta(days=11))  # closed on Saturday the 14th
    assert results.due_day(county.session, exam) == date(2026, 11, 20)
    county.result(county.officer(), exam, release=False)
    standing = results.standings(county.session, [exam.id])[exam.id]
    due = results.due_day(county.session, exam)
    assert results.overdue(exam, due, standing, date(2026, 11, 21))
    assert not results.overdue(exam, due, standing, date(2026, 11, 20))


def test_the_desk_counts_marks_absences_and_facts(county: County):
    exam, _ = sat(county)
    weak = county.officer("祁书航", born=date(1991, 7, 8))
    county.result(weak, exam, {1: RIGHT[1]}, release=False)
    county.enter(exam, county.officer("未到人", born=date(1992, 7, 8)))
    attempt = county.session.scalars(select(Attempt).where(Attempt.person_id == weak.person_id)).one()
    county.session.add(FocusLoss(attempt_id=attempt.id, seconds=75, at=NOON))
    county.session.add(LateAnswer(attempt_id=attempt.id, body=b"[]", received_at=NOON))
    county.session.flush()
    found = figures.bands(county.session, exam)
    missing, total = figures.absent(county.session, exam)
    fact = figures.facts(county.session, exam)[0]
    assert (found[1], found[9], sum(found)) == (1, 1, 2)
    assert ([each.name for each in missing], total) == (["未到人"], 1)
    assert (fact.name, fact.seconds, fact.late) == ("祁书航", 75, 1)


def test_the_pages_of_the_desk_take_few_statements(app, web_county: County, statements: list[str]):
    exam, _ = sat(web_county)
    keeper = admin(web_county)
    web_county.session.commit()
    client = signed_in(app, keeper)
    for path in (f"/exams/manage/{exam.id}/results", f"/exams/manage/{exam.id}", "/exams/manage"):
        del statements[:]
        assert client.get(path).status_code == 200
        assert len([s for s in statements if s.startswith("SELECT")]) <= 24


def test_two_administrators_bring_the_results_out_through_the_door(app, web_county: County):
    exam, officer = sat(web_county)
    first, second = admin(web_county), admin(web_county, "韩雪梅", day=2)
    web_county.session.commit()
    path = f"/exams/manage/{exam.id}"
    one, other = signed_in(app, first), signed_in(app, second)
    assert other.post(f"{path}/release").status_code == 409
    assert one.post(f"{path}/review").status_code == 303
    assert one.post(f"{path}/release").status_code == 403
    assert other.post(f"{path}/release").status_code == 303
    assert signed_in(app, officer).get("/exams/").status_code == 200
    assert ResultEventKind.RELEASED in web_county.session.scalars(select(ResultEvent.kind)).all()
