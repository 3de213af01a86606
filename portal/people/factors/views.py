"""My second factors, and the security administrator who takes lost ones away."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from markupsafe import Markup

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import NotAllowed
from portal.ground.rules import N_
from portal.ground.web import SIGNED_IN, address, needs
from portal.people.access.queries import body_out_of_reach
from portal.people.factors import oidc, operations, passkeys, queries
from portal.people.factors.forms import CodeForm, TakeAwayForm
from portal.people.factors.models import TotpFactor
from portal.people.factors.rules import grouped, is_staff, otpauth, passkey_obstacle
from portal.people.factors.steps import answered, base_url, begin
from portal.people.factors.trips import depart
from portal.people.models import Account, Person
from portal.people.rules import Permission

bp = Blueprint("people_factors", __name__, template_folder="templates")


def _staff() -> Account:
    """The account itself, if it has a role that a second factor guards. Raises NotAllowed."""
    if not is_staff(current_user.grants, clock.today()):
        raise NotAllowed(N_("Second factors are for staff roles; your password is enough for study and exams."))
    return current_user._get_current_object()


@bp.get("/me/factors")
@needs(SIGNED_IN, before_factor=True)
def mine():
    """What I have, what I may add, and who helps when it is lost."""
    config = current_app.config["MINGFA"]
    provider = oidc.provider_of(config)
    return render_template(
        "people/factors/mine.html",
        factors=queries.factors_of(db.session, current_user.id),
        totp=queries.confirmed_totp(db.session, current_user.id),
        keys=queries.passkeys_of(db.session, current_user.id),
        staff=is_staff(current_user.grants, clock.today()),
        obstacle=passkey_obstacle(base_url()),
        required=config.second_factor == "required" or current_user.must_enrol,
        provider=provider.label if provider else None,
        link=queries.link_of(db.session, current_user.id, provider.issuer) if provider else None,
    )


@bp.post("/me/factors/totp")
@needs(SIGNED_IN, fresh=True, before_factor=True)
def start_totp():
    operations.start_totp(db.session, _staff(), now=clock.now())
    db.session.commit()
    return redirect(url_for("people_factors.totp"), 303)


@bp.get("/me/factors/totp")
@needs(SIGNED_IN, fresh=True, before_factor=True)
def totp():
    """The secret as QR code and as text, until it is confirmed."""
    factor = queries.unconfirmed_totp(db.session, _staff().id)
    if factor is None:
        return redirect(url_for("people_factors.mine"))
    return _totp_page(factor, CodeForm())


def _totp_page(factor: TotpFactor, form: CodeForm, status: int = 200):
    secret = factor.secret()
    code = segno.make(otpauth(secret, current_user.username), error="m")
    drawing = code.svg_inline(svgclass="mf-qr", lineclass=None, omitsize=True, border=4, light="#fff")
    return render_template(
        "people/factors/totp.html", form=form, secret=grouped(secret), drawing=Markup(drawing)
    ), status


@bp.post("/me/factors/totp/confirm")
@needs(SIGNED_IN, fresh=True, before_factor=True)
def confirm_totp():
    """The first code of the app makes it count; who has no recovery codes gets them now."""
    account, form = _staff(), CodeForm()
    factor = queries.unconfirmed_totp(db.session, account.id)
    if factor is None:
        return redirect(url_for("people_factors.mine"), 303)
    if not form.validate_on_submit():
        return _totp_page(factor, form, 422)
    if not operations.confirm_totp(db.session, account, form.code.data, address=address(), now=clock.now()):
        form.code.errors = [
            i18n.gettext(N_("This code does not fit. Check the phone's clock and enter the next code."))
        ]
        return _totp_page(factor, form, 422)
    codes = []
    if not queries.factors_of(db.session, account.id).recovery_left:
        codes = operations.new_recovery_codes(db.session, account, address=address(), now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The authenticator app is set up.")))
    return _codes_page(codes) if codes else redirect(url_for("people_factors.mine"), 303)


def _codes_page(codes: list[str]):
    return render_template("people/factors/codes.html", codes=codes, made_at=clock.now())


@bp.post("/me/factors/recovery")
@needs(SIGNED_IN, fresh=True)
def recovery_codes():
    """Ten new codes, shown this once."""
    codes = operations.new_recovery_codes(db.session, _staff(), address=address(), now=clock.now())
    db.session.commit()
    return _codes_page(codes)


@bp.post("/me/factors/passkey/begin")
@needs(SIGNED_IN, fresh=True, before_factor=True)
def passkey_begin():
    account = _staff()
    number, place = begin("enrol", account.id)
    return passkeys.creation_options(place, account, queries.passkeys_of(db.session, account.id), number)


@bp.post("/me/factors/passkey")
@needs(SIGNED_IN, fresh=True, before_factor=True)
def passkey():
    account = _staff()
    sent, number = answered("enrol", account.id)
    made = passkeys.created(base_url(), sent, number)
    name = sent.get("name") if isinstance(sent.get("name"), str) else ""
    operations.add_passkey(db.session, account, made, name=name, address=address(), now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The passkey is set up.")))
    return {"next": url_for("people_factors.mine")}


@bp.post("/me/factors/provider")
@needs(SIGNED_IN, fresh=True)
def link_provider() -> Any:
    return depart(current_user.id)


@bp.get("/people/<int:person_id>/factors")
@needs(Permission.GRANT_ROLE)
def of_person(person_id: int):
    """What somebody has, for the security administrator; never a secret."""
    return _person_page(queries.account_in_scope(db.session, current_user, person_id), TakeAwayForm())


def _person_page(account: Account, form: TakeAwayForm, status: int = 200):
    person = db.session.get_one(Person, account.person_id)
    above = body_out_of_reach(current_user, Permission.GRANT_ROLE, account)
    return render_template(
        "people/factors/of_person.html", account=account, person=person, form=form, above=above,
        factors=queries.factors_of(db.session, account.id), own=account.id == current_user.id,
    ), status  # fmt: skip


@bp.post("/people/<int:person_id>/factors")
@needs(Permission.GRANT_ROLE, fresh=True)
def take_away(person_id: int):
    account, form = queries.account_in_scope(db.session, current_user, person_id), TakeAwayForm()
    if not form.validate_on_submit():
        return _person_page(account, form, 422)
    operations.take_factors_away(
        db.session, account, by=current_user, reason=form.reason.data, address=address(), now=clock.now()
    )
    db.session.commit()
    flash(i18n.gettext(N_("The factors are void. At the next sign-in new ones must be set up first.")))
    return redirect(url_for("people_factors.of_person", person_id=person_id), 303)
