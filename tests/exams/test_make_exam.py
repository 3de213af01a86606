"""An exam on the desk: begun, saved, checked, copied, put away; nothing of it changes once it is published."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, NoResultFound
from werkzeug.datastructures import MultiDict

from portal.credentials.queries import passes_of
from portal.exams.making import copying, operations, publishing, queries, resits
from portal.exams.making.forms import read_rows
from portal.exams.making.operations import ChangedMeanwhile, Incomplete, NotADraft
from portal.exams.making.queries import Filters
from portal.exams.making.rules import moved_to, next_month, retitled
from portal.exams.models import Entry, Exam, ExamKind, ExamState
from portal.exams.queries import results_of
from portal.ground.clock import SHANGHAI, local
from tests.conftest import NOON
from tests.exams.making import ROW, admin, bank_of, complete, draft, worked_off
from tests.factories import County


def gaps(county: County, exam: Exam) -> list[str]:
    return [gap.message for gap in queries.readiness(county.session, exam, NOON).gaps]


def test_a_new_draft_says_what_it_lacks(county: County):
    maker = admin(county)
    exam = operations.make_draft(
        county.session, ExamKind.MONTHLY, county.city, field=None, title="11 月一月一考", theme="处罚",
        day=date(2026, 11, 23), account=maker, now=NOON,
    )  # fmt: skip
    assert (exam.state, exam.month, exam.release_at_once) == (ExamState.DRAFT, date(2026, 11, 1), True)
    assert (local(exam.opens_at).day, local(exam.closes_at).day) == (1, 30)
    assert len(gaps(county, exam)) == 2  # no notice, no bank


def test_a_complete_draft_lacks_nothing_and_a_row_asks_for_too_many_by_name(county: County):
    bank_of(county, 5)
    maker = admin(county)
    exam = draft(county, maker)
    assert gaps(county, exam) == []
    complete(county.session, exam, maker, blueprint=[{**ROW, "count": 6}])
    with pytest.raises(Incomplete, match="总则; 5 fit"):
        operations.check_ready(county.session, exam, NOON)


def test_a_draft_saved_by_somebody_else_meanwhile_is_not_overwritten(county: County):
    bank_of(county, 5)
    maker = admin(county)
    exam = draft(county, maker)
    with pytest.raises(ChangedMeanwhile):
        operations.change_draft(county.session, exam, {"title": "旧"}, seen=1, account=maker, now=NOON)


def test_what_is_published_is_not_edited_by_the_desk_nor_by_the_database(county: County):
    bank_of(county, 5)
    maker = admin(county)
    exam = draft(county, maker, ExamKind.MONTHLY)
    publishing.publish_at_once(county.session, exam, now=NOON)
    with pytest.raises(NotADraft):
        operations.change_draft(county.session, exam, {"title": "新"}, seen=2, account=maker, now=NOON)
    changes = (
        "title = 'x'", "closes_at = opens_at", "notice = 'x'", "forms_wanted = 9", "keeps = 'last'",
        "review_days = 1", "blueprint = '[]'", "bank_codes = '[]'", "state = 'draft'", "made_by_id = NULL",
        "resit_of_id = id", "late_minutes = 1", "check_in_minutes = 99", "timing = 'fixed'", "month = NULL",
    )  # fmt: skip
    for change in changes:
        with pytest.raises(DBAPIError), county.session.begin_nested():
            county.session.execute(text(f"UPDATE exam SET {change} WHERE id = {exam.id}"))


def test_a_published_exam_gets_no_further_form(county: County):
    bank_of(county, 5)
    exam = draft(county, admin(county), ExamKind.MONTHLY)
    publishing.publish_at_once(county.session, exam, now=NOON)
    frozen = publishing.Frozen({"items": [], "cases": {}}, {}, "0" * 64)
    with pytest.raises(DBAPIError), county.session.begin_nested():
        publishing.store_forms(county.session, exam, [frozen], 99, now=NOON)


def test_a_qualification_is_never_drawn_per_person(county: County):
    bank_of(county, 5)
    exam = draft(county, admin(county))
    with pytest.raises(DBAPIError), county.session.begin_nested():
        exam.delivery = "drawn"
        county.session.flush()


def test_next_months_exam_is_one_copy_away(county: County):
    bank_of(county, 5)
    maker = admin(county)
    opens = datetime(2026, 11, 1, tzinfo=SHANGHAI)
    exam = draft(
        county, maker, ExamKind.MONTHLY, title="2026 年 11 月一月一考", opens_at=opens,
        closes_at=datetime(2026, 11, 30, 23, 59, tzinfo=SHANGHAI),
    )  # fmt: skip
    copy = copying.copy_exam(county.session, exam, account=maker, now=NOON)
    assert (copy.title, copy.month, copy.blueprint) == ("2026 年 12 月一月一考", date(2026, 12, 1), exam.blueprint)
    assert local(copy.closes_at) == datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI)
    assert gaps(county, copy) == []


def test_a_month_keeps_its_last_day_and_a_title_its_wording():
    assert moved_to(datetime(2027, 1, 31, 9, tzinfo=SHANGHAI), date(2027, 2, 1)).day == 28
    assert moved_to(datetime(2027, 1, 30, 9, tzinfo=SHANGHAI), date(2027, 2, 1)).day == 28
    assert moved_to(datetime(2027, 2, 28, 9, tzinfo=SHANGHAI), date(2027, 3, 1)).day == 31
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert retitled("2026年12月考试", datetime(2027, 1, 5, tzinfo=SHANGHAI)) == "2027年1月考试"


def test_a_draft_is_put_away_and_brought_back_and_a_published_exam_is_not(county: County):
    bank_of(county, 5)
    maker = admin(county)
    exam = draft(county, maker, ExamKind.MONTHLY)
    operations.put_away(county.session, exam, account=maker, now=NOON)
    assert queries.listed(county.session, maker, Filters(), 1)[1] == 0
    assert queries.listed(county.session, maker, Filters(state="discarded"), 1)[1] == 1
    operations.bring_back(county.session, exam, account=maker, now=NOON)
    publishing.publish_at_once(county.session, exam, now=NOON)
    with pytest.raises(NotADraft):
        operations.put_away(county.session, exam, account=maker, now=NOON)


def test_the_list_is_narrowed_by_kind_and_month_and_ends_at_ones_scope(county: County):
    bank_of(county, 5)
    maker, elsewhere = admin(county), admin(county, "外地", body=county.other_city, day=2)
    monthly = draft(county, maker, ExamKind.MONTHLY)
    draft(county, maker)
    session = county.session
    assert queries.listed(session, maker, Filters(kind="monthly", month=date(2026, 11, 1)), 1)[0] == [monthly]
    assert queries.listed(session, maker, Filters(month=date(2027, 1, 1)), 1)[1] == 0
    assert queries.listed(session, elsewhere, Filters(), 1)[1] == 0
    with pytest.raises(NoResultFound):
        queries.exam_held(session, elsewhere, monthly.id)


def test_a_role_for_one_field_makes_exams_of_that_field_only(county: County):
    transport = admin(county, field="transport")
    name = county.transport.name
    assert queries.body_for_exam(county.session, transport, name, "transport").id == county.transport.id
    for field in (None, "ecology"):
        with pytest.raises(NoResultFound):
            queries.body_for_exam(county.session, transport, name, field)


def test_rows_of_the_blueprint_are_read_with_an_error_beside_each():
    def rows(*typed: tuple[str, str, str, str]):
        named = zip(*typed, strict=True)
        names = ("topic", "kind", "count", "points")
        return read_rows(MultiDict([(f"row-{n}", v) for n, column in zip(names, named, strict=True) for v in column]))

    typed, blueprint = rows(("总则", "single_choice", "3", "1.5"), ("", "single_choice", "", ""))
    assert (len(typed), blueprint) == (1, [{**ROW, "points": 150}])
    wrong = rows(
        ("总则", "single_choice", "3", "2"), ("总则", "single_choice", "1", "2"), ("", "single_choice", "1", "2"),
        ("许可", "essay", "1", "2"), ("许可", "true_false", "0", "2"), ("许可", "true_false", "1", "0.001"),
        ("许可", "true_false", "NaN", "1"),
    )[0]  # fmt: skip
    assert [bool(row.error) for row in wrong] == [False] + [True] * 6


def test_a_rehearsal_has_the_same_list_and_counts_nowhere(county: County):
    bank_of(county, 5)
    maker, officer = admin(county), county.officer()
    exam = draft(county, maker, ExamKind.MONTHLY)
    publishing.publish_at_once(county.session, exam, now=NOON)
    county.enter(exam, officer)
    trial = copying.open_rehearsal(county.session, exam, account=maker, now=NOON)
    late = county.officer("祁书航", born=date(1991, 7, 8))
    county.enter(exam, late)
    again = copying.open_rehearsal(county.session, exam, account=maker, now=NOON + timedelta(hours=1))
    listed = set(county.session.scalars(select(Entry.person_id).where(Entry.exam_id == trial.id)))
    assert again.id == trial.id
    assert listed == {officer.person_id, late.person_id}
    assert (trial.kind, trial.closes_at, len(trial.forms)) == (ExamKind.REHEARSAL, exam.opens_at, 1)
    with pytest.raises(copying.NotFromThis):
        copying.open_rehearsal(county.session, exam, account=maker, now=exam.opens_at)


def test_the_rehearsals_result_is_no_result(county: County):
    officer = county.officer()
    trial = county.exam(ExamKind.REHEARSAL)
    county.result(officer, trial)
    assert results_of(county.session, officer.person_id) == []
    assert not passes_of(county.session, officer.person_id)


def test_a_resit_is_made_from_an_exam_that_is_over(county: County):
    maker = admin(county)
    exam = county.exam(opens_at=NOON - timedelta(days=10))
    resit = copying.make_resit(county.session, exam, account=maker, now=NOON)
    assert (resit.resit_of_id, resit.state, resit.kind) == (exam.id, ExamState.DRAFT, exam.kind)
    assert resit.opens_at > NOON
    with pytest.raises(copying.NotFromThis):
        copying.make_resit(county.session, county.exam(), account=maker, now=NOON)


def test_a_resit_is_offered_to_those_who_failed_or_were_absent(county: County):
    maker = admin(county)
    exam = county.exam(ExamKind.MONTHLY, opens_at=NOON - timedelta(days=10))
    passed, failed, missing = (
        county.officer(name, born=date(1990, 5, day)) for day, name in enumerate(("过", "未过", "缺考"), 1)
    )
    county.result(passed, exam)
    county.result(failed, exam, {})
    county.enter(exam, missing)
    bank_of(county, 5)
    resit = copying.make_resit(county.session, exam, account=maker, now=NOON)
    assert set(resits.due_again(county.session, resit)) == {failed.person_id, missing.person_id}
    complete(county.session, resit, maker, opens_at=NOON + timedelta(days=9), closes_at=NOON + timedelta(days=10))
    publishing.publish_at_once(county.session, resit, now=NOON)
    assert resits.bring_in(county.session, resit, reason="补考", account=maker, now=NOON) == (2, 0)
    assert resits.due_again(county.session, resit) == {}
    with pytest.raises(resits.NoResit):
        resits.bring_in(county.session, exam, reason="补考", account=maker, now=NOON)


def test_publication_in_the_background_leaves_nothing_waiting(county: County):
    bank_of(county, 5)
    maker = admin(county)
    exam = draft(county, maker, ExamKind.MONTHLY)
    publishing.begin(county.session, exam, account_id=maker.id, now=NOON)
    county.session.commit()
    assert worked_off() == 2  # the plan, then all four forms
