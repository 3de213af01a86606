"""What is typed about a wrong fact."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.ground.rules import N_
from portal.people.records.forms import Choice
from portal.people.records.models import AnswerOutcome, CorrectedFact, RequestedFact

AREA = {"rows": 3}
SHORT = Length(max=500)


class CorrectionForm(FlaskForm):
    fact = Choice(N_("What is wrong"), CorrectedFact, "requested_fact")
    value = StringField(
        N_("What is right"), [InputRequired(N_("Say what is right.")), Length(max=120)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    area_compared = BooleanField(N_("I compared the number with the ID card, digit by digit"))
    document = StringField(
        N_("Document that proves it"),
        [InputRequired(N_("Name the document that proves it, with its date or number.")), Length(max=200)],
    )


class ConfirmForm(FlaskForm):
    value = StringField(
        N_("The right ID number, typed from the document"), [Length(max=40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class ReasonForm(FlaskForm):
    reason = TextAreaField(N_("Reason"), [InputRequired(N_("Give the reason.")), SHORT], render_kw=AREA)


class RequestForm(FlaskForm):
    fact = Choice(N_("What it is about"), RequestedFact, "requested_fact")
    wrong = TextAreaField(N_("What is wrong"), [InputRequired(N_("Say what is wrong.")), SHORT], render_kw=AREA)
    right = TextAreaField(N_("What is right"), [InputRequired(N_("Say what is right.")), SHORT], render_kw=AREA)
    document = StringField(
        N_("Document that proves it"), [InputRequired(N_("Name the document that proves it.")), Length(max=200)]
    )


class AnswerForm(FlaskForm):
    outcome = Choice(N_("What was done"), AnswerOutcome, "answer_outcome", blank=True)
    reason = TextAreaField(N_("Reason"), [InputRequired(N_("Give the reason.")), SHORT], render_kw=AREA)
