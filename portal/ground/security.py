"""Headers on every answer, cookies under names that no other site can set, and which proxies are believed."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Request, Response, current_app, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import cached_property

from portal.ground.config import Config

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SANDBOX = "sandbox; default-src 'none'"  # what a door may ask for a file that somebody brought
CLOSED = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
CLOSED += "microphone=(), midi=(), payment=(), usb=(), "
FIXED = (
    ("Content-Security-Policy", POLICY),
    ("Permissions-Policy", CLOSED + "publickey-credentials-create=(self), publickey-credentials-get=(self)"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
HSTS = "max-age=31536000; includeSubDomains"
HOST = "__Host-"  # browsers take such a cookie only over https, for this host and every path
READING = ("mingfa_lang", "mingfa_text", "mingfa_contrast")
YEAR = 31_536_000  # seconds


class SecureRequest(Request):
    """A request to an https site: the reader's small cookies count under their `__Host-` names only."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        sent: Mapping[str, str] = super().cookies
        kept = {name: value for name, value in sent.items() if name not in READING}
        kept.update({name: sent[HOST + name] for name in READING if HOST + name in sent})
        return ImmutableMultiDict(kept)


def arm(app: Flask, config: Config) -> None:
    """Headers, cookies and proxies as the settings say."""
    app.config.update(
        SESSION_COOKIE_NAME=f"{HOST}mingfa" if config.https else "mingfa",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    if config.https:
        app.request_class = SecureRequest
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    headers = response.headers
    sandboxed = headers.get("Content-Security-Policy") == SANDBOX
    for name, value in FIXED:
        headers[name] = value
    if sandboxed:
        headers["Content-Security-Policy"] = SANDBOX
    if current_app.config["MINGFA"].https:
        headers["Strict-Transport-Security"] = HSTS
    if request.endpoint == "static" and "v" in request.args and response.status_code < 400:
        headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    elif headers.get("Cache-Control", "no-cache") == "no-cache":  # what send_file says of itself
        headers["Cache-Control"] = "no-store"
    return response


def drop_choice(response: Response, name: str) -> None:
    """Forget a choice that `keep_choice` kept."""
    https = current_app.config["MINGFA"].https
    response.delete_cookie(HOST + name if https else name, path="/", secure=https, httponly=True, samesite="Lax")


def keep_choice(response: Response, name: str, value: str) -> None:
    """Keep one of the reader's choices in a cookie of this device."""
    https = current_app.config["MINGFA"].https
    response.set_cookie(
        HOST + name if https else name, value, max_age=YEAR, path="/", secure=https, httponly=True, samesite="Lax"
    )
