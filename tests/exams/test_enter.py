"""Entering people: by the rules, beside them, too late, off the list again."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import event, func, select

from portal.commands import exams as exam_commands
from portal.exams import operations as exams
from portal.exams.models import Entry, Exam, ExamKind, Subject
from portal.exams.sittings import operations as planned
from portal.exams.sittings.entering import operations, queries
from portal.exams.sittings.entering.operations import Desk, EntryClosed, HasStarted, ReasonNeeded, SittingFull
from portal.exams.sittings.entering.queries import Sift
from portal.exams.sittings.models import EntryCheck
from portal.exams.sittings.operations import Frozen, NotPossible
from portal.ground.models import AuditLine
from portal.people.models import Account, Ban, Role
from tests.exams.hall import HALL
from tests.factories import County

SOON = timedelta(days=20)
STRICT = {
    "judged_kinds": ["qualification"], "allowed_staffing": ["civil"], "needs_establishment_check": True,
    "field_fits_post": True, "order": "professional_first", "pass_valid_years": 5, "renewal_months": 6,
    "min_minutes": {"legal": 1200, "professional": 960}, "entry_closes_days": 5, "freeze_minutes": 60,
    "hall": HALL,
}  # fmt: skip


@pytest.fixture
def unit(county: County) -> Account:
    return county.staff(Role.UNIT_ADMIN, county.transport, born=date(1980, 1, 1))


@pytest.fixture
def keeper(county: County) -> Account:
    return county.staff(Role.EXAM_ADMIN, county.province, born=date(1981, 1, 1))


@pytest.fixture
def exam(county: County) -> Exam:
    return county.exam(subject=Subject.PROFESSIONAL, field="transport", opens_at=county.now + SOON)


def enter(county: County, exam: Exam, desk: Desk, *people: Account, at: datetime | None = None, sitting=None):
    posts = queries.posts_of(county.session, desk.account, [p.person_id for p in people])
    units = {person_id: post.body_id for person_id, post in posts.items()}
    return operations.enter_people(county.session, exam, units, sitting=sitting, desk=desk, now=at or county.now)


def test_a_unit_enters_its_people_and_the_findings_are_kept(county: County, unit: Account, exam: Exam):
    officer = county.officer()
    entered, others = enter(county, exam, Desk(unit, False), officer)
    assert (entered, others) == ([officer.person_id], [])
    entry = county.session.scalars(select(Entry).where(Entry.exam_id == exam.id)).one()
    assert (entry.body_id, entry.entered_by_id, entry.entered_at) == (county.transport.id, unit.id, county.now)
    check = county.session.scalars(select(EntryCheck).where(EntryCheck.entry_id == entry.id)).one()
    assert [f["state"] for f in check.findings] == ["met"] * 8
    assert check.policy_id is not None


def test_whoever_does_not_meet_a_rule_is_not_entered(county: County, unit: Account, exam: Exam):
    workman, good = county.officer("何工", staffing_type="workman"), county.officer("何好", born=date(1991, 1, 1))
    entered, others = enter(county, exam, Desk(unit, False), workman, good)
    assert entered == [good.person_id]
    assert [f.rule for f in others[0].findings if not f.met] == ["staffing"]


def test_a_person_out_of_scope_is_not_reached(county: County, unit: Account, exam: Exam):
    stranger = county.officer("孔远", body_id=county.other_bureau.id)
    assert queries.posts_of(county.session, unit, [stranger.person_id]) == {}
    assert queries.people_by_number(county.session, unit, [stranger.username]) == {}


def test_a_bar_an_earlier_pass_and_another_exam_keep_somebody_out(county: County, unit: Account, exam: Exam):
    barred, passed, busy = (county.officer(f"人{n}", born=date(1990 + n, 1, 1)) for n in range(3))
    county.session.add(
        Ban(person_id=barred.person_id, act="cheating", since=county.today, until=date(2027, 1, 1), reference="决定")
    )
    county.result(passed, county.exam(subject=Subject.PROFESSIONAL, field="transport",
                                      opens_at=county.now - timedelta(days=100)))  # fmt: skip
    other = county.exam(opens_at=exam.opens_at)
    county.seat(busy, county.sitting(other))
    sitting = county.sitting(exam)
    entered, others = enter(county, exam, Desk(unit, False), barred, passed, busy, sitting=sitting)
    assert entered == []
    missed = {one.person_id: [f.rule for f in one.findings if not f.met] for one in others}
    assert missed == {barred.person_id: ["bar"], passed.person_id: ["not_passed"], busy.person_id: ["clash"]}


def test_stricter_rules_ask_for_hours_order_and_the_establishment_list(county: County, unit: Account):
    planned.add_policy(
        county.session, label="从严", effective_from=county.today, body=STRICT, account_id=None, now=county.now
    )
    general = county.exam(opens_at=county.now + SOON)
    officer = county.officer()
    _, others = enter(county, general, Desk(unit, False), officer)
    assert [f.rule for f in others[0].findings if not f.met] == ["staffing", "hours", "prior_subject"]
    county.certified(officer)
    county.hours(officer)
    county.result(officer, county.exam(subject=Subject.PROFESSIONAL, field="transport",
                                       opens_at=county.now - timedelta(days=100)))  # fmt: skip
    assert enter(county, general, Desk(unit, False), officer)[0] == [officer.person_id]


def test_rules_of_entry_follow_each_other_and_are_never_changed(county: County):
    with pytest.raises(NotPossible):
        planned.add_policy(county.session, label="早", effective_from=date(2015, 1, 1), body=STRICT, account_id=None,
                           now=county.now)  # fmt: skip
    with pytest.raises(NotPossible):
        planned.add_policy(county.session, label="缺", effective_from=county.today, body={}, account_id=None,
                           now=county.now)  # fmt: skip


def test_entry_by_units_closes_working_days_before_the_exam(county: County, unit: Account, keeper: Account):
    exam = county.exam(opens_at=county.now + timedelta(days=8))  # Tuesday 2026-12-01; three working days: Thursday
    officer, later = county.officer(), county.officer("后来", born=date(1993, 1, 1))
    thursday = county.now + timedelta(days=3)
    assert enter(county, exam, Desk(unit, False), officer, at=thursday)[0]
    friday = thursday + timedelta(days=1)
    with pytest.raises(EntryClosed):
        enter(county, exam, Desk(unit, False), later, at=friday)
    with pytest.raises(ReasonNeeded):
        enter(county, exam, Desk(keeper, True), later, at=friday)
    assert enter(county, exam, Desk(keeper, True, reason="刚调入"), later, at=friday)[0]
    line = county.session.scalars(select(AuditLine).where(AuditLine.act == "entered_beside_rules")).one()
    assert line.person_id == later.person_id


def test_the_exam_administrator_sets_a_rule_aside_with_a_reason(
    county: County, unit: Account, keeper: Account, exam: Exam
):
    officer = county.officer(field="urban")
    aside = frozenset({"field"})
    assert enter(county, exam, Desk(unit, False, "理由", aside), officer)[0] == []  # not for a unit to do
    with pytest.raises(ReasonNeeded):
        enter(county, exam, Desk(keeper, True, "", aside), officer)
    assert enter(county, exam, Desk(keeper, True, "轮岗在即", aside), officer)[0] == [officer.person_id]
    check = county.session.scalars(select(EntryCheck)).one()
    kept = next(f for f in check.findings if f["rule"] == "field")
    assert (kept["state"], kept["set_aside"], kept["reason"]) == ("not_met", True, "轮岗在即")


def test_a_full_sitting_takes_nobody_more(county: County, unit: Account, exam: Exam):
    sitting = county.sitting(exam, seats=1)
    one, two = county.officer(), county.officer("二", born=date(1992, 2, 2))
    with pytest.raises(SittingFull):
        enter(county, exam, Desk(unit, False), one, two, sitting=sitting)
    assert enter(county, exam, Desk(unit, False), one, sitting=sitting)[0]


def test_numbers_of_admission_go_on_and_are_kept(county: County, unit: Account, keeper: Account, exam: Exam):
    first, second = county.officer(), county.officer("二", born=date(1992, 2, 2))
    exams.enter(county.session, exam, [first.person_id])
    enter(county, exam, Desk(unit, False), second)
    entries = county.session.scalars(select(Entry).order_by(Entry.id)).all()
    numbers = [entry.admission_number for entry in entries]
    assert [n[-5:] for n in numbers] == ["00001", "00002"]
    operations.withdraw(county.session, exam, entries[1], reason="调离", desk=Desk(unit, False), now=county.now)
    assert enter(county, exam, Desk(unit, False), second)[0] == [second.person_id]
    county.session.refresh(entries[1])
    assert (entries[1].admission_number, entries[1].withdrawn_at) == (numbers[1], None)
    assert county.session.scalar(select(func.count()).select_from(Entry)) == 2
    assert len(queries.checks_of(county.session, entries[1].id)) == 2


def test_a_withdrawal_has_a_reason_and_comes_before_the_start(county: County, unit: Account, keeper: Account):
    exam, officer = county.exam(), county.officer()
    county.attempt(officer, exam)
    entry = county.session.scalars(select(Entry)).one()
    with pytest.raises(ReasonNeeded):
        operations.withdraw(county.session, exam, entry, reason=" ", desk=Desk(keeper, True), now=county.now)
    with pytest.raises(HasStarted):
        operations.withdraw(county.session, exam, entry, reason="病", desk=Desk(keeper, True), now=county.now)


def test_a_unit_withdraws_nobody_after_its_last_day(county: County, unit: Account, keeper: Account):
    exam, officer = county.exam(opens_at=county.now + timedelta(days=1)), county.officer()
    county.enter(exam, officer)
    entry = county.session.scalars(select(Entry)).one()
    with pytest.raises(EntryClosed):
        operations.withdraw(county.session, exam, entry, reason="病", desk=Desk(unit, False), now=county.now)
    operations.withdraw(county.session, exam, entry, reason="病", desk=Desk(keeper, True), now=county.now)
    assert entry.withdrawn_because == "病"


def test_extra_time_rests_on_a_ground_whose_evidence_is_sealed(county: County, keeper: Account, exam: Exam):
    officer = county.officer()
    county.enter(exam, officer)
    entry = county.session.scalars(select(Entry)).one()
    give = {"account": keeper, "now": county.now}
    with pytest.raises(ReasonNeeded):
        operations.give_extra_time(county.session, exam, entry, minutes=20, ground="sight", evidence="", **give)
    operations.give_extra_time(county.session, exam, entry, minutes=20, ground="sight", evidence="残疾证", **give)
    assert entry.extra_minutes == 20
    row, told = queries.accommodations(county.session, entry)[0]
    assert told == "残疾证" and "残疾证".encode() not in row.sealed
    operations.give_extra_time(county.session, exam, entry, minutes=0, ground="other", evidence="撤回", **give)
    assert (entry.extra_minutes, len(queries.accommodations(county.session, entry))) == (0, 2)


def test_nobody_gets_extra_time_by_this_door_while_he_writes(county: County, keeper: Account):
    exam, officer = county.exam(), county.officer()
    county.attempt(officer, exam)
    entry = county.session.scalars(select(Entry)).one()
    with pytest.raises(HasStarted):
        operations.give_extra_time(county.session, exam, entry, minutes=5, ground="other", evidence="x",
                                   account=keeper, now=county.now)  # fmt: skip


def test_a_unit_sees_its_own_people_on_the_list(county: County, unit: Account, keeper: Account, exam: Exam):
    mine, other = county.officer(), county.officer("外人", born=date(1993, 3, 3), body_id=county.other_bureau.id)
    exams.enter(county.session, exam, [mine.person_id, other.person_id])
    seen, total = queries.entries(county.session, unit, exam, Sift(), all_of_it=False, page=1, size=50)
    assert (total, seen[0].person.id) == (1, mine.person_id)
    assert queries.entries(county.session, keeper, exam, Sift(), all_of_it=True, page=1, size=50)[1] == 2


def test_a_unit_enters_for_exams_held_above_it_and_for_no_others(county: County, unit: Account, exam: Exam):
    elsewhere = county.exam(opens_at=county.now + SOON)
    elsewhere.body_id = county.other_city.id
    county.session.flush()
    found = [each.id for each, _ in queries.exams_for_entry(county.session, unit, county.now)]
    assert exam.id in found and elsewhere.id not in found
    assert not queries.manages(county.session, unit, exam)


def test_a_monthly_exam_takes_new_people_while_it_is_open(county: County, unit: Account):
    monthly = county.exam(ExamKind.MONTHLY, opens_at=county.now - timedelta(days=3), days=20)
    contract = county.officer(staffing_type="contract")
    assert enter(county, monthly, Desk(unit, False), contract)[0] == [contract.person_id]


def test_entering_thousands_takes_few_statements(county: County, unit: Account, exam: Exam):
    people = [county.officer(f"众{n}", born=date(1970, 1, 1) + timedelta(days=n)) for n in range(40)]
    sent: list[str] = []
    bind = county.session.get_bind()
    event.listen(bind, "before_cursor_execute", lambda *a: sent.append(a[2]))
    enter(county, exam, Desk(unit, False), *people)
    assert len(sent) <= 30


def test_a_frozen_sitting_takes_nobody(county: County, keeper: Account):
    exam = county.exam(opens_at=county.now + timedelta(minutes=20))
    sitting = county.sitting(exam)
    with pytest.raises(Frozen):
        enter(county, exam, Desk(keeper, True, "迟"), county.officer(), sitting=sitting)


def test_rules_of_entry_come_from_a_file(app, tmp_path, monkeypatch):
    file = tmp_path / "strict.json"
    file.write_text(json.dumps({"label": "从严", "effective_from": "2027-01-01", "body": STRICT}), encoding="utf-8")
    monkeypatch.setattr(exam_commands, "opened", nullcontext)
    run = CliRunner()
    assert run.invoke(exam_commands.exams, ["policy", str(file)]).exit_code == 0
    again = run.invoke(exam_commands.exams, ["policy", str(file)])
    assert again.exit_code == 1 and "2027-01-01" in again.output
    shown = json.loads(run.invoke(exam_commands.exams, ["policy"]).output)
    assert [row["label"] for row in shown] == ["从严", "吉林省报考规则（默认）"]
    file.write_text("{}", encoding="utf-8")
    assert run.invoke(exam_commands.exams, ["policy", str(file)]).exit_code == 1
