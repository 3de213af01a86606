"""What a sender says about the move."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.ground import i18n
from portal.ground.rules import N_
from portal.people.models import StaffingType
from portal.people.transfers.rules import STAYS_BEHIND, NewPost
from portal.words import WORDS

YES_NO = (("yes", N_("Yes")), ("no", N_("No")))
DUTIES = (("full", N_("Full-time")), ("part", N_("Part-time")))


def offered(pairs: Iterable[tuple[str, str]]) -> Callable[[], list[SelectChoice]]:
    """Choices of (code, gettext id), said in the reader's language when the form is made."""
    kept = list(pairs)
    return lambda: [SelectChoice(code, i18n.gettext(word)) for code, word in kept]


class OpenForm(FlaskForm):
    field = SelectField(N_("Enforcement field"))
    title = StringField(N_("Post title"), [InputRequired(N_("Enter the title of the new post.")), Length(max=60)])
    duty = SelectField(N_("Duty"), choices=offered(DUTIES))
    establishment = SelectField(N_("Body that holds the establishment"), coerce=int)
    staffing = SelectField(
        N_("Staffing"), choices=offered((str(t), WORDS["staffing"][t]) for t in StaffingType if t not in STAYS_BEHIND)
    )
    on_establishment = SelectField(N_("On establishment"), choices=offered(YES_NO))
    effective_on = DateField(N_("First day at the receiving unit"), [InputRequired(N_("Enter the day."))])
    document = StringField(
        N_("Transfer document"), [InputRequired(N_("Name the document that orders it.")), Length(max=120)]
    )

    def proposed(self) -> NewPost:
        return NewPost(
            field=self.field.data,
            part_time=self.duty.data == "part",
            title=self.title.data.strip(),
            establishment_body_id=self.establishment.data,
            staffing_type=self.staffing.data,
            on_establishment=self.on_establishment.data == "yes",
        )
