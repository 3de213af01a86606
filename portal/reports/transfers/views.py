"""The page of one transfer, and the steps of the sender and the receiver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.credentials.moves import follow_post
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.models import Grant
from portal.people.queries import account_names
from portal.people.rules import Permission
from portal.people.transfers import operations, queries
from portal.people.transfers.models import WAITING, Transfer
from portal.people.transfers.rules import Handover
from portal.reports.transfers.queries import GoesAlong, goes_along

bp = Blueprint("reports_transfers", __name__, url_prefix="/transfers", template_folder="templates")
NEW_FIELD = N_("The transfer changed the field or the bureau; the new unit applies anew.")


@bp.get("/<int:transfer_id>")
@needs(Permission.TRANSFER_PERSON)
def one(transfer_id: int) -> Any:
    """From where to where, what goes along, which roles end, and whose turn it is."""
    return _page(transfer_id)


def _page(transfer_id: int, refusal: Refused | None = None) -> Any:
    session, today = db.session, clock.today()
    transfer = queries.transfer_in_scope(session, current_user, transfer_id)
    sends, receives = queries.sides(session, current_user, transfer_id)
    along, grants, ending = _live(transfer) if transfer.state in WAITING else (None, [], set())
    return render_template(
        "reports/transfers/one.html", transfer=transfer, sends=sends, receives=receives, today=today,
        along=along, grants=grants, ending=ending, points=list(Handover),
        actors=account_names(session, {step.account_id for step in transfer.steps}), refusal=refusal,
        own=current_user.person_id == transfer.person_id,
    ), refusal.status if refusal else 200  # fmt: skip


def _live(transfer: Transfer) -> tuple[GoesAlong, list[Grant], set[int]]:
    """What stands on record now, for as long as both units decide on it: what goes along, and which roles end."""
    session, today = db.session, clock.today()
    along = goes_along(session, transfer.person_id, today=today, now=clock.now())
    ending = queries.grants_ending(session, transfer, today, transfer.kept_grants)
    return along, queries.grants_ending(session, transfer, today), {grant.id for grant in ending}


def _again(transfer_id: int, refusal: Refused) -> Any:
    """The page with what was refused; nothing of the step is kept."""
    db.session.rollback()
    return _page(transfer_id, refusal)


def _done(transfer_id: int, told: str) -> Any:
    db.session.commit()
    flash(i18n.gettext(told))
    return redirect(url_for("reports_transfers.one", transfer_id=transfer_id), 303)


@bp.post("/<int:transfer_id>/release")
@needs(Permission.TRANSFER_PERSON)
def release(transfer_id: int) -> Any:
    transfer = queries.to_release(db.session, current_user, transfer_id)
    try:
        operations.release(
            db.session, transfer, done=request.form.getlist("done"), kept=request.form.getlist("kept", type=int),
            account=current_user, now=clock.now(),
        )  # fmt: skip
    except (operations.NotHandedOver, operations.WrongState) as refusal:
        return _again(transfer_id, refusal)
    return _done(transfer_id, N_("Released. The receiving unit confirms; until then you stay responsible."))


@bp.post("/<int:transfer_id>/confirm")
@needs(Permission.TRANSFER_PERSON)
def confirm(transfer_id: int) -> Any:
    """The move itself: posts, roles and open applications in one transaction."""
    now = clock.now()
    transfer = queries.to_confirm(db.session, current_user, transfer_id)
    try:
        new = operations.confirm(db.session, transfer, account=current_user, now=now)
    except (operations.WrongState, operations.NotTransferable) as refusal:
        return _again(transfer_id, refusal)
    follow_post(
        db.session, transfer.post_id, new, returned_because=i18n.gettext(NEW_FIELD), account_id=current_user.id, now=now
    )
    return _done(transfer_id, N_("Confirmed. The person is in your unit from the day of the transfer."))


@bp.post("/<int:transfer_id>/refuse")
@needs(Permission.TRANSFER_PERSON)
def refuse(transfer_id: int) -> Any:
    transfer = queries.to_confirm(db.session, current_user, transfer_id)
    told = N_("Refused. The person stays in the sending unit, which reads your reason.")
    return _ended(transfer, operations.refuse, told)


@bp.post("/<int:transfer_id>/withdraw")
@needs(Permission.TRANSFER_PERSON)
def withdraw(transfer_id: int) -> Any:
    transfer = queries.to_release(db.session, current_user, transfer_id)
    return _ended(transfer, operations.withdraw, N_("Withdrawn. The person stays in your unit."))


def _ended(transfer: Transfer, end: Callable[..., None], told: str) -> Any:
    """No move comes of it, for a reason."""
    transfer_id = transfer.id
    try:
        end(db.session, transfer, reason=request.form.get("reason", ""), account=current_user, now=clock.now())
    except (operations.ReasonMissing, operations.WrongState) as refusal:
        return _again(transfer_id, refusal)
    return _done(transfer_id, told)
