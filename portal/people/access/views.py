"""The doors everybody meets: signing in and out, setting a password, one's own devices."""

from __future__ import annotations

import random

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user

from portal.ground import clock, i18n, limits
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import PUBLIC, SIGNED_IN, address, needs, own_path
from portal.people.access import entry, new_password, operations, queries, sms
from portal.people.access.forms import ActivateForm, PasswordForm, SignInForm, SmsForm
from portal.people.access.hashing import HashBusy, pool
from portal.people.access.operations import Knock, TooManyGuesses
from portal.people.access.rules import LIVES, normal_phone
from portal.people.factors import queries as factors
from portal.people.factors.steps import after_password
from portal.people.models import Account

bp = Blueprint("people_access", __name__, template_folder="../templates")
SOON = 20  # seconds up to which the page itself tries again
sms_requests = limits.Limit(10, per_minutes=60)


def by_script() -> bool:
    """The sign-in page's own script asks, which can wait for its turn and send again."""
    return request.headers.get("X-Sign-In") == "script"


# ---------- signing in ----------
@bp.get("/sign-in")
@needs(PUBLIC)
def sign_in():
    if current_user.is_authenticated:
        return redirect(url_for("reports.home"))
    return _sign_in_page(SignInForm())


def _sign_in_page(form: SignInForm, status: int = 200, again: float | None = None, **said: object):
    if by_script():
        errors = {name: [i18n.gettext(e) for e in found] for name, found in form.errors.items() if found}
        answer = make_response({"errors": errors}, status)
    else:
        forget = session.pop("forget", False)
        answer = make_response(render_template("people/access/sign_in.html", form=form, forget=forget, **said), status)
    if again is not None:
        answer.headers["Retry-After"] = str(max(1, round(again)))
    return answer


@bp.post("/sign-in")
@needs(PUBLIC)
def sign_in_now():
    try:
        with pool.place():  # whoever has to wait costs nothing else
            return _try()
    except HashBusy as refusal:
        if by_script():
            return {}, refusal.status, {"Retry-After": str(round(refusal.wait))}
        return _later(SignInForm(), refusal, refusal.wait)


def _try():
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422)
    now, visitor, typed = clock.now(), entry.visitor(), form.username.data
    try:
        with db.reading() as reading:  # hashing must hold neither lock nor connection
            knock = operations.look_up(reading, typed, visitor, entry.policy(), now=now)
    except TooManyGuesses as refusal:
        return _later(form, refusal, refusal.wait.total_seconds())
    fits = pool.fits(knock.stored, form.password.data)
    if not (fits and knock.may_open):
        operations.note_wrong(db.session, knock, visitor, now=now)
        db.session.commit()
        form.password.errors = [i18n.gettext(_wrong(typed))]
        return _sign_in_page(form, 401)
    return _password_was_right(knock, visitor, form.shared.data)


def _wrong(typed: str) -> str:
    if normal_phone(typed):
        return N_(
            "The number and the password do not belong together. Where two people gave the same phone number, it opens"
            " neither account: use the personnel number."
        )
    return N_("The number and the password do not belong together.")


def _later(form: SignInForm, refusal: Refused, wait: float):
    """Nothing was tried. A short wait is waited by the page itself."""
    sentence = i18n.gettext(refusal.message, **refusal.values)
    if wait <= SOON:
        return _sign_in_page(form, refusal.status, wait + random.uniform(0, 2), waiting=sentence)
    form.password.errors = [sentence]
    return _sign_in_page(form, refusal.status, wait)


def _password_was_right(knock: Knock, visitor: operations.Visitor, shared: bool):
    with db.reading() as reading:  # what is only read must not hold the writer
        account = factors.open_account(reading, knock.account.id, knock.stored)
        slipped = queries.any_wrong(reading, knock.counted_as)
    if account is None:  # disabled, or another password, in this moment
        raise operations.Changed(operations.CHANGED)
    if slipped:
        operations.forget_wrong(db.session, knock, visitor)
    answer = after_password(account, next_page=request.args.get("next", ""), shared=shared)
    return {"next": answer.headers["Location"]} if by_script() else answer


@bp.post("/sign-out")
@needs(SIGNED_IN, before_factor=True)
def sign_out():
    """End this sign-in; `switch` leads the next person back to the page this one was on."""
    switch = request.form.get("switch") == "1"
    row = queries.own_device(db.session, current_user.id, entry.present_sign_in().id)
    operations.end_sign_in(db.session, row, why="switch" if switch else "sign_out", now=clock.now())
    db.session.commit()
    following = own_path(request.form.get("next")) if switch else None
    answer = entry.leave(redirect(url_for("people_access.sign_in", next=following)))
    flash(i18n.gettext(N_("You are signed out.")), "info")
    return answer


# ---------- one-time codes ----------
@bp.get("/activate")
@needs(PUBLIC)
def activate():
    return render_template("people/access/activate.html", form=ActivateForm(), policy=entry.policy())


@bp.post("/activate")
@needs(PUBLIC)
def activate_now():
    """Spend a one-time code on a password of one's own."""
    form, now, visitor = ActivateForm(), clock.now(), entry.visitor()
    if not form.validate_on_submit():
        return _activate_page(form, 422)
    try:
        with db.reading() as reading:
            knock = operations.look_up(
                reading, form.username.data, visitor, entry.policy(), now=now, by="one_time_code"
            )
            code = operations.fitting_code(reading, knock, form.one_time.data, now=now)
        if code is None:
            operations.note_wrong_code(db.session, knock, visitor, now=now)
            db.session.commit()
            told = N_("The number and the code do not belong together, or the code is used, replaced or too old.")
            form.one_time.errors = [i18n.gettext(told)]
            return _activate_page(form, 401)
        new_hash = new_password.hash_of(knock.account.id, form.new.data, entry.policy())
    except Refused as refusal:
        at = form.new if isinstance(refusal, new_password.PasswordRefused) else form.one_time
        at.errors = [i18n.gettext(refusal.message, **refusal.values)]
        return _activate_page(form, refusal.status)
    operations.redeem_code(db.session, code.id, new_hash, now=now)
    operations.forget_wrong(db.session, knock, visitor)
    db.session.commit()
    flash(i18n.gettext(N_("Your password is set. Sign in with it now.")), "message")
    return redirect(url_for("people_access.sign_in"))


def _activate_page(form: ActivateForm, status: int):
    return render_template("people/access/activate.html", form=form, policy=entry.policy()), status


@bp.get("/forgotten")
@needs(PUBLIC)
def forgotten():
    return _forgotten_page(SmsForm())


def _forgotten_page(form: SmsForm, status: int = 200, sent: bool = False):
    can_send = bool(entry.settings().sms_url)
    hours = int(LIVES["reset"].total_seconds() // 3600)
    page = render_template("people/access/forgotten.html", form=form, can_send=can_send, sent=sent, hours=hours)
    return page, status


@bp.post("/forgotten")
@needs(PUBLIC)
def send_code():
    """A code to the phone on record; the answer is the same whether there is one or not."""
    form, config, now = SmsForm(), entry.settings(), clock.now()
    if not config.sms_url or not form.validate_on_submit():
        return _forgotten_page(form, 422)
    sms_requests.count(address(), now)
    account = queries.account_for_sign_in(db.session, form.username.data)
    code = phone = None
    if account is not None and account.disabled_at is None:
        phone = account.person.phone()
        code = operations.send_code(db.session, account, now=now) if phone else None
    db.session.commit()
    if code and phone:
        text = i18n.gettext(
            N_("Mingfa: your one-time code is %(code)s, good until %(until)s. Tell it to nobody."), code=code,
            until=i18n.show_moment(now + LIVES["reset"]),
        )  # fmt: skip
        sms.post_soon(config.sms_url, config.sms_key, phone, text)
    return _forgotten_page(form, sent=True)


# ---------- one's own account ----------
@bp.get("/me")
@needs(SIGNED_IN, before_factor=True)
def me():
    """My devices, my password and what else I can show."""
    rows = queries.own_devices(db.session, current_user.id, clock.now())
    return render_template(
        "people/access/me.html", rows=rows, here=entry.present_sign_in().id, policy=entry.policy(),
        set_at=queries.password_set_at(db.session, current_user),
    )  # fmt: skip


@bp.post("/me/devices/<int:sign_in_id>/end")
@needs(SIGNED_IN, before_factor=True)
def end_device(sign_in_id: int):
    row = queries.own_device(db.session, current_user.id, sign_in_id)
    operations.end_sign_in(db.session, row, why="device_list", now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("That device is signed out.")), "message")
    return redirect(url_for("people_access.me"))


@bp.post("/me/devices/end-others")
@needs(SIGNED_IN, before_factor=True)
def end_other_devices():
    here = entry.present_sign_in().id
    count = operations.end_others(db.session, current_user.id, here, why="device_list", now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s other devices are signed out."), n=count), "message")
    return redirect(url_for("people_access.me"))


@bp.get("/me/password")
@needs(SIGNED_IN, before_factor=True)
def password():
    return _password_page(PasswordForm())


def _password_page(form: PasswordForm, status: int = 200):
    must = session.get("must_change", False)
    return render_template("people/access/password.html", form=form, policy=entry.policy(), must=must), status


@bp.post("/me/password")
@needs(SIGNED_IN, before_factor=True)
def change_password():
    """A new password; this device stays under a new token, all others end."""
    form, now, visitor = PasswordForm(), clock.now(), entry.visitor()
    if not form.validate_on_submit():
        return _password_page(form, 422)
    account_id, here, username = current_user.id, entry.present_sign_in().id, current_user.username
    db.session.rollback()  # hashing must not hold the writer
    try:
        with db.reading() as reading:
            knock = operations.look_up(reading, username, visitor, entry.policy(), now=now, by="own_password")
        if not pool.fits(knock.stored, form.current.data):
            operations.note_wrong(db.session, knock, visitor, now=now)
            db.session.commit()
            form.current.errors = [i18n.gettext(N_("This is not your present password."))]
            return _password_page(form, 401)
        new_hash = new_password.hash_of(account_id, form.new.data, entry.policy())
    except Refused as refusal:
        at = form.new if isinstance(refusal, new_password.PasswordRefused) else form.current
        at.errors = [i18n.gettext(refusal.message, **refusal.values)]
        return _password_page(form, refusal.status)
    operations.hold_open(db.session, account_id, knock.stored)
    operations.set_password(db.session, db.session.get_one(Account, account_id), new_hash, keep=here, now=now)
    entry.new_token(queries.own_device(db.session, account_id, here))
    db.session.commit()
    flash(i18n.gettext(N_("Your password is changed. Other devices are signed out.")), "message")
    return redirect(url_for("people_access.me"))
