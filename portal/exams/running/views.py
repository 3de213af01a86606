"""The live board of an exam, one candidate on it, and the invigilator's rooms of today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams.models import AttemptState
from portal.exams.queries import times_left
from portal.exams.running import operations, queries
from portal.exams.running.board import PAGE, Board, Cell, Filters, answered, board, item_count
from portal.exams.running.fairness import how_much
from portal.exams.running.models import Presence
from portal.exams.running.rules import Seen
from portal.exams.running.scope import Watch, exams_between, places_between, present_sitting, watch
from portal.exams.running.telling import clock_time, span, told
from portal.exams.sittings.models import Sitting
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import NotAllowed
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("running", __name__, template_folder="../templates", url_prefix="/exams/manage")

TODAY = timedelta(hours=14)  # before and after this moment
EVERYBODY = "all"  # in the address: no sitting is picked


@bp.app_context_processor
def _words() -> dict[str, Any]:
    return {"span": span, "clock_time": clock_time, "how_much": how_much}


@bp.get("/today")
@needs(Permission.WATCH_SITTING, Permission.MANAGE_EXAMS)
def today() -> Any:
    """His rooms today, and the exams of his own scope that are open."""
    now = clock.now()
    places = places_between(db.session, current_user, now - TODAY, now + TODAY)
    day = clock.local(now).date()
    places = [(exam, place) for exam, place in places if _is_on(place.sitting, day)]
    exams = exams_between(db.session, current_user, now, now + TODAY)
    return render_template("exams/running/today.html", places=places, exams=exams, day=day)


def _is_on(sitting: Sitting, day: date) -> bool:
    return clock.local(sitting.opens_at).date() <= day <= clock.local(sitting.closes_at).date()


@bp.get("/<int:exam_id>/board", endpoint="board")
@needs(Permission.WATCH_SITTING, Permission.MANAGE_EXAMS)
def board_page(exam_id: int) -> Any:
    """Everybody of one sitting or room, refreshed by a small poll."""
    seen_by = watch(db.session, current_user, exam_id)
    filters = _filters(seen_by)
    found = board(db.session, seen_by, filters, now=clock.now())
    return render_template(
        "exams/running/board.html", exam=seen_by.exam, seen_by=seen_by, filters=filters, board=found, told=told,
        states=list(Seen), size=PAGE, rooms={place.room.id: place for place in seen_by.places}, picked=_picked(filters),
    )  # fmt: skip


@bp.get("/<int:exam_id>/board.json")
@needs(Permission.WATCH_SITTING, Permission.MANAGE_EXAMS)
def rows(exam_id: int) -> Any:
    """The same for the poll: counts, and for each cell of the page what is to be said of it."""
    seen_by = watch(db.session, current_user, exam_id)
    found = board(db.session, seen_by, _filters(seen_by), now=clock.now())
    return {
        "at": clock_time(found.now),
        "counts": found.counts,
        "waiting": found.waiting,
        "cells": [_row(cell, found) for cell in found.cells],
    }


def _row(cell: Cell, found: Board) -> list[Any]:
    said = told(cell, found.now)
    return [cell.entry_id, cell.state, said["answered"], said["left"], said["heard"], said["notes"]]


def _filters(seen_by: Watch) -> Filters:
    """What the address asks for; without a sitting, the one that runs now. What is not his to see is not there."""
    sitting, room = request.args.get("sitting", ""), request.args.get("room", 0, int) or None
    known = {one.id for one in seen_by.sittings}
    if sitting == EVERYBODY or not known:
        sitting_id = None
    else:
        present = present_sitting(seen_by.sittings, timedelta(minutes=seen_by.exam.check_in_minutes), clock.now())
        sitting_id = int(sitting) if sitting.isdecimal() and int(sitting) in known else present and present.id
    if room not in {place.room.id for place in seen_by.places if sitting_id in (None, place.sitting.id)}:
        room = None
    state = request.args.get("state") or None
    page = max(request.args.get("page", 1, int), 1)
    return Filters(sitting_id, room, state if state in set(Seen) else None, min(page, 10))


def _picked(filters: Filters) -> dict[str, Any]:
    """The filters as the address carries them."""
    kept = {"sitting": filters.sitting_id or EVERYBODY, "room": filters.room_id, "state": filters.state}
    return {name: value for name, value in kept.items() if value is not None}


@bp.get("/<int:exam_id>/board/candidates/<int:entry_id>")
@needs(Permission.WATCH_SITTING, Permission.MANAGE_EXAMS)
def candidate(exam_id: int, entry_id: int) -> Any:
    """One candidate: how he stands, what happened, what can be done."""
    seen_by = watch(db.session, current_user, exam_id)
    entry, person = queries.entry_in_sight(db.session, seen_by, entry_id)
    attempt = queries.last_attempt(db.session, entry)
    if attempt is None:
        return render_template(
            "exams/running/candidate.html", exam=seen_by.exam, seen_by=seen_by, entry=entry, person=person, attempt=None
        )
    count, saved_at = answered(db.session, [attempt.id]).get(attempt.id, (0, None))
    presence = db.session.get(Presence, attempt.id)
    return render_template(
        "exams/running/candidate.html", exam=seen_by.exam, seen_by=seen_by, entry=entry, person=person,
        attempt=attempt, answered=count, items=item_count(db.session, seen_by, attempt.form_id, attempt.drawn),
        saved_at=saved_at, presence=presence, away=times_left(db.session, [attempt.id]).get(attempt.id, (0, 0)),
        given=queries.time_given(db.session, attempt.id), running=attempt.state == AttemptState.IN_PROGRESS,
        lines=queries.lines(db.session, seen_by, attempt_id=attempt.id),
    )  # fmt: skip


@bp.post("/<int:exam_id>/board/candidates/<int:entry_id>/end")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def end_attempt(exam_id: int, entry_id: int) -> Any:
    """Hand in a candidate's paper against his will."""
    seen_by = watch(db.session, current_user, exam_id)
    may_manage(seen_by)
    entry, _ = queries.entry_in_sight(db.session, seen_by, entry_id)
    attempt = queries.last_attempt(db.session, entry)
    if attempt is None:
        raise operations.NotNow(N_("This candidate has not begun."))
    operations.end_attempt(
        db.session, attempt, request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    db.session.commit()
    flash(i18n.gettext(N_("The paper is handed in; what was saved counts.")))
    return redirect(url_for(".candidate", exam_id=exam_id, entry_id=entry_id), 303)


def may_manage(seen_by: Watch) -> None:
    """Raises NotAllowed where somebody watches here but does not manage exams."""
    if not seen_by.manages:
        raise NotAllowed(N_("Here you watch; who manages exams decides."))
