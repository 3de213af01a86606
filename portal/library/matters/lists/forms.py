"""What a person may type about a town's list."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from portal.ground.rules import N_


class DraftForm(FlaskForm):
    """A draft: from when, by which document; the matters are ticked by the ids of their versions."""

    version = IntegerField(widget=HiddenInput(), default=0)
    in_force_from = DateField(N_("In force from"), [InputRequired(N_("Enter the day like 2024-03-01."))])
    document = StringField(
        N_("Document that lays the list down"), [InputRequired(N_("Name the document.")), Length(max=200)]
    )
