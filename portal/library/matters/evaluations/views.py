"""Rounds of evaluation: the list of them, one with its findings, and the workbook to take away."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.ground.web import needs
from portal.library.matters.evaluations import operations, queries
from portal.library.matters.evaluations.models import ListEvaluation, Proposal
from portal.library.matters.lists import queries as lists
from portal.library.matters.lists.models import TownListEntry
from portal.people.queries import account_names
from portal.people.rules import Permission

bp = Blueprint("library_evaluations", __name__, url_prefix="/library/evaluations")
PAGE = 50
HEAD = (N_("Number"), N_("Matter"), N_("Times used"), N_("Can carry it"), N_("Proposal"), N_("Remarks"),
        N_("Found by"), N_("On"))  # fmt: skip
WIDTHS = [12, 50, 10, 14, 10, 50, 14, 18]
YES, NO, KEEP, RETURN = N_("Yes"), N_("No"), N_("Keep"), N_("Return")


@bp.get("")
@needs(*lists.OVERLOOK)
def rounds() -> Any:
    page, open_only = max(1, request.args.get("page", 1, int)), bool(request.args.get("open"))
    rows, total = queries.rounds(db.session, current_user, open_only=open_only, page=page, size=PAGE)
    return render_template(
        "library/matters/evaluations/rounds.html", rows=rows, total=total, page_number=page, size=PAGE,
        open_only=open_only,
    )  # fmt: skip


@bp.post("/of/<int:body_id>/<int:number>")
@needs(Permission.EDIT_MATTERS)
def begin(body_id: int, number: int) -> Any:
    """A round of one version of a town's list."""
    body = lists.town(db.session, current_user, body_id, keep=True)
    row = operations.open_round(
        db.session, lists.one(db.session, body, number, drafts=False), period_from=_day("period_from"),
        period_until=_day("period_until"), account=current_user, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return redirect(url_for(".one", evaluation_id=row.id), 303)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as wrong:
        raise Malformed(N_("Enter the day like 2024-03-01.")) from wrong


@bp.get("/<int:evaluation_id>")
@needs(*lists.OVERLOOK)
def one(evaluation_id: int) -> Any:
    row = queries.evaluation(db.session, current_user, evaluation_id)
    entries, findings = _entries(row), queries.newest_findings(db.session, [row.id])
    people = {f.account_id for f in findings.values()} | {row.started_by_id, row.closed_by_id or row.started_by_id}
    keeps = db.session.scalar(
        lists.select(lists.Body.id).where(lists.Body.id == row.list.body_id, lists.kept_towns(current_user))
    )
    return render_template(
        "library/matters/evaluations/one.html", row=row, entries=entries,
        findings={entry: f for (_, entry), f in findings.items()}, tally=queries.tally(db.session, row),
        names=account_names(db.session, people), keeps=bool(keeps), proposals=list(Proposal),
    )  # fmt: skip


@bp.post("/<int:evaluation_id>/findings")
@needs(Permission.EDIT_MATTERS)
def note(evaluation_id: int) -> Any:
    """Every matter on the page whose figure was filled in."""
    row = queries.evaluation(db.session, current_user, evaluation_id, keep=True)
    noted = 0
    for entry in _entries(row):
        typed = request.form.get(f"times-{entry.id}", "").strip()
        if typed:
            noted += operations.note_finding(
                db.session, row, entry, times_used=_number(typed),
                capable=request.form.get(f"capable-{entry.id}") == "yes",
                proposal=Proposal.RETURN if request.form.get(f"proposal-{entry.id}") == "return" else Proposal.KEEP,
                remark=request.form.get(f"remark-{entry.id}", ""), account=current_user, now=clock.now(),
            ) is not None  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s findings noted."), n=noted))
    return redirect(url_for(".one", evaluation_id=row.id), 303)


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 8):
        raise Malformed(N_("Write how many times the matter was used, 0 or more."))
    return int(typed)


@bp.post("/<int:evaluation_id>/close")
@needs(Permission.EDIT_MATTERS)
def close(evaluation_id: int) -> Any:
    row = queries.evaluation(db.session, current_user, evaluation_id, keep=True)
    operations.close_round(
        db.session, row, request.form.get("conclusion", ""), account=current_user, now=clock.now()
    )
    db.session.commit()
    flash(i18n.gettext(N_("The round is closed.")))
    return redirect(url_for(".one", evaluation_id=row.id), 303)


@bp.get("/<int:evaluation_id>/export.xlsx")
@needs(*lists.OVERLOOK)
def export(evaluation_id: int) -> Any:
    row = queries.evaluation(db.session, current_user, evaluation_id)
    findings = queries.newest_findings(db.session, [row.id])
    names = account_names(db.session, {f.account_id for f in findings.values()})
    made: list[list[Any]] = [[i18n.gettext(title) for title in HEAD]]
    for entry in _entries(row):
        matter, f = [entry.version.matter.code, entry.version.title], findings.get((row.id, entry.id))
        if f is not None:
            proposed = RETURN if f.proposal == Proposal.RETURN else KEEP
            words = [i18n.gettext(YES if f.capable else NO), i18n.gettext(proposed)]
            matter += [f.times_used, *words, f.remark, names.get(f.account_id, ""), clock.local(f.at).date()]
        made.append(matter)
    content = write_workbook([Page(i18n.gettext(N_("Evaluation")), made, WIDTHS)])
    name = f"{row.list.body.name}-{i18n.gettext(N_('Evaluation'))}-{row.number}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


def _entries(row: ListEvaluation) -> list[TownListEntry]:
    """The list's entries by number, with what each says."""
    found = lists.one(db.session, row.list.body, row.list.number, drafts=False).entries
    return sorted(found, key=lambda entry: entry.version.matter.code)
