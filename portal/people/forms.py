"""What a person may type about people."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.ground.rules import N_


class SignInForm(FlaskForm):
    username = StringField(
        N_("Personnel number or ID number"),
        [InputRequired(N_("Enter your personnel number or ID number.")), Length(max=40)],
    )
    password = PasswordField(N_("Password"), [InputRequired(N_("Enter your password.")), Length(max=200)])


class UploadForm(FlaskForm):
    file = FileField(N_("File (.xlsx)"), [FileRequired(N_("Choose a file."))])
