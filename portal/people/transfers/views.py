"""Lists of transfers, and opening one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.models import Body, Field, Post
from portal.people.rules import Permission
from portal.people.transfers import operations, queries
from portal.people.transfers.forms import OpenForm, offered
from portal.people.transfers.rules import establishment_choices
from portal.words import WORDS

bp = Blueprint("people_transfers", __name__, url_prefix="/transfers", template_folder="templates")
PAGE = 50


@bp.get("")
@needs(Permission.TRANSFER_PERSON)
def lists() -> Any:
    """Who comes and who goes: waiting first, ended ones on request."""
    side = "out" if request.args.get("side") == "out" else "in"
    waiting, page = request.args.get("ended") != "1", max(1, request.args.get("page", 1, int))
    rows, total = queries.transfers(db.session, current_user, side, waiting, page=page, size=PAGE)
    return render_template(
        "people/transfers/lists.html", rows=rows, total=total, page_number=page, size=PAGE, side=side,
        waiting=waiting, counts=queries.waiting_counts(db.session, current_user), today=clock.today(),
    )  # fmt: skip


@bp.get("/start")
@needs(Permission.TRANSFER_PERSON)
def start() -> Any:
    """From a personnel number to the form; a number out of scope is not found."""
    person_id = queries.person_by_number(db.session, current_user, request.args.get("number", "").strip())
    return redirect(url_for("people_transfers.new", person_id=person_id))


@bp.get("/new/<int:person_id>")
@needs(Permission.TRANSFER_PERSON)
def new(person_id: int) -> Any:
    """First the receiving unit, then the new post."""
    post = queries.post_to_leave(db.session, current_user, person_id)
    words, to = request.args.get("q", "").strip(), request.args.get("to", None, int)
    if to is None:
        found = queries.receiving_bodies(db.session, words, post.body) if words else []
        most = queries.OFFERED
        return render_template("people/transfers/choose.html", post=post, found=found, words=words, most=most)
    to_body = queries.receiver(db.session, to)
    return render_template("people/transfers/new.html", post=post, to_body=to_body, form=_form(post, to_body))


def _form(post: Post, to_body: Body) -> OpenForm:
    """The form with what the receiving unit allows, filled with the old post."""
    form = OpenForm(
        field=post.field, title=post.title, duty="part" if post.part_time else "full", staffing=post.staffing_type,
        on_establishment="yes" if post.on_establishment else "no", establishment=to_body.id,
    )  # fmt: skip
    fields = [f.field for f in to_body.fields] or list(Field)
    form.field.choices = offered((code, WORDS["field"][code]) for code in fields)()
    bodies = queries.names_of(db.session, establishment_choices(to_body, post))
    form.establishment.choices = [SelectChoice(str(body_id), name) for body_id, name in bodies]
    return form


@bp.post("/new/<int:person_id>")
@needs(Permission.TRANSFER_PERSON)
def open_transfer(person_id: int) -> Any:
    post = queries.post_to_leave(db.session, current_user, person_id)
    to_body = queries.receiver(db.session, request.args.get("to", 0, int))
    form, refusal = _form(post, to_body), None
    if form.validate_on_submit():
        try:
            transfer = operations.open_transfer(
                db.session, post, to_body, form.proposed(), effective_on=form.effective_on.data,
                document=form.document.data, account=current_user, now=clock.now(),
            )  # fmt: skip
        except operations.NotTransferable as stopped:
            refusal = stopped
        else:
            db.session.commit()
            flash(i18n.gettext(N_("Opened. Release the person when everything is handed over.")))
            return redirect(url_for("reports_transfers.one", transfer_id=transfer.id), 303)
    return _refused(post, to_body, form, refusal)


def _refused(post: Post, to_body: Body, form: OpenForm, refusal: Refused | None) -> Any:
    page = render_template("people/transfers/new.html", post=post, to_body=to_body, form=form, refusal=refusal)
    return page, refusal.status if refusal else 422
