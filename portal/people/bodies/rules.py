"""What a merger hands over and what stays history, and the order in which changes may follow each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.ground.rules import N_
from portal.people.models import BodyKind, Level

MOST_LEVELS = 12  # from the province down; a path must also fit its column
MOST_AT_ONCE = 500  # living bodies that one move takes along

# Every column that names a body, by (table, column): what becomes of it when the body is merged.
# A house test fails on one that is missing here.
CARRIED_ON = "a dated row: it ends, and goes on at the successor from that day"
GIVEN_ANEW = "ends; officers stay officers at the successor, staff roles are granted anew by hand"
HANDED_OVER = "the successor takes its place"
IF_OPEN = "the successor takes its place while the thing is open"
REFUSES = "the body is not merged or abolished while one is under way"
STAYS = "history: says what was, and stays"
BODY_COLUMNS: Mapping[tuple[str, str], str] = {
    ("adviser_assignment", "body_id"): CARRIED_ON,
    ("application", "bureau_id"): IF_OPEN,
    ("application", "unit_id"): IF_OPEN,
    ("audit_line", "body_id"): STAYS,
    ("body", "parent_id"): HANDED_OVER,
    ("body_change", "body_id"): STAYS,
    ("body_change", "other_id"): STAYS,
    ("body_field", "body_id"): STAYS,
    ("body_past", "body_id"): STAYS,
    ("body_past", "parent_id"): STAYS,
    ("contest", "body_id"): HANDED_OVER,
    ("contest_party", "body_id"): STAYS,
    ("duty_step", "body_id"): STAYS,
    ("entry", "body_id"): STAYS,
    ("exam", "body_id"): HANDED_OVER,
    ("guide", "body_id"): STAYS,
    ("legal_reviewer", "body_id"): CARRIED_ON,
    ("post", "body_id"): CARRIED_ON,
    ("post", "establishment_body_id"): CARRIED_ON,
    ("question_bank", "body_id"): HANDED_OVER,
    ("role_grant", "body_id"): GIVEN_ANEW,
    ("test_site", "body_id"): HANDED_OVER,
    ("town_list", "body_id"): STAYS,
    ("transfer", "establishment_body_id"): REFUSES,
    ("transfer", "from_body_id"): REFUSES,
    ("transfer", "to_body_id"): REFUSES,
}
# What "open" and "under way" mean, by table: (column, its values that are over).
OVER: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "application": ("state", ("decided",)),
    "transfer": ("state", ("confirmed", "refused", "withdrawn")),
}

LEVELS_OF: Mapping[str, tuple[str, ...]] = {
    BodyKind.TOWN: (Level.TOWN,),
    BodyKind.TOWN_TEAM: (Level.TOWN,),
    BodyKind.JUDICIAL_OFFICE: (Level.TOWN,),
    BodyKind.GOVERNMENT: (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY),
    BodyKind.JUSTICE_BUREAU: (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY),
    BodyKind.ESTABLISHMENT_OFFICE: (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY),
}
DIGITS: Mapping[str, int] = {Level.PROVINCE: 6, Level.PREFECTURE: 6, Level.COUNTY: 6, Level.TOWN: 9}


@dataclass(frozen=True)
class Facts:
    """What a body is, apart from its name, its parent and its life."""

    kind: str
    level: str
    division_code: str | None
    fields: tuple[str, ...]
    confirmation: str | None
    has_supervision_station: bool


def facts_problem(facts: Facts) -> str | None:
    """A gettext id that says why these facts do not fit together, or None."""
    code = facts.division_code
    if facts.level not in LEVELS_OF.get(facts.kind, tuple(Level)):
        return N_("A body of this kind does not exist at this level.")
    if facts.has_supervision_station and facts.kind != BodyKind.JUDICIAL_OFFICE:
        return N_("Only a judicial office has a supervision station.")
    if code and not (code.isascii() and code.isdigit() and len(code) == DIGITS[facts.level]):
        return N_("A division code has 6 digits, that of a town 9; leave it empty where there is none.")
    return None
