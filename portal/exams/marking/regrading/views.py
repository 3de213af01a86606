"""Pages of one regrade: its effect, the second person's step, how far it is, what came of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.exams import queries as exams
from portal.exams.making.queries import exam_held
from portal.exams.marking.regrading import operations, queries
from portal.exams.marking.regrading.models import Regrade, RegradeState
from portal.exams.models import Exam
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("regrading", __name__, url_prefix="/exams/manage")
HEADER = (
    N_("Name"), N_("Personnel number"), N_("Attempt"), N_("Form of the paper"), N_("Mark before"), N_("Mark after"),
    N_("Before"), N_("After"), N_("Published"),
)  # fmt: skip


@bp.get("/<int:exam_id>/regrades/<int:regrade_id>")
@needs(Permission.MANAGE_EXAMS)
def one(exam_id: int, regrade_id: int) -> Any:
    """What the change comes to, flips first, and the step that comes next."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    regrade = queries.regrade_of(db.session, exam, regrade_id)
    page = max(request.args.get("page", 1, int), 1)
    only_flips = request.args.get("only") == "flips"
    lines, total = queries.effect(db.session, regrade, only_flips=only_flips, page=page)
    waits = regrade.state == RegradeState.PROPOSED
    return render_template(
        "exams/marking/regrade.html", exam=exam, regrade=regrade, lines=lines, total=total, page_number=page,
        size=queries.SIZE, only_flips=only_flips, going=_going(regrade), share=_share(regrade),
        sums=regrade.applied_counts if regrade.applied_at else regrade.seen,
        since=queries.marked_since(db.session, regrade) if regrade.state in ("draft", "proposed") else 0,
        may_approve=waits and operations.may_approve(db.session, regrade, exam, current_user),
        desk=queries.desk(db.session, regrade, exam) if waits else None, done_text=_done_text(regrade),
        names=queries.names_of_accounts(db.session, {regrade.made_by_id, regrade.decided_by_id}),
    )  # fmt: skip


def _going(regrade: Regrade) -> bool:
    """Whether the worker is at it."""
    looking = regrade.state in (RegradeState.DRAFT, RegradeState.PROPOSED) and regrade.looked_at is None
    return looking or regrade.state == RegradeState.APPROVED


def _done(regrade: Regrade) -> int:
    sums = regrade.applied_counts if regrade.state == RegradeState.APPROVED else regrade.seen
    return sums.get("papers", 0) + sums.get("voided", 0)


def _share(regrade: Regrade) -> int:
    """How far it is, of a thousand."""
    return 20 + min(970, 980 * _done(regrade) // max(1, queries.papers_of(db.session, regrade)))


def _done_text(regrade: Regrade) -> str:
    values = {"n": _done(regrade), "all": queries.papers_of(db.session, regrade)}
    return i18n.gettext(N_("%(n)s of %(all)s papers"), **values)


@bp.get("/<int:exam_id>/regrades/<int:regrade_id>/progress")
@needs(Permission.MANAGE_EXAMS)
def progress(exam_id: int, regrade_id: int) -> Any:
    """How far it is; the page asks once a second and may be closed."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    regrade = queries.regrade_of(db.session, exam, regrade_id)
    state = "going" if _going(regrade) else "done"
    return {"state": state, "share": _share(regrade), "text": _done_text(regrade)}


@bp.get("/<int:exam_id>/regrades/<int:regrade_id>/export.xlsx")
@needs(Permission.MANAGE_EXAMS)
def export(exam_id: int, regrade_id: int) -> Any:
    """Every paper that changes, as a workbook."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    regrade = queries.regrade_of(db.session, exam, regrade_id)
    lines, _ = queries.effect(db.session, regrade, size=None)
    word = {True: i18n.gettext(N_("Pass")), False: i18n.gettext(N_("Fail"))}
    said = {True: i18n.gettext(N_("yes")), False: i18n.gettext(N_("no"))}
    rows = [[i18n.gettext(title) for title in HEADER]]
    rows += [
        [
            line.name, line.personnel_number, str(line.number), str(line.form), _mark(line.before), _mark(line.after),
            word[line.passed_before], word[line.passed_after], said[line.released],
        ]
        for line in lines
    ]  # fmt: skip
    content = write_workbook([Page(i18n.gettext(N_("Regrade")), rows, (14, 18, 8, 8, 12, 12, 10, 10, 10))])
    name = f"{exam.code}-{i18n.gettext(N_('Regrade'))}-{regrade.id}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


def _mark(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _held(exam_id: int, regrade_id: int) -> tuple[Exam, Regrade]:
    """Both rows, ours until the transaction ends."""
    exam = exam_held(db.session, current_user, exam_id)
    return exam, queries.regrade_of(db.session, exam, regrade_id, hold=True)


@bp.post("/<int:exam_id>/regrades/<int:regrade_id>/count")
@needs(Permission.MANAGE_EXAMS)
def count_again(exam_id: int, regrade_id: int) -> Any:
    """Count the effect anew."""
    _, regrade = _held(exam_id, regrade_id)
    operations.count_again(db.session, regrade, now=clock.now())
    db.session.commit()
    return _back(exam_id, regrade_id, "")


@bp.post("/<int:exam_id>/regrades/<int:regrade_id>/propose")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def propose(exam_id: int, regrade_id: int) -> Any:
    """Hand it to a second person."""
    exam, regrade = _held(exam_id, regrade_id)
    operations.propose(db.session, regrade, exam, account=current_user, now=clock.now())
    db.session.commit()
    return _back(exam_id, regrade_id, N_("Proposed. Another exam administrator approves or refuses it."))


@bp.post("/<int:exam_id>/regrades/<int:regrade_id>/approve")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def approve(exam_id: int, regrade_id: int) -> Any:
    """The second person's step; the worker applies it."""
    exam, regrade = _held(exam_id, regrade_id)
    operations.approve(db.session, regrade, exam, account=current_user, now=clock.now())
    db.session.commit()
    return _back(exam_id, regrade_id, N_("Approved. The papers are being marked anew; you may close this page."))


@bp.post("/<int:exam_id>/regrades/<int:regrade_id>/refuse")
@needs(Permission.MANAGE_EXAMS)
def refuse(exam_id: int, regrade_id: int) -> Any:
    """Refused by the second person; nothing changes."""
    exam, regrade = _held(exam_id, regrade_id)
    operations.refuse(
        db.session, regrade, exam, said=request.form.get("said", ""), account=current_user, now=clock.now()
    )
    db.session.commit()
    return _back(exam_id, regrade_id, N_("Refused. The keys stay as they are."))


@bp.post("/<int:exam_id>/regrades/<int:regrade_id>/withdraw")
@needs(Permission.MANAGE_EXAMS)
def withdraw(exam_id: int, regrade_id: int) -> Any:
    """Taken back before it is decided; nothing changes."""
    exam, regrade = _held(exam_id, regrade_id)
    operations.withdraw(
        db.session, regrade, exam, said=request.form.get("said", ""), account=current_user, now=clock.now()
    )
    db.session.commit()
    return _back(exam_id, regrade_id, N_("Taken back. The keys stay as they are."))


def _back(exam_id: int, regrade_id: int, said: str) -> Any:
    if said:
        flash(i18n.gettext(said))
    return redirect(url_for("regrading.one", exam_id=exam_id, regrade_id=regrade_id), 303)
