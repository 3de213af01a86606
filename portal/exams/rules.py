"""May this person sit this exam now? Each rule answers with a reason and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from portal.exams.hours import Hours
from portal.ground.rules import N_, Finding, State


@dataclass(frozen=True)
class SitCase:
    """All the rules may look at, gathered by queries.sit_case."""

    published: bool
    entered: bool
    hours: Hours
    now: datetime
    today: date
    attempts_used: int
    attempts_allowed: int
    passed_already: bool
    barred_until: date | None  # the last day of the bar
    barred_for_ever: bool
    withdrawn: bool = False
    placed: bool = True  # False: the exam has sittings, and he is in none of them yet


def on_the_list(case: SitCase) -> Finding:
    if case.entered and case.withdrawn:
        return Finding(
            "entered", State.NOT_MET, N_("Your entry for this exam was withdrawn."),
            remedy=N_("Ask your unit's administrator to enter you."),
        )  # fmt: skip
    if case.entered and not case.placed:
        return Finding(
            "entered", State.NOT_MET, N_("You are on the list; your sitting is not settled yet."),
            remedy=N_("Wait for your seat, or ask your unit's administrator."),
        )  # fmt: skip
    listed = case.published and case.entered
    return Finding(
        "entered",
        State.MET if listed else State.NOT_MET,
        N_("You are on the list of this exam.") if listed else N_("You are not on the list of this exam."),
        remedy="" if listed else N_("Ask your unit's administrator to enter you."),
    )


def window_open(case: SitCase) -> Finding:
    """Whether he may check in; the paper itself opens at the hour."""
    hours, now = case.hours, case.now
    if now < hours.check_in_from:
        return Finding(
            "window", State.NOT_MET, N_("The exam has not opened yet."), remedy=N_("Come back when it opens.")
        )
    if now >= hours.closes_at:
        return Finding(
            "window", State.NOT_MET, N_("The exam is closed."), remedy=N_("Enter the next exam or the make-up.")
        )
    if hours.over(now):
        return Finding(
            "window", State.NOT_MET, N_("The exam began more than %(minutes)s minutes ago; nobody enters any more."),
            remedy=N_("Enter the next exam or the make-up."), values={"minutes": hours.late_minutes},
        )  # fmt: skip
    if now < hours.opens_at:
        return Finding("window", State.MET, N_("You can check in; the paper opens at the hour."))
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
