"""What a person may type about a change of a body."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from portal.ground.rules import N_
from portal.people.bodies.models import Act
from portal.people.bodies.rules import Facts
from portal.people.models import BodyKind, Field, Level
from portal.words import WORDS

CODE = r"[A-Za-z0-9._-]+"


class ChangeForm(FlaskForm):
    """By which document, from which day; `version` is the one the form was opened with."""

    version = HiddenField()
    reference = StringField(
        N_("Document"), [InputRequired(N_("Name the document that orders the change.")), Length(max=200)]
    )
    effective_on = DateField(N_("In effect from"), [InputRequired(N_("Enter the day like 2024-03-01."))])

    @property
    def seen(self) -> int | None:
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


class NameForm(ChangeForm):
    name = StringField(N_("New name"), [InputRequired(N_("Enter the full name.")), Length(max=120)])


class OtherForm(ChangeForm):
    """Another body: the new parent, or the successor."""

    other = StringField(
        N_("Full name or code of the other body"),
        [InputRequired(N_("Enter the full name or the code of the body.")), Length(max=120)],
    )


class FactsForm(ChangeForm):
    kind = SelectField(N_("Kind"), choices=[SelectChoice(str(k), WORDS["body_kind"][k]) for k in BodyKind])
    level = SelectField(N_("Level"), choices=[SelectChoice(str(n), WORDS["level"][n]) for n in Level])
    division_code = StringField(N_("Division code"), [Optional(), Length(max=9)])
    fields = SelectMultipleField(
        N_("Enforcement fields"),
        choices=[SelectChoice(str(f), WORDS["field"][f]) for f in Field],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    confirmation = StringField(N_("List or document that confirms its standing to enforce"), [Length(max=200)])
    has_supervision_station = BooleanField(N_("Has an enforcement supervision station"))

    def facts(self) -> Facts:
        return Facts(
            self.kind.data, self.level.data, self.division_code.data or None, tuple(sorted(self.fields.data or ())),
            (self.confirmation.data or "").strip() or None, self.has_supervision_station.data,
        )  # fmt: skip


class FoundForm(FactsForm):
    name = StringField(N_("Full name"), [InputRequired(N_("Enter the full name.")), Length(max=120)])
    code = StringField(
        N_("Code"),
        [
            InputRequired(N_("Enter a code nobody else has.")),
            Length(max=40),
            Regexp(rf"^{CODE}$", message=N_("A code has letters, digits, dots, hyphens and underscores.")),
        ],
    )


FORMS: dict[str, type[ChangeForm]] = {
    Act.FOUNDED: FoundForm,
    Act.RENAMED: NameForm,
    Act.MOVED: OtherForm,
    Act.MERGED: OtherForm,
    Act.ABOLISHED: ChangeForm,
    Act.REOPENED: OtherForm,
    Act.CORRECTED: FactsForm,
}


def day_asked(text: str | None, today: date) -> date:
    """The day somebody looks at; today where none, or none that can be read, was given."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return today
