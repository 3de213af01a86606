"""What a person may type about a contest, its rounds, who takes part, and scores."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, DecimalField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.exams.contests.models import Ability, Advance, Contest, ContestKind, RoundKind, TeamScore
from portal.exams.contests.operations import MOST_PARTIES, Declared
from portal.ground.rules import N_
from portal.people.models import Field
from portal.people.transfers.forms import offered
from portal.words import WORDS

NEEDED = N_("This has to be filled in.")
NUMBER = N_("Enter a whole number within the limits named.")
POINTS = N_("Enter points with at most two decimals.")
DAY = N_("Enter the day like 2024-03-01.")
NUMBERS = re.compile(r"[\w-]{1,20}", re.ASCII)
MOST_TYPED = 20_000  # characters of personnel numbers


def _coded(label: str, kind: str, codes: Any, field: type = RadioField, **more: Any) -> Any:
    return field(label, choices=offered((str(code), WORDS[kind][code]) for code in codes), **more)


class _Facts(FlaskForm):
    name = StringField(N_("Name of the contest"), [InputRequired(NEEDED), Length(max=120)])
    document = StringField(N_("Document by which it is held"), [InputRequired(NEEDED), Length(max=120)])
    starts_on = DateField(N_("First day"), [InputRequired(DAY)])
    ends_on = DateField(N_("Last day"), [InputRequired(DAY)])


class NewContestForm(_Facts):
    """What a draft begins with."""

    kind = _coded(N_("Who takes part"), "contest_kind", ContestKind, default="team")
    field = SelectField(
        N_("Field"), choices=offered([("", N_("All fields")), *((str(f), WORDS["field"][f]) for f in Field)])
    )
    body = StringField(N_("Held by"), [InputRequired(N_("Enter the full name or the code of the body."))])


class SettingsForm(_Facts):
    """The settings of a draft."""

    team_size = IntegerField(N_("Members of a team"), [Optional(), NumberRange(1, 50, NUMBER)], default=3)
    team_score = _coded(N_("Written score of a team"), "team_score", TeamScore)
    ties = StringField(N_("Equal totals: rounds that decide, in order"), [Length(max=60)])

    def show(self, contest: Contest) -> None:
        for name in ("name", "document", "starts_on", "ends_on", "team_size", "team_score"):
            self[name].data = getattr(contest, name)
        self.ties.data = " ".join(str(number) for number in contest.tie_rounds)

    def validate_ties(self, field: StringField) -> None:
        if re.sub(r"[\d\s,，、]", "", field.data or ""):
            raise ValidationError(N_("Write the numbers of rounds, with spaces between them."))

    def values(self) -> dict[str, Any]:
        found = {name: self[name].data for name in ("name", "document", "starts_on", "ends_on", "team_score")}
        ties = [int(number) for number in re.findall(r"\d{1,3}", self.ties.data or "")]
        return found | {"team_size": self.team_size.data or 1, "tie_rounds": list(dict.fromkeys(ties))}


class RoundForm(FlaskForm):
    """A round; what belongs to another kind of round is left empty."""

    kind = _coded(N_("Kind of round"), "round_kind", RoundKind, default="written")
    title = StringField(N_("Title of the round"), [InputRequired(NEEDED), Length(max=80)])
    weight = IntegerField(N_("Weight, percent of the total"), [InputRequired(NUMBER), NumberRange(0, 100, NUMBER)])
    advance = IntegerField(
        N_("How many go on to the next round"), [Optional(), NumberRange(1, MOST_PARTIES, NUMBER)]
    )
    advance_by = _coded(N_("They go on"), "advance_by", Advance, SelectField)
    exam_id = SelectField(N_("Contest exam"), coerce=int, validate_choice=False)
    questions = IntegerField(N_("Number of questions"), [Optional(), NumberRange(1, 500, NUMBER)])
    base_points = DecimalField(N_("Points everybody begins with"), [Optional(), NumberRange(0, 1000, POINTS)])
    case_handling = DecimalField(N_("Case handling"), [Optional(), NumberRange(0, 100, POINTS)])
    evidence_fixing = DecimalField(N_("Fixing of evidence"), [Optional(), NumberRange(0, 100, POINTS)])
    document_drafting = DecimalField(N_("Drafting of documents"), [Optional(), NumberRange(0, 100, POINTS)])
    file_archiving = DecimalField(N_("Filing of case files"), [Optional(), NumberRange(0, 100, POINTS)])
    drops_extremes = BooleanField(N_("From five judges on, the highest and the lowest mark are dropped"))

    def declared(self) -> Declared:
        full = {str(ability): in_hundredths(self[ability].data) for ability in Ability if self[ability].data}
        return Declared(
            self.kind.data, self.title.data, self.weight.data, self.advance.data, self.advance_by.data,
            self.exam_id.data or None, self.questions.data, in_hundredths(self.base_points.data or 0), full,
            bool(self.drops_extremes.data),
        )  # fmt: skip


def in_hundredths(value: Any) -> int:
    return int(round(Decimal(str(value)) * 100))


def typed_points(text: str) -> int | None:
    """Hundredths of a point from "8.5" or "-10"; None when it is no number with at most two decimals."""
    if not re.fullmatch(r"[+-]?\d{1,4}(\.\d{1,2})?", text.strip().replace("−", "-")):
        return None
    try:
        return in_hundredths(text.strip().replace("−", "-"))
    except InvalidOperation:
        return None


def typed_numbers(text: str) -> list[str]:
    """Personnel numbers, however they are set apart."""
    return NUMBERS.findall(text[:MOST_TYPED])
