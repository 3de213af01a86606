"""What a person may type about a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal.ground import i18n
from portal.ground.rules import N_
from portal.people.models import Field, StaffingType
from portal.people.records.models import Purpose, RevealedFact
from portal.people.records.rules import MOBILE
from portal.words import WORDS

EARLIEST = date(1949, 10, 1)
EDUCATION = ("secondary", "college", "bachelor", "master", "doctor")
YES_NO, DUTY = ("yes", "no"), ("full", "part")
CHOOSE = N_("Choose one.")


class Choice(SelectField):
    """A choice among codes, each shown in the reader's words; `kind` is a table of portal.words.

    With `blank`, nothing is chosen until somebody chooses.
    """

    def __init__(self, label: str, codes: Iterable[str], kind: str, *, blank: bool = False, **more: Any) -> None:
        shown = [SelectChoice(str(code), i18n.gettext(WORDS[kind][str(code)])) for code in codes]
        first = [SelectChoice("", i18n.gettext(CHOOSE))] if blank else []
        super().__init__(label, [InputRequired(CHOOSE)], choices=first + shown, **more)


def _phone_fits(_form: FlaskForm, field: StringField) -> None:
    field.data = "".join((field.data or "").split()).replace("-", "")
    if field.data and not MOBILE.fullmatch(field.data):
        raise ValidationError(N_("A mobile number has 11 digits and begins with 1."))


class EditForm(FlaskForm):
    """Current facts, and the version of the record they were typed into."""

    version = HiddenField(validators=[InputRequired(), Regexp(r"^\d{1,9}$")])
    post = HiddenField(validators=[Optional(), Regexp(r"^\d{1,9}$")])
    education = Choice(N_("Education"), EDUCATION, "education")
    phone = StringField(
        N_("Mobile number"), [Optional(), Length(max=20), _phone_fits],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )  # fmt: skip
    title = StringField(N_("Title in the post"), [InputRequired(N_("Enter the title.")), Length(max=60)])
    staffing_type = Choice(N_("Staffing type"), StaffingType, "staffing")
    on_establishment = Choice(N_("On establishment"), YES_NO, "yes_no")
    in_post = Choice(N_("In post"), YES_NO, "yes_no")
    duty = Choice(N_("Duty"), DUTY, "duty")

    @classmethod
    def shown(cls, facts: dict[str, Any], *, version: int, post_id: int | None) -> EditForm:
        """The form filled with facts, whatever was sent."""
        plain = {name: value for name, value in facts.items() if not isinstance(value, bool)}
        if "part_time" in facts:
            plain |= {
                "on_establishment": _yes(facts["on_establishment"]), "in_post": _yes(facts["in_post"]),
                "duty": "part" if facts["part_time"] else "full",
            }  # fmt: skip
        form = cls(formdata=None, data=plain | {"version": version, "post": post_id or ""})
        return form if post_id else form.without_post()

    def without_post(self) -> EditForm:
        """Whoever has no post has no facts of one."""
        for name in ("title", "staffing_type", "on_establishment", "in_post", "duty"):
            del self[name]
        return self

    @property
    def facts(self) -> dict[str, Any]:
        typed: dict[str, Any] = {"education": self.education.data, "phone": self.phone.data or ""}
        if "title" in self:
            typed |= {
                "title": self.title.data.strip(), "staffing_type": self.staffing_type.data,
                "on_establishment": self.on_establishment.data == "yes", "in_post": self.in_post.data == "yes",
                "part_time": self.duty.data == "part",
            }  # fmt: skip
        return typed


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _since(_form: FlaskForm, field: DateField) -> None:
    if field.data and field.data < EARLIEST:
        raise ValidationError(N_("Enter a day since 1 October 1949."))


class NewPersonForm(FlaskForm):
    """Somebody new with a first post."""

    name = StringField(N_("Name"), [InputRequired(N_("Enter the name.")), Length(max=120)])
    id_number = StringField(
        N_("ID number"), [InputRequired(N_("Enter the ID number.")), Length(max=40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    area_compared = BooleanField(N_("I compared the number with the ID card, digit by digit"))
    education = Choice(N_("Education"), EDUCATION, "education", default="bachelor")
    phone = StringField(
        N_("Mobile number"), [Optional(), Length(max=20), _phone_fits],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )  # fmt: skip
    body = StringField(
        N_("Unit of the post"), [InputRequired(N_("Enter the unit's registered name.")), Length(max=120)],
        render_kw={"list": "bodies", "autocomplete": "off"},
    )  # fmt: skip
    establishment = StringField(
        N_("Unit of the establishment"), [Optional(), Length(max=120)],
        render_kw={"list": "bodies", "autocomplete": "off"},
    )  # fmt: skip
    field = Choice(N_("Enforcement field"), Field, "field", blank=True)
    title = StringField(N_("Title in the post"), [InputRequired(N_("Enter the title.")), Length(max=60)])
    staffing_type = Choice(N_("Staffing type"), StaffingType, "staffing", blank=True)
    on_establishment = Choice(N_("On establishment"), YES_NO, "yes_no", default="yes")
    in_post = Choice(N_("In post"), YES_NO, "yes_no", default="yes")
    duty = Choice(N_("Duty"), DUTY, "duty", default="full")
    started_on = DateField(N_("In this post since"), [InputRequired(N_("Enter a day.")), _since])

    @property
    def post_facts(self) -> dict[str, Any]:
        return {
            "field": self.field.data, "title": self.title.data.strip(), "staffing_type": self.staffing_type.data,
            "on_establishment": self.on_establishment.data == "yes", "in_post": self.in_post.data == "yes",
            "part_time": self.duty.data == "part", "started_on": self.started_on.data,
        }  # fmt: skip


class RevealForm(FlaskForm):
    fact = Choice(N_("Which number"), RevealedFact, "record_fact", default=RevealedFact.ID_NUMBER)
    purpose = Choice(N_("Purpose"), Purpose, "purpose", blank=True)
    why = StringField(
        N_("For what, in a few words"),
        [InputRequired(N_("Say in a few words what the number is needed for.")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class IdentityCheckForm(FlaskForm):
    checked_on = DateField(N_("Day of the check"), [InputRequired(N_("Enter a day."))])
    photo = Choice(N_("Photo meets the standard"), YES_NO, "yes_no", blank=True)
    reference = TextAreaField(
        N_("Record of the check"), [InputRequired(N_("Name the record of the check.")), Length(max=120)],
        render_kw={"rows": 2},
    )  # fmt: skip
