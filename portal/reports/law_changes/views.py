"""Changes of law from above: what each one touches, and the trainer's list of questions that wait."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.bank.finding.forms import MOST_PICKED, spans
from portal.bank.following import confirming, hits
from portal.bank.following.holding import open_holds
from portal.bank.following.models import ViewedBy
from portal.bank.following.reciting import recitable
from portal.bank.following.showing import before_showing
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.sheets import XLSX
from portal.ground.web import needs
from portal.library.queries import a_version
from portal.people.rules import Permission
from portal.reports.law_changes import held as desk
from portal.reports.law_changes import queries, sheet

bp = Blueprint("law_changes", __name__, url_prefix="/law-changes", template_folder="templates")
READERS = (Permission.MANAGE_BANK, Permission.EDIT_LIBRARY, Permission.MANAGE_EXAMS, Permission.SEE_FIGURES)
LISTS = ("questions", "papers", "lessons", "matters", "guides", "officers")
PAGE, QUESTIONS = 50, 10


@bp.get("/")
@needs(*READERS)
def changes() -> Any:
    return render_template("reports/law_changes/changes.html", rows=queries.changes(db.session), on=clock.today())


@bp.get("/<int:version_id>")
@needs(*READERS)
def one(version_id: int) -> Any:
    """One change: its articles with how much rests on each."""
    cause = queries.cause(db.session, current_user, version_id, clock.today())
    return render_template("reports/law_changes/one.html", cause=cause, lists=LISTS, on=clock.today())


@bp.get("/<int:version_id>/<what>")
@needs(*READERS)
def hit(version_id: int, what: str) -> Any:
    """The things behind one number."""
    if what not in LISTS:
        abort(404)
    cause, wanted = queries.cause(db.session, current_user, version_id, clock.today()), request.args.get("article", "")
    chosen = [h for h in cause.touched if h.address == wanted or not wanted]
    page = max(1, request.args.get("page", 1, int))
    officers = (
        queries.officers_of(db.session, current_user, chosen[0], page, PAGE)
        if what == "officers" and wanted and chosen and chosen[0].forms else []
    )  # fmt: skip
    things = [(h, one) for h in chosen for one in getattr(h, what)] if what != "officers" else []
    return render_template(
        "reports/law_changes/hit.html", cause=cause, what=what, hits=chosen, wanted=wanted, officers=officers,
        page_number=page, size=PAGE, lists=LISTS, total=len(things), things=things[(page - 1) * PAGE : page * PAGE],
    )  # fmt: skip


@bp.get("/<int:version_id>/same")
@needs(Permission.MANAGE_BANK)
def same(version_id: int) -> Any:
    """The trainer's questions whose articles read the same in this version: what citing it at once would change."""
    version = a_version(db.session, version_id)
    found = recitable(db.session, current_user, version, clock.now())
    page = max(1, request.args.get("page", 1, int))
    return render_template(
        "reports/law_changes/same.html", version=version, total=len(found), page_number=page, size=PAGE,
        rows=found[(page - 1) * PAGE : page * PAGE], ids=spans([one.row.id for one in found[:MOST_PICKED]]),
        held=sum(one.row.held for one in found),
        approved=sum(one.row.approved_version_id is not None for one in found if not one.row.held),
    )  # fmt: skip


@bp.get("/<int:version_id>/export")
@needs(*READERS)
def export(version_id: int) -> Any:
    """The change as a workbook; officers as numbers only."""
    cause = queries.cause(db.session, current_user, version_id, clock.today())
    name = f"{cause.version.law.title}-{cause.version.label}-{clock.today().isoformat()}.xlsx"
    return send_file(BytesIO(sheet.workbook(cause)), mimetype=XLSX, as_attachment=True, download_name=name)


@bp.get("/held")
@needs(Permission.MANAGE_BANK)
def held() -> Any:
    """Questions out of the draw that wait for this trainer, each with the old and the new text."""
    page, bank = max(1, request.args.get("page", 1, int)), request.args.get("bank", "")
    rows, holds, total = hits.waiting(
        db.session, current_user, bank=bank, first=(page - 1) * QUESTIONS, limit=QUESTIONS
    )
    before_showing(current_user, [row.current_version_id for row in rows], ViewedBy.LIST, clock.now())
    return render_template(
        "reports/law_changes/held.html", rows=desk.dress(db.session, rows, holds, clock.today()), total=total,
        page_number=page, size=QUESTIONS, bank=bank,
    )  # fmt: skip


def _back(anchor: str | None = None) -> Any:
    """To the page of the list from which the form came."""
    place = {name: request.args.get(name) or None for name in ("page", "bank")}
    return redirect(url_for("law_changes.held", **place, _anchor=anchor), 303)


@bp.post("/held/<question_code>/confirm")
@needs(Permission.MANAGE_BANK)
def confirm(question_code: str) -> Any:
    """The key is still right: the question cites what stands now, and a second person looks at it."""
    row = hits.held_in_scope(db.session, current_user, question_code)
    moves = {}
    for hold in open_holds(db.session, row.id):
        answer = desk.chosen(
            db.session, hold, request.form.get(f"to-{hold.id}", ""), request.form.get(f"picked-{hold.id}", "")
        )
        if answer is not None:
            moves[hold.law, hold.label, hold.article] = answer
    try:
        confirming.confirm(
            db.session, row, moves, version_id=request.form.get("seen", 0, int), account_id=current_user.id,
            now=clock.now(), note=request.form.get("note", "").strip()[:500] or None,
        )  # fmt: skip
    except confirming.NewArticleMissing as refusal:
        db.session.rollback()
        flash(f"{question_code}: {i18n.gettext(refusal.message, **refusal.values)}", "info")
        return _back(f"held-{question_code}")
    db.session.commit()
    flash(i18n.gettext(N_("%(code)s cites the law of today and waits for another person's review."), code=row.code))
    return _back()


@bp.post("/held/<question_code>/retire")
@needs(Permission.MANAGE_BANK)
def retire(question_code: str) -> Any:
    row = hits.held_in_scope(db.session, current_user, question_code)
    confirming.retire(
        db.session, row, version_id=request.form.get("seen", 0, int), account_id=current_user.id,
        now=clock.now(), note=request.form.get("note", "").strip()[:500] or None,
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("%(code)s is retired."), code=row.code))
    return _back()
