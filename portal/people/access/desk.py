"""The doors of whoever helps others in: one-time codes, slips, closing and opening accounts."""

from __future__ import annotations

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.access import entry, operations, queries
from portal.people.access.forms import ReasonForm
from portal.people.access.models import CodeKind, OneTimeCode
from portal.people.access.slip_pdf import draw_one, draw_sheet, slip_of
from portal.people.access.views import bp
from portal.people.models import Account, Body, Person
from portal.people.queries import current_post
from portal.people.rules import Permission

PAGE = 50
MOST_SLIPS = 160  # of one unit at a time: twenty sheets
PORTION = 4  # people in one transaction


class NotOpen(Refused):
    """The slip's code is used, replaced or another one."""

    code = "code_not_open"


# ---------- one person ----------
@bp.get("/people/<int:person_id>/access")
@needs(Permission.HELP_ACCOUNT)
def help(person_id: int):
    """How somebody gets in, and the one-time code that helps him."""
    person = queries.person_within(db.session, current_user, Permission.HELP_ACCOUNT, person_id)
    return _help_page(person, ReasonForm())


def _help_page(person: Person, form: ReasonForm, status: int = 200, **shown: object):
    account = queries.account_of(db.session, person.id)
    return render_template(
        "people/access/help.html", person=person, account=account, form=form, why_not=_why_not(account),
        post=current_post(db.session, person.id), codes=_open_codes(account), **shown,
    ), status  # fmt: skip


def _why_not(account: Account | None) -> str:
    """Why this helper may not issue a code, in a sentence; empty when he may."""
    if account is None:
        return ""
    try:
        operations.check_helper(current_user, Permission.HELP_ACCOUNT, account)
    except operations.NotHim as refusal:
        return i18n.gettext(refusal.message, **refusal.values)
    return i18n.gettext(N_("This account is disabled.")) if account.disabled_at else ""


def _open_codes(account: Account | None) -> list[OneTimeCode]:
    return list(queries.open_codes(db.session, account.id, clock.now())) if account else []


@bp.post("/people/<int:person_id>/access")
@needs(Permission.HELP_ACCOUNT, fresh=True)
def issue(person_id: int):
    """A one-time code, shown this once; an account is opened where there is none."""
    person = queries.person_within(db.session, current_user, Permission.HELP_ACCOUNT, person_id)
    form, now = ReasonForm(), clock.now()
    if not form.validate_on_submit():
        return _help_page(person, form, 422)
    account = queries.account_of(db.session, person_id)
    if account is None:
        account = operations.open_account(db.session, person, now=now)
    else:
        operations.check_helper(current_user, Permission.HELP_ACCOUNT, account)
    post = current_post(db.session, person_id)
    code, row = operations.issue_code(
        db.session, account, made_by=current_user, reason=form.reason.data, body_id=post.body_id if post else None,
        now=now,
    )  # fmt: skip
    db.session.commit()
    return _help_page(person, ReasonForm(formdata=None), code=code, row=row)


@bp.post("/people/<int:person_id>/access/slip")
@needs(Permission.HELP_ACCOUNT, fresh=True)
def slip(person_id: int):
    """The code that was just shown, on paper; the code comes in the form, never in the address."""
    person = queries.person_within(db.session, current_user, Permission.HELP_ACCOUNT, person_id)
    account = queries.account_of(db.session, person_id)
    code = request.form.get("code", "")
    row = operations.own_code(db.session, account, current_user, code, now=clock.now()) if account else None
    if row is None:
        raise NotOpen(N_("This code is used, replaced or too old. Issue a new one."))
    printed = slip_of(person, _unit(person), code, row, entry.settings().base_url)
    db.session.rollback()  # drawing must not hold the writer
    return _pdf(draw_one(printed), "slip.pdf")


def _unit(person: Person) -> str:
    post = current_post(db.session, person.id)
    return post.body.name if post else "—"


def _pdf(body: bytes, name: str):
    """Shown as pages first; no forced download."""
    return send_file(BytesIO(body), mimetype="application/pdf", download_name=name, max_age=0)


# ---------- closing and opening ----------
@bp.get("/people/<int:person_id>/account")
@needs(Permission.DISABLE_ACCOUNT)
def account(person_id: int):
    person = queries.person_within(db.session, current_user, Permission.DISABLE_ACCOUNT, person_id)
    return _account_page(person, ReasonForm())


def _account_page(person: Person, form: ReasonForm, status: int = 200):
    row = queries.account_of(db.session, person.id)
    devices = queries.own_devices(db.session, row.id, clock.now()) if row else []
    return render_template(
        "people/access/account.html", person=person, account=row, form=form, devices=devices,
        post=current_post(db.session, person.id), own=row is not None and row.id == current_user.id,
    ), status  # fmt: skip


@bp.post("/people/<int:person_id>/account/disable")
@needs(Permission.DISABLE_ACCOUNT, fresh=True)
def disable(person_id: int):
    return _turn(person_id, operations.disable, N_("The account is disabled; every device is signed out."))


@bp.post("/people/<int:person_id>/account/enable")
@needs(Permission.DISABLE_ACCOUNT, fresh=True)
def enable(person_id: int):
    return _turn(person_id, operations.enable, N_("The account is enabled again."))


def _turn(person_id: int, act, told: str):
    person = queries.person_within(db.session, current_user, Permission.DISABLE_ACCOUNT, person_id)
    row, form = queries.account_of(db.session, person_id), ReasonForm()
    if row is None or not form.validate_on_submit():
        return _account_page(person, form, 422)
    act(db.session, row, by=current_user, reason=form.reason.data, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(told), "message")
    return redirect(url_for("people_access.account", person_id=person_id), 303)


# ---------- a unit's sheet ----------
@bp.get("/roster/slips")
@needs(Permission.HELP_ACCOUNT)
def slips():
    """Units with the number of people who have no password yet."""
    page, words = max(1, request.args.get("page", 1, int)), request.args.get("q", "").strip()
    rows, total = queries.bodies_to_equip(db.session, current_user, words=words, page=page, size=PAGE)
    return render_template(
        "people/access/slips.html", rows=rows, total=total, page_number=page, size=PAGE, words=words, most=MOST_SLIPS
    )


@bp.post("/roster/slips/<int:body_id>")
@needs(Permission.HELP_ACCOUNT, fresh=True)
def unit_slips(body_id: int):
    """New codes for everybody of the unit without a password, on sheets to cut."""
    body = queries.body_within(db.session, current_user, body_id)
    people = queries.without_password(db.session, current_user, body, MOST_SLIPS)
    made = []
    for start in range(0, len(people), PORTION):
        made += [found for person in people[start : start + PORTION] if (found := _equip(person, body)) is not None]
        db.session.commit()  # a whole unit at once would hold up whoever saves
    if not made:
        raise NotOpen(N_("Everybody of this unit has a password. Issue a code on the person's own page."))
    base_url = entry.settings().base_url
    sheet = [slip_of(person, body.name, code, row, base_url) for person, code, row in made]
    return _pdf(draw_sheet(sheet), f"slips-{body.id}.pdf")


def _equip(person: Person, body: Body) -> tuple[Person, str, OneTimeCode] | None:
    """A code for one person of the sheet; None for somebody whom only a level above helps."""
    now = clock.now()
    row = queries.account_of(db.session, person.id)
    if row is None:
        row = operations.open_account(db.session, person, now=now)
    elif row.id == current_user.id or queries.body_out_of_reach(current_user, Permission.HELP_ACCOUNT, row):
        return None
    code, made = operations.issue_code(
        db.session, row, made_by=current_user, reason=str(CodeKind.ACTIVATION), body_id=body.id, now=now
    )
    return person, code, made
