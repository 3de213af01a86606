"""The catalogue of conferred matters: to read, to write, to take away as a workbook."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.ground.web import SIGNED_IN, needs
from portal.library.matters import impact, operations, queries, sheet
from portal.library.matters.chips import chips
from portal.library.matters.forms import MatterForm
from portal.library.matters.lists import queries as lists
from portal.library.matters.models import MatterKind
from portal.library.matters.rules import facts_of
from portal.people.models import Field
from portal.people.rules import Permission

bp = Blueprint("library_matters", __name__, url_prefix="/library/matters")
PAGE = 50


@bp.get("")
@needs(SIGNED_IN)
def catalogue() -> Any:
    """The matters in force or to come, by words, field and kind; or those that have ended."""
    chosen = {name: request.args.get(name, "").strip() for name in ("words", "field", "kind")}
    page, ended, today = max(1, request.args.get("page", 1, int)), bool(request.args.get("ended")), clock.today()
    rows, total = queries.catalogue(db.session, today, **chosen, ended=ended, page=page, size=PAGE)
    return render_template(
        "library/matters/catalogue.html", rows=rows, total=total, page_number=page, size=PAGE, chosen=chosen,
        ended=ended, fields=list(Field), kinds=list(MatterKind), today=today,
        chips=chips(db.session, (b for v in rows for b in v.bases), today), kept=queries.fields_kept(current_user),
        overlooks=not current_user.permissions.isdisjoint(lists.OVERLOOK),
    )  # fmt: skip


@bp.get("/changed")
@needs(*lists.OVERLOOK)
def changed() -> Any:
    """Matters that rest on changed law: which towns draw up a new list, and whom they retrain."""
    today = clock.today()
    rows = impact.matters_on_changed_law(db.session, current_user, today)
    return render_template(
        "library/matters/changed.html", rows=rows, today=today,
        chips=chips(db.session, (b for row in rows for b in row.version.bases), today),
    )


@bp.get("/export.xlsx")
@needs(SIGNED_IN)
def export() -> Any:
    """The whole catalogue, as the import reads it."""
    content = write_workbook([Page("赋权事项", sheet.rows(queries.all_current(db.session)), sheet.WIDTHS)])
    name = f"{i18n.gettext(N_('Conferred matters'))}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


@bp.get("/new")
@needs(Permission.EDIT_MATTERS)
def new() -> Any:
    return _form(MatterForm(formdata=None))


@bp.get("/<code>")
@needs(SIGNED_IN)
def one(code: str) -> Any:
    """One matter: what it says, every version before, and the towns that carry it out."""
    row = queries.matter(db.session, code)
    versions, today = queries.versions(db.session, row.id), clock.today()
    return render_template(
        "library/matters/one.html", row=row, versions=versions, today=today,
        chips=chips(db.session, (b for v in versions for b in v.bases), today),
        towns=lists.towns_with(db.session, [row.id], today),
        seen=lists.ids_seen(db.session, current_user), kept=versions[0].field in queries.fields_kept(current_user),
    )  # fmt: skip


@bp.get("/<code>/change")
@needs(Permission.EDIT_MATTERS)
def change(code: str) -> Any:
    row = queries.matter(db.session, code)
    last, form = queries.versions(db.session, row.id)[0], MatterForm(formdata=None)
    form.show(facts_of(last), last.number)
    return _form(form, code)


@bp.post("/write")
@needs(Permission.EDIT_MATTERS)
def write() -> Any:
    """A new matter, or the next version of one."""
    form = MatterForm()
    code = form.code.data if form.seen.data else None
    if not form.validate_on_submit():
        return _form(form, code, status=422)
    try:
        version = operations.write_matter(
            db.session, form.facts(), seen=form.seen.data or 0, account=current_user, now=clock.now()
        )
    except operations.NotKept:
        raise
    except Refused as refusal:
        db.session.rollback()
        return _form(form, code, refusal)
    db.session.commit()
    flash(i18n.gettext(N_("Version %(n)s of %(code)s is in the catalogue."), n=version.number, code=form.code.data))
    return redirect(url_for(".one", code=form.code.data), 303)


def _form(form: MatterForm, code: str | None = None, refusal: Refused | None = None, status: int = 200) -> Any:
    page = render_template("library/matters/form.html", form=form, code=code, refusal=refusal)
    return page, refusal.status if refusal else status
