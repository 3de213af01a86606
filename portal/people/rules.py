"""Roles, what they open, and ID numbers: pure rules about people."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from portal.ground.rules import N_
from portal.people.models import Role


class Permission(StrEnum):
    """What a door asks for: room, thing, act."""

    SEE_AUDIT = "audit:line:see"
    REVIEW_QUESTION = "bank:question:review"
    MANAGE_BANK = "bank:question:write"
    APPROVE_ELIGIBILITY = "credentials:application:approve"
    CHECK_ELIGIBILITY = "credentials:application:decide"
    UNIT_REVIEW = "credentials:application:review"
    SEE_ELIGIBILITY = "credentials:application:see"
    MARK_ANSWERS = "exams:answer:mark"
    SIT_EXAM = "exams:attempt:sit"
    ENTER_EXAM = "exams:entry:write"
    MANAGE_EXAMS = "exams:exam:manage"
    WATCH_SITTING = "exams:sitting:watch"
    EDIT_LIBRARY = "library:law:write"
    EDIT_MATTERS = "library:matter:write"
    DISABLE_ACCOUNT = "people:account:disable"
    HELP_ACCOUNT = "people:account:help"  # one-time codes and activation slips
    EDIT_BODY = "people:body:edit"
    SEE_BODY = "people:body:see"
    EDIT_PERSON = "people:person:edit"
    MERGE_PERSON = "people:person:merge"
    REVEAL_PERSON = "people:person:reveal"
    TRANSFER_PERSON = "people:person:transfer"
    GRANT_ROLE = "people:role:grant"
    SEE_ROLES = "people:role:see"
    IMPORT_ROSTER = "people:roster:import"
    SEE_ROSTER = "people:roster:see"
    SEE_FIGURES = "reports:figures:see"
    STUDY = "training:course:study"


P = Permission
_ROSTER_KEEPER = frozenset(
    {P.SEE_ROSTER, P.SEE_BODY, P.IMPORT_ROSTER, P.EDIT_PERSON, P.REVEAL_PERSON, P.MERGE_PERSON, P.TRANSFER_PERSON}
)
OPENS: dict[str, frozenset[Permission]] = {
    Role.OFFICER: frozenset({P.SIT_EXAM, P.STUDY}),
    Role.TRAINER: frozenset({P.MANAGE_BANK}),
    Role.REVIEWER: frozenset({P.REVIEW_QUESTION}),
    Role.MARKER: frozenset({P.MARK_ANSWERS}),
    Role.EXAM_ADMIN: frozenset({P.MANAGE_EXAMS, P.ENTER_EXAM, P.SEE_FIGURES}),
    Role.INVIGILATOR: frozenset({P.WATCH_SITTING}),
    Role.UNIT_ADMIN: _ROSTER_KEEPER | {P.UNIT_REVIEW, P.HELP_ACCOUNT, P.ENTER_EXAM},
    Role.BUREAU_CHECKER: frozenset({P.SEE_ROSTER, P.SEE_BODY, P.CHECK_ELIGIBILITY, P.SEE_ELIGIBILITY}),
    Role.BUREAU_APPROVER: frozenset({P.SEE_ROSTER, P.SEE_BODY, P.APPROVE_ELIGIBILITY, P.SEE_ELIGIBILITY}),
    Role.SUPERVISOR: frozenset({P.SEE_ROSTER, P.SEE_BODY, P.SEE_ELIGIBILITY, P.SEE_FIGURES, P.SEE_AUDIT}),
    Role.LEADER: frozenset({P.SEE_FIGURES}),
    # the three administrators: each does what the other two may not
    Role.SYSADMIN: _ROSTER_KEEPER | {P.EDIT_BODY, P.HELP_ACCOUNT, P.DISABLE_ACCOUNT},
    Role.SECADMIN: frozenset({P.GRANT_ROLE, P.SEE_ROLES, P.SEE_BODY, P.DISABLE_ACCOUNT}),
    Role.AUDITOR: frozenset({P.SEE_AUDIT, P.SEE_ROLES}),
    Role.LAW_EDITOR: frozenset({P.EDIT_LIBRARY, P.EDIT_MATTERS}),
}

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX")


def normal_id_number(typed: str) -> str:
    """Full-width digits and a lower-case x as they are meant; spaces gone."""
    return "".join(typed.translate(FULL_WIDTH).split())


def check_digit(first17: str) -> str:
    """The 18th character of an ID number (GB 11643-1999)."""
    return CHECK_DIGITS[sum(w * int(d) for w, d in zip(WEIGHTS, first17, strict=True)) % 11]


def id_number_problem(number: str) -> str | None:
    """A gettext id that says what is wrong with a normalised ID number, or None."""
    if len(number) == 15 and number.isascii() and number.isdigit():
        return N_("This is an old 15-digit number; the 18-digit number is needed.")
    if len(number) != 18 or not number[:17].isascii() or not number[:17].isdigit():
        return N_("An ID number has 18 characters: 17 digits and a digit or X.")
    if birth_date(number) is None:
        return N_("The date of birth inside the ID number does not exist.")
    if number[17] != check_digit(number[:17]):
        return N_("The last character does not fit the other 17; compare with the ID card.")
    return None


def birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    return "m" if int(number[16]) % 2 else "f"


DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．", "·"))


def normal_name(typed: str) -> str:
    """A name as written, with the separator as U+00B7 and outer spaces gone."""
    name = " ".join(typed.split())
    if any(dot in name for dot in "•・‧∙⋅．"):
        name = name.translate(DOTS)
    # a Chinese name typed with padding ("张　三") has no inner space
    return name if any(c.isascii() and c.isalpha() for c in name) else name.replace(" ", "")
