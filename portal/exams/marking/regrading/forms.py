"""What a person may type about a wrong key."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.exams.marking.regrading.models import ChangeOfKey, Flips
from portal.ground.rules import N_
from portal.people.transfers.forms import offered
from portal.words import WORDS
from question_bank.questions import Kind


class RegradeForm(FlaskForm):
    """The change, why, on which law, and what becomes of published results; the answer is read apart."""

    change = RadioField(
        N_("What is done about it"),
        [InputRequired(N_("Choose one."))],
        choices=offered((str(c), WORDS["change_of_key"][c]) for c in ChangeOfKey),
    )
    reason = TextAreaField(N_("Reason"), [InputRequired(N_("This has to be filled in.")), Length(max=2000)])
    source = StringField(
        N_("Law, version and article"), [InputRequired(N_("This has to be filled in.")), Length(max=300)]
    )
    flips = RadioField(
        N_("Published results whose pass or fail changes"),
        [InputRequired(N_("Choose one."))],
        choices=offered((str(f), WORDS["flips"][f]) for f in Flips),
    )


def given_answer(kind: str, form: MultiDict[str, str]) -> Any:
    """The typed answer as rules.read_answer takes it."""
    if kind in (Kind.FILL_BLANK, Kind.MATCHING):
        return form.getlist("answer")
    if kind == Kind.ORDERING:
        return form.get("answer", "").strip().upper().replace(" ", "")
    return "".join(form.getlist("answer"))
