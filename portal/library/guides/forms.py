"""What a person may type about a guide."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from portal.ground.rules import N_
from portal.library.guides.models import GuideKind, GuideVersion
from portal.library.guides.rules import MOST_TEXT, GuideText, Step, steps_as_text, steps_in
from portal.library.matters.rules import Basis, bases_as_text, bases_in
from portal.people.models import Field
from portal.people.transfers.forms import offered
from portal.words import WORDS

EVERY_FIELD = N_("Every field")


class VersionForm(FlaskForm):
    """A version of a guide; `seen` is the one the form was opened with, 0 for a new guide."""

    seen = IntegerField(widget=HiddenInput(), default=0)
    text = TextAreaField(
        N_("Text"),
        [Length(max=MOST_TEXT, message=N_("A text has at most 40,000 characters; attach longer ones as a file."))],
        render_kw={"rows": 14},
    )
    steps = TextAreaField(N_("Steps of the chart"), [Length(max=20_000)], render_kw={"rows": 8})
    file = FileField(N_("File"))
    carry = BooleanField(N_("Keep the file of the version before"))
    citations = TextAreaField(N_("Articles it rests on"), [Length(max=3000)], render_kw={"rows": 3})
    in_force_from = DateField(N_("In force from"), [InputRequired(N_("Enter the day like 2024-03-01."))])
    in_force_until = DateField(N_("Last day"), [Optional()])
    change_note = StringField(N_("What changed"), [Length(max=200)])

    def version(self) -> GuideText:
        return GuideText(
            "\n".join((self.text.data or "").strip().splitlines()), steps_in(self.steps.data or ""),
            bases_in(self.citations.data or ""), self.in_force_from.data, self.in_force_until.data,
            (self.change_note.data or "").strip(),
        )  # fmt: skip

    def show(self, row: GuideVersion) -> None:
        self.seen.data, self.text.data = row.number, row.text
        self.steps.data = steps_as_text([Step(**step) for step in row.steps])
        self.citations.data = bases_as_text(tuple(Basis(c.law, c.label, c.article) for c in row.citations))
        self.in_force_from.data, self.in_force_until.data = row.in_force_from, row.in_force_until
        self.carry.data = row.file is not None


class GuideForm(VersionForm):
    kind = SelectField(N_("Kind"), choices=offered((str(k), WORDS["guide_kind"][k]) for k in GuideKind))
    title = StringField(N_("Title of the guide"), [InputRequired(N_("Enter a title.")), Length(max=100)])
    body = StringField(
        N_("Issued by"), [InputRequired(N_("Enter the full name or the code of the body.")), Length(max=120)]
    )
    field = SelectField(
        N_("Enforcement field"),
        choices=offered([("", EVERY_FIELD), *((str(f), WORDS["field"][f]) for f in Field)]),
    )
