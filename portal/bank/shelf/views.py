"""The tree of topics with its questions, and the enforcement fields with what hangs on each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_login import current_user

from portal.bank.shelf import queries
from portal.ground import clock
from portal.ground.db import db
from portal.ground.web import needs
from portal.library.guides import queries as guides_kept
from portal.library.matters import queries as matters_kept
from portal.library.topics import queries as topics_kept
from portal.library.topics.rules import path_of
from portal.people.rules import Permission

bp = Blueprint("bank_shelf", __name__, url_prefix="/library")
PAGE = 50
READERS = queries.READERS


def _field() -> str | None:
    asked = request.args.get("field")
    return asked if asked in topics_kept.FIELDS else None


@bp.get("/topics")
@needs(*READERS)
def topics() -> Any:
    """The whole tree, or one field of it; words in use that no topic has stand below it."""
    return render_template(
        "library/topics/tree.html", tree=queries.tree(db.session, _field(), current_user), field=_field(),
        fields=topics_kept.FIELDS, statuses=queries.STATUSES, kept=topics_kept.fields_kept(current_user),
    )  # fmt: skip


@bp.get("/topics/<code>")
@needs(*READERS)
def topic(code: str) -> Any:
    """One topic: its words, and its questions bank by bank."""
    row = topics_kept.topic(db.session, code)
    every = topics_kept.nodes(db.session)
    words = topics_kept.words(db.session)[row.id] or {row.title}
    into = every.get(row.merged_into_id) if row.merged_into_id else None
    return render_template(
        "library/topics/one.html", row=row, words=sorted(words - {row.title}), into=into,
        path=path_of(every, row.id), history=topics_kept.history(db.session, row.id),
        banks=queries.by_bank(db.session, sorted(words), row.field, current_user), statuses=queries.STATUSES,
        readable=queries.readable(db.session, current_user),
        kept=row.field in topics_kept.fields_kept(current_user),
    )  # fmt: skip


@bp.get("/fields")
@needs(*READERS)
def fields() -> Any:
    return render_template(
        "library/fields.html", fields=topics_kept.FIELDS, counts=queries.by_field(db.session, current_user),
        topics=topics_kept.per_field(db.session), matters=matters_kept.per_field(db.session, clock.today()),
        guides=guides_kept.per_field(db.session, current_user, clock.today()),
    )  # fmt: skip


@bp.get("/guides/<int:guide_id>/questions")
@needs(Permission.MANAGE_BANK)
def guide_questions(guide_id: int) -> Any:
    """The questions of one's banks that name a guide as their source."""
    row = guides_kept.guide(db.session, current_user, guide_id, clock.today())
    page = max(1, request.args.get("page", 1, int))
    rows, total = queries.naming(db.session, current_user, row.title, page=page, size=PAGE)
    return render_template(
        "library/guides/questions.html", guide=row, rows=rows, total=total, page_number=page, size=PAGE
    )
