"""The steps that count as duties, the roles that may be lent, and how long."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from portal.people.models import Role
from portal.people.rules import OPENS, Permission

SELF = "self"  # the second step of a conflict: the thing is his own
STANDS_IN_AT_MOST = timedelta(days=30)
# Nobody sits an exam for another, and the three administrators are named, never lent.
NEVER_LENT = frozenset({Role.OFFICER, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})


class DutyWord(StrEnum):
    """What can be done about a thing that somebody else has to check."""

    SUBMIT = "submit"
    REVIEW = "review"
    RETURN = "return"
    DECIDE = "decide"
    APPROVE = "approve"
    ENTER = "enter"
    WRITE = "write"
    MARK = "mark"
    DECIDE_APPEAL = "decide_appeal"
    PROPOSE = "propose"
    CONFIRM = "confirm"
    GRANT = "grant"


# The permission by which a step of a kind of thing is taken; it tells a deputy's step from his own.
OPENED_BY = {
    ("application", DutyWord.REVIEW): Permission.UNIT_REVIEW,
    ("application", DutyWord.RETURN): Permission.CHECK_ELIGIBILITY,
    ("application", DutyWord.DECIDE): Permission.CHECK_ELIGIBILITY,
    ("application", DutyWord.APPROVE): Permission.APPROVE_ELIGIBILITY,
    ("question_version", DutyWord.WRITE): Permission.MANAGE_BANK,
    ("question_version", DutyWord.REVIEW): Permission.REVIEW_QUESTION,
    ("grant", DutyWord.GRANT): Permission.GRANT_ROLE,
    ("town_list", DutyWord.ENTER): Permission.EDIT_MATTERS,
    ("town_list", DutyWord.APPROVE): Permission.EDIT_MATTERS,
    ("guide_version", DutyWord.ENTER): Permission.EDIT_LIBRARY,
    ("guide_version", DutyWord.APPROVE): Permission.EDIT_LIBRARY,
    ("exam", DutyWord.ENTER): Permission.MANAGE_EXAMS,
    ("exam", DutyWord.PROPOSE): Permission.MANAGE_EXAMS,
    ("exam", DutyWord.APPROVE): Permission.MANAGE_EXAMS,
    ("exam_results", DutyWord.REVIEW): Permission.MANAGE_EXAMS,
    ("exam_results", DutyWord.APPROVE): Permission.MANAGE_EXAMS,
    ("regrade", DutyWord.PROPOSE): Permission.MANAGE_EXAMS,
    ("regrade", DutyWord.APPROVE): Permission.MANAGE_EXAMS,
    ("contest", DutyWord.PROPOSE): Permission.MANAGE_EXAMS,
    ("contest", DutyWord.APPROVE): Permission.MANAGE_EXAMS,
    ("incident", DutyWord.ENTER): Permission.WATCH_SITTING,
    ("incident", DutyWord.CONFIRM): Permission.WATCH_SITTING,
    ("incident", DutyWord.PROPOSE): Permission.MANAGE_EXAMS,
    ("incident", DutyWord.APPROVE): Permission.MANAGE_EXAMS,
    ("transfer", DutyWord.ENTER): Permission.TRANSFER_PERSON,
    ("transfer", DutyWord.PROPOSE): Permission.TRANSFER_PERSON,
    ("transfer", DutyWord.CONFIRM): Permission.TRANSFER_PERSON,
    ("transfer", DutyWord.APPROVE): Permission.TRANSFER_PERSON,
    ("merge", DutyWord.PROPOSE): Permission.MERGE_PERSON,
    ("merge", DutyWord.CONFIRM): Permission.MERGE_PERSON,
    ("merge", DutyWord.ENTER): Permission.MERGE_PERSON,
    ("merge", DutyWord.APPROVE): Permission.MERGE_PERSON,
    ("correction_request", DutyWord.DECIDE): Permission.EDIT_PERSON,
    ("correction", DutyWord.ENTER): Permission.EDIT_PERSON,
    ("correction", DutyWord.PROPOSE): Permission.EDIT_PERSON,
    ("correction", DutyWord.CONFIRM): Permission.EDIT_PERSON,
    ("correction", DutyWord.APPROVE): Permission.EDIT_PERSON,
}


def roles_for(permission: str) -> tuple[str, ...]:
    """The roles that carry a permission."""
    return tuple(str(role) for role, opened in OPENS.items() if permission in opened)
