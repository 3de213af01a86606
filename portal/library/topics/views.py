"""The picker of topics, and the forms that keep their tree; the tree itself stands with the question banks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import SIGNED_IN, needs
from portal.library.topics import operations, queries
from portal.library.topics.forms import NewTopicForm, TopicForm
from portal.library.topics.models import Topic
from portal.people.rules import Permission

bp = Blueprint("library_topics", __name__, url_prefix="/library")
OFFERED = 20
UNKNOWN = N_("No topic has this code.")
SAID = {
    "retire": N_("Retired: pickers offer it no more, questions keep it."),
    "restore": N_("In use again."),
    "merge": N_("Merged: filters find both words."),
}


@bp.get("/topics.json")
@needs(SIGNED_IN)
def pick() -> dict[str, Any]:
    """Topics that hold what was typed, for pickers."""
    field = request.args.get("field")
    found = queries.pick(db.session, request.args.get("q", ""), field if field in queries.FIELDS else None, OFFERED)
    return {"topics": [vars(topic) | {"path": list(topic.path)} for topic in found]}


@bp.get("/topics/new")
@needs(Permission.EDIT_LIBRARY)
def new() -> Any:
    form = NewTopicForm(formdata=None)
    form.parent.data, form.field.data = request.args.get("parent", ""), request.args.get("field", "")
    form.title.data = request.args.get("title", "")[:60]
    return _page(form)


@bp.post("/topics/new")
@needs(Permission.EDIT_LIBRARY)
def add() -> Any:
    form = NewTopicForm()
    if not form.validate_on_submit() or not _parent_known(form):
        return _page(form, status=422)
    try:
        row = operations.add_topic(
            db.session, form.title.data, form.field.data, parent=_parent(form), code=form.code.data or "",
            account=current_user, now=clock.now(),
        )  # fmt: skip
    except operations.NotKept:
        raise
    except Refused as refusal:
        return _page(form, refusal=refusal)
    db.session.commit()
    flash(i18n.gettext(N_("The topic %(title)s is in the tree."), title=row.title))
    return redirect(url_for("bank_shelf.topics", field=row.field), 303)


@bp.post("/topics/adopt")
@needs(Permission.EDIT_LIBRARY)
def adopt() -> Any:
    """A word questions use already becomes a topic; one click."""
    title, field = request.form.get("title", ""), request.form.get("field", "")
    operations.add_topic(
        db.session, title, field if field in queries.FIELDS else "", account=current_user, now=clock.now()
    )
    db.session.commit()
    flash(i18n.gettext(N_("The topic %(title)s is in the tree."), title=title))
    return redirect(url_for("bank_shelf.topics", field=field), 303)


@bp.get("/topics/<code>/change")
@needs(Permission.EDIT_LIBRARY)
def change(code: str) -> Any:
    row = queries.topic(db.session, code)
    form = TopicForm(formdata=None, title=row.title, parent=row.parent.code if row.parent else "")
    form.version.data = str(row.version)
    return _page(form, row)


@bp.post("/topics/<code>/change")
@needs(Permission.EDIT_LIBRARY)
def change_now(code: str) -> Any:
    row, form = queries.topic(db.session, code, hold=True), TopicForm()
    if not form.validate_on_submit() or not _parent_known(form):
        return _page(form, row, status=422)
    try:
        operations.change_topic(
            db.session, row, title=form.title.data, parent=_parent(form), seen=form.seen, account=current_user,
            now=clock.now(),
        )  # fmt: skip
    except operations.NotKept:
        raise
    except Refused as refusal:
        db.session.rollback()
        return _page(form, queries.topic(db.session, code), refusal=refusal)
    db.session.commit()
    flash(i18n.gettext(N_("Changed. Questions stored before keep their words; filters find both.")))
    return redirect(url_for("bank_shelf.topic", code=code), 303)


@bp.post("/topics/<code>/<act>")
@needs(Permission.EDIT_LIBRARY)
def settle(code: str, act: str) -> Any:
    """Retire a topic, take it up again, or let it go up in another."""
    if act not in SAID:
        abort(404)
    row, form = queries.topic(db.session, code, hold=True), TopicForm()
    more: dict[str, Any] = {"seen": form.seen, "account": current_user, "now": clock.now()}
    if act == "merge":
        try:
            into = queries.topic(db.session, request.form.get("into", "").strip(), hold=True)
        except NoResultFound:
            flash(i18n.gettext(UNKNOWN), "info")
            return redirect(url_for("bank_shelf.topic", code=code), 303)
        operations.merge_topic(db.session, row, into, **more)
    else:
        (operations.retire_topic if act == "retire" else operations.restore_topic)(db.session, row, **more)
    db.session.commit()
    flash(i18n.gettext(SAID[act]))
    return redirect(url_for("bank_shelf.topic", code=code), 303)


def _parent(form: TopicForm) -> Topic | None:
    typed = (form.parent.data or "").strip()
    return queries.topic(db.session, typed) if typed else None


def _parent_known(form: TopicForm) -> bool:
    try:
        _parent(form)
    except NoResultFound:
        form.parent.errors = [UNKNOWN]
        return False
    return True


def _page(form: TopicForm, row: Topic | None = None, refusal: Refused | None = None, status: int = 200) -> Any:
    page = render_template("library/topics/form.html", form=form, row=row, refusal=refusal)
    return page, refusal.status if refusal else status
