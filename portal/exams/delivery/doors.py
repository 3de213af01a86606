"""The player's token doors: sealed form, start, save, pulse, away, hand in. No session, user row or template."""

from __future__ import annotations

import json
from typing import TypeVar

from flask import Blueprint, Response, current_app, request, url_for

from portal.exams.delivery import kept, operations, starting, tokens
from portal.exams.delivery.journal import journal_among
from portal.exams.delivery.presence import pulse_of
from portal.exams.delivery.standing import why_paused
from portal.exams.marking.at_once import mark_at_once
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import Attempt
from portal.exams.seb import checking as seb
from portal.exams.seb.operations import stop
from portal.ground import clock, i18n, web
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused, TooLarge
from portal.ground.rules import N_
from portal.ground.web import TOKEN, needs

bp = Blueprint("saving", __name__, url_prefix="/exams")

MAX_SAVE = 256 * 1024  # bytes of one batch
FORM_KEPT = 24 * 3600  # seconds in the candidate's own browser
Token = TypeVar("Token", tokens.AttemptToken, tokens.WaitingToken)


class BadToken(Refused):
    """The token is not ours, not for this attempt, or too old."""

    status = 401
    code = "bad_token"


def journal():
    return journal_among(current_app.extensions, db.engine)


NO_TOKEN = N_("This save carries no valid token of the exam. Open the exam page again.")
FOREIGN = N_("This token belongs to another attempt. Nothing was stored.")


def attempt_token(attempt_id: int) -> tokens.AttemptToken:
    """The signed token of this request, for this very attempt. Raises BadToken."""
    token = _in_time(tokens.read(current_app.config["SECRET_KEY"], _sent_token()))
    if token.attempt_id != attempt_id:
        raise BadToken(FOREIGN)
    return token


def waiting_token(check_in_id: int) -> tokens.WaitingToken:
    """The same of a page that waits. Raises BadToken."""
    token = _in_time(tokens.read_waiting(current_app.config["SECRET_KEY"], _sent_token()))
    if token.check_in_id != check_in_id:
        raise BadToken(FOREIGN)
    return token


def _sent_token() -> str:
    return request.headers.get("X-Attempt-Token", "")


def _in_time(token: Token | None) -> Token:
    if token is None:
        raise BadToken(NO_TOKEN)
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


@bp.get("/forms/<int:form_id>/<sha256>")
@needs(TOKEN)
def form(form_id: int, sha256: str):
    """A sealed form, for every page that waits for it or works on it."""
    secret, sent = current_app.config["SECRET_KEY"], _sent_token()
    token = _in_time(tokens.read_waiting(secret, sent) or tokens.read(secret, sent))
    if token.form_id != form_id:
        raise BadToken(FOREIGN)
    answer = Response(kept.sealed.get(form_id, sha256), mimetype="application/octet-stream")
    answer.headers["Cache-Control"] = f"private, max-age={FORM_KEPT}, immutable"
    return answer


@bp.post("/check-ins/<int:check_in_id>/start")
@needs(TOKEN)
def start(check_in_id: int):
    """Begin: the answer carries the key of the sealed form, or the paper that was drawn."""
    token, now = waiting_token(check_in_id), clock.now()
    seb.require_to_start(token.form_id, check_in_id)
    try:
        begun = starting.start_from_page(journal(), token, draw=kept.draw, address=web.address(), now=now)
    except starting.NotOpen as early:
        told = {"error": early.code, "message": i18n.gettext(early.message)}
        return told | {"now": now.timestamp(), "starts_at": early.hours.opens_at.timestamp()}, early.status
    secret, deadline = current_app.config["SECRET_KEY"], begun.deadline_at
    return {
        "attempt": begun.attempt_id,
        "token": tokens.make(secret, begun.attempt_id, begun.form_id, begun.epoch, token.sign_in_id, deadline),
        "epoch": begun.epoch,
        "key": tokens.as_text(kept.form_key(begun.form_id)) if begun.drawn is None else None,
        "paper": None if begun.drawn is None else kept.drawn_paper(begun.form_id, begun.drawn),
        "deadline": deadline.timestamp(),
        "paused": begun.paused,
        "now": clock.now().timestamp(),
    }


@bp.post("/attempts/<int:attempt_id>/answers")
@needs(TOKEN)
def save(attempt_id: int):
    """Store a batch of numbered changes; 200 means they are on the disk."""
    token = attempt_token(attempt_id)
    changes = operations.read_changes(read_json(), kept.shape_for(token))
    now = clock.now()
    operations.save(journal(), token, changes, now=now)
    return {"saved": max(c.sequence for c in changes), "at": now.timestamp()}


@bp.get("/attempts/<int:attempt_id>/pulse")
@needs(TOKEN)
def pulse(attempt_id: int):
    """The server's clock, and whether this page may still write."""
    token = attempt_token(attempt_id)
    unsent, now = request.args.get("unsent", 0, int), clock.now()
    journal().presence.note(attempt_id, unsent=unsent, now=now)
    if missing := seb.missing(token.form_id, attempt_id):
        journal().run(lambda session: stop(session, attempt_id, now=now))
    told = pulse_of(journal().look(attempt_id), token.epoch, now=now) | {"seb_missing": missing}
    if told["paused"]:
        with journal().reading() as session:
            told |= why_paused(session, attempt_id)
    return told


@bp.post("/attempts/<int:attempt_id>/left")
@needs(TOKEN)
def left(attempt_id: int):
    """The candidate was away from the page for some seconds."""
    attempt_token(attempt_id)
    body = read_json()
    seconds = body.get("seconds") if isinstance(body, dict) else None
    if type(seconds) is not int:
        raise Malformed(N_("The number of seconds is missing."))
    now = clock.now()
    journal().run(lambda session: operations.note_focus_loss(session, attempt_id, seconds=seconds, now=now))
    return "", 204


@bp.post("/attempts/<int:attempt_id>/hand-in")
@needs(TOKEN)
def hand_in(attempt_id: int):
    """Close the attempt; the answer carries the receipt. What it is worth is found out afterwards."""
    token = attempt_token(attempt_id)
    closed = operations.hand_in_from_page(journal(), token, address=web.address(), now=clock.now())
    if closed.fresh and current_app.config["MINGFA"].marking_inline:
        mark_attempt(db.session, db.session.get_one(Attempt, attempt_id), now=clock.now())
        db.session.commit()
    elif closed.fresh and closed.low_stakes:
        mark_at_once(journal(), attempt_id, now=clock.now())
    return {
        "state": closed.state,
        "cause": closed.cause,
        "receipt": closed.receipt,
        "at": closed.at.timestamp(),
        "next": url_for("exams.outcome", public_id=closed.public_id),
    }
