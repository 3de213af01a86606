"""The roster, and the reader's own settings."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.ground import clock, i18n, search_words
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.security import keep_choice
from portal.ground.sheet_stream import write_long
from portal.ground.sheets import XLSX
from portal.ground.web import PUBLIC, needs, own_path
from portal.people.models import Field, StaffingType
from portal.people.roster import operations as roster_operations
from portal.people.roster import queries as listing
from portal.people.roster import sheet
from portal.people.roster.forms import FindForm, filters_from
from portal.people.roster.queries import Filters
from portal.people.rules import Permission

bp = Blueprint("people", __name__, template_folder="templates")
PAGE = 50
NARROWER = ("under", "staffing", "field", "in_post", "unchecked", "sort")


@bp.post("/reading")
@needs(PUBLIC)
def reading():
    """Language, text size and contrast, kept in cookies of this device."""
    answer = redirect(own_path(request.form.get("next")) or url_for("reports.home"))
    for name, allowed in (
        (i18n.COOKIE, tuple(i18n.LANGUAGES)),
        ("mingfa_text", ("normal", "large")),
        ("mingfa_contrast", ("normal", "more")),
    ):
        if (value := request.form.get(name)) in allowed:
            keep_choice(answer, name, value)
    return answer


@bp.get("/roster")
@needs(Permission.SEE_ROSTER)
def roster():
    page = max(1, request.args.get("page", 1, int))
    return _roster(filters_from(request.args), FindForm(), page=page)


def _roster(filters: Filters, find: FindForm, *, page: int = 1, status: int = 200):
    body = listing.body_chosen(db.session, current_user, filters.under) if filters.under else None
    listed = listing.listed(db.session, current_user, filters, page=page, size=PAGE)
    answer = render_template(
        "people/roster.html", filters=filters, body=body, posts=listed.posts, total=listed.total, page_number=page,
        size=PAGE, find=find, fields=list(Field), staffings=list(StaffingType), sorts=listing.SORTS,
    )  # fmt: skip
    return answer, status


@bp.post("/roster/find")
@needs(Permission.SEE_ROSTER)
def find():
    """By words, or one person by the whole ID number: neither names nor ID numbers may stand in an address."""
    if "q" in request.form:
        narrower = {name: request.form[name] for name in NARROWER if request.form.get(name)}
        return redirect(url_for(".roster", **narrower, **search_words.keep(request.form["q"])), 303)
    form = FindForm()
    if not form.validate_on_submit():
        return _roster(filters_from({}), form, status=422)
    person_id = listing.found_by_id_number(db.session, current_user, form.number)
    roster_operations.note_search(db.session, person_id, now=clock.now())
    db.session.commit()
    if person_id is None:
        flash(i18n.gettext(N_("Nobody in what you answer for has this ID number.")), "info")
        return redirect(url_for(".roster"))
    return redirect(url_for(".roster", person=person_id))


@bp.post("/roster/export")
@needs(Permission.SEE_ROSTER)
def export():
    """The list as it is filtered, as a workbook."""
    filters = filters_from(request.form)
    if filters.under:
        listing.body_chosen(db.session, current_user, filters.under)
    roster_operations.note_export(db.session, filters, now=clock.now())
    db.session.commit()
    with NamedTemporaryFile(suffix=".xlsx") as file, db.reading() as session:
        rows = sheet.in_words(listing.for_export(session, current_user, filters))
        title = i18n.gettext(N_("Roster"))
        write_long(Path(file.name), title, sheet.head(), sheet.WIDTHS, rows)
        kept = Path(file.name).open("rb")  # stays readable when its name is gone
    return send_file(kept, mimetype=XLSX, as_attachment=True, download_name=f"{title}.xlsx")
