"""Towns' lists: the county at a glance, one town, one version, and one's own town's list."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.ground.web import SIGNED_IN, needs
from portal.library.matters.chips import chips
from portal.library.matters.evaluations import queries as evaluations
from portal.library.matters.lists import queries, sheet
from portal.library.matters.lists.models import ListState, TownList
from portal.library.matters.lists.rules import Difference, difference
from portal.library.matters.models import MatterVersion
from portal.people.models import Body, Field
from portal.people.queries import account_names
from portal.people.rules import Permission

bp = Blueprint("library_lists", __name__, url_prefix="/library/lists")
PAGE = 50
MOST_OFFICERS = 200


@bp.get("")
@needs(*queries.OVERLOOK)
def glance() -> Any:
    """Towns by fields; every number opens the list."""
    above = queries.counties(db.session, current_user)
    under = next((b for b in above if b.id == request.args.get("under", type=int)), None)
    page, lacking = max(1, request.args.get("page", 1, int)), bool(request.args.get("lacking"))
    words = request.args.get("words", "").strip()[:60]
    rows, total, lack = queries.at_a_glance(
        db.session, current_user, clock.today(), under=under.path if under else "", lacking=lacking, words=words,
        page=page, size=PAGE,
    )  # fmt: skip
    keeps = Permission.EDIT_MATTERS in current_user.permissions
    return render_template(
        "library/matters/lists/glance.html", rows=rows, total=total, lack=lack, lacking=lacking, under=under,
        above=above, words=words, page_number=page, size=PAGE, fields=list(Field), keeps=keeps,
    )  # fmt: skip


@bp.get("/mine")
@needs(SIGNED_IN)
def mine() -> Any:
    """What the town I work in may do, to be read on a phone."""
    today, towns = clock.today(), queries.own_towns(db.session, current_user)
    chosen = next((t for t in towns if t.id == request.args.get("town", type=int)), towns[0] if towns else None)
    row = queries.list_in_force(db.session, chosen.id, today) if chosen else None
    held = _held(row)
    matters = _by_code(held)
    return render_template(
        "library/matters/lists/mine.html", towns=towns, town=chosen, row=row, matters=matters, today=today,
        fields=[f for f in Field if any(v.field == f for v in matters)],
        diff=_since(queries.before(db.session, row), held) if row else None,
        chips=chips(db.session, (b for v in matters for b in v.bases), today),
    )  # fmt: skip


@bp.get("/<int:body_id>")
@needs(SIGNED_IN)
def town(body_id: int) -> Any:
    """One town: the list in force, every version, and what whoever keeps it may do."""
    body = queries.town(db.session, current_user, body_id)
    keeps, today = _keeps(body), clock.today()
    versions = [v for v in queries.versions(db.session, body.id) if keeps or v.state == ListState.PUBLISHED]
    row = queries.list_in_force(db.session, body.id, today)
    return render_template(
        "library/matters/lists/town.html", body=body, row=row, versions=versions, keeps=keeps, today=today,
        draft=next((v for v in versions if v.state == ListState.DRAFT), None),
        names=account_names(db.session, {a for v in versions for a in (v.created_by_id, v.published_by_id) if a}),
        officers=queries.count_officers_of_towns(db.session, [body.id]),
        matters=_by_code(_held(row)), fields=list(Field),
    )  # fmt: skip


@bp.get("/<int:body_id>/<int:number>")
@needs(SIGNED_IN)
def version(body_id: int, number: int) -> Any:
    """One version: its matters, what it has beside the one before, and whom that concerns."""
    body = queries.town(db.session, current_user, body_id)
    keeps, today = _keeps(body), clock.today()
    row = queries.one(db.session, body, number, drafts=keeps)
    last, held = queries.before(db.session, row), _held(row)
    matters = _by_code(held)
    sees_roster = Permission.SEE_ROSTER in current_user.permissions
    return render_template(
        "library/matters/lists/version.html", body=body, row=row, last=last, matters=matters, diff=_since(last, held),
        keeps=keeps, today=today, fields=[f for f in Field if any(v.field == f for v in matters)],
        chips=chips(db.session, (b for v in matters for b in v.bases), today), sees_roster=sees_roster,
        officers=queries.count_officers_of_towns(db.session, [body.id]),
        posts=queries.officers_of_towns(db.session, [body.id], current_user, size=MOST_OFFICERS) if sees_roster else [],
        rounds=evaluations.of_list(db.session, row.id) if _overlooks() else [],
    )  # fmt: skip


@bp.get("/<int:body_id>/<int:number>/export.xlsx")
@needs(SIGNED_IN)
def export(body_id: int, number: int) -> Any:
    """The list as a workbook, as the import reads it."""
    body = queries.town(db.session, current_user, body_id)
    row = queries.one(db.session, body, number, drafts=_keeps(body))
    content = write_workbook([Page("赋权事项清单", sheet.rows(body, row, _by_code(_held(row))), sheet.WIDTHS)])
    name = f"{body.name}-{i18n.gettext(N_('List of matters'))}-{number}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


def _overlooks() -> bool:
    return not current_user.permissions.isdisjoint(queries.OVERLOOK)


def _keeps(body: Body) -> bool:
    return queries.keeps_town(db.session, current_user, body)


def _held(row: TownList | None) -> Mapping[int, MatterVersion]:
    """Matter id → version, of a list that was read or of none."""
    return queries.contents(db.session, row.id) if row else {}


def _by_code(held: Mapping[int, MatterVersion]) -> list[MatterVersion]:
    """The matters of a list by field and number."""
    return sorted(held.values(), key=lambda v: (list(Field).index(Field(v.field)), v.matter.code))


def _since(last: TownList | None, held: Mapping[int, MatterVersion]) -> Difference:
    """What a list has beside the one before it."""
    return difference(_held(last), held)
