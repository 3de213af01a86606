"""The law library for everyone signed in: laws, a version to read, an article, two versions side by side."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import SIGNED_IN, needs, wants_json
from portal.library import articles, comparisons, panel, queries
from portal.library.models import LawKind
from question_bank.laws.comparing import ChangeKind

bp = Blueprint("library", __name__, template_folder="templates", url_prefix="/library")
PAGE = 50
PICKED = 20
LONGEST_WORDS = 100


def _day() -> date:
    """The day asked for, else today."""
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return clock.today()


def _words() -> str:
    return " ".join(request.args.get("q", "").split())[:LONGEST_WORDS]


@bp.get("/laws")
@needs(SIGNED_IN)
def laws() -> Any:
    """Every law with its versions; with words, the articles in which they stand."""
    words, on, page = _words(), _day(), max(1, request.args.get("page", 1, int))
    kind = request.args.get("kind", "")
    rows, total = queries.law_list(db.session, words, kind, on, page=page, size=PAGE)
    found = articles.pick_articles(db.session, words, on, limit=PAGE) if words else []
    return render_template(
        "library/laws.html", rows=rows, total=total, found=found, words=words, on=on, kind=kind, kinds=list(LawKind),
        page_number=page, size=PAGE, may_edit=queries.may_edit_laws(db.session, current_user),
    )  # fmt: skip


@bp.get("/laws/<int:version_id>")
@needs(SIGNED_IN)
def version(version_id: int) -> Any:
    """One version to read and to print."""
    law, row, summaries = queries.law_version(db.session, version_id)
    texts = articles.headings(queries.articles_of(db.session, version_id))
    return render_template(
        "library/version.html", law=law, version=row, summaries=summaries, texts=texts, on=clock.today(),
        others=queries.versions_of(db.session, law.id), ending=queries.ending_of(db.session, law.title),
        compared=comparisons.compared_with(db.session, version_id),
        may_edit=queries.may_edit_laws(db.session, current_user),
    )  # fmt: skip


@bp.get("/articles/<int:article_id>")
@needs(SIGNED_IN)
def article(article_id: int) -> Any:
    """One article with its course through the versions; as JSON, or with `part=1`, for a panel beside a page."""
    row = articles.article(db.session, article_id)
    if wants_json():
        return jsonify(panel.of_article(row, articles.history(db.session, row), clock.today()))
    page = "library/_article.html" if request.args.get("part") else "library/article.html"
    return render_template(
        page, article=row, steps=articles.history(db.session, row), on=clock.today(),
        neighbours=queries.neighbours(db.session, row),
    )  # fmt: skip


@bp.get("/cited")
@needs(SIGNED_IN)
def cited() -> Any:
    """The article a citation means (law, label, article), whole or as the part for a side panel."""
    wanted = {name: request.args.get(name, "")[:LONGEST_WORDS] for name in ("law", "label", "article")}
    article_id = articles.article_ids(db.session, [wanted]).get(tuple(wanted.values()))
    if article_id is not None:
        return article(article_id)
    known = queries.versions_for(db.session, [wanted], clock.today()).get((wanted["law"], wanted["label"]))
    page = "library/_untexted.html" if request.args.get("part") else "library/untexted.html"
    summary = queries.summary_of(db.session, **wanted) if known else None
    if wants_json():
        return jsonify(panel.of_untexted(wanted, known is not None, summary))
    return render_template(page, cited=wanted, version=known, summary=summary)


@bp.get("/articles.json")
@needs(SIGNED_IN)
def articles_json() -> Any:
    """The article picker: what is meant by some typed words."""
    words, on = _words(), _day()
    found = articles.pick_articles(db.session, words, on, limit=PICKED)
    found += articles.pick_untexted(db.session, words, on, limit=PICKED - len(found))
    return jsonify([vars(one) for one in found])


@bp.get("/laws/<int:old_id>/with/<int:new_id>")
@needs(SIGNED_IN)
def compare(old_id: int, new_id: int) -> Any:
    """Two versions of a law beside each other, by kind of change."""
    old, new, changes = comparisons.stored(db.session, old_id, new_id)
    kind = request.args.get("kind", "")
    tally = {str(k): sum(c.kind == k for c in changes) for k in ChangeKind}
    chosen = [c for c in changes if (c.kind == kind if kind in tally else c.kind != ChangeKind.SAME)]
    page = max(1, request.args.get("page", 1, int))
    shown = comparisons.side_by_side(chosen[(page - 1) * PAGE : page * PAGE])
    return render_template(
        "library/compare.html", old=old, new=new, law=new.law, changes=shown, tally=tally, kind=kind,
        total=len(chosen), page_number=page, size=PAGE, title=i18n.gettext(N_("Comparison")),
    )  # fmt: skip
