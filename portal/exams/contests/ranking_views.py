"""The scoreboard as it stands for who holds the contest, and the published ranking for who may read it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import render_template, request, send_file
from flask_login import current_user

from portal.exams.contests import figures, holding, queries
from portal.exams.contests.board import Board, board_of, pages
from portal.exams.contests.operations import line
from portal.exams.contests.rules import Row
from portal.exams.contests.views import bp
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, write_workbook
from portal.ground.web import needs
from portal.people.identity import same_person_ids
from portal.people.queries import account_names
from portal.people.rules import Permission


@bp.get("/<int:contest_id>/board")
@needs(Permission.MANAGE_EXAMS)
def board(contest_id: int) -> Any:
    """Everybody as he stands now; nothing of it is published."""
    contest = queries.contest_in_scope(db.session, current_user, contest_id)
    rows = figures.table(db.session, contest) if contest.state == "started" else []
    return render_template(
        "exams/contests/board.html", contest=contest, board=board_of(contest, rows), own=set(),
        current=holding.current(contest), versions=queries.rankings(db.session, contest.id),
        changed=figures.changed_since(db.session, contest),
    )  # fmt: skip


@bp.post("/<int:contest_id>/board.xlsx")
@needs(Permission.MANAGE_EXAMS)
def export(contest_id: int) -> Any:
    """The same as a workbook; that it was taken out is on record."""
    contest = queries.contest_in_scope(db.session, current_user, contest_id)
    rows = figures.table(db.session, contest) if contest.state == "started" else []
    content = write_workbook(pages(board_of(contest, rows)))
    line(db.session, "contest_exported", contest, current_user, clock.now(), rows=len(rows))
    db.session.commit()
    return _file(contest.id, content)


@bp.get("/<int:contest_id>/ranking")
@needs(Permission.SIT_EXAM, Permission.MANAGE_EXAMS)
def ranking(contest_id: int) -> Any:
    """One published version, the newest where none is asked for; made to be printed too."""
    found = queries.published(db.session, current_user, contest_id, request.args.get("version", None, int))
    shown = _board(found)
    mine = same_person_ids(db.session, current_user.person_id)
    own = {party.id for party in found.contest.parties if any(one.person_id in mine for one in party.members)}
    return render_template(
        "exams/contests/ranking.html", contest=found.contest, ranking=found.ranking, versions=found.versions,
        board=shown, own=own, by=account_names(db.session, {found.ranking.account_id}).get(found.ranking.account_id),
    )  # fmt: skip


@bp.get("/<int:contest_id>/ranking.xlsx")
@needs(Permission.SIT_EXAM, Permission.MANAGE_EXAMS)
def ranking_sheet(contest_id: int) -> Any:
    """One published version as a workbook."""
    found = queries.published(db.session, current_user, contest_id, request.args.get("version", None, int))
    return _file(contest_id, write_workbook(pages(_board(found))))


def _board(found: queries.Published) -> Board:
    return board_of(found.contest, [Row.from_plain(kept) for kept in found.ranking.body])


def _file(contest_id: int, content: bytes) -> Any:
    name = f"{i18n.gettext(N_('Ranking'))}-{contest_id}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)
