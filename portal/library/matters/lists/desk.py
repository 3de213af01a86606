"""The desk of whoever keeps towns' lists: draw up, change, lay down, throw away."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.library.matters import queries as catalogue
from portal.library.matters.lists import operations, queries
from portal.library.matters.lists.forms import DraftForm
from portal.library.matters.lists.models import TownList
from portal.library.matters.models import MatterVersion
from portal.people.models import Body, Field
from portal.people.rules import Permission

bp = Blueprint("library_list_desk", __name__, url_prefix="/library/lists")
NO_SUCH_LIST = N_("That town has no list in force to copy from.")


def _town(body_id: int) -> Body:
    return queries.town(db.session, current_user, body_id, keep=True)


def _held(body: Body) -> TownList:
    """The town's draft, held against others; NoResultFound when there is none."""
    row = queries.draft(db.session, body.id, hold=True)
    if row is None:
        raise NoResultFound
    return row


@bp.post("/<int:body_id>/draft")
@needs(Permission.EDIT_MATTERS)
def begin(body_id: int) -> Any:
    """A draft: what is in force, what another town has, or nothing."""
    body, today = _town(body_id), clock.today()
    try:
        source = _source(body, today)
    except Malformed as refusal:
        flash(i18n.gettext(refusal.message), "info")
        return redirect(url_for("library_lists.town", body_id=body_id), 303)
    known = {v.matter_id: v for v in catalogue.all_current(db.session, today)}
    newest = [known[matter_id] for matter_id in queries.contents(db.session, source) if matter_id in known]
    operations.draw_up(
        db.session, body, newest, in_force_from=today, document="", account=current_user, now=clock.now()
    )
    db.session.commit()
    return redirect(url_for(".edit", body_id=body_id), 303)


def _source(body: Body, today: date) -> int | None:
    """The id of the list a draft begins with. Raises Malformed when the other town has none."""
    how, other = request.form.get("how", "own"), request.form.get("from", "").strip()
    if how == "empty":
        return None
    if how == "own":
        row = queries.list_in_force(db.session, body.id, today)
        return row.id if row else None
    found = queries.towns_called(db.session, current_user, other)
    row = queries.list_in_force(db.session, found[0].id, today) if len(found) == 1 else None
    if row is None:
        raise Malformed(NO_SUCH_LIST)
    return row.id


@bp.get("/<int:body_id>/draft")
@needs(Permission.EDIT_MATTERS)
def edit(body_id: int) -> Any:
    body = _town(body_id)
    row = queries.draft(db.session, body.id)
    if row is None:
        raise NoResultFound
    form = DraftForm(formdata=None, in_force_from=row.in_force_from, document=row.document, version=row.version)
    return _page(body, row, form, {v.id for v in queries.contents(db.session, row.id).values()})


@bp.post("/<int:body_id>/draft/save")
@needs(Permission.EDIT_MATTERS)
def save(body_id: int) -> Any:
    body = _town(body_id)
    row, form = _held(body), DraftForm()
    ticked = {int(each) for each in request.form.getlist("matter") if each.isascii() and each.isdigit()}
    if not form.validate_on_submit():
        return _page(body, row, form, ticked, status=422)
    offered = _offered(row)
    operations.change_draft(
        db.session, row, [v for v in offered if v.id in ticked], in_force_from=form.in_force_from.data,
        document=form.document.data.strip(), seen=form.version.data or 0, account=current_user, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The draft is saved; somebody else lays it down.")))
    return redirect(url_for("library_lists.version", body_id=body_id, number=row.number), 303)


@bp.post("/<int:body_id>/draft/publish")
@needs(Permission.EDIT_MATTERS)
def publish(body_id: int) -> Any:
    """Lay the list down; whoever had a hand in it may not."""
    body = _town(body_id)
    row = _held(body)
    operations.publish(
        db.session, row, account=current_user, now=clock.now(), seen=request.form.get("version", 0, int)
    )
    db.session.commit()
    flash(i18n.gettext(N_("The list is laid down, in force from %(day)s."), day=i18n.show_date(row.in_force_from)))
    return redirect(url_for("library_lists.version", body_id=body_id, number=row.number), 303)


@bp.post("/<int:body_id>/draft/discard")
@needs(Permission.EDIT_MATTERS)
def discard(body_id: int) -> Any:
    operations.throw_away(db.session, _held(_town(body_id)), account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The draft was thrown away.")))
    return redirect(url_for("library_lists.town", body_id=body_id), 303)


def _offered(row: TownList) -> list[MatterVersion]:
    """What may be ticked: every matter that stands, and what the draft has already."""
    current = {v.id: v for v in catalogue.all_current(db.session, clock.today())}
    here = {v.id: v for v in queries.contents(db.session, row.id).values()}
    return list((current | here).values())


def _page(body: Body, row: TownList, form: DraftForm, ticked: set[int], status: int = 200) -> Any:
    last = queries.before(db.session, row)
    before = {v.matter_id for v in queries.contents(db.session, last.id if last else None).values()}
    matters = sorted(_offered(row), key=lambda v: (v.matter.code, v.number))
    page = render_template(
        "library/matters/lists/draft.html", body=body, row=row, form=form, ticked=ticked, matters=matters,
        fields=[f for f in Field if any(v.field == f for v in matters)], before=before, last=last,
    )  # fmt: skip
    return page, status


