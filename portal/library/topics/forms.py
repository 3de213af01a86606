"""What a person may type about a topic."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from portal.ground.rules import N_
from portal.library.topics.models import TITLE
from portal.library.topics.queries import FIELDS
from portal.people.transfers.forms import offered
from portal.words import WORDS

GENERAL_LAW = N_("General law")


class TopicForm(FlaskForm):
    """`parent` is the code of the topic above; `version` the one the form was opened with."""

    version = HiddenField()
    title = StringField(
        N_("Title of the topic"),
        [InputRequired(N_("Enter a title.")), Length(max=TITLE, message=N_("A title has at most 60 characters."))],
    )
    parent = StringField(N_("Code of the topic above"), [Optional(), Length(max=40)])

    @property
    def seen(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


class NewTopicForm(TopicForm):
    field = SelectField(
        N_("Enforcement field"), choices=offered((each, WORDS["field"].get(each, GENERAL_LAW)) for each in FIELDS)
    )
    code = StringField(
        N_("Code"),
        [
            Optional(),
            Length(max=40),
            Regexp(r"^[A-Za-z0-9._-]+$", message=N_("A code has letters, digits, dots, hyphens and underscores.")),
        ],
    )
