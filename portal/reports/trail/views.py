"""The audit trail's pages: search, one line, what is sealed behind it, and the export."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.sheets import XLSX
from portal.ground.web import needs
from portal.people.rules import Permission
from portal.reports.trail import operations, queries, sheet
from portal.reports.trail.forms import RevealForm
from portal.reports.trail.rules import Search

bp = Blueprint("reports_trail", __name__, url_prefix="/audit")
CSV = "text/csv; charset=utf-8"


@bp.get("/")
@needs(Permission.SEE_AUDIT)
def lines():
    """What was done inside what the reader answers for, newest first."""
    search, before = Search.from_typed(request.args), request.args.get("before", None, int)
    found, more = queries.lines(db.session, current_user, search, before=before)
    return render_template(
        "reports/trail/lines.html", entries=found, more=more, search=search, before=before,
        names=queries.names(db.session, found),
    )  # fmt: skip


@bp.get("/<int:number>")
@needs(Permission.SEE_AUDIT)
def line(number: int):
    return _page(queries.one(db.session, current_user, number), RevealForm())


@bp.post("/<int:number>/personal")
@needs(Permission.SEE_AUDIT, fresh=True)
def reveal(number: int):
    """What is sealed, once the reader has said what for."""
    entry, form = queries.one(db.session, current_user, number), RevealForm()
    if not form.validate_on_submit():
        return _page(entry, form), 422
    found = operations.reveal(
        db.session, entry.line, purpose=form.purpose.data, note=form.note.data.strip(),
        account_id=current_user.id, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return _page(entry, form, found)


@bp.post("/export")
@needs(Permission.SEE_AUDIT, fresh=True)
def export():
    """The lines of a search as .xlsx or .csv; that they were taken is a line of its own."""
    search, account = Search.from_typed(request.form), current_user._get_current_object()
    kind = "csv" if request.form.get("format") == "csv" else "xlsx"
    db.session.commit()  # nothing is written yet: others may write while the lines are read
    rows: list[list[str]] = []
    with db.reading() as session:
        for piece in queries.every_line(session, account, search):
            names = queries.names(session, piece)
            rows += [sheet.row(entry, names) for entry in piece]
    content = sheet.as_csv(rows) if kind == "csv" else sheet.as_xlsx(rows)
    operations.note_export(
        db.session, len(rows), kind=kind, filters=sorted(search.typed()), body_id=queries.top_body_id(account),
        account_id=account.id, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    name = f"{i18n.gettext(N_('Audit trail'))}-{clock.today().isoformat()}.{kind}"
    return send_file(
        BytesIO(content), mimetype=CSV if kind == "csv" else XLSX, as_attachment=True, download_name=name
    )


def _page(entry: queries.Entry, form: RevealForm, revealed: dict[str, Any] | None = None) -> str:
    return render_template(
        "reports/trail/line.html", entry=entry, form=form, revealed=revealed,
        place=queries.place(db.session, entry), names=queries.names(db.session, [entry]),
    )  # fmt: skip
