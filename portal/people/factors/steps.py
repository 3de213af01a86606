"""The steps that prove who somebody is: after the password, with a passkey, and once more before a grave act."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.ground.limits import Limit
from portal.ground.rules import N_
from portal.ground.web import (
    PUBLIC,
    SIGNED_IN,
    EnrolFirst,
    ProofNeeded,
    address,
    needs,
    own_path,
    set_keeper,
    wants_json,
)
from portal.people.access import entry
from portal.people.access.hashing import HashBusy, pool
from portal.people.factors import oidc, operations, passkeys, queries
from portal.people.factors.forms import CodeForm, PasswordAgainForm
from portal.people.factors.models import PendingSignIn
from portal.people.factors.rules import is_staff, passkey_obstacle
from portal.people.models import Account

bp = Blueprint("people_proof", __name__, template_folder="templates")
ANONYMOUS_STEPS = Limit(60, per_minutes=5)  # challenges and departures of one address: an office shares one
SIGN_IN_PAGE = "people_access.sign_in"


class Keeper:
    """Answers the doors from the present sign-in; a program's token has no proof, its account enrols too."""

    def proved_at(self) -> datetime | None:
        row = entry.present_sign_in()
        return row.proved_at if row is not None and not request.path.startswith("/api/") else None

    def must_enrol(self) -> bool:
        wanted = current_app.config["MINGFA"].second_factor == "required" or current_user.must_enrol
        if not wanted or not is_staff(current_user.grants, clock.today()):
            return False
        return not queries.factors_of(db.session, current_user.id).enrolled


@bp.record_once
def _keep(state: Any) -> None:
    set_keeper(state.app, Keeper())


def base_url() -> str:
    return current_app.config["MINGFA"].base_url


def ways_in() -> dict[str, Any]:
    """What the sign-in page offers beside the password."""
    provider = oidc.provider_of(current_app.config["MINGFA"])
    return {"passkeys": passkey_obstacle(base_url()) is None, "provider": provider.label if provider else None}


bp.app_context_processor(lambda: {"ways_in": ways_in})


def after_password(account: Account, *, next_page: str = "", shared: bool = False, proves: bool = True) -> Any:
    """Answer a right password: open the sign-in, or ask staff for the second factor first.

    `proves` is false where the password was shown elsewhere, at a time we do not know.
    """
    now, target = clock.now(), own_path(next_page) or url_for("reports.home")
    if is_staff(account.grants, clock.today()) and queries.factors_of(db.session, account.id).enrolled:
        before = session.get("sign_in", "")
        session.clear()
        session["before"] = before
        session["pending"] = operations.pend(db.session, account, shared=shared, now=now)
        session["after"] = target
        db.session.commit()
        return redirect(url_for("people_proof.second"), 303)
    entry.open_sign_in(account, shared=shared, proved=proves, by_password=proves)
    return redirect(target)


def _waiting() -> PendingSignIn | None:
    token = session.get("pending")
    return queries.pending(db.session, token, clock.now()) if token else None


def _finish(waiting: PendingSignIn) -> str:
    """Both factors are shown: open the sign-in; returns where to go."""
    now, target = clock.now(), own_path(session.get("after")) or url_for("reports.home")
    operations.end_pending(db.session, session["pending"], now=now)
    account = queries.open_account(db.session, waiting.account_id)
    if account is None:
        raise operations.Over(N_("Signing in took too long. Start again with your password."))
    entry.open_sign_in(account, shared=waiting.shared, proved=True)
    return target


@bp.get("/sign-in/second")
@needs(PUBLIC)
def second():
    waiting = _waiting()
    if waiting is None:
        flash(i18n.gettext(N_("Signing in took too long. Start again with your password.")), "info")
        return redirect(url_for(SIGN_IN_PAGE))
    return _second_page(waiting, CodeForm())


def _second_page(waiting: PendingSignIn, form: CodeForm, status: int = 200):
    factors = queries.factors_of(db.session, waiting.account_id)
    return render_template(
        "people/factors/second.html", form=form, factors=factors, obstacle=passkey_obstacle(base_url())
    ), status


@bp.post("/sign-in/second")
@needs(PUBLIC)
def second_now():
    waiting, form = _waiting(), CodeForm()
    if waiting is None:
        return redirect(url_for("people_proof.second"), 303)
    if not form.validate_on_submit():
        return _second_page(waiting, form, 422)
    status = _code_problem(waiting.account_id, form)
    return _second_page(waiting, form, status) if status else redirect(_finish(waiting), 303)


def _code_problem(account_id: int, form: CodeForm) -> int:
    """The status of the answer to a wrong code, its sentence in the form; 0 when the code was right."""
    now = clock.now()
    try:
        operations.check_codes(db.session, account_id, now=now)
    except operations.TooManyCodes as refusal:
        form.code.errors = [i18n.gettext(refusal.message)]
        return refusal.status
    by = operations.use_code(db.session, account_id, form.code.data, now=now)
    if by is None:
        operations.note_wrong_code(db.session, account_id, now=now)
        db.session.commit()
        form.code.errors = [i18n.gettext(N_("This code is wrong, too old or was used already."))]
        return 401
    return 0


def begin(purpose: str, account_id: int | None) -> tuple[bytes, str]:
    """A challenge for this browser; returns it and the site's address. Raises PasskeyRefused where none work."""
    obstacle = passkey_obstacle(base_url())
    if obstacle:
        raise passkeys.PasskeyRefused(obstacle)
    handle, number = operations.challenge(db.session, purpose, account_id, now=clock.now())
    db.session.commit()
    session["challenge"] = handle
    return number, base_url()


def answered(purpose: str, account_id: int | None) -> tuple[Any, bytes]:
    """What the device sent and the challenge it answers, which is used up whatever comes of it."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Malformed(N_("What was sent is incomplete or damaged. Nothing was changed."))
    number = operations.take_challenge(db.session, session.pop("challenge", ""), purpose, account_id, now=clock.now())
    db.session.commit()
    return sent, number


def _passkey_owner(purpose: str, account_id: int | None) -> int:
    sent, number = answered(purpose, account_id)
    return operations.use_passkey(db.session, base_url(), sent, number, account_id=account_id, now=clock.now())


@bp.post("/sign-in/passkey/begin")
@needs(PUBLIC)
def passkey_begin():
    ANONYMOUS_STEPS.count(address(), clock.now())
    number, place = begin("sign_in", None)
    return passkeys.request_options(place, (), number)


@bp.post("/sign-in/passkey")
@needs(PUBLIC)
def passkey_now():
    """A passkey is device and its lock, two factors in one: it opens the sign-in by itself."""
    account = queries.open_account(db.session, _passkey_owner("sign_in", None))
    if account is None:
        raise passkeys.PasskeyRefused(N_("This passkey is not known here. Use another way to sign in."))
    entry.open_sign_in(account, shared=False, proved=True, by_password=False)
    return {"next": own_path(request.args.get("next")) or url_for("reports.home")}


@bp.post("/sign-in/second/passkey/begin")
@needs(PUBLIC)
def second_passkey_begin():
    waiting = _waiting() or abort(403)
    number, place = begin("second", waiting.account_id)
    return passkeys.request_options(place, queries.passkeys_of(db.session, waiting.account_id), number)


@bp.post("/sign-in/second/passkey")
@needs(PUBLIC)
def second_passkey():
    waiting = _waiting() or abort(403)
    _passkey_owner("second", waiting.account_id)
    return {"next": _finish(waiting)}


@bp.get("/confirm")
@needs(SIGNED_IN, before_factor=True)
def confirm():
    return _confirm_page(None)


def _confirm_page(form: CodeForm | PasswordAgainForm | None, status: int = 200):
    factors = queries.factors_of(db.session, current_user.id)
    form = form or (CodeForm() if factors.enrolled else PasswordAgainForm())
    return render_template(
        "people/factors/confirm.html", form=form, factors=factors, obstacle=passkey_obstacle(base_url())
    ), status


@bp.post("/confirm")
@needs(SIGNED_IN, before_factor=True)
def confirm_now():
    """The strongest factor the account has; the password only where there is no other."""
    enrolled = queries.factors_of(db.session, current_user.id).enrolled
    form = CodeForm() if enrolled else PasswordAgainForm()
    if not form.validate_on_submit():
        return _confirm_page(form, 422)
    status = _code_problem(current_user.id, form) if enrolled else _password_problem(form)
    return _confirm_page(form, status) if status else redirect(_proved("code" if enrolled else "password"), 303)


def _password_problem(form: PasswordAgainForm) -> int:
    """As for a code. The try is written down before hashing, so that guesses sent together are all counted."""
    now, account_id, stored = clock.now(), current_user.id, current_user.password_hash
    try:
        operations.check_codes(db.session, account_id, now=now)
    except operations.TooManyCodes as refusal:
        form.password.errors = [i18n.gettext(refusal.message)]
        return refusal.status
    tried = operations.note_wrong_code(db.session, account_id, now=now)
    db.session.commit()  # hashing must not hold the write lock
    try:
        fits = pool.fits(stored, form.password.data)
    except HashBusy:  # it was not looked at, so it does not count
        db.session.delete(tried)
        db.session.commit()
        raise
    if not fits:
        form.password.errors = [i18n.gettext(N_("The password is wrong."))]
        return 401
    db.session.delete(tried)
    return 0


def _proved(by: str) -> str:
    """Note the proof, change the sign-in's token, commit; returns where to go."""
    session["sign_in"] = operations.prove_again(
        db.session, current_user, session.get("sign_in", ""), by=by, address=address(), now=clock.now()
    )
    db.session.commit()
    return own_path(request.args.get("next")) or url_for("reports.home")


@bp.post("/confirm/passkey/begin")
@needs(SIGNED_IN, before_factor=True)
def confirm_passkey_begin():
    number, place = begin("confirm", current_user.id)
    return passkeys.request_options(place, queries.passkeys_of(db.session, current_user.id), number)


@bp.post("/confirm/passkey")
@needs(SIGNED_IN, before_factor=True)
def confirm_passkey():
    _passkey_owner("confirm", current_user.id)
    return {"next": _proved("passkey")}


@bp.app_errorhandler(ProofNeeded)
def _ask_again(refusal: ProofNeeded) -> Any:
    """A page sends to the confirmation at once; a form is told that nothing was changed."""
    if wants_json():
        return {"error": refusal.code, "message": i18n.gettext(refusal.message)}, refusal.status
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("people_proof.confirm", next=request.full_path.rstrip("?")))
    came = urlsplit(request.referrer or "")
    page = f"{came.path}?{came.query}".rstrip("?") if came.netloc == request.host else ""
    link = url_for("people_proof.confirm", next=own_path(page) or url_for("reports.home"))
    return render_template("people/factors/proof_needed.html", link=link), refusal.status


@bp.app_errorhandler(EnrolFirst)
def _enrol_first(refusal: EnrolFirst) -> Any:
    if wants_json():
        return {"error": refusal.code, "message": i18n.gettext(refusal.message)}, refusal.status
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("people_factors.mine"))
    link = url_for("people_factors.mine")
    return render_template("people/factors/enrol_first.html", link=link, sentence=refusal.message), refusal.status
