"""What somebody may type about sites, rooms and sittings."""

from __future__ import annotations

import re
from datetime import datetime, time

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from portal.exams.sittings.operations import MOST_SEATS
from portal.exams.sittings.planning import Slot, Wish
from portal.ground.clock import SHANGHAI
from portal.ground.rules import N_

HOUR = re.compile(r"([01]?\d|2[0-3])[:：.]([0-5]\d)")
MOST_HOURS = 12  # in one day


class SiteForm(FlaskForm):
    body_id = SelectField(N_("Body that runs it"), coerce=int)
    name = StringField(N_("Name of the site"), [InputRequired(N_("Enter the name of the site.")), Length(max=80)])
    address = StringField(N_("Address"), [Length(max=200)])


class RoomForm(FlaskForm):
    name = StringField(N_("Name of the room"), [InputRequired(N_("Enter the name of the room.")), Length(max=40)])
    seats = IntegerField(N_("Seats"), [InputRequired(N_("Enter the number of seats.")), NumberRange(1, MOST_SEATS)])


class SittingsForm(FlaskForm):
    """Many sittings of one exam: hours of a day, over so many days."""

    first = DateField(N_("First day"), [InputRequired(N_("Enter the first day."))])
    days = IntegerField(N_("Number of days"), [InputRequired(), NumberRange(1, 120)], default=1)
    hours = StringField(
        N_("Hours of the day at which a sitting opens"),
        [InputRequired(N_("Enter at least one hour, as 09:00.")), Length(max=120)],
    )
    minutes = IntegerField(N_("Minutes from opening to close"), [InputRequired(), NumberRange(10, 1440)])
    working_days_only = BooleanField(N_("Leave out days off"), default=True)

    def validate_hours(self, field: StringField) -> None:
        if not self.times or len(self.times) > MOST_HOURS:
            raise ValidationError(N_("Write hours as 09:00, with spaces between them; 12 at the most."))

    @property
    def times(self) -> list[time]:
        return sorted({time(int(h), int(m)) for h, m in HOUR.findall(self.hours.data or "")})

    @property
    def wish(self) -> Wish:
        return Wish(
            self.first.data, self.days.data, self.times, self.minutes.data, bool(self.working_days_only.data)
        )


def slot_from(opens: str, closes: str) -> Slot | None:
    """Two moments as a browser's date and time fields send them, in the time of Jilin; None when unreadable."""
    try:
        first, last = (datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (opens, closes))
    except ValueError:
        return None
    return Slot(first, last)
