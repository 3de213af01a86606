"""What is typed about a reviewer or an adviser."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from portal.ground.rules import N_
from portal.people.registers.operations import Outsider, Qualification
from portal.people.transfers.forms import YES_NO, offered
from portal.words import WORDS


class QualificationForm(FlaskForm):
    first_on = DateField(N_("Took such review up on"), [InputRequired(N_("Enter the day."))])
    first_document = StringField(N_("Document that shows it"), [Length(max=120)])
    penalties = SelectField(N_("Reviews penalty decisions"), choices=offered(YES_NO))
    qualification_number = StringField(N_("Number of the legal-profession certificate"), [Length(max=40)])
    qualification_on = DateField(N_("Day of the certificate"), [Optional()])
    qualification_document = StringField(N_("Copy of the certificate"), [Length(max=120)])
    version = IntegerField(widget=HiddenInput(), default=0)

    def facts(self) -> Qualification:
        return Qualification(
            first_on=self.first_on.data,
            first_document=(self.first_document.data or "").strip(),
            penalties=self.penalties.data == "yes",
            qualification_number=(self.qualification_number.data or "").strip(),
            qualification_on=self.qualification_on.data,
            qualification_document=(self.qualification_document.data or "").strip(),
        )


class ReviewerForm(QualificationForm):
    number = StringField(
        N_("Personnel number"), [InputRequired(N_("Enter the personnel number.")), Length(max=20)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip


class AdviserForm(FlaskForm):
    name = StringField(N_("Name"), [InputRequired(N_("Enter the name.")), Length(max=100)])
    id_number = StringField(
        N_("ID number"), [InputRequired(N_("Enter the ID number.")), Length(max=40)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    education = SelectField(N_("Education"), choices=offered(WORDS["education"].items()), default="bachelor")
    employer = StringField(N_("Law firm or employer"), [InputRequired(N_("Enter the firm.")), Length(max=120)])
    licence_number = StringField(
        N_("Licence number"), [InputRequired(N_("Enter the licence number.")), Length(max=40)]
    )
    body = StringField(N_("Unit served, full name"), [InputRequired(N_("Enter the unit.")), Length(max=120)])
    started_on = DateField(N_("From"), [InputRequired(N_("Enter the day."))])
    document = StringField(N_("Contract or appointment"), [InputRequired(N_("Name the document.")), Length(max=120)])

    def outsider(self) -> Outsider:
        return Outsider(
            name=self.name.data,
            id_number=self.id_number.data,
            education=self.education.data,
            employer=self.employer.data.strip(),
            licence_number=self.licence_number.data.strip(),
        )
