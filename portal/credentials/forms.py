"""What a reviewer or checker may type."""

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.ground.rules import N_


class OpinionForm(FlaskForm):
    """The unit's opinion, or what a bureau returns."""

    opinion = TextAreaField(N_("Opinion"), [Length(max=500, message=N_("500 characters at most."))])


class DecisionForm(FlaskForm):
    outcome = RadioField(
        N_("Decision"), [InputRequired(N_("Choose one."))], choices=[("eligible", ""), ("not_eligible", "")]
    )
    opinion = TextAreaField(N_("Opinion"), [Length(max=500, message=N_("500 characters at most."))])


class NameForm(FlaskForm):
    class Meta:
        csrf = False  # a public question that changes nothing

    name = TextAreaField(N_("Name"), [Length(max=100)])
