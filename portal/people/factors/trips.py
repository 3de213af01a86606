"""Signing in, or linking one's account, through the provider: there by POST, back by a page, in by POST."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import PUBLIC, address, needs, own_path
from portal.people.factors import links, oidc, operations, queries
from portal.people.factors.steps import ANONYMOUS_STEPS, SIGN_IN_PAGE, after_password, base_url, bp


def depart(account_id: int | None) -> Any:
    """Send the browser to the provider; the trip is remembered here and in this browser's session."""
    provider = oidc.provider_of(current_app.config["MINGFA"]) or abort(404)
    trip = links.start_trip(db.session, account_id, now=clock.now())
    db.session.commit()  # the provider may be slow
    session["trip"] = trip.state
    there = oidc.way_there(provider, _back(), state=trip.state, nonce=trip.nonce, verifier=trip.verifier)
    page = render_template("people/factors/departing.html", there=there, label=provider.label)
    return page, 200, {"Refresh": f"0; url={there}"}


def _back() -> str:
    return base_url().rstrip("/") + url_for("people_proof.provider_back")


@bp.post("/sign-in/provider")
@needs(PUBLIC)
def provider_depart():
    ANONYMOUS_STEPS.count(address(), clock.now())
    session["after"] = own_path(request.form.get("next")) or ""
    return depart(None)


@bp.get("/sign-in/provider/back")
@needs(PUBLIC)
def provider_back():
    """Where the provider sends the browser; the form on this page sends the code on, by POST."""
    provider = oidc.provider_of(current_app.config["MINGFA"]) or abort(404)
    if "code" not in request.args or "state" not in request.args:
        flash(i18n.gettext(N_("The provider did not sign you in. Nothing was changed.")), "info")
        return redirect(url_for(SIGN_IN_PAGE))
    return render_template("people/factors/returning.html", label=provider.label)


@bp.post("/sign-in/provider/back")
@needs(PUBLIC)
def provider_arrive():
    """Redeem the code and open, or link, the account it proves."""
    provider = oidc.provider_of(current_app.config["MINGFA"]) or abort(404)
    state, iss = request.form.get("state", ""), request.form.get("iss", provider.issuer)
    if not compare_digest(state.encode(), session.pop("trip", "").encode()) or iss != provider.issuer:
        raise oidc.ProviderRefused(N_("The provider's answer does not belong to this browser. Start again."))
    now = clock.now()
    trip = links.take_trip(db.session, state, now=now)
    db.session.commit()  # no transaction while the provider is asked
    claims = oidc.redeem(
        provider, _back(), code=request.form.get("code", ""), nonce=trip.nonce, verifier=trip.verifier, now=now
    )
    if trip.account_id is not None:
        return _link_own(trip.account_id, provider, claims)
    found = links.account_for(db.session, provider, claims, address=address(), now=now)
    account = queries.open_account(db.session, found)
    if account is None:
        raise links.NoAccount(
            N_("The provider knows you, but no account here belongs to you. Sign in with your password.")
        )
    return after_password(account, next_page=session.get("after", ""), proves=False)


def _link_own(account_id: int, provider: oidc.Provider, claims: dict[str, Any]) -> Any:
    if not current_user.is_authenticated or current_user.id != account_id:
        raise operations.Over(N_("This sign-in has ended. Sign in again."))
    links.link(db.session, account_id, provider, claims["sub"], address=address(), now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Your account is linked.")))
    return redirect(url_for("people_factors.mine"), 303)
