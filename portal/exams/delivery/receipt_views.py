"""After the end: the candidate's canonical answers to take along, and a rescue file that comes late."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from flask_login import current_user

from portal.exams import queries
from portal.exams.delivery import kept, receipts, rescue, tokens
from portal.exams.delivery.refusals import NotYet
from portal.exams.models import AttemptState
from portal.ground import clock
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("receipts", __name__, url_prefix="/exams/attempts")


@bp.get("/<public_id>/answers.json")
@needs(Permission.SIT_EXAM)
def answers(public_id: str):
    """The file whose SHA-256 is the receipt; from the close of the exam on, so that nobody carries it to others."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    if attempt.state != AttemptState.HANDED_IN or clock.now() < attempt.exam.closes_at:
        raise NotYet(N_("Your answers can be downloaded once the exam has closed for everybody."))
    content = receipts.canonical_file(public_id, queries.answers_of(db.session, attempt.id))
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="mingfa-{public_id}.json"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/<public_id>/rescue")
@needs(Permission.SIT_EXAM)
def keep_rescue_file(public_id: str):
    """Keep a rescue file of an attempt that is over as evidence."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    sent = request.files.get("file")
    if sent is None:
        raise Malformed(N_("Choose the rescue file."))
    count = rescue.keep_file(
        db.session, attempt, sent.read(rescue.LARGEST + 1),
        key=tokens.device_key(current_app.config["SECRET_KEY"], public_id),
        shape=kept.shape_for(tokens.AttemptToken(attempt.id, attempt.form_id, attempt.epoch, 0, 0)), now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return {"kept": count}
