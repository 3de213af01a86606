"""What a person may type about people."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.ground.rules import N_


class SignInForm(FlaskForm):
    username = StringField(
        N_("Personnel number or ID number"),
        [InputRequired(N_("Enter your personnel number or ID number.")), Length(max=40)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        N_("Password"),
        [InputRequired(N_("Enter your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )

