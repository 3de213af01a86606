"""May this person be entered for this exam? Each rule answers with a reason, a remedy and a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from portal.ground.rules import N_, Finding, State

CARD_RULES = N_("Provincial rules on enforcement credentials, conditions for applying")
ENTRY_POLICY = N_("Rules of entry in force")


class Order(StrEnum):
    """Which subject has to be passed before the other is sat."""

    NONE = "none"
    PROFESSIONAL_FIRST = "professional_first"
    GENERAL_FIRST = "general_first"


FIRST = {
    ("general_law", Order.PROFESSIONAL_FIRST): "professional_law",
    ("professional_law", Order.GENERAL_FIRST): "general_law",
}


@dataclass(frozen=True)
class HallTerms:
    """Bounds of time in the hall; see models.ExamPolicy.body, under "hall". All are whole numbers above nought."""

    most_given_minutes: int  # to one attempt in all; more is approved one level above
    most_asked_minutes: int  # of one extension
    most_extra_minutes: int  # more than the others for one person, settled before the exam
    longest_ago_hours: int  # a hand that went up longer ago is a matter for a resit
    least_left_seconds: int  # taking an extension back leaves at least this

    @classmethod
    def from_plain(cls, body: Mapping[str, Any]) -> HallTerms:
        """Raises ValueError, naming what is missing, unknown or of another shape."""
        wanted = {one.name for one in fields(cls)}
        if not isinstance(body, dict) or set(body) != wanted:
            raise ValueError(", ".join(sorted(wanted ^ set(body))) if isinstance(body, dict) else "hall")
        for name, value in body.items():
            if type(value) is not int or not 0 < value <= 10_000:
                raise ValueError(name)
        return cls(**body)

    @property
    def most_given(self) -> timedelta:
        return timedelta(minutes=self.most_given_minutes)

    @property
    def longest_ago(self) -> timedelta:
        return timedelta(hours=self.longest_ago_hours)

    @property
    def least_left(self) -> timedelta:
        return timedelta(seconds=self.least_left_seconds)


@dataclass(frozen=True)
class EntryTerms:
    """What a policy row settles; see models.ExamPolicy.body."""

    judged_kinds: tuple[str, ...]  # kinds of exam for which staffing, hours, order, field and earlier passes are asked
    allowed_staffing: tuple[str, ...]
    needs_establishment_check: bool
    field_fits_post: bool
    order: str
    pass_valid_years: int
    renewal_months: int  # so long before a pass ends it may be sat anew
    min_minutes: Mapping[str, int]  # by kind of hours, on record before the exam; empty: none are asked
    entry_closes_days: int  # working days before the exam until which units enter
    freeze_minutes: int  # before a sitting, from when on nothing of it changes
    hall: HallTerms

    @classmethod
    def from_plain(cls, body: Mapping[str, Any]) -> EntryTerms:
        """Raises ValueError, naming what is missing, unknown or of another shape."""
        wanted = {one.name for one in fields(cls)}
        if set(body) != wanted:
            raise ValueError(", ".join(sorted(wanted ^ set(body))))
        lists = ("judged_kinds", "allowed_staffing")
        hall = HallTerms.from_plain(body["hall"])
        terms = cls(**{k: tuple(v) if k in lists else v for k, v in body.items() if k != "hall"}, hall=hall)
        Order(terms.order)
        for name in ("pass_valid_years", "renewal_months", "entry_closes_days", "freeze_minutes"):
            value = getattr(terms, name)
            if type(value) is not int or not 0 <= value <= 1000:
                raise ValueError(name)
        if not isinstance(terms.min_minutes, dict) or any(type(n) is not int for n in terms.min_minutes.values()):
            raise ValueError("min_minutes")
        return terms


@dataclass(frozen=True)
class EarlierPass:
    """A result of a qualification exam."""

    subject: str
    field: str | None
    sat_on: date
    valid_until: date
    enough: bool  # for the line of that exam
    released: bool
    reference: str


@dataclass(frozen=True)
class Elsewhere:
    """Another exam at a fixed time for which he is entered."""

    title: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class EntryCase:
    """All the rules may look at, gathered by entering.queries.entry_cases."""

    terms: EntryTerms
    kind: str  # of exam
    subject: str
    field: str | None
    day: date  # of the exam
    renewal_from: date  # a pass that ends later than this, counted from the exam, is still good
    active: bool = True  # the record stands and its account is open
    in_post: bool = True
    staffing_type: str | None = None  # None: there is no current post
    on_establishment: bool = True
    establishment_agrees: bool = False
    post_fields: frozenset[str] = frozenset()
    minutes: Mapping[str, int] = field(default_factory=dict)
    passes: tuple[EarlierPass, ...] = ()
    barred_until: date | None = None
    barred_for_ever: bool = False
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def judged(self) -> bool:
        return self.kind in self.terms.judged_kinds


def _met(rule: str, because: str, source: str = ENTRY_POLICY, **values: Any) -> Finding:
    return Finding(rule, State.MET, because, values, "", source)


def _no(rule: str, because: str, remedy: str, source: str = ENTRY_POLICY, **values: Any) -> Finding:
    return Finding(rule, State.NOT_MET, because, values, remedy, source)


def _open(rule: str, because: str, remedy: str, source: str = ENTRY_POLICY, **values: Any) -> Finding:
    return Finding(rule, State.NEEDS_EVIDENCE, because, values, remedy, source)


NOT_ASKED = N_("Not asked for in this kind of exam.")


def staffing(case: EntryCase) -> Finding:
    if not case.judged:
        return _met("staffing", NOT_ASKED)
    if case.staffing_type is None:
        return _no("staffing", N_("There is no current post."), N_("The unit enters the post."), CARD_RULES)
    if case.staffing_type not in case.terms.allowed_staffing or not case.on_establishment:
        return _no(
            "staffing",
            N_("Workmen, contract, temporary, dispatched and seconded staff may not be entered."),
            N_("Correct the staffing type if it is wrong; otherwise there is no entry."),
            CARD_RULES,
        )
    if case.terms.needs_establishment_check and not case.establishment_agrees:
        return _open(
            "staffing",
            N_("The post has not been compared with the establishment office's list."),
            N_("Send the posts list and record the answer."),
        )
    return _met("staffing", N_("On the establishment, staffing type allowed."), CARD_RULES)


def in_post(case: EntryCase) -> Finding:
    if not case.active:
        back = N_("Let the administrator look at the record and the account.")
        return _no("in_post", N_("The record or its account is closed."), back)
    if case.staffing_type is None or not case.in_post:
        return _no("in_post", N_("Not in post."), N_("Enter when back in an enforcement post."), CARD_RULES)
    return _met("in_post", N_("In post."), CARD_RULES)


def field_fits(case: EntryCase) -> Finding:
    if not case.judged or case.field is None or not case.terms.field_fits_post:
        return _met("field", N_("The exam is for every field.") if case.field is None else NOT_ASKED)
    if case.field not in case.post_fields:
        change = N_("Enter the exam of the post's field, or correct the post.")
        return _no("field", N_("The post is of another field than the exam."), change)
    return _met("field", N_("The exam is of the post's field."))


def hours(case: EntryCase) -> Finding:
    need = case.terms.min_minutes if case.judged else {}
    if not need:
        return _met("hours", N_("No hours are asked for before this exam."))
    values = {name: f"{need.get(kind, 0) / 60:g}" for name, kind in _NEEDED.items()}
    values |= {name: f"{case.minutes.get(kind, 0) / 60:.1f}" for name, kind in _HAVE.items()}
    because = N_(
        "Legal %(legal)s of %(legal_need)s hours, professional %(professional)s of %(professional_need)s, "
        "political %(political)s of %(political_need)s."
    )
    if all(case.minutes.get(kind, 0) >= minutes for kind, minutes in need.items()):
        return _met("hours", because, **values)
    return _no("hours", because, N_("Complete the missing hours; courses are open online."), **values)


_HAVE = {"legal": "legal", "professional": "professional", "political": "political"}
_NEEDED = {f"{name}_need": kind for name, kind in _HAVE.items()}


def prior_subject(case: EntryCase) -> Finding:
    first = FIRST.get((case.subject, Order(case.terms.order))) if case.judged else None
    if first is None:
        return _met("prior_subject", N_("No other subject has to be passed first."))
    of_field = case.post_fields if first == "professional_law" else None
    found = [p for p in case.passes if p.subject == first and p.enough and (of_field is None or p.field in of_field)]
    good = [p for p in found if p.valid_until >= case.day]
    if any(p.released for p in good):
        day = max(p.sat_on for p in good if p.released)
        return _met("prior_subject", N_("The subject that comes first was passed on %(day)s."), day=day.isoformat())
    if good:
        told = N_("A result of the subject that comes first is not published yet.")
        return _open("prior_subject", told, N_("Wait until the results are published."))
    sit = N_("Sit the subject that comes first; entry for this one follows.")
    if found:
        until = max(p.valid_until for p in found)
        told = N_("The pass of the subject that comes first was valid until %(until)s.")
        return _no("prior_subject", told, sit, until=until.isoformat())
    return _no("prior_subject", N_("The subject that comes first is not passed."), sit)


def no_bar(case: EntryCase) -> Finding:
    if case.barred_for_ever:
        return _no("bar", N_("Barred from exams."), "", CARD_RULES)
    if case.barred_until is not None and case.barred_until >= case.day:
        told, later = N_("Barred from exams until %(until)s."), N_("Enter when the bar has ended.")
        return _no("bar", told, later, CARD_RULES, until=case.barred_until.isoformat())
    return _met("bar", N_("No bar is in force on the day of the exam."), CARD_RULES)


def not_passed(case: EntryCase) -> Finding:
    if not case.judged:
        return _met("not_passed", NOT_ASKED)
    own = [p for p in case.passes if (p.subject, p.field) == (case.subject, case.field) and p.enough]
    standing = [p for p in own if p.valid_until > case.renewal_from]
    if any(p.released for p in standing):
        until = max(p.valid_until for p in standing if p.released)
        told = N_("This subject is passed; the pass is valid until %(until)s.")
        return _no("not_passed", told, N_("Enter again when the pass nears its end."), until=until.isoformat())
    if standing:
        told = N_("A result of this subject is not published yet.")
        return _open("not_passed", told, N_("Wait until the results are published."))
    return _met("not_passed", N_("There is no pass of this subject that lasts."))


def no_clash(case: EntryCase) -> Finding:
    if not case.elsewhere:
        return _met("clash", N_("Not entered for another exam at this time."))
    other = min(case.elsewhere, key=lambda one: one.opens_at)
    told = N_("Entered at the same time for %(title)s.")
    return _no("clash", told, N_("Choose another sitting, or withdraw the other entry."), title=other.title)


RULES = (staffing, in_post, field_fits, hours, prior_subject, no_bar, not_passed, no_clash)
# what an exam administrator may set aside for one person, with a reason; a bar or a staffing type never
SET_ASIDE = frozenset({"in_post", "field", "hours", "prior_subject", "not_passed"})


def stands(findings: list[Finding], set_aside: frozenset[str] = frozenset()) -> bool:
    """Whether the person may be entered: every rule is met, or set aside by name where that is allowed."""
    return all(f.met or (f.rule in set_aside and f.rule in SET_ASIDE) for f in findings)
