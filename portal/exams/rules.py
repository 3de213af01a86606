"""May this person sit this exam now? Each rule answers with a reason and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from portal.ground.rules import N_, Finding, State


@dataclass(frozen=True)
class SitCase:
    """All the rules may look at, gathered by queries.sit_case."""

    published: bool
    entered: bool
    opens_at: datetime
    closes_at: datetime
    now: datetime
    today: date
    attempts_used: int
    attempts_allowed: int
    passed_already: bool
    barred_until: date | None  # the last day of the bar
    barred_for_ever: bool


def on_the_list(case: SitCase) -> Finding:
    listed = case.published and case.entered
    return Finding(
        "entered",
        State.MET if listed else State.NOT_MET,
        N_("You are on the list of this exam.") if listed else N_("You are not on the list of this exam."),
        remedy="" if listed else N_("Ask your unit's administrator to enter you."),
    )


def window_open(case: SitCase) -> Finding:
    if case.now < case.opens_at:
        return Finding(
            "window", State.NOT_MET, N_("The exam has not opened yet."), remedy=N_("Come back when it opens.")
        )
    if case.now >= case.closes_at:
        return Finding(
            "window",
            State.NOT_MET,
            N_("The exam is closed."),
            remedy=N_("Enter the next exam or the make-up."),
        )
    return Finding("window", State.MET, N_("The exam is open."))


def attempt_left(case: SitCase) -> Finding:
    left = case.attempts_allowed - case.attempts_used
    return Finding(
        "attempts",
        State.MET if left > 0 else State.NOT_MET,
        N_("%(left)s of %(allowed)s attempts left.") if left > 0 else N_("All attempts are used."),
        values={"left": left, "allowed": case.attempts_allowed},
    )


def no_bar(case: SitCase) -> Finding:
    barred = case.barred_for_ever or (case.barred_until is not None and case.today <= case.barred_until)
    if not barred:
        return Finding("bar", State.MET, N_("No bar is in force."))
    if case.barred_for_ever:
        return Finding("bar", State.NOT_MET, N_("You are barred from exams."), source="J10")
    return Finding(
        "bar",
        State.NOT_MET,
        N_("You are barred from exams until %(day)s."),
        values={"day": str(case.barred_until)},
        source="J10",
    )


RULES = (on_the_list, window_open, attempt_left, no_bar)
