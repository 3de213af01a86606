"""Two eligibility policies, one after the other: a policy is followed by a new row, never edited."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

from sqlalchemy.orm import Session

from portal.credentials.case import Thresholds
from portal.credentials.models import Policy

NOW = Thresholds(
    allowed_staffing=("civil", "civil_equivalent", "institution"),
    min_age=18,
    # the statutory ages rise step by step from 2025-01-01; a later policy row follows that schedule
    retirement_age={"m": 63, "f": 58},
    min_education="college",
    min_minutes={"legal": 1200, "professional": 960},
    pass_mark=6000,
    pass_valid_years=5,
    general_before_professional=False,
    establishment_check_days=365,
    conduct_days=365,
    appraisal_grades=("excellent", "competent"),
    valid_years=5,
)
FIRST = replace(NOW, retirement_age={"m": 60, "f": 55}, min_minutes={"legal": 900, "professional": 600})
POLICIES = (
    ("吉林省行政执法资格审核政策（示例）2021", date(2021, 1, 1), FIRST),
    ("吉林省行政执法资格审核政策（示例）2025", date(2025, 1, 1), NOW),
)


def load(session: Session) -> None:
    for label, day, thresholds in POLICIES:
        session.add(Policy(label=label, effective_from=day, body=asdict(thresholds)))
    session.flush()
