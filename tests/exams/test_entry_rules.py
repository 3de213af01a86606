"""Who may be entered: every rule alone, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.exams.sittings import rules
from portal.exams.sittings.rules import EarlierPass, Elsewhere, EntryCase, EntryTerms, HallTerms, stands
from portal.ground.rules import Finding, State, judge
from tests.exams.hall import HALL

DAY = date(2026, 12, 8)
TERMS = EntryTerms(
    judged_kinds=("qualification",), allowed_staffing=("civil", "civil_equivalent", "institution"),
    needs_establishment_check=False, field_fits_post=True, order="none", pass_valid_years=5, renewal_months=6,
    min_minutes={}, entry_closes_days=3, freeze_minutes=30, hall=HallTerms(**HALL),
)  # fmt: skip
STRICT = replace(
    TERMS, needs_establishment_check=True, order="professional_first", min_minutes={"legal": 1200, "professional": 960}
)
CASE = EntryCase(
    terms=TERMS, kind="qualification", subject="professional_law", field="transport", day=DAY,
    renewal_from=date(2027, 6, 8), staffing_type="civil", post_fields=frozenset({"transport"}),
)  # fmt: skip
EARLIER = EarlierPass("professional_law", "transport", date(2025, 5, 1), date(2030, 4, 30), True, True, "P · 1")


def found(rule: str, **changed: object) -> Finding:
    return next(f for f in judge(replace(CASE, **changed), rules.RULES) if f.rule == rule)


def test_an_officer_in_order_meets_every_rule():
    findings = judge(CASE, rules.RULES)
    assert [f.rule for f in findings if not f.met] == []
    assert all(f.because and f.source for f in findings)


def test_whoever_does_not_meet_a_rule_is_told_what_to_do():
    worst = replace(
        CASE, terms=STRICT, subject="general_law", staffing_type=None, active=False, field="urban",
        elsewhere=(Elsewhere("月考", datetime(2026, 12, 8, tzinfo=UTC), datetime(2026, 12, 9, tzinfo=UTC)),),
        barred_until=DAY, passes=(replace(EARLIER, subject="general_law", field="urban"),),
    )  # fmt: skip
    missed = [f for f in judge(worst, rules.RULES) if not f.met]
    assert len(missed) == len(rules.RULES)
    assert all(f.remedy for f in missed)


@pytest.mark.parametrize("staffing", ["workman", "contract", "temporary", "dispatch", "public_welfare", "seconded"])
def test_these_staffing_types_are_barred(staffing: str):
    assert found("staffing", staffing_type=staffing).state is State.NOT_MET


def test_a_barred_staffing_type_cannot_be_set_aside():
    findings = judge(replace(CASE, staffing_type="workman"), rules.RULES)
    assert not stands(findings, frozenset({"staffing"}))


def test_whoever_is_not_on_the_establishment_is_barred():
    assert found("staffing", on_establishment=False).state is State.NOT_MET


def test_an_unchecked_post_needs_evidence_where_the_rules_ask_for_it():
    assert found("staffing", terms=STRICT).state is State.NEEDS_EVIDENCE
    assert found("staffing", terms=STRICT, establishment_agrees=True).met


def test_a_monthly_exam_asks_neither_staffing_nor_hours_nor_field():
    monthly = judge(
        replace(CASE, kind="monthly", terms=STRICT, staffing_type="contract", post_fields=frozenset()), rules.RULES
    )
    assert all(f.met for f in monthly)


def test_nobody_out_of_post_is_entered():
    assert found("in_post", in_post=False).state is State.NOT_MET
    assert found("in_post", active=False).state is State.NOT_MET


def test_the_exam_is_of_a_field_of_the_post():
    assert found("field", post_fields=frozenset({"urban"})).state is State.NOT_MET
    assert found("field", post_fields=frozenset({"urban", "transport"})).met
    assert found("field", field=None, post_fields=frozenset({"urban"})).met


def test_hours_count_where_the_rules_ask_for_them():
    few, enough = {"legal": 1200, "professional": 959}, {"legal": 1200, "professional": 960}
    assert found("hours", minutes=few).met
    missed = found("hours", terms=STRICT, minutes=few)
    assert missed.state is State.NOT_MET
    assert missed.because % missed.values == (
        "Legal 20.0 of 20 hours, professional 16.0 of 16, political 0.0 of 0."
    )
    assert found("hours", terms=STRICT, minutes=enough).met


class TestTheSubjectThatComesFirst:
    def asked(self, *passes: EarlierPass, order: str = "professional_first", subject: str = "general_law") -> Finding:
        return found("prior_subject", terms=replace(TERMS, order=order), subject=subject, field=None, passes=passes)

    def test_no_order_asks_for_nothing(self):
        assert self.asked(order="none").met

    def test_professional_law_first(self):
        assert self.asked().state is State.NOT_MET
        assert self.asked(EARLIER).met

    def test_general_law_first(self):
        general = replace(EARLIER, subject="general_law", field=None)
        assert self.asked(order="general_first").met  # the first subject itself
        ask = {"order": "general_first", "subject": "professional_law"}
        assert self.asked(**ask).state is State.NOT_MET
        assert self.asked(general, **ask).met

    def test_a_pass_of_another_field_does_not_count(self):
        assert self.asked(replace(EARLIER, field="urban")).state is State.NOT_MET

    def test_a_pass_that_ends_before_the_exam_does_not_count(self):
        assert self.asked(replace(EARLIER, valid_until=date(2026, 12, 7))).state is State.NOT_MET
        assert self.asked(replace(EARLIER, valid_until=DAY)).met

    def test_an_unpublished_result_needs_evidence_and_tells_no_mark(self):
        assert self.asked(replace(EARLIER, released=False)).state is State.NEEDS_EVIDENCE

    def test_a_failed_or_voided_result_does_not_count(self):
        assert self.asked(replace(EARLIER, enough=False)).state is State.NOT_MET


def test_a_bar_that_runs_on_the_day_of_the_exam():
    assert found("bar", barred_until=DAY).state is State.NOT_MET
    assert found("bar", barred_until=date(2026, 12, 7)).met
    assert found("bar", barred_for_ever=True).state is State.NOT_MET


def test_whoever_has_passed_sits_again_only_near_the_end():
    assert found("not_passed", passes=(EARLIER,)).state is State.NOT_MET
    assert found("not_passed", passes=(replace(EARLIER, valid_until=date(2027, 6, 8)),)).met
    assert found("not_passed", passes=(replace(EARLIER, released=False),)).state is State.NEEDS_EVIDENCE
    assert found("not_passed", passes=(replace(EARLIER, field="urban"),)).met


def test_nobody_is_in_two_halls_at_once():
    other = Elsewhere("资格考试", datetime(2026, 12, 8, 1, tzinfo=UTC), datetime(2026, 12, 8, 3, tzinfo=UTC))
    missed = found("clash", elsewhere=(other,))
    assert missed.state is State.NOT_MET and missed.values["title"] == "资格考试"


def test_only_named_rules_are_set_aside():
    findings = judge(replace(CASE, in_post=False, post_fields=frozenset()), rules.RULES)
    assert not stands(findings, frozenset({"field"}))
    assert stands(findings, frozenset({"field", "in_post"}))


@pytest.mark.parametrize(
    ("change", "told"),
    [({"order": "anyhow"}, "anyhow"), ({"more": 1}, "more"), ({"freeze_minutes": -1}, "freeze_minutes"),
     ({"freeze_minutes": "30"}, "freeze_minutes"), ({"min_minutes": {"legal": "20"}}, "min_minutes"),
     ({"hall": {}}, "most_given_minutes"), ({"hall": 5}, "hall"), ({"hall": {**HALL, "more": 1}}, "more"),
     ({"hall": {**HALL, "least_left_seconds": 0}}, "least_left_seconds")],
)  # fmt: skip
def test_rules_that_cannot_be_read_are_refused(change: dict, told: str):
    plain = {
        "judged_kinds": ["qualification"], "allowed_staffing": ["civil"], "needs_establishment_check": False,
        "field_fits_post": True, "order": "none", "pass_valid_years": 5, "renewal_months": 6, "min_minutes": {},
        "entry_closes_days": 3, "freeze_minutes": 30, "hall": HALL,
    }  # fmt: skip
    EntryTerms.from_plain(plain)
    with pytest.raises(ValueError, match=told):
        EntryTerms.from_plain(plain | change)
