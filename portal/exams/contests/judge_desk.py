"""What a named judge does: points for questions, marks for abilities, taking a wrong line back."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams.contests import figures, queries, scoring
from portal.exams.contests.forms import POINTS, typed_points
from portal.exams.contests.models import ContestJudge
from portal.exams.contests.operations import NotPossible
from portal.exams.contests.views import bp
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.queries import account_names
from portal.people.rules import Permission


def _seat(round_id: int) -> ContestJudge:
    return queries.seat_of_judge(db.session, current_user, round_id)


@bp.get("/judge/<int:round_id>")
@needs(Permission.MANAGE_BANK, Permission.WATCH_SITTING)
def judge(round_id: int) -> Any:
    """The judge's own desk in one round."""
    return _desk(_seat(round_id))


def _desk(seat: ContestJudge, *, refusal: Refused | None = None, status: int = 200) -> Any:
    row, contest = seat.round, seat.round.contest
    parties = figures.on_stage(db.session, contest, row)
    lines = scoring.lines_of(db.session, row, [party.id for party in parties]) if row.kind == "quick" else []
    given = figures.marks_given(db.session, row) if row.kind == "practical" else {}
    page = render_template(
        "exams/contests/judge.html", contest=contest, row=row, seat=seat, parties=parties, lines=lines,
        own={key: marks[seat.id] for key, marks in given.items() if seat.id in marks}, refusal=refusal,
        undone={line.undoes_id for line in lines}, open=row is figures.current_round(contest), typed=request.form,
        scored=figures.scored(db.session, contest, row, parties) if row.kind == "quick" else {},
        key=secrets.token_hex(8), said={party.id: party.said for party in contest.parties},
        names=account_names(db.session, {each.account_id for each in row.judges}),
        seats={each.id: each.account_id for each in row.judges},
    )  # fmt: skip
    return page, status


def _kept(round_id: int, said: str, anchor: str) -> Any:
    db.session.commit()
    flash(said)
    return redirect(url_for(".judge", round_id=round_id) + anchor, 303)


@bp.post("/judge/<int:round_id>/points")
@needs(Permission.MANAGE_BANK, Permission.WATCH_SITTING)
def give_points(round_id: int) -> Any:
    """Points for one question, plus or minus."""
    try:
        points = _typed("points") * (-1 if request.form.get("sign") == "minus" else 1)
        scoring.give_points(
            db.session, _seat(round_id), request.form.get("party", 0, int), request.form.get("question", 0, int),
            points, save_key=_key(), account=current_user, now=clock.now(),
        )  # fmt: skip
    except Refused as refusal:
        db.session.rollback()
        return _desk(_seat(round_id), refusal=refusal, status=refusal.status)
    return _kept(round_id, i18n.gettext(N_("Saved.")), "")


@bp.post("/judge/<int:round_id>/undo")
@needs(Permission.MANAGE_BANK, Permission.WATCH_SITTING)
def undo_points(round_id: int) -> Any:
    """Take one line back by the opposite one."""
    seat = _seat(round_id)
    scoring.undo_points(
        db.session, seat, request.form.get("score", 0, int), save_key=_key(), account=current_user, now=clock.now()
    )
    return _kept(round_id, i18n.gettext(N_("The line is undone; both stay on record.")), "#lines")


@bp.post("/judge/<int:round_id>/marks")
@needs(Permission.MANAGE_BANK, Permission.WATCH_SITTING)
def give_marks(round_id: int) -> Any:
    """This judge's marks for one team or contestant."""
    seat, party_id = _seat(round_id), request.form.get("party", 0, int)
    try:
        marks = {ability: _typed(ability) for ability in seat.round.abilities}
        scoring.give_marks(
            db.session, seat, party_id, marks, save_key=_key(), account=current_user, now=clock.now()
        )
    except Refused as refusal:
        db.session.rollback()
        return _desk(_seat(round_id), refusal=refusal, status=refusal.status)
    return _kept(round_id, i18n.gettext(N_("Saved.")), f"#party-{party_id}")


def _typed(name: str) -> int:
    points = typed_points(request.form.get(name, ""))
    if points is None:
        raise NotPossible(POINTS)
    return points


def _key() -> str:
    """Made with the page, so that a retry is kept once."""
    return request.form.get("key", "")[:32] or secrets.token_hex(8)
