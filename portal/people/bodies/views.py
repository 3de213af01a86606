"""The tree of bodies, one body with its history, and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.ground.web import needs
from portal.people.bodies import operations, queries, sheet
from portal.people.bodies.forms import FORMS, ChangeForm, day_asked
from portal.people.bodies.models import Act
from portal.people.models import Body
from portal.people.rules import Permission

bp = Blueprint("people_bodies", __name__, url_prefix="/bodies")
PAGE = 50


@bp.get("")
@needs(Permission.SEE_BODY)
def tree():
    """One level of the tree: the body asked for (or the top of what one sees) and what lies directly under it."""
    words, today = request.args.get("q", "").strip()[:120], clock.today()
    day = day_asked(request.args.get("on"), today)
    if words:
        found = queries.find(db.session, current_user, words)
        above = queries.chain(db.session, found)
        return render_template("people/bodies/found.html", asked=words, found=found, above=above)
    at = request.args.get("at", type=int)
    tops = [] if at else queries.tops(db.session, current_user)
    if at is None and len(tops) != 1:
        sizes = queries.sizes(db.session, current_user, tops)
        return render_template("people/bodies/tree.html", body=None, rows=tops, sizes=sizes, day=day, today=today)
    body = tops[0] if tops else queries.body_in_scope(db.session, current_user, Permission.SEE_BODY, at)
    return render_template(
        "people/bodies/tree.html", body=body, today=today, day=day, linked=queries.linked(current_user, body),
        **(_level(body) if day == today else _level_on(body, day)),
    )  # fmt: skip


def _level(body: Body) -> dict[str, Any]:
    rows = queries.children(db.session, current_user, body)
    sizes = queries.sizes(db.session, current_user, [body, *rows])
    return {"rows": rows, "above": queries.above(db.session, body), "then": body, "sizes": sizes}


def _level_on(body: Body, day: date) -> dict[str, Any]:
    standing = queries.ancestors_on(db.session, body.id, day)
    rows = queries.children_on(db.session, body.id, day)
    return {"rows": rows, "above": standing[:-1], "then": standing[-1] if standing else None, "sizes": {}}


@bp.get("/export.xlsx")
@needs(Permission.SEE_BODY)
def export():
    rows = queries.everything(db.session, current_user)
    content = write_workbook([Page(i18n.gettext(N_("Bodies")), sheet.rows(rows), sheet.WIDTHS)])
    name = f"{i18n.gettext(N_('Bodies'))}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


@bp.get("/<int:body_id>")
@needs(Permission.SEE_BODY)
def one(body_id: int):
    body = queries.body_in_scope(db.session, current_user, Permission.SEE_BODY, body_id)
    today = clock.today()
    day = day_asked(request.args.get("on"), today)
    return render_template(
        "people/bodies/one.html", body=body, day=day, today=today,
        chain=queries.ancestors_on(db.session, body.id, day) if day != today else
        [*queries.above(db.session, body), body],
        rows=queries.children_on(db.session, body.id, day) if day != today else [],
        linked=queries.linked(current_user, body),
        size=queries.sizes(db.session, current_user, [body]).get(body.id, queries.Size()),
        by_code=queries.by_code(db.session, body), history=queries.history(db.session, body.id),
        editable=queries.edited_by(current_user, body), acts=_acts(body),
    )  # fmt: skip


def _acts(body: Body) -> list[Act]:
    if body.abolished_on is not None:
        return [Act.REOPENED]
    inner = [Act.MOVED, Act.MERGED, Act.ABOLISHED] if body.parent_id else []
    return [Act.FOUNDED, Act.CORRECTED, Act.RENAMED, *inner]


@bp.get("/<int:body_id>/people")
@needs(Permission.SEE_ROSTER)
def people(body_id: int):
    """Who was under this body on a day."""
    body = queries.body_in_scope(db.session, current_user, Permission.SEE_ROSTER, body_id)
    day, page = day_asked(request.args.get("on"), clock.today()), max(1, request.args.get("page", 1, int))
    rows, total, in_all = queries.page_under(db.session, current_user, body, day, page=page, size=PAGE)
    return render_template(
        "people/bodies/people.html", body=body, then=queries.body_on(db.session, body.id, day), day=day, rows=rows,
        total=total, elsewhere=in_all - total, page_number=page, size=PAGE,
    )  # fmt: skip


@bp.get("/<int:body_id>/change/<act>")
@needs(Permission.EDIT_BODY)
def change(body_id: int, act: str):
    body = queries.body_in_scope(db.session, current_user, Permission.EDIT_BODY, body_id)
    if act not in _acts(body):
        abort(404)
    form = FORMS[act](**_as_it_is(body, act))
    form.version.data, form.effective_on.data = str(body.version), clock.today()
    return _form(body, act, form)


@bp.post("/<int:body_id>/change/<act>")
@needs(Permission.EDIT_BODY)
def change_now(body_id: int, act: str):
    body = queries.body_in_scope(db.session, current_user, Permission.EDIT_BODY, body_id)
    if act not in FORMS:
        abort(404)
    form = FORMS[act]()
    other = _other_meant(form) if form.validate_on_submit() else None
    if form.errors:
        return _form(body, act, form, status=422)
    order = operations.Order(
        current_user, form.reference.data.strip(), form.effective_on.data, clock.now(), seen=form.seen
    )  # fmt: skip
    try:
        target = DO[act](body, form, other, order) or body
        db.session.commit()
    except operations.ChangedMeanwhile as refusal:
        seen, form.version.data = form.seen or 0, ""
        return _again(body_id, act, form, refusal, since=seen)
    except Refused as refusal:
        return _again(body_id, act, form, refusal)
    flash(i18n.gettext(SAID[act], name=target.name))
    return redirect(url_for(".one", body_id=target.id))


def _again(body_id: int, act: str, form: ChangeForm, refusal: Refused, since: int | None = None) -> Any:
    """The form once more, with why nothing was done and what somebody else did meanwhile."""
    db.session.rollback()
    body = queries.body_in_scope(db.session, current_user, Permission.EDIT_BODY, body_id)
    changes = operations.changes_since(db.session, body, since) if since is not None else []
    form.version.data = str(body.version) if since is not None else form.version.data
    said = i18n.gettext(refusal.message, **refusal.values)
    return _form(body, act, form, refused=said, meanwhile=changes, status=refusal.status)


def _form(body: Body, act: str, form: ChangeForm, *, status: int = 200, **more: Any) -> Any:
    impact = queries.impact(db.session, body, clock.today())
    page = render_template("people/bodies/change.html", body=body, act=act, form=form, impact=impact, **more)
    return page, status


def _as_it_is(body: Body, act: str) -> dict[str, Any]:
    if act == Act.RENAMED:
        return {"name": body.name}
    if act == Act.FOUNDED:
        return {"level": body.level}
    if act != Act.CORRECTED:
        return {}
    facts = operations.facts_of(body)
    return {name: getattr(facts, name) for name in facts.__dataclass_fields__}


def _other_meant(form: ChangeForm) -> Body | None:
    """The one body somebody means; otherwise the form says which names are near."""
    if "other" not in form:
        return None
    found = queries.named(db.session, current_user, form["other"].data)
    if len(found) == 1:
        return found[0]
    near = "、".join(body.name for body in found)
    unknown = N_("No living body you answer for is called so, nor has this code.")
    several = N_("Several bodies could be meant: %(names)s. Write the full name.")
    form["other"].errors = [i18n.gettext(several, names=near) if found else i18n.gettext(unknown)]
    return None


DO: Mapping[str, Callable[..., Any]] = {
    Act.FOUNDED: lambda body, form, _other, order: operations.found_body(
        db.session, body, code=form.code.data, name=form.name.data, facts=form.facts(), order=order
    ),
    Act.RENAMED: lambda body, form, _other, order: operations.rename(db.session, body, form.name.data, order=order),
    Act.MOVED: lambda body, _form, other, order: operations.move(db.session, body, other, order=order),
    Act.MERGED: lambda body, _form, other, order: operations.merge(db.session, body, other, order=order) and other,
    Act.ABOLISHED: lambda body, _form, _other, order: operations.abolish(db.session, body, order=order),
    Act.REOPENED: lambda body, _form, other, order: operations.reopen(db.session, body, other, order=order),
    Act.CORRECTED: lambda body, form, _other, order: operations.correct_facts(
        db.session, body, form.facts(), order=order
    ),
}
SAID = {
    Act.FOUNDED: N_("%(name)s is founded."),
    Act.RENAMED: N_("The body is now called %(name)s."),
    Act.MOVED: N_("%(name)s was moved with everything under it."),
    Act.MERGED: N_("The merger is done; %(name)s answers from that day."),
    Act.ABOLISHED: N_("%(name)s is abolished; it stays in the history."),
    Act.REOPENED: N_("%(name)s lives again."),
    Act.CORRECTED: N_("The facts of %(name)s were changed."),
}
