"""What a reviewer or checker may type."""

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, Length

from portal.credentials.models import Outcome
from portal.ground.rules import N_


class OpinionForm(FlaskForm):
    """The unit's opinion, or what a bureau returns."""

    opinion = TextAreaField(N_("Opinion"), [Length(max=500, message=N_("500 characters at most."))])


class DecisionForm(FlaskForm):
    outcome = StringField(N_("Decision"), [AnyOf(tuple(Outcome), message=N_("Choose one of the decisions offered."))])
    opinion = TextAreaField(N_("Opinion"), [Length(max=500, message=N_("500 characters at most."))])

