"""The questions of an exam with their keys and figures, suspicious keys first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.models import Question, QuestionVersion
from portal.exams.marking.counting import JOB
from portal.exams.marking.models import ItemTally
from portal.exams.marking.regrading import queries
from portal.exams.marking.regrading.rules import name_of
from portal.exams.models import Exam, ExamForm
from portal.ground.models import Job
from question_bank.analysis import Figures, Leaf, Said, Tally, words_for
from question_bank.questions import CHOICES, LETTERS, Kind


@dataclass(frozen=True)
class KeyRow:
    """One question to be answered; figures are None until they are counted, and are a whole case's."""

    question: str
    code: str
    topic: str
    kind: str
    forms: int
    void: str
    also: int
    figures: Figures | None
    said: Sequence[Said]

    @property
    def doubts(self) -> int:
        """How many sentences ask to check the key."""
        return sum("check the key" in said.message or "check key" in said.message for said in self.said)

    @property
    def suspicious(self) -> bool:
        return any(said.warns for said in self.said)


def key_rows(session: Session, exam: Exam) -> list[KeyRow]:
    """Every question of the exam: those whose key is doubtful first, then the hardest."""
    entries: dict[str, dict[str, Any]] = {}
    forms: dict[str, int] = {}
    for key in queries.current_keys(session, exam.id):
        for entry in key.body.values():
            name = name_of(entry)
            entries.setdefault(name, entry)
            forms[name] = forms.get(name, 0) + 1
    figures = tallied(session, exam)
    options = _options(session, {entry["version"] for entry in entries.values() if "version" in entry})
    rows = [_row(name, entry, forms[name], figures, options) for name, entry in entries.items()]
    return sorted(rows, key=lambda row: (-row.doubts, not row.suspicious, _share(row), row.code))


def _share(row: KeyRow) -> int:
    return row.figures.facility if row.figures else 10_001


def _row(
    name: str, entry: Mapping[str, Any], forms: int, figures: Mapping[int, Figures],
    options: Mapping[tuple[int, int], int],
) -> KeyRow:  # fmt: skip
    found = figures.get(entry.get("version", 0))
    said = said_of(entry, found, options.get((entry.get("version", 0), entry.get("leaf", 0)), 0)) if found else []
    return KeyRow(
        name, entry["code"], entry["topic"], entry["kind"], forms, entry.get("void", ""), len(entry.get("also", ())),
        None if entry.get("void") else found, [] if entry.get("void") else said,
    )  # fmt: skip


def said_of(entry: Mapping[str, Any], figures: Figures, options: int) -> list[Said]:
    """What the figures say about one question under its present key."""
    kind = Kind(entry["kind"])
    letters = "TF" if kind is Kind.TRUE_FALSE else LETTERS[:options] if kind in CHOICES else ""
    place = entry.get("leaf", 0)
    own = Figures(
        figures.answered, figures.facility, figures.discrimination,
        {"0": figures.choices[str(place)]} if str(place) in figures.choices else {},
    )  # fmt: skip
    return words_for(own, [Leaf(kind, entry["key"], letters)])


def tallied(session: Session, exam: Exam) -> dict[int, Figures]:
    """Version id → what its answers in this exam come to."""
    rows = session.execute(select(ItemTally.version_id, ItemTally.body).where(ItemTally.exam_id == exam.id))
    return {version_id: Tally.from_plain(body).figures() for version_id, body in rows}


def _options(session: Session, version_ids: set[int]) -> dict[tuple[int, int], int]:
    """Version id and place within it → how many options it has."""
    rows = session.execute(select(QuestionVersion.id, QuestionVersion.body).where(QuestionVersion.id.in_(version_ids)))
    return {
        (version_id, place): len(leaf["options"])
        for version_id, body in rows
        for place, leaf in enumerate(body["items"] or [body])
    }


def counted_at(session: Session, exam: Exam) -> datetime | None:
    found = select(ItemTally.counted_at).where(ItemTally.exam_id == exam.id).limit(1)
    return session.scalar(found)


def count_waits(session: Session, exam: Exam, now: datetime) -> bool:
    """Whether a count is due and the worker will come to it."""
    job = select(Job.id).where(
        Job.kind == JOB, Job.subject == str(exam.id), Job.done_at.is_(None), Job.run_after <= now
    )
    return session.scalar(job) is not None


@dataclass(frozen=True)
class Shown:
    """One question as it stands on a paper, with its present key; `question_id` leads to the bank."""

    item: Mapping[str, Any]
    case: str
    entry: Mapping[str, Any]
    forms: Sequence[int]  # their numbers
    all_forms: int
    question_id: int | None
    version_id: int | None


def shown(session: Session, exam: Exam, question: str) -> Shown | None:
    """The question and its key, from the first form that holds it; None where no form does."""
    keys = queries.keys_with(session, exam.id, question)
    if not keys:
        return None
    form = session.get_one(ExamForm, keys[0].form_id)
    number, entry = next((n, e) for n, e in keys[0].body.items() if name_of(e) == question)
    item = next(i for i in form.paper["items"] if str(i["item"]) == number)
    numbers = session.execute(select(ExamForm.id, ExamForm.number).where(ExamForm.exam_id == exam.id)).all()
    holding = {key.form_id for key in keys}
    version_id = entry.get("version")
    owner = select(Question.id).join(QuestionVersion, QuestionVersion.question_id == Question.id)
    return Shown(
        item, form.paper["cases"].get(item["case"] or "", ""), entry,
        sorted(n for form_id, n in numbers if form_id in holding), len(numbers),
        session.scalar(owner.where(QuestionVersion.id == version_id)) if version_id else None, version_id,
    )  # fmt: skip


def picks(found: Shown, counted: Figures | None) -> dict[str, tuple[int, int]]:
    """Option, or "-" for none → which part of the strongest and of the weakest third took it, in percent."""
    choices = counted.choices.get(str(found.entry.get("leaf", 0))) if counted else None
    if not choices:
        return {}
    strong, weak = choices.get("n", (0, 0))
    return {
        option: (100 * taken[0] // max(1, strong), 100 * taken[1] // max(1, weak))
        for option, taken in choices.items()
        if option != "n"
    }
