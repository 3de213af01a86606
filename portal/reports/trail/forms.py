"""What a reader types before something sealed is shown."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length

from portal.ground.rules import N_
from portal.reports.trail.rules import PURPOSES


class RevealForm(FlaskForm):
    """Why the reader needs to see what is sealed."""

    purpose = SelectField(
        N_("Purpose"),
        [DataRequired(N_("Choose a purpose."))],
        choices=[SelectChoice(value=code, label=text) for code, text in PURPOSES.items()],
    )
    note = StringField(
        N_("File or occasion"), [DataRequired(N_("Name the file or occasion.")), Length(max=200)]
    )
