"""What a person may type about roles."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.ground.rules import N_
from portal.people.models import Role

WHY = Length(max=200, message=N_("Keep it to 200 characters."))


class GrantForm(FlaskForm):
    """A role, where, in which field, from when until when, why."""

    role = SelectField(N_("Role"), [InputRequired(N_("Choose a role."))], choices=[str(r) for r in Role])
    body_id = RadioField(N_("Where"), [InputRequired(N_("Choose a body."))], coerce=int, validate_choice=False)
    field = SelectField(N_("Enforcement field"), choices=[], validate_choice=False)
    starts_on = DateField(N_("First day"), [InputRequired(N_("Enter a day."))])
    ends_on = DateField(N_("Last day"), [Optional()])
    reason = StringField(N_("Reason"), [InputRequired(N_("Say why the role is given or taken away.")), WHY])


class RevokeForm(FlaskForm):
    """Why a role ends."""

    reason = StringField(N_("Reason"), [InputRequired(N_("Say why the role is given or taken away.")), WHY])


class StandInForm(FlaskForm):
    """Who stands in, from when until when, why."""

    username = StringField(
        N_("Personnel number of the deputy"),
        [InputRequired(N_("Enter the deputy's personnel number.")), Length(max=40)],
    )
    starts_on = DateField(N_("First day"), [InputRequired(N_("Enter a day."))])
    ends_on = DateField(N_("Last day"), [InputRequired(N_("Enter a day."))])
    reason = StringField(N_("Reason"), [InputRequired(N_("Say why somebody stands in.")), WHY])
