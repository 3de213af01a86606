"""The places of one exam, as the tabs on top of each of its pages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from portal.exams.models import Exam, ExamState
from portal.ground.rules import N_


@dataclass(frozen=True)
class Place:
    """One tab: its door, what it is called, where it leads."""

    endpoint: str
    label: str
    address: str


TABS = (
    ("exams.manage_one", N_("Overview")),
    ("exams_results.paper", N_("Paper")),
    ("exam_entries.entries", N_("Entries")),
    ("sittings.plan", N_("Sittings and rooms")),
    ("seb.desk", N_("Safe Exam Browser")),
    ("running.board", N_("Live board")),
    ("running.incidents", N_("Incidents")),
    ("exams_results.desk", N_("Results")),
    ("marking.keys", N_("Keys and regrade")),
)
ONCE_PUBLISHED = frozenset(
    {"exam_entries.entries", "running.board", "running.incidents", "exams_results.desk", "marking.keys"}
)


def tabs(exam: Exam) -> list[Place]:
    """The places that are there for an exam in its present state."""
    published = exam.state == ExamState.PUBLISHED
    there = [
        (endpoint, label)
        for endpoint, label in TABS
        if endpoint in current_app.view_functions and (published or endpoint not in ONCE_PUBLISHED)
    ]
    return [Place(endpoint, label, url_for(endpoint, exam_id=exam.id)) for endpoint, label in there]
