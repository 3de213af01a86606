"""The application: rooms joined, doors counted, errors turned into pages."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, redirect, render_template, request, session, url_for
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, NoResultFound, OperationalError
from werkzeug.exceptions import HTTPException

from portal.bank import imports as bank_imports
from portal.bank import views as bank
from portal.credentials import api as credentials_api
from portal.credentials import views as credentials
from portal.exams import views as exams
from portal.exams.delivery import views as delivery
from portal.exams.delivery.journal import JournalBusy
from portal.ground import assets, clock, i18n, security
from portal.ground.config import Config, load_config
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import PUBLIC, wants_json
from portal.people import imports as people_imports
from portal.people import views as people
from portal.people.models import Account, ApiToken
from portal.people.operations import token_digest
from portal.people.queries import permissions_of, signed_in_account
from portal.reports import views as reports
from portal.training import views as training
from portal.words import WORDS

MAX_BODY = 10 * 1024 * 1024
csrf = CSRFProtect()


def create_app(config: Config | None = None) -> Flask:
    """The whole portal over one configuration."""
    config = config or load_config()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MINGFA=config,
        SESSION_COOKIE_NAME="__Host-mingfa" if config.base_url.startswith("https") else "mingfa",
        SESSION_COOKIE_SECURE=config.base_url.startswith("https"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    keys.open(config.data_key, config.index_key)
    db.open(config.database_url)
    app.before_request(_read_body_first)
    app.teardown_appcontext(db.close)
    app.after_request(security.add_headers)
    csrf.init_app(app)
    for room in (people, people_imports, bank, bank_imports, training, exams, delivery, credentials, reports):
        app.register_blueprint(room.bp)
    app.register_blueprint(credentials_api.bp)
    csrf.exempt(delivery.token_bp)  # authenticated by the attempt token in a header, not by a cookie
    csrf.exempt(credentials_api.bp)  # authenticated by a bearer token
    app.register_blueprint(delivery.token_bp)
    app.view_functions["static"].needs = PUBLIC  # type: ignore[attr-defined]
    _sign_in_by_session(app)
    _dress_pages(app)
    _answer_errors(app)
    return app


def _read_body_first() -> None:
    """A caller who sends slowly must not do so while a transaction is open."""
    if request.method == "POST" and request.mimetype != "multipart/form-data":
        request.get_data()


def _sign_in_by_session(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None

    def ready(account: Account | None) -> Account | None:
        if account is not None:
            account.permissions = permissions_of(account)
        return account

    @manager.user_loader
    def _load(_user_id: str) -> Account | None:
        token = None if request.path.startswith("/api/") else session.get("sign_in")
        return ready(signed_in_account(db.session, token_digest(token), clock.now())) if token else None

    @manager.request_loader
    def _by_token(_request: Any) -> Account | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not request.path.startswith("/api/"):
            return None
        return ready(
            db.session.scalar(
                select(Account)
                .join(ApiToken, ApiToken.account_id == Account.id)
                .where(
                    ApiToken.token_sha256 == token_digest(token),
                    ApiToken.revoked_at.is_(None),
                    Account.disabled_at.is_(None),
                )
            )
        )

    @manager.unauthorized_handler
    def _sign_in_first() -> Any:
        return redirect(url_for("people.sign_in", next=request.full_path))


def _dress_pages(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        _=i18n.gettext,
        pgettext=i18n.pgettext,
        asset=assets.asset,
        languages=i18n.LANGUAGES,
        words=WORDS,
        now=clock.now,
        html_lang=lambda: i18n.HTML_LANG[i18n.current()],
        lang=i18n.current,
    )
    app.jinja_env.filters.update(
        day=i18n.show_date,
        moment=i18n.show_moment,
        mark=i18n.show_mark,
        tr=i18n.gettext,
        word=lambda key, kind: i18n.gettext(WORDS[kind][key]) if key in WORDS[kind] else key,
    )
    app.context_processor(lambda: {"demo": app.config["MINGFA"].demo})


def _answer_errors(app: Flask) -> None:  # noqa: C901 — one small handler after the other
    def answer(status: int, code: str, title: str, sentence: str) -> Any:
        if wants_json():
            return {"error": code, "message": sentence}, status
        return render_template("error.html", title=title, sentence=sentence, status=status), status

    @app.errorhandler(Refused)
    def _refused(refusal: Refused) -> Any:
        sentence = i18n.gettext(refusal.message, **refusal.values)
        return answer(refusal.status, refusal.code, i18n.gettext(N_("This was not done")), sentence)

    @app.errorhandler(NoResultFound)
    def _nothing(_error: NoResultFound) -> Any:
        return _http(None, 404)

    @app.errorhandler(CSRFError)
    def _stale(_error: CSRFError) -> Any:
        sentence = i18n.gettext(
            N_("This page is too old to send from. Load it again; what you typed is kept by the browser.")
        )
        return answer(400, "stale_page", i18n.gettext(N_("This was not done")), sentence)

    @app.errorhandler(OperationalError)
    @app.errorhandler(JournalBusy)
    def _busy(error: Exception) -> Any:
        app.logger.error("database: %s", getattr(error, "orig", error))
        sentence = i18n.gettext(N_("The database is busy or full. Nothing was changed; try again in a moment."))
        return answer(503, "busy", i18n.gettext(N_("This was not done")), sentence)

    @app.errorhandler(OverflowError)
    @app.errorhandler(DataError)
    def _no_such_number(_error: Exception) -> Any:
        return _http(None, 404)

    @app.errorhandler(IntegrityError)
    def _at_once(error: IntegrityError) -> Any:
        app.logger.warning("two at once: %s", type(error.orig).__name__)
        told = N_("Somebody did the same at this moment. Nothing was done twice; load the page again.")
        return answer(409, "at_once", i18n.gettext(N_("This was not done")), i18n.gettext(told))

    @app.errorhandler(HTTPException)
    def _any(error: HTTPException) -> Any:
        return _http(error, error.code or 500)

    def _http(error: HTTPException | None, status: int) -> Any:
        if status == 401 and not wants_json():
            flash(i18n.gettext(N_("Please sign in first.")), "info")
            return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
        if 300 <= status < 400 and error is not None:
            return error.get_response()
        title, sentence = HTTP_WORDS.get(status, HTTP_WORDS[500])
        return answer(status, f"http_{status}", i18n.gettext(title), i18n.gettext(sentence))


HTTP_WORDS = {
    400: (N_("This cannot be read"), N_("What was sent is incomplete or damaged. Nothing was changed.")),
    401: (N_("Please sign in first"), N_("This needs a signed-in account.")),
    403: (N_("Not for your role"), N_("Your roles do not open this page.")),
    404: (N_("Not found"), N_("There is nothing here, or it lies outside what you answer for.")),
    405: (N_("Not found"), N_("This address cannot be used in this way.")),
    413: (N_("Too large"), N_("The file or text is larger than this page takes. Nothing was changed.")),
    500: (
        N_("Something went wrong here"),
        N_("It was written down and is ours to mend. What you had saved is kept."),
    ),
}
