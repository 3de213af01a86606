"""What somebody in the hall may type about an incident."""

from __future__ import annotations

from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.exams.running.models import Cause, IncidentKind
from portal.exams.running.operations import Report
from portal.ground.clock import SHANGHAI
from portal.ground.rules import N_
from portal.people.transfers.forms import offered
from portal.words import WORDS

REPORTED = (IncidentKind.PAUSE, IncidentKind.OUTAGE, IncidentKind.EXTENSION)
KINDS = {
    IncidentKind.PAUSE: N_("Stop the clock now"),
    IncidentKind.OUTAGE: N_("Give back the time of an outage"),
    IncidentKind.EXTENSION: N_("Extend by minutes"),
}
MINUTES = N_("Enter whole minutes, 1 or more.")
TIME_FORMATS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]


def _moment(label: str) -> DateTimeLocalField:
    return DateTimeLocalField(label, [Optional()], format=TIME_FORMATS, render_kw={"step": "1"})


def aware(typed: datetime | None) -> datetime | None:
    """What was typed is the time in Jilin."""
    return typed.replace(tzinfo=SHANGHAI) if typed else None


class ReportForm(FlaskForm):
    """An incident: whom it touches, what is wanted, why."""

    where = SelectField(N_("Whom it touches"))
    kind = RadioField(N_("What is wanted"), choices=offered((str(k), KINDS[k]) for k in REPORTED), default="pause")
    cause = SelectField(
        N_("Cause"), choices=offered((str(c), WORDS["incident_cause"][c]) for c in Cause), default="network"
    )
    note = TextAreaField(N_("What happened"), [InputRequired(N_("Say what happened, in a sentence.")), Length(max=300)])
    reported_at = _moment(N_("The hand went up at"))
    restored_at = _moment(N_("The work went on at"))
    minutes = IntegerField(N_("Minutes"), [Optional(), NumberRange(1, None, MINUTES)])

    def told(self) -> Report:
        return Report(
            IncidentKind(self.kind.data), Cause(self.cause.data), self.note.data or "", aware(self.reported_at.data),
            aware(self.restored_at.data), self.minutes.data,
        )  # fmt: skip


class RestoreForm(FlaskForm):
    """Since when the work goes on."""

    at = DateTimeLocalField(
        N_("The work went on at"), [InputRequired(N_("Enter the moment."))], format=TIME_FORMATS,
        render_kw={"step": "1"},
    )  # fmt: skip
