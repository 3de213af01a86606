"""The contest desk: the list, one contest, its rounds and who takes part, the steps from draft to ranking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.exams.contests import holding, operations, queries
from portal.exams.contests.board import said_points
from portal.exams.contests.figures import current_round
from portal.exams.contests.forms import NewContestForm, RoundForm, SettingsForm, typed_numbers
from portal.exams.contests.models import Ability, Contest, ContestKind
from portal.exams.making.queries import body_for_exam, own_bodies
from portal.exams.making.views import NOT_YOURS
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.queries import account_names
from portal.people.rules import Permission

bp = Blueprint("contests", __name__, template_folder="../templates", url_prefix="/exams/contests")
bp.app_context_processor(lambda: {"points": said_points})


@bp.get("/")
@needs(Permission.SIT_EXAM, Permission.MANAGE_EXAMS, Permission.MANAGE_BANK, Permission.WATCH_SITTING)
def index() -> Any:
    """What I manage, what I judge, and the rankings I may read."""
    page, may = max(request.args.get("page", 1, int), 1), current_user.permissions
    managed, total = [], 0
    published = queries.published_for(db.session, current_user)
    if Permission.MANAGE_EXAMS in may:
        managed, total = queries.listed(db.session, current_user, page)
    return render_template(
        "exams/contests/index.html", managed=managed, total=total, page_number=page, size=queries.SIZE,
        judging=queries.to_judge(db.session, current_user) if not may.isdisjoint(operations.JUDGES) else [],
        published=published, out={contest.id for contest, _ in published}, manages=Permission.MANAGE_EXAMS in may,
    )  # fmt: skip


@bp.get("/new")
@needs(Permission.MANAGE_EXAMS)
def new() -> Any:
    form, own = NewContestForm(formdata=None), own_bodies(db.session, current_user)
    form.body.data = own[0].name if own else ""
    return _new_page(form)


@bp.post("/new")
@needs(Permission.MANAGE_EXAMS)
def create() -> Any:
    """A draft; rounds and teams come on its own pages."""
    form = NewContestForm()
    if not form.validate_on_submit():
        return _new_page(form, 422)
    field = form.field.data or None
    try:
        body = body_for_exam(db.session, current_user, form.body.data, field)
    except NoResultFound:
        form.body.errors = [NOT_YOURS]
        return _new_page(form, 422)
    if form.ends_on.data < form.starts_on.data:
        form.ends_on.errors = [N_("The last day lies before the first.")]
        return _new_page(form, 422)
    contest = operations.make_contest(
        db.session, body, name=form.name.data, document=form.document.data, kind=form.kind.data, field=field,
        starts_on=form.starts_on.data, ends_on=form.ends_on.data, account=current_user, now=clock.now(),
        team_size=3,
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The draft is begun. Declare its rounds, then who takes part.")))
    return redirect(url_for(".one", contest_id=contest.id), 303)


def _new_page(form: NewContestForm, status: int = 200) -> Any:
    return render_template(
        "exams/contests/new.html", form=form, bodies=own_bodies(db.session, current_user)
    ), status


def _contest(contest_id: int, *, hold: bool = False) -> Contest:
    return queries.contest_in_scope(db.session, current_user, contest_id, hold=hold)


@bp.get("/<int:contest_id>")
@needs(Permission.MANAGE_EXAMS)
def one(contest_id: int) -> Any:
    """How far the contest is and what comes next."""
    contest = _contest(contest_id)
    form = SettingsForm(formdata=None)
    form.show(contest)
    return _one_page(contest, form)


def _one_page(contest: Contest, form: SettingsForm, *, refusal: Refused | None = None, status: int = 200) -> Any:
    versions = queries.rankings(db.session, contest.id)
    people = {contest.made_by_id, contest.started_by_id, *(row.account_id for row in versions)}
    draft = contest.state == "draft"
    page = render_template(
        "exams/contests/one.html", contest=contest, form=form, refusal=refusal, versions=versions,
        gaps=holding.missing(db.session, contest) if draft else [], current=holding.current(contest),
        names=account_names(db.session, people - {None}), draft=draft,
    )  # fmt: skip
    return page, status


@bp.post("/<int:contest_id>/settings")
@needs(Permission.MANAGE_EXAMS)
def change(contest_id: int) -> Any:
    contest, form = _contest(contest_id, hold=True), SettingsForm()
    if not form.validate_on_submit():
        return _one_page(contest, form, status=422)
    try:
        operations.change_contest(db.session, contest, form.values(), account=current_user, now=clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _one_page(_contest(contest_id), form, refusal=refusal, status=refusal.status)
    db.session.commit()
    flash(i18n.gettext(N_("The settings are saved.")))
    return redirect(url_for(".one", contest_id=contest_id), 303)


@bp.post("/<int:contest_id>/put-away")
@needs(Permission.MANAGE_EXAMS)
def put_away(contest_id: int) -> Any:
    operations.put_away(db.session, _contest(contest_id, hold=True), account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The draft is put away.")))
    return redirect(url_for(".index"), 303)


@bp.post("/<int:contest_id>/start")
@needs(Permission.MANAGE_EXAMS)
def start(contest_id: int) -> Any:
    """Fix everything declared; the first round can be held."""
    holding.start(db.session, _contest(contest_id, hold=True), account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The contest has begun; what was declared stays.")))
    return redirect(url_for(".rounds", contest_id=contest_id), 303)


# ---------- rounds ----------
@bp.get("/<int:contest_id>/rounds")
@needs(Permission.MANAGE_EXAMS)
def rounds(contest_id: int) -> Any:
    """The rounds as declared, their judges, and what is done with them."""
    return _rounds_page(_contest(contest_id), RoundForm(formdata=None))


def _rounds_page(contest: Contest, form: RoundForm, *, refusal: Refused | None = None, status: int = 200) -> Any:
    exams = queries.exams_for(db.session, current_user, contest)
    form.exam_id.choices = [(0, "—"), *((exam.id, f"{exam.title}：{exam.theme}") for exam in exams)]
    judges = [judge for row in contest.rounds for judge in row.judges if judge.relieved_at is None]
    page = render_template(
        "exams/contests/rounds.html", contest=contest, form=form, refusal=refusal, abilities=list(Ability),
        exams=queries.exams_of(db.session, contest), current=holding.current(contest),
        names=account_names(db.session, {judge.account_id for judge in judges}), draft=contest.state == "draft",
    )  # fmt: skip
    return page, status


@bp.post("/<int:contest_id>/rounds")
@needs(Permission.MANAGE_EXAMS)
def add_round(contest_id: int) -> Any:
    contest, form = _contest(contest_id, hold=True), RoundForm()
    if not form.validate_on_submit():
        return _rounds_page(contest, form, status=422)
    try:
        operations.add_round(db.session, contest, form.declared(), account=current_user, now=clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _rounds_page(_contest(contest_id), form, refusal=refusal, status=refusal.status)
    db.session.commit()
    flash(i18n.gettext(N_("The round is declared.")))
    return redirect(url_for(".rounds", contest_id=contest_id), 303)


# ---------- who takes part ----------
@bp.get("/<int:contest_id>/parties")
@needs(Permission.MANAGE_EXAMS)
def parties(contest_id: int) -> Any:
    """Teams with their members, or contestants."""
    return _parties_page(_contest(contest_id))


def _parties_page(contest: Contest, *, refusal: Refused | None = None, status: int = 200) -> Any:
    page = render_template(
        "exams/contests/parties.html", contest=contest, refusal=refusal, typed=request.form,
        draft=contest.state == "draft", current=current_round(contest),
        bodies=queries.bodies_below(db.session, contest) if contest.kind == ContestKind.TEAM else [],
    )  # fmt: skip
    return page, status


@bp.post("/<int:contest_id>/parties")
@needs(Permission.MANAGE_EXAMS)
def add_party(contest_id: int) -> Any:
    """A team, or contestants, by their personnel numbers."""
    contest = _contest(contest_id, hold=True)
    try:
        _add_party(contest)
    except Refused as refusal:
        db.session.rollback()
        return _parties_page(_contest(contest_id), refusal=refusal, status=refusal.status)
    db.session.commit()
    flash(i18n.gettext(N_("They take part.")))
    return redirect(url_for(".parties", contest_id=contest_id), 303)


def _add_party(contest: Contest) -> None:
    numbers = typed_numbers(request.form.get("numbers", ""))
    by = {"account": current_user, "now": clock.now()}
    if contest.kind == ContestKind.INDIVIDUAL:
        operations.add_contestants(db.session, contest, numbers, **by)
        return
    try:
        body = queries.body_below(db.session, contest, request.form.get("body", ""))
    except NoResultFound:
        raise operations.NotPossible(N_("No body below the holder is called so, nor has this code.")) from None
    operations.add_team(db.session, contest, body, numbers, name=request.form.get("name", "")[:120], **by)
