"""What a person may type about a matter."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import HiddenInput

from portal.ground.rules import N_
from portal.library.matters.models import MatterKind
from portal.library.matters.rules import MatterFacts, bases_as_text, bases_in
from portal.people.models import Field
from portal.people.transfers.forms import offered
from portal.words import WORDS


class MatterForm(FlaskForm):
    """A matter as it stands from now on; `seen` is the version the form was opened with, 0 for a new one."""

    seen = IntegerField(widget=HiddenInput(), default=0)
    code = StringField(
        N_("Number"),
        [
            InputRequired(N_("Enter a number nobody else has.")),
            Length(max=40),
            Regexp(r"^[\w.\-]+$", message=N_("A number has letters, digits, dots, hyphens and underscores.")),
        ],
    )
    title = StringField(N_("Title of the matter"), [InputRequired(N_("Enter a title.")), Length(max=200)])
    field = SelectField(N_("Enforcement field"), choices=offered((str(f), WORDS["field"][f]) for f in Field))
    kind = SelectField(N_("Kind"), choices=offered((str(k), WORDS["matter_kind"][k]) for k in MatterKind))
    bases = TextAreaField(
        N_("Articles it rests on"), [InputRequired(N_("Name at least one article.")), Length(max=3000)],
        render_kw={"rows": 4},
    )  # fmt: skip
    document = StringField(
        N_("Decision that confers it"), [InputRequired(N_("Name the decision.")), Length(max=200)]
    )
    document_number = StringField(N_("Number of the decision"), [Length(max=80)])
    document_on = DateField(N_("Day of the decision"), [Optional()])
    in_force_from = DateField(N_("In force from"), [InputRequired(N_("Enter the day like 2024-03-01."))])
    in_force_until = DateField(N_("Last day"), [Optional()])

    def facts(self) -> MatterFacts:
        return MatterFacts(
            self.code.data.strip(), " ".join(self.title.data.split()), self.field.data, self.kind.data,
            self.document.data.strip(), (self.document_number.data or "").strip(), self.document_on.data,
            self.in_force_from.data, self.in_force_until.data, bases_in(self.bases.data),
        )  # fmt: skip

    def show(self, facts: MatterFacts, seen: int) -> None:
        for name in ("code", "title", "field", "kind", "document", "document_number", "document_on",
                     "in_force_from", "in_force_until"):  # fmt: skip
            self[name].data = getattr(facts, name)
        self.bases.data, self.seen.data = bases_as_text(facts.bases), seen
