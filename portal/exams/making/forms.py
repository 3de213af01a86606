"""What a person may type about an exam, and the rows of its blueprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from portal.exams.making.rules import MADE_HERE, MOST_FORMS, MOST_ROWS
from portal.exams.models import Delivery, Exam, Keeps, Timing
from portal.ground import i18n
from portal.ground.clock import SHANGHAI, local
from portal.ground.rules import N_
from portal.people.models import Field
from portal.people.transfers.forms import offered
from portal.words import WORDS
from question_bank.marking import MULTIPLE_SENTENCES, ORDERING_SENTENCES
from question_bank.questions import MACHINE_MARKED, Kind

KINDS = (*MACHINE_MARKED, Kind.CASE_SET)
NEEDED = N_("This has to be filled in.")
MOST_NOTICE = 20_000


def whole(label: str, least: int, most: int) -> IntegerField:
    """A number from `least` to `most`."""
    told = N_("Enter a whole number within the limits named.")
    return IntegerField(label, [InputRequired(told), NumberRange(least, most, told)])


class NewExamForm(FlaskForm):
    """What a draft begins with."""

    kind = RadioField(N_("Kind of exam"), choices=offered((str(k), WORDS["exam_kind"][k]) for k in MADE_HERE))
    title = StringField(N_("Title of the exam"), [InputRequired(NEEDED), Length(max=120)])
    theme = StringField(N_("Subject matter"), [InputRequired(NEEDED), Length(max=120)])
    field = SelectField(
        N_("Subject"),
        choices=offered([("", N_("General law")), *((str(f), WORDS["field"][f]) for f in Field)]),
    )
    body = StringField(N_("Held by"), [InputRequired(N_("Enter the full name or the code of the body."))])
    day = DateField(N_("Day, or any day of the month"), [InputRequired(N_("Enter the day like 2024-03-01."))])


class ExamForm(FlaskForm):
    """All of a draft but its blueprint's rows; `seen` is the version the form was opened with."""

    seen = IntegerField(widget=HiddenInput(), default=0)
    title = StringField(N_("Title of the exam"), [InputRequired(NEEDED), Length(max=120)])
    theme = StringField(N_("Subject matter"), [InputRequired(NEEDED), Length(max=120)])
    opens_at = DateTimeLocalField(N_("Opens"), [InputRequired(NEEDED)])
    closes_at = DateTimeLocalField(N_("Closes"), [InputRequired(NEEDED)])
    timing = RadioField(N_("Start"), choices=offered((str(t), WORDS["timing"][t]) for t in Timing))
    minutes = whole(N_("Length of the paper, minutes"), 5, 300)
    late_minutes = whole(N_("Late entry, minutes"), 0, 240)
    check_in_minutes = whole(N_("Check-in before the start, minutes"), 5, 240)
    attempts_allowed = whole(N_("Attempts"), 1, 50)
    keeps = RadioField(N_("Of several attempts"), choices=offered((str(k), WORDS["keeps"][k]) for k in Keeps))
    delivery = RadioField(N_("Papers"), choices=offered((str(d), WORDS["delivery"][d]) for d in Delivery))
    forms_wanted = whole(N_("Number of forms"), 1, MOST_FORMS)
    pass_mark = DecimalField(
        N_("Pass mark of 100"), [InputRequired(NEEDED), NumberRange(1, 100, N_("A pass mark lies from 1 to 100."))],
        places=None,
    )  # fmt: skip
    multiple = RadioField(
        N_("Multiple choice"), choices=offered((str(rule), text) for rule, text in MULTIPLE_SENTENCES.items())
    )
    ordering = RadioField(
        N_("Ordering"), choices=offered((str(rule), text) for rule, text in ORDERING_SENTENCES.items())
    )
    negative = DecimalField(
        N_("A wrong single choice costs, in percent of its points"),
        [InputRequired(NEEDED), NumberRange(0, 100, N_("Enter 0 to 100; 0 costs nothing."))], places=None,
    )  # fmt: skip
    review_days = whole(N_("Results due after, working days"), 0, 60)
    release_at_once = BooleanField(N_("Show each result as soon as it is marked"))
    banks = SelectMultipleField(
        N_("Question banks"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    notice = TextAreaField(N_("Notice"), [Length(max=MOST_NOTICE)], render_kw={"rows": 12})

    def validate_closes_at(self, field: DateTimeLocalField) -> None:
        if self.opens_at.data and field.data and field.data <= self.opens_at.data:
            raise ValidationError(N_("The end has to lie after the opening."))

    def show(self, exam: Exam, version: int) -> None:
        """Fill in what the draft says now."""
        for name in ("title", "theme", "timing", "minutes", "late_minutes", "check_in_minutes", "attempts_allowed",
                     "keeps", "delivery", "forms_wanted", "review_days", "release_at_once", "notice"):  # fmt: skip
            self[name].data = getattr(exam, name)
        self.seen.data = version
        self.opens_at.data = local(exam.opens_at).replace(tzinfo=None)
        self.closes_at.data = local(exam.closes_at).replace(tzinfo=None)
        self.pass_mark.data = Decimal(exam.pass_mark) / 100
        rules = exam.marking_rules
        self.multiple.data = rules.get("multiple") or "all_or_nothing"
        self.ordering.data = rules.get("ordering") or "all_or_nothing"
        self.negative.data = Decimal(str(rules.get("negative") or 0)) * 100
        self.banks.data = exam.bank_codes

    def values(self) -> dict[str, Any]:
        """Columns of the exam as the form says them."""
        rules = {"multiple": self.multiple.data, "ordering": self.ordering.data}
        if self.negative.data:
            rules["negative"] = format((self.negative.data / 100).normalize(), "f")
        plain = ("timing", "minutes", "late_minutes", "check_in_minutes", "attempts_allowed", "keeps", "delivery",
                 "forms_wanted", "review_days", "release_at_once")  # fmt: skip
        return {name: self[name].data for name in plain} | {
            "title": self.title.data.strip(), "theme": self.theme.data.strip(), "marking_rules": rules,
            "opens_at": _moment(self.opens_at.data), "closes_at": _moment(self.closes_at.data),
            "pass_mark": int(self.pass_mark.data * 100), "bank_codes": sorted(self.banks.data or []),
            "notice": "\n".join((self.notice.data or "").strip().splitlines()),
        }  # fmt: skip


def _moment(typed: datetime) -> datetime:
    return typed.replace(tzinfo=SHANGHAI)


@dataclass
class Row:
    """A row of the blueprint as typed, with what is wrong with it."""

    topic: str = ""
    kind: str = Kind.SINGLE.value
    count: str = ""
    points: str = ""
    error: str = ""

    @property
    def empty(self) -> bool:
        return not (self.topic or self.count or self.points)


def rows_of(blueprint: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Stored rows as the editor shows them."""
    return [Row(r["topic"], r["kind"], str(r["count"]), i18n.show_mark(r["points"])) for r in blueprint]


def read_rows(form: MultiDict[str, str]) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rows as typed, and as a blueprint; the blueprint counts only where no row has an error."""
    columns = [form.getlist(f"row-{name}")[:MOST_ROWS] for name in ("topic", "kind", "count", "points")]
    typed = [Row(*(cell.strip() for cell in cells)) for cells in zip(*columns, strict=False)]
    rows = [row for row in typed if not row.empty]
    blueprint, seen = [], set()
    for row in rows:
        count, points = _number(row.count), _number(row.points)
        if not row.topic or len(row.topic) > 60:
            row.error = N_("Choose a topic.")
        elif row.kind not in set(KINDS):
            row.error = N_("Choose a kind of question.")
        elif count is None or not 1 <= count <= 200 or count != count.to_integral_value():
            row.error = N_("The number of questions lies from 1 to 200.")
        elif points is None or not 0 < points <= 100 or points * 100 != (points * 100).to_integral_value():
            row.error = N_("Points lie above 0, at most 100, with two decimals at most.")
        elif (row.topic, row.kind) in seen:
            row.error = N_("This topic and kind stand in a row above; put them together.")
        else:
            seen.add((row.topic, row.kind))
            blueprint.append(
                {"topic": row.topic, "kind": row.kind, "count": int(count), "points": int(points * 100)}
            )
    return rows, blueprint


def _number(typed: str) -> Decimal | None:
    try:
        number = Decimal(typed)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
