"""What the twelve rules may look at: the thresholds of a policy, the passes, the whole case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Thresholds:
    """What a policy row settles; see models.Policy.body."""

    allowed_staffing: tuple[str, ...]
    min_age: int
    retirement_age: Mapping[str, int]  # by sex
    min_education: str
    min_minutes: Mapping[str, int]  # by kind of hours
    pass_mark: int  # hundredths of a percent
    pass_valid_years: int
    general_before_professional: bool
    establishment_check_days: int  # how old 核编 may be
    conduct_days: int  # how old the unit's statement may be
    appraisal_grades: tuple[str, ...]
    valid_years: int  # of an eligibility recorded under this policy

    @classmethod
    def from_plain(cls, body: Mapping[str, Any]) -> Thresholds:
        lists = ("allowed_staffing", "appraisal_grades")
        return cls(**{k: tuple(v) if k in lists else v for k, v in body.items()})


@dataclass(frozen=True)
class Pass:
    """One released or unreleased result of a qualification exam."""

    result_id: int
    exam: str  # code
    subject: str
    field: str | None
    sat_on: date
    mark: int  # hundredths of a percent
    needed: int  # the line in force on that day
    valid_until: date
    released: bool
    voided: bool
    identity_confirmed: bool
    review_open: bool

    @property
    def enough(self) -> bool:
        return self.mark >= self.needed and not self.voided

    @property
    def stands(self) -> bool:
        """Nothing about this pass is open; of several passes such a one is relied on."""
        return self.enough and self.released and self.identity_confirmed and not self.review_open


@dataclass(frozen=True)
class Case:
    """Everything the rules may look at, gathered once by queries.case_for."""

    today: date
    field: str
    policy: str
    thresholds: Thresholds
    # the person
    id_number_valid: bool
    identity_checked: tuple[date, str] | None  # day, reference
    photo_meets_standard: bool
    age: int
    sex: str
    education: str
    # the post
    has_post: bool
    body: str
    body_confirmed: tuple[date, str] | None
    body_enforces_field: bool
    post_field: str
    staffing_type: str
    on_establishment: bool
    in_post: bool
    part_time: bool
    establishment_body: str
    establishment_checked: tuple[date, bool, str] | None  # day, agrees, reference
    # what others certify
    appraisal: tuple[int, str, str] | None  # year, grade, reference
    conduct: tuple[date, bool, str] | None  # day, clean, reference
    # training and exams
    minutes: Mapping[str, int]  # by kind of hours; professional only of this field
    passes: tuple[Pass, ...]
    exemptions: tuple[tuple[str, str, str, bool], ...]  # subject, kind, reference, good for this field today
    bans: tuple[tuple[str, date, date | None, str], ...]  # running: act, since, until, reference
    facts_in_recheck: int
    # opinions
    unit_opinion: tuple[datetime, int, str] | None  # when, account, opinion
    applicant_account: int | None
    checker_account: int | None

    def plain(self) -> dict[str, Any]:
        """The case as JSON-ready values, stored beside the decision."""
        return _plain(asdict(self))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
