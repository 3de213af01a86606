"""What somebody may ask the roster."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length, ValidationError

from portal.ground import search_words
from portal.ground.rules import N_
from portal.people.models import Field, StaffingType
from portal.people.roster.queries import SORTS, Filters
from portal.people.rules import id_number_problem, normal_id_number, normal_name

LONGEST_WORDS = 100


class FindForm(FlaskForm):
    """One person by the whole ID number; it travels in the body of the request, never in an address."""

    id_number = StringField(
        N_("ID number"), [InputRequired(N_("Enter the whole ID number.")), Length(max=40)],
        render_kw={"autocomplete": "off", "inputmode": "text"},
    )  # fmt: skip

    def validate_id_number(self, field: StringField) -> None:
        if message := id_number_problem(self.number):
            raise ValidationError(message)

    @property
    def number(self) -> str:
        return normal_id_number(self.id_number.data or "")


def filters_from(asked: Mapping[str, str]) -> Filters:
    """What an address asks for; whatever it cannot mean is left out."""

    def one_of(name: str, allowed: object) -> str:
        return value if (value := asked.get(name, "")) in allowed else ""  # type: ignore[operator]

    def number(name: str) -> int | None:
        text = asked.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    return Filters(
        words=normal_name(search_words.asked(asked))[:LONGEST_WORDS], under=number("under"), person=number("person"),
        staffing=one_of("staffing", set(StaffingType)), field=one_of("field", set(Field)),
        in_post=one_of("in_post", ("yes", "no")), unchecked=asked.get("unchecked") == "1",
        sort=one_of("sort", SORTS) or "unit",
    )  # fmt: skip
