"""Single steps of a contest: taking out, judges, closing and opening rounds, withdrawing, publishing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from portal.exams.contests import holding, operations, queries
from portal.exams.contests.models import Contest
from portal.exams.contests.views import bp
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission


def _held(contest_id: int) -> Contest:
    return queries.contest_in_scope(db.session, current_user, contest_id, hold=True)


def _done(endpoint: str, contest_id: int, said: str) -> Any:
    db.session.commit()
    flash(said)
    return redirect(url_for(endpoint, contest_id=contest_id), 303)


@bp.post("/<int:contest_id>/rounds/<int:round_id>/take-out")
@needs(Permission.MANAGE_EXAMS)
def remove_round(contest_id: int, round_id: int) -> Any:
    """Take a round out of a draft."""
    contest = _held(contest_id)
    row = queries.round_of(db.session, contest, round_id)
    operations.remove_round(db.session, contest, row, account=current_user, now=clock.now())
    return _done(".rounds", contest_id, i18n.gettext(N_("The round is taken out.")))


@bp.post("/<int:contest_id>/parties/<int:party_id>/take-out")
@needs(Permission.MANAGE_EXAMS)
def remove_party(contest_id: int, party_id: int) -> Any:
    """Take a team or contestant out of a draft."""
    contest = _held(contest_id)
    party = queries.party_of(db.session, contest, party_id)
    operations.remove_party(db.session, contest, party, account=current_user, now=clock.now())
    return _done(".parties", contest_id, i18n.gettext(N_("Taken out of the draft.")))


@bp.post("/<int:contest_id>/parties/<int:party_id>/withdraw")
@needs(Permission.MANAGE_EXAMS)
def withdraw(contest_id: int, party_id: int) -> Any:
    """A team or contestant leaves a contest that runs."""
    contest = _held(contest_id)
    party = queries.party_of(db.session, contest, party_id)
    holding.withdraw(
        db.session, contest, party, reason=request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    return _done(".parties", contest_id, i18n.gettext(N_("The withdrawal is on record.")))


@bp.post("/<int:contest_id>/rounds/<int:round_id>/judges")
@needs(Permission.MANAGE_EXAMS)
def name_judge(contest_id: int, round_id: int) -> Any:
    """Name a trainer or invigilator by his personnel number."""
    contest = _held(contest_id)
    row = queries.round_of(db.session, contest, round_id)
    number = request.form.get("number", "")[:20]
    operations.name_judge(db.session, contest, row, number, account=current_user, now=clock.now())
    return _done(".rounds", contest_id, i18n.gettext(N_("The judge is named.")))


@bp.post("/<int:contest_id>/judges/<int:judge_id>/relieve")
@needs(Permission.MANAGE_EXAMS)
def relieve_judge(contest_id: int, judge_id: int) -> Any:
    contest = _held(contest_id)
    judge = queries.judge_of(db.session, contest, judge_id)
    operations.relieve_judge(
        db.session, contest, judge, reason=request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    return _done(".rounds", contest_id, i18n.gettext(N_("The judge is relieved.")))


@bp.post("/<int:contest_id>/rounds/<int:round_id>/enter")
@needs(Permission.MANAGE_EXAMS)
def enter(contest_id: int, round_id: int) -> Any:
    """Put everybody of a written round on the list of its exam."""
    contest = _held(contest_id)
    row = queries.round_of(db.session, contest, round_id)
    entered, refused = holding.put_on_list(db.session, contest, row, account=current_user, now=clock.now())
    said = i18n.gettext(N_("%(n)s people are on the list of the exam now."), n=entered)
    if refused:
        left = N_("%(n)s do not meet the rules of entry; enter them on the exam's own page.")
        said += " " + i18n.gettext(left, n=len(refused))
    return _done(".rounds", contest_id, said)


@bp.post("/<int:contest_id>/rounds/<int:round_id>/close")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def close_round(contest_id: int, round_id: int) -> Any:
    """Settle a round: how everybody stands, who goes on."""
    contest = _held(contest_id)
    row = queries.round_of(db.session, contest, round_id)
    holding.close_round(db.session, contest, row, account=current_user, now=clock.now())
    return _done(".board", contest_id, i18n.gettext(N_("The round is closed.")))


@bp.post("/<int:contest_id>/rounds/<int:round_id>/reopen")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def reopen_round(contest_id: int, round_id: int) -> Any:
    """Open a closed round again, with those after it."""
    contest = _held(contest_id)
    row = queries.round_of(db.session, contest, round_id)
    holding.reopen_round(
        db.session, contest, row, reason=request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    return _done(".rounds", contest_id, i18n.gettext(N_("The round is open again; nothing published changes.")))


@bp.post("/<int:contest_id>/publish")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def publish(contest_id: int) -> Any:
    """Publish the ranking, or its correction, as the next version."""
    contest = _held(contest_id)
    ranking = holding.publish(
        db.session, contest, reason=request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    return _done(
        ".ranking", contest_id, i18n.gettext(N_("Version %(n)s of the ranking is published."), n=ranking.number)
    )
