"""The player's page, what opens it, and its pictures: behind a sign-in, unlike its token doors."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, url_for
from flask_login import current_user

from portal.exams import queries
from portal.exams.delivery import kept, starting, tokens
from portal.exams.delivery import queries as delivery
from portal.exams.delivery.journal import GRACE
from portal.exams.delivery.sealing import form_key, seal_form
from portal.exams.hours import Hours
from portal.exams.models import Attempt, AttemptState, CheckIn, Delivery
from portal.exams.saying import rules_of
from portal.exams.seb import checking as seb
from portal.ground import clock
from portal.ground.db import db
from portal.ground.web import needs
from portal.people.access.entry import present_sign_in
from portal.people.rules import Permission

bp = Blueprint("delivery", __name__, template_folder="../templates", url_prefix="/exams/attempts")

PICTURE_KEPT = 24 * 3600  # seconds in the candidate's own browser


@bp.get("/<public_id>")
@needs(Permission.SIT_EXAM)
def player(public_id: str):
    """One page to wait, to sit and to see the end from."""
    found = delivery.own_sitting(db.session, current_user.person_id, public_id)
    attempt = found if isinstance(found, Attempt) else None
    if attempt is not None and attempt.state == AttemptState.HANDED_IN:
        return redirect(url_for("exams.outcome", public_id=public_id))
    exam, entry = queries.entered_exam(db.session, current_user.person_id, found.exam_id)
    return render_template(
        "exams/player.html", public_id=public_id, attempt=attempt, exam=exam, entry=entry,
        rules=rules_of(found.form.paper, exam.marking_rules), hours=queries.hours_of(db.session, exam, entry),
        place=delivery.place_of(db.session, entry), grace=int(GRACE.total_seconds()),
    )  # fmt: skip


@bp.post("/<public_id>/open")
@needs(Permission.SIT_EXAM)
def open_page(public_id: str):
    """Take the check-in or the attempt over for this page, and tell it all it needs to go on."""
    in_seb = seb.open_or_stop(db.session, current_user.person_id, public_id, now=clock.now())
    found = starting.open_page(db.session, current_user.person_id, public_id)
    exam = found.exam
    seal = None if exam.delivery == Delivery.DRAWN else seal_form(db.session, found.form, clock.now())
    _, entry = queries.entered_exam(db.session, current_user.person_id, exam.id)
    hours = queries.hours_of(db.session, exam, entry)
    told = _attempt(found) if isinstance(found, Attempt) else _waiting(found, hours)
    db.session.commit()
    return {
        **told,
        "epoch": found.epoch,
        "form": seal and {
            "id": seal.form_id, "sha256": seal.sha256,
            "address": url_for("saving.form", form_id=seal.form_id, sha256=seal.sha256),
        },
        "seed": found.seed,
        "device_key": tokens.as_text(tokens.device_key(current_app.config["SECRET_KEY"], public_id)),
        "starts_at": hours.opens_at.timestamp(),
        "spread": hours.spread,
        "now": clock.now().timestamp(),
        "seb": in_seb,
    }  # fmt: skip


def _waiting(check_in: CheckIn, hours: Hours) -> dict[str, Any]:
    token = tokens.make_waiting(
        current_app.config["SECRET_KEY"], check_in.id, check_in.form_id, check_in.epoch, present_sign_in().id,
        hours.closes_at,
    )  # fmt: skip
    return {
        "state": "waiting", "check_in": check_in.id, "attempt": None, "token": token, "key": None, "paper": None,
        "answers": {}, "away": (0, 0), "deadline": None, "paused": False,
    }  # fmt: skip


def _attempt(attempt: Attempt) -> dict[str, Any]:
    """A running attempt with its key; one that is handed in with nothing but the token for what comes late."""
    token = tokens.make(
        current_app.config["SECRET_KEY"], attempt.id, attempt.form_id, attempt.epoch, present_sign_in().id,
        attempt.deadline_at,
    )  # fmt: skip
    running = attempt.state == AttemptState.IN_PROGRESS
    sealed = running and attempt.drawn is None
    drawn = running and attempt.drawn is not None
    return {
        "state": attempt.state, "check_in": None, "attempt": attempt.id, "token": token,
        "key": tokens.as_text(form_key(db.session, attempt.form_id)) if sealed else None,
        "paper": kept.drawn_paper(attempt.form_id, attempt.drawn) if drawn else None,
        "answers": queries.answers_of(db.session, attempt.id),
        "away": queries.times_left(db.session, [attempt.id]).get(attempt.id, (0, 0)),
        "deadline": attempt.deadline_at.timestamp(), "paused": attempt.paused_at is not None,
    }  # fmt: skip


@bp.get("/<public_id>/pictures/<sha256>")
@needs(Permission.SIT_EXAM)
def picture(public_id: str, sha256: str):
    """A picture of the paper, while it is sat and again when its result is out; otherwise a 404."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    if attempt.state == AttemptState.HANDED_IN:
        result = queries.newest_result(db.session, attempt.id)
        if result is None or not queries.released(db.session, result.id):
            abort(404)
    found = delivery.picture_of_form(db.session, attempt.form, sha256)
    response = Response(found.content, mimetype=found.media_type)
    response.headers["Cache-Control"] = f"private, max-age={PICTURE_KEPT}, immutable"
    return response
