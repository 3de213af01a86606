"""The player's doors: open, save, leave, hand in."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams import queries
from portal.exams.delivery import operations, reading, tokens
from portal.exams.delivery.journal import open_journal
from portal.exams.delivery.queries import picture_of_form
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import Attempt, AttemptState, HandInCause
from portal.exams.saying import rules_of
from portal.ground import clock
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused, TooLarge
from portal.ground.rules import N_
from portal.ground.web import TOKEN, needs
from portal.people.access.entry import present_sign_in
from portal.people.rules import Permission
from question_bank.papers import lay_out, shape_of

bp = Blueprint("delivery", __name__, template_folder="../templates", url_prefix="/exams/attempts")
token_bp = Blueprint("saving", __name__, url_prefix="/exams/attempts")

MAX_SAVE = 256 * 1024  # bytes of one batch
PICTURE_KEPT = 24 * 3600  # seconds in the candidate's own browser


class BadToken(Refused):
    """The attempt token is not ours, not for this attempt, or too old."""

    status = 401
    code = "bad_token"


@lru_cache(maxsize=512)
def form_shape(form_id: int) -> operations.Shape:
    """A frozen form never changes, so its shape is read once per process."""
    with db.reading() as session:
        return shape_of(queries.form_paper(session, form_id))


@lru_cache(maxsize=64)
def form_reading(form_id: int) -> dict[str, Any]:
    """The form's texts as trees, rendered once per process however many candidates open it."""
    with db.reading() as session:
        return reading.read_paper(queries.form_paper(session, form_id))


def journal():
    extensions = current_app.extensions
    if "mingfa_journal" not in extensions:
        extensions["mingfa_journal"] = open_journal(db.engine)
    return extensions["mingfa_journal"]


def read_token() -> tokens.AttemptToken:
    """The signed attempt token of this request. Raises BadToken."""
    token = tokens.read(current_app.config["SECRET_KEY"], request.headers.get("X-Attempt-Token", ""))
    if token is None:
        raise BadToken(N_("This save carries no valid token of the exam. Open the exam page again."))
    if token.expires < clock.now().timestamp():
        raise BadToken(N_("This page's token has expired. Sign in and open the exam again; nothing saved is lost."))
    return token


def read_json() -> object:
    """The body as JSON. Raises TooLarge, Malformed."""
    if (request.content_length or 0) > MAX_SAVE:
        raise TooLarge(N_("A save may hold 256 kB. Nothing of it was stored."))
    try:
        sent = request.get_data()
        if len(sent) > MAX_SAVE:
            raise TooLarge(N_("A save may hold 256 kB. Nothing of it was stored."))
        return json.loads(sent)
    except (ValueError, RecursionError) as error:
        raise Malformed(N_("The save cannot be read as JSON. Nothing of it was stored.")) from error


@token_bp.post("/<int:attempt_id>/answers")
@needs(TOKEN)
def save(attempt_id: int):
    """Store a batch of numbered changes; 200 means they are on the disk."""
    token = read_token()
    if token.attempt_id != attempt_id:
        raise BadToken(N_("This token belongs to another attempt. Nothing was stored."))
    changes = operations.read_changes(read_json(), form_shape(token.form_id))
    now = clock.now()
    if not operations.save_answers(journal(), token, changes, now=now):
        try:
            operations.explain_refusal(db.session, token, changes, now)
        except operations.TooLate:
            operations.keep_late(db.session, token, changes, now=now)
            db.session.commit()
            raise
    return {"saved": max(c.sequence for c in changes), "at": now.timestamp()}


@token_bp.get("/<int:attempt_id>/pulse")
@needs(TOKEN)
def pulse(attempt_id: int):
    """The server's clock, and whether this page may still write."""
    token = read_token()
    if token.attempt_id != attempt_id:
        raise BadToken(N_("This token belongs to another attempt. Nothing was stored."))
    attempt = db.session.get_one(Attempt, attempt_id)
    return {
        "now": clock.now().timestamp(),
        "deadline": attempt.deadline_at.timestamp(),
        "state": attempt.state,
        "current": attempt.epoch == token.epoch,
    }


@bp.get("/<public_id>")
@needs(Permission.SIT_EXAM)
def player(public_id: str):
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    if attempt.state == AttemptState.HANDED_IN:
        return redirect(url_for("exams.outcome", public_id=public_id))
    _, entry = queries.entered_exam(db.session, current_user.person_id, attempt.exam_id)
    rules = rules_of(attempt.form.paper, attempt.exam.marking_rules)
    return render_template("exams/player.html", attempt=attempt, exam=attempt.exam, entry=entry, rules=rules)


@bp.post("/<public_id>/open")
@needs(Permission.SIT_EXAM)
def open_page(public_id: str):
    """Take the attempt over for this page: token, paper as this candidate sees it, answers so far."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    epoch = operations.open_on_device(db.session, attempt)
    db.session.commit()
    now = clock.now()
    return {
        "attempt": attempt.id,
        "epoch": epoch,
        "token": tokens.make(
            current_app.config["SECRET_KEY"], attempt.id, attempt.form_id, epoch, present_sign_in().id,
            attempt.deadline_at,
        ),
        "state": attempt.state,
        "paper": lay_out(attempt.form.paper, attempt.seed),
        "shown": form_reading(attempt.form_id),
        "answers": queries.answers_of(db.session, attempt.id),
        "away": queries.times_left(db.session, [attempt.id]).get(attempt.id, (0, 0)),
        "now": now.timestamp(),
        "deadline": attempt.deadline_at.timestamp(),
    }


@bp.get("/<public_id>/pictures/<sha256>")
@needs(Permission.SIT_EXAM)
def picture(public_id: str, sha256: str):
    """A picture of the paper, while it is sat and again when its result is out; otherwise a 404."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    if attempt.state == AttemptState.HANDED_IN:
        result = queries.newest_result(db.session, attempt.id)
        if result is None or not queries.released(db.session, result.id):
            abort(404)
    found = picture_of_form(db.session, attempt.form, sha256)
    response = Response(found.content, mimetype=found.media_type)
    response.headers["Cache-Control"] = f"private, max-age={PICTURE_KEPT}, immutable"
    return response


@bp.post("/<public_id>/left")
@needs(Permission.SIT_EXAM)
def left(public_id: str):
    """The candidate was away from the page for some seconds."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    body = request.get_json(silent=True)
    seconds = body.get("seconds") if isinstance(body, dict) else None
    if type(seconds) is not int:
        raise Malformed(N_("The number of seconds is missing."))
    operations.note_focus_loss(db.session, attempt, seconds=seconds, now=clock.now())
    db.session.commit()
    return "", 204


@bp.post("/<public_id>/hand-in")
@needs(Permission.SIT_EXAM)
def hand_in(public_id: str):
    """Close the attempt; the answer carries the receipt."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    closed = operations.hand_in(db.session, attempt, cause=HandInCause.CANDIDATE, now=clock.now())
    if current_app.config["MINGFA"].marking_inline:
        mark_attempt(db.session, closed, now=clock.now())
    db.session.commit()
    return receipt(closed)


def receipt(attempt: Attempt) -> dict[str, object]:
    return {
        "state": attempt.state,
        "cause": attempt.hand_in_cause,
        "receipt": attempt.receipt,
        "at": attempt.handed_in_at.timestamp() if attempt.handed_in_at else None,
        "next": url_for("exams.outcome", public_id=attempt.public_id),
    }
