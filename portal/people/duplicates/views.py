"""The list of pairs, and putting two records side by side by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user

from portal.ground import clock
from portal.ground.db import db
from portal.ground.web import needs
from portal.people.duplicates import operations, queries
from portal.people.rules import Permission

bp = Blueprint("people_duplicates", __name__, url_prefix="/duplicates", template_folder="templates")
PAGE = 50


@bp.get("")
@needs(Permission.MERGE_PERSON)
def pairs() -> Any:
    """Records that may be one human being; the strongest reasons stand first."""
    which = request.args.get("list", "open")
    which = which if which in queries.LISTS else "open"
    page = max(1, request.args.get("page", 1, int))
    rows, total = queries.pairs(db.session, current_user, which, page=page, size=PAGE)
    people = [person_id for pair in rows for person_id in (pair.first_id, pair.second_id)]
    return render_template(
        "people/duplicates/pairs.html", rows=rows, total=total, page_number=page, size=PAGE, which=which,
        lists=list(queries.LISTS), units=queries.units_of(db.session, people),
        waiting=queries.waiting_count(db.session, current_user), search=queries.last_search(db.session),
    )  # fmt: skip


@bp.post("/by-hand")
@needs(Permission.MERGE_PERSON)
def by_hand() -> Any:
    """Two personnel numbers, both in scope."""
    one, other = (
        queries.person_by_number(db.session, current_user, request.form.get(name, "").strip())
        for name in ("first", "second")
    )
    pair = operations.pair_by_hand(db.session, one, other, now=clock.now())
    db.session.commit()
    return redirect(url_for("reports_duplicates.one", pair_id=pair.id), 303)
