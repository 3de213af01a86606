"""The application: rooms joined, doors counted, errors turned into pages."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from portal.bank import imports as bank_imports
from portal.bank import keeping as bank_keeping
from portal.bank import views as bank
from portal.bank.exchange import views as bank_exchange
from portal.bank.finding import acts as bank_many
from portal.bank.finding import views as bank_finding
from portal.bank.shelf import views as bank_shelf
from portal.bank.writing import desk as bank_review
from portal.bank.writing import mine as bank_mine
from portal.bank.writing import picture_doors as bank_pictures
from portal.bank.writing import views as bank_writing
from portal.credentials import api as credentials_api
from portal.credentials import views as credentials
from portal.cycle import views as cycle
from portal.exams import views as exams
from portal.exams.contests import doors as contests
from portal.exams.delivery import doors as delivery_doors
from portal.exams.delivery import health, receipt_views
from portal.exams.delivery import views as delivery
from portal.exams.delivery.queries import is_sitting
from portal.exams.hall import views as hall
from portal.exams.making import acts as exams_acts
from portal.exams.making import results_desk as exams_results
from portal.exams.marking import views as exams_marking
from portal.exams.marking.regrading import views as exams_regrading
from portal.exams.running import desk as exam_running
from portal.exams.seb import views as seb
from portal.exams.sittings import views as exam_sittings
from portal.exams.sittings.entering import imports as entry_imports
from portal.exams.sittings.entering import views as exam_entries
from portal.exams.sittings.printing import views as exam_prints
from portal.exams.sittings.seating import views as exam_seats
from portal.ground import assets, clock, i18n, security
from portal.ground.config import Config, load_config
from portal.ground.crypto import keys, masked
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.import_files import store
from portal.ground.rules import N_
from portal.ground.web import PUBLIC, SIGNED_IN, wants_json
from portal.library import views as library
from portal.library.guides import desk as library_guide_desk
from portal.library.guides import views as library_guides
from portal.library.matters import imports as library_imports
from portal.library.matters import views as library_matters
from portal.library.matters.evaluations import views as library_evaluations
from portal.library.matters.lists import desk as library_list_desk
from portal.library.matters.lists import views as library_lists
from portal.library.topics import views as library_topics
from portal.people import imports as people_imports
from portal.people import views as people
from portal.people.access import desk as people_access
from portal.people.access import entry
from portal.people.access.hashing import pool
from portal.people.bodies import views as people_bodies
from portal.people.duplicates import views as people_duplicates
from portal.people.duties import views as people_duties
from portal.people.factors import steps as people_proof
from portal.people.factors import views as people_factors
from portal.people.models import Account, ApiToken
from portal.people.operations import token_digest
from portal.people.queries import permissions_of
from portal.people.records import views as people_records
from portal.people.records.corrections import views as people_corrections
from portal.people.records.photos import views as people_photos
from portal.people.records.privacy import views as people_privacy
from portal.people.registers import views as people_registers
from portal.people.transfers import views as people_transfers
from portal.reports import views as reports
from portal.reports.duplicates import views as reports_duplicates
from portal.reports.law_changes import views as law_changes
from portal.reports.law_imports import views as law_imports
from portal.reports.own_data import views as own_data
from portal.reports.trail import views as reports_trail
from portal.reports.transfers import views as reports_transfers
from portal.training import views as training
from portal.words import WORDS

MAX_BODY = 10 * 1024 * 1024
csrf = CSRFProtect()


def create_app(config: Config | None = None) -> Flask:
    """The whole portal over one configuration."""
    config = config or load_config()
    app = Flask(__name__)
    open_over(app, config)
    app.before_request(_allow_larger)
    app.before_request(_read_body_first)
    app.teardown_appcontext(db.close)
    security.arm(app, config)
    csrf.init_app(app)
    for room in (people, people_imports, bank, bank_imports, training, exams, delivery, credentials, reports):
        app.register_blueprint(room.bp)
    for room in (people_records, people_corrections, people_photos, people_privacy, own_data):
        app.register_blueprint(room.bp)
    app.register_blueprint(bank_exchange.bp)
    for room in (exams_marking, exams_regrading):
        app.register_blueprint(room.bp)
    for room in (exams_acts, exams_results, cycle, seb):
        app.register_blueprint(room.bp)
    for room in (exam_sittings, exam_entries, exam_seats, exam_prints):
        app.register_blueprint(room.bp)
    app.register_blueprint(exam_running.bp)
    app.register_blueprint(contests.bp)
    app.register_blueprint(people_bodies.bp)
    app.register_blueprint(people_duties.bp)
    app.register_blueprint(law_changes.bp)
    app.register_blueprint(law_imports.bp)
    app.register_blueprint(reports_trail.bp)
    app.register_blueprint(people_transfers.bp)
    app.register_blueprint(people_access.bp)
    app.register_blueprint(people_proof.bp)
    app.register_blueprint(people_factors.bp)
    app.register_blueprint(reports_transfers.bp)
    app.register_blueprint(people_duplicates.bp)
    app.register_blueprint(people_registers.bp)
    app.register_blueprint(reports_duplicates.bp)
    for room in (library, bank_shelf, library_topics, library_guides, library_guide_desk):
        app.register_blueprint(room.bp)
    for room in (library_matters, library_lists, library_list_desk, library_evaluations):
        app.register_blueprint(room.bp)
    app.register_blueprint(library_imports.matters_bp)
    app.register_blueprint(library_imports.lists_bp)
    app.register_blueprint(entry_imports.bp)
    for room in (bank_finding, bank_keeping, bank_many, bank_mine, bank_pictures, bank_review, bank_writing):
        app.register_blueprint(room.bp)
    app.register_blueprint(credentials_api.bp)
    csrf.exempt(delivery_doors.bp)  # authenticated by the attempt token in a header, not by a cookie
    csrf.exempt(credentials_api.bp)  # authenticated by a bearer token
    app.register_blueprint(delivery_doors.bp)
    app.register_blueprint(receipt_views.bp)
    app.register_blueprint(health.bp)
    app.register_blueprint(hall.bp)
    app.view_functions["static"].needs = PUBLIC  # type: ignore[attr-defined]
    app.before_request(_new_password_first)
    app.after_request(entry.keep_awake)
    _sign_in_by_session(app)
    _dress_pages(app)
    _answer_errors(app)
    return app


def open_over(app: Flask, config: Config) -> None:
    """Point the rooms at the database, files and keys of a configuration."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MINGFA=config,
        WTF_CSRF_TIME_LIMIT=None,
    )
    keys.open_from(config)
    db.open(config.database_url)
    store.open(config.files_dir)
    pool.open(workers=config.hash_workers, threads=config.threads)


def _allow_larger() -> None:
    """A door that takes larger files says so; only whoever is signed in may send them."""
    view = current_app.view_functions.get(request.endpoint or "")
    if (size := getattr(view, "max_body", None)) and session.get("sign_in"):
        request.max_content_length = size
        request.max_form_memory_size = getattr(view, "max_text", None) or request.max_form_memory_size


def _read_body_first() -> None:
    """A caller who sends slowly must not do so while a transaction is open."""
    if request.method == "POST" and request.mimetype != "multipart/form-data":
        request.get_data()


def _new_password_first() -> Any:
    """Whose password has grown old chooses a new one, unless an exam of his is running."""
    if not session.get("must_change") or request.blueprint in (None, "people_proof", "saving") or _own_account_door():
        return None
    if not current_user.is_authenticated or is_sitting(db.session, current_user.person_id):
        return None
    return redirect(url_for("people_access.password"), 303)


def _own_account_door() -> bool:
    """Signing in and out, and one's own devices and password; not the desk that helps others in."""
    door = getattr(current_app.view_functions.get(request.endpoint or ""), "needs", "")
    return request.blueprint == "people_access" and door in (PUBLIC, SIGNED_IN)


def _sign_in_by_session(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None

    def ready(account: Account | None) -> Account | None:
        if account is not None:
            account.permissions = permissions_of(account)
            g.account_id = account.id  # who acts, for the audit trail
        return account

    @manager.user_loader
    def _load(_user_id: str) -> Account | None:
        return None if request.path.startswith("/api/") else ready(entry.present_account())

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
        return redirect(url_for("people_access.sign_in", next=request.full_path))


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
        masked=masked,
        tr=i18n.gettext,
        word=lambda key, kind: i18n.gettext(WORDS[kind][key]) if key in WORDS[kind] else key,
    )
    app.context_processor(lambda: {"demo": app.config["MINGFA"].demo})


def _ask_nobody() -> None:
    """Where the database failed, the page that says so must not ask it who is reading."""
    g._login_user = AnonymousUserMixin()


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
    @app.errorhandler(InterfaceError)
    @app.errorhandler(PoolTimeout)
    def _busy(error: Exception) -> Any:
        _ask_nobody()
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
            flash(i18n.gettext(g.get("why_out") or N_("Please sign in first.")), "info")
            came = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
            return redirect(url_for("people_access.sign_in", next=came))
        if 300 <= status < 400 and error is not None:
            return error.get_response()
        if status >= 500:
            _ask_nobody()
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
