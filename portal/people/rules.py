"""Roles, what they open, and ID numbers: pure rules about people."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from portal.ground.rules import N_
from portal.people.models import Role


class Permission(StrEnum):
    SIT_EXAM = "sit_exam"
    STUDY = "study"
    MANAGE_BANK = "manage_bank"
    MANAGE_EXAMS = "manage_exams"
    SEE_ROSTER = "see_roster"
    IMPORT_ROSTER = "import_roster"
    CHECK_ELIGIBILITY = "check_eligibility"
    SEE_ELIGIBILITY = "see_eligibility"
    UNIT_REVIEW = "unit_review"
    SEE_FIGURES = "see_figures"
    SEE_AUDIT = "see_audit"


P = Permission
OPENS: dict[str, frozenset[Permission]] = {
    Role.OFFICER: frozenset({P.SIT_EXAM, P.STUDY}),
    Role.TRAINER: frozenset({P.MANAGE_BANK}),
    Role.EXAM_ADMIN: frozenset({P.MANAGE_EXAMS, P.SEE_FIGURES}),
    Role.UNIT_ADMIN: frozenset({P.SEE_ROSTER, P.IMPORT_ROSTER, P.UNIT_REVIEW}),
    Role.BUREAU_CHECKER: frozenset({P.SEE_ROSTER, P.CHECK_ELIGIBILITY, P.SEE_ELIGIBILITY}),
    Role.SUPERVISOR: frozenset({P.SEE_ROSTER, P.SEE_ELIGIBILITY, P.SEE_FIGURES, P.SEE_AUDIT}),
    Role.LEADER: frozenset({P.SEE_FIGURES}),
    Role.SYSADMIN: frozenset({P.SEE_ROSTER, P.IMPORT_ROSTER}),
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
