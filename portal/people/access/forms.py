"""What a person may type to get in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField, TextAreaField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.ground.rules import N_

LONGEST = 200  # what a field takes; how long a password may be is the policy's

_NUMBER = N_("Personnel number, ID number or phone number")


class SignInForm(FlaskForm):
    username = StringField(
        _NUMBER,
        [InputRequired(N_("Enter your personnel number, ID number or phone number.")), Length(max=40)],
        render_kw={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"},
    )
    password = PasswordField(
        N_("Password"),
        [InputRequired(N_("Enter your password.")), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    shared = BooleanField(N_("This is a shared device"))


class _NewPassword(FlaskForm):
    new = PasswordField(
        N_("New password"),
        [InputRequired(N_("Enter a new password.")), Length(max=LONGEST)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        N_("New password, once more"),
        [InputRequired(N_("Enter the new password once more.")), EqualTo("new", N_("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class ActivateForm(_NewPassword):
    username = StringField(
        _NUMBER,
        [InputRequired(N_("Enter your personnel number, ID number or phone number.")), Length(max=40)],
        render_kw={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"},
    )
    one_time = StringField(
        N_("One-time code"),
        [InputRequired(N_("Enter the one-time code.")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )


class PasswordForm(_NewPassword):
    current = PasswordField(
        N_("Present password"),
        [InputRequired(N_("Enter your present password.")), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class SmsForm(FlaskForm):
    username = StringField(
        _NUMBER,
        [InputRequired(N_("Enter your personnel number, ID number or phone number.")), Length(max=40)],
        render_kw={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"},
    )


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        N_("Reason"),
        [InputRequired(N_("Say why; it is kept in the audit trail.")), Length(min=2, max=200)],
        render_kw={"rows": "2"},
    )
