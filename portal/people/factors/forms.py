"""What a person may type to prove who he is."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.ground.rules import N_


class CodeForm(FlaskForm):
    code = StringField(
        N_("Verification code"),
        [InputRequired(N_("Enter the code.")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )


class PasswordAgainForm(FlaskForm):
    password = PasswordField(
        N_("Password"),
        [InputRequired(N_("Enter your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )


class TakeAwayForm(FlaskForm):
    reason = TextAreaField(
        N_("Reason"),
        [InputRequired(N_("Write down the reason; it stands in the audit trail.")), Length(max=500)],
        render_kw={"rows": 3},
    )
