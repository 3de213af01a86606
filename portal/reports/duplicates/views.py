"""The page of one pair: compare, propose, confirm, decline, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.duplicates import operations, queries
from portal.people.duplicates.models import DuplicatePair, MergeAct
from portal.people.duties.operations import SamePerson
from portal.people.queries import account_names
from portal.people.rules import Permission
from portal.reports.duplicates.queries import accounts, hanging

bp = Blueprint("reports_duplicates", __name__, url_prefix="/duplicates", template_folder="templates")
TOLD_ON_THE_PAGE = (
    operations.WrongState,
    operations.NotMergeable,
    operations.ReasonMissing,
    operations.OwnRecord,
    SamePerson,
)


@bp.get("/<int:pair_id>")
@needs(Permission.MERGE_PERSON)
def one(pair_id: int) -> Any:
    """Two records side by side, what a merge brings together, and whose turn it is."""
    return _page(pair_id)


def _page(pair_id: int, refusal: Refused | None = None) -> Any:
    pair = queries.pair_in_scope(db.session, current_user, pair_id)
    ids = (pair.first_id, pair.second_id)
    asked = [e for e in pair.events if e.act in (MergeAct.PROPOSED, MergeAct.UNDO_PROPOSED)]
    return render_template(
        "reports/duplicates/one.html", pair=pair, hanging=hanging(db.session, ids), ways=accounts(db.session, ids),
        proposal=asked[-1] if asked else None,
        actors=account_names(db.session, {event.account_id for event in pair.events}),
        refusal=refusal,
        own=current_user.person_id in ids,
    ), refusal.status if refusal else 200  # fmt: skip


def _act(pair_id: int, do: Callable[[DuplicatePair], object], told: str) -> Any:
    """Load the pair, do it, commit, answer; a refusal shows on the page."""
    pair = queries.pair_to_change(db.session, current_user, pair_id)
    try:
        do(pair)
    except TOLD_ON_THE_PAGE as refusal:
        db.session.rollback()
        return _page(pair_id, refusal)
    db.session.commit()
    flash(i18n.gettext(told))
    return redirect(url_for("reports_duplicates.one", pair_id=pair_id), 303)


def _said() -> dict[str, Any]:
    return {"reason": request.form.get("reason", ""), "account": current_user, "now": clock.now()}


@bp.post("/<int:pair_id>/propose")
@needs(Permission.MERGE_PERSON, fresh=True)
def propose(pair_id: int) -> Any:
    survivor = request.form.get("survivor", 0, int)
    return _act(
        pair_id,
        lambda pair: operations.propose(db.session, pair, survivor, **_said()),
        N_("Proposed. Another administrator of both records confirms."),
    )


@bp.post("/<int:pair_id>/confirm")
@needs(Permission.MERGE_PERSON, fresh=True)
def confirm(pair_id: int) -> Any:
    return _act(
        pair_id,
        lambda pair: operations.confirm(db.session, pair, account=current_user, now=clock.now()),
        N_("Merged. Whatever rests on these records is judged anew."),
    )


@bp.post("/<int:pair_id>/decline")
@needs(Permission.MERGE_PERSON)
def decline(pair_id: int) -> Any:
    return _act(
        pair_id, lambda pair: operations.decline(db.session, pair, **_said()), N_("Declined. The pair is as it was.")
    )


@bp.post("/<int:pair_id>/different")
@needs(Permission.MERGE_PERSON)
def different(pair_id: int) -> Any:
    return _act(
        pair_id,
        lambda pair: operations.say_different(db.session, pair, **_said()),
        N_("Noted: two different people. The search will not bring them again."),
    )


@bp.post("/<int:pair_id>/propose-undo")
@needs(Permission.MERGE_PERSON, fresh=True)
def propose_undo(pair_id: int) -> Any:
    return _act(
        pair_id,
        lambda pair: operations.propose_undo(db.session, pair, **_said()),
        N_("Proposed. Another administrator of both records confirms."),
    )


@bp.post("/<int:pair_id>/undo")
@needs(Permission.MERGE_PERSON, fresh=True)
def undo(pair_id: int) -> Any:
    return _act(
        pair_id,
        lambda pair: operations.undo(db.session, pair, account=current_user, now=clock.now()),
        N_("Undone. Both records stand for themselves again; whatever rests on them is judged anew."),
    )
