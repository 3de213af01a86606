"""The browser's side of a sign-in: its cookies, its idleness, and who stands behind a request."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Response, current_app, g, request, session
from flask_login import login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from portal.ground import clock
from portal.ground.config import Config
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.security import drop_choice
from portal.ground.web import address
from portal.people.access import operations, queries
from portal.people.access.operations import Visitor
from portal.people.access.rules import PROFILES, SHARED_IDLE, PasswordPolicy, device_words
from portal.people.models import Account, SignIn
from portal.people.operations import token_digest

DEVICE_DAYS = 400
FRESH = 60  # seconds for which the moment of the last page is not written again
READING_COOKIES = ("mingfa_lang", "mingfa_text", "mingfa_contrast")


def settings() -> Config:
    return current_app.config["MINGFA"]


def policy() -> PasswordPolicy:
    return PROFILES[settings().password_profile]


def idle_limit() -> timedelta:
    own = timedelta(minutes=settings().idle_minutes)
    return min(own, SHARED_IDLE) if session.get("shared") else own


# ---------- the device ----------
def _device_cookie() -> str:
    return "__Host-mingfa-device" if settings().https else "mingfa-device"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")


def device_id() -> str:
    """The random name this device carries, or an empty text; one we did not sign is none."""
    try:
        found = _signer().loads(request.cookies.get(_device_cookie(), ""))
    except BadSignature:
        return ""
    return found if isinstance(found, str) else ""


def visitor() -> Visitor:
    known = device_id()
    return Visitor(address(), token_digest(known) if known else "")


def this_device() -> str:
    return device_words(request.user_agent.string)


# ---------- in and out ----------
def open_sign_in(account: Account, *, shared: bool, proved: bool, by_password: bool = True) -> None:
    """Open the sign-in and commit: the last act of every way in. The answer will carry its cookies.

    Raises Changed when the account is not as it was when its owner showed who he is.
    """
    now, before = clock.now(), session.get("sign_in") or session.get("before", "")
    known = "" if shared else device_id() or secrets.token_urlsafe(24)
    place = Visitor(address(), token_digest(known) if known else "")
    session.clear()  # nothing of whoever sat here before, and a new token: no fixation
    old = by_password and has_grown_old(account)
    operations.hold_open(db.session, account.id, account.password_hash)
    token, row = operations.sign_in(
        db.session, account, visitor=place, device=this_device(), before=before, shared=shared, proved=proved,
        only_here=settings().one_device, now=now,
    )  # fmt: skip
    db.session.commit()
    session["sign_in"], session["seen"] = token, int(now.timestamp())
    if shared:
        session["shared"] = True
    if old:
        session["must_change"] = True
    g.sign_in, g.new_device = row, known
    login_user(account)


def has_grown_old(account: Account) -> bool:
    """Whether the policy asks for a new password by now."""
    days = policy().days
    if days is None:
        return False
    with db.reading() as reading:  # what is only read must not hold the writer
        return queries.password_set_at(reading, account) < clock.now() - timedelta(days=days)


def leave(answer: Response) -> Response:
    """Take the cookies away; a shared device forgets what it kept, all but answers not sent yet."""
    shared = session.get("shared", False)
    logout_user()
    session.clear()
    if shared:
        answer.headers["Clear-Site-Data"] = '"cache"'
        for name in READING_COOKIES:
            drop_choice(answer, name)
        session["forget"] = True  # the next page clears what scripts keep
    return answer


def new_token(row: SignIn) -> None:
    """This device goes on under a new token; the caller commits before the answer carries it."""
    token = secrets.token_urlsafe(32)
    row.token_sha256 = token_digest(token)
    session["sign_in"] = token
    session.pop("must_change", None)


# ---------- behind each request ----------
def present_account() -> Account | None:
    """Whose sign-in this request carries, if it is live, awake and on its own device."""
    token = session.get("sign_in")
    if not token:
        return None
    now = clock.now()
    if now.timestamp() - session.get("seen", 0) > idle_limit().total_seconds():
        g.why_out = N_("You were away for a while, so you were signed out. What you had saved is kept.")
        return None
    found = queries.signed_in(db.session, token_digest(token), now)
    if found is None:
        return None
    account, row = found
    if row.device_sha256 and row.device_sha256 != token_digest(this_device()):
        _end_stolen(row.id)
        return None
    g.sign_in = row
    return account


def _end_stolen(sign_in_id: int) -> None:
    """The token came from another kind of browser than it was given to: it is nobody's any more."""
    db.session.rollback()  # a POST holds the writer already
    with db.writing() as writing:
        row = writing.scalars(select(SignIn).where(SignIn.id == sign_in_id)).one()
        operations.end_sign_in(writing, row, why="other_browser", now=clock.now())
        writing.commit()
    g.why_out = N_("This sign-in was used from another browser, so it was ended. Sign in again.")


def present_sign_in() -> SignIn | None:
    """The sign-in behind this request; only after the account was asked for."""
    return g.get("sign_in")


def keep_awake(answer: Response) -> Response:
    """Note in the cookie that this browser was here, and give a new device its name; no row is written."""
    if known := g.get("new_device"):
        answer.set_cookie(
            _device_cookie(), _signer().dumps(known), max_age=DEVICE_DAYS * 86_400, secure=settings().https,
            httponly=True, samesite="Lax",
        )  # fmt: skip
    if request.endpoint == "static" or not session.get("sign_in"):
        return answer
    now = int(clock.now().timestamp())
    limit, seen = int(idle_limit().total_seconds()), session.get("seen", 0)
    if FRESH <= now - seen <= limit:
        session["seen"] = now
    return answer
