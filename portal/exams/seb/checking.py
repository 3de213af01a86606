"""What a request shows of Safe Exam Browser: in its own headers, or read by the page through the JavaScript API."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

from flask import current_app, request
from sqlalchemy.orm import Session

from portal.exams.seb import keys, operations, queries
from portal.exams.seb.models import ExamSeb
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_

CONFIG_HEADER, BROWSER_HEADER = "X-SafeExamBrowser-ConfigKeyHash", "X-SafeExamBrowser-RequestHash"
# what player-seb.js sends: the address of the page it ran in, and the hashes for that address
PAGE, PAGE_CONFIG, PAGE_BROWSER = "X-Seb-Page", "X-Seb-Config-Key", "X-Seb-Browser-Exam-Key"
FIELDS = {PAGE: "seb_page", PAGE_CONFIG: "seb_config_key", PAGE_BROWSER: "seb_browser_exam_key"}
SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"


class SebNeeded(Refused):
    """This browser does not show the keys of the exam."""

    status = 403
    code = "seb_needed"

    def __init__(self) -> None:
        super().__init__(
            N_("This exam opens in Safe Exam Browser only, started with the settings file of this exam.")
        )


@dataclass(frozen=True)
class Shown:
    """Two hashes and the addresses either may have been made for."""

    addresses: tuple[str, ...]
    config: str
    browser: str


def require(session: Session, exam_id: int, page: str) -> None:
    """Raises SebNeeded where the exam demands the browser and this request, sent from that page, does not show it."""
    demanded = queries.demanded(session, exam_id)
    if demanded is not None and not satisfied(demanded, page):
        raise SebNeeded


def open_or_stop(session: Session, person_id: int, public_id: str, *, now: datetime) -> bool:
    """Before a page opens: whether the exam demands the browser.

    Where it is not shown, a running attempt is stopped, that is committed, and SebNeeded raised.
    """
    demanded, running = queries.demanded_for(session, person_id, public_id)
    if demanded is None:
        return False
    if not satisfied(demanded, player_path(public_id)):
        if running is not None:
            operations.stop(session, running, now=now)
            session.commit()
        raise SebNeeded
    return True


def require_to_start(form_id: int, check_in_id: int) -> None:
    """The same for a page that waits and begins by its token. Raises SebNeeded."""
    exam_id = _exam(form_id)
    if exam_id is None:
        return
    with db.reading() as session:
        require(session, exam_id, player_path(queries.address_of_check_in(session, check_in_id)))


def missing(form_id: int, attempt_id: int) -> bool:
    """Whether an attempt's page should show the keys and does not; without a database where the exam demands none."""
    exam_id = _exam(form_id)
    if exam_id is None:
        return False
    with db.reading() as session:
        demanded = queries.demanded(session, exam_id)
        if demanded is None:
            return False
        return not satisfied(demanded, player_path(queries.address_of_attempt(session, attempt_id)))


def satisfied(demanded: ExamSeb, page: str) -> bool:
    """Whether this request shows the Config Key and, where a list is given, one of the Browser Exam Keys."""
    for shown in _shown(page):
        right = keys.shows_one(shown.config, shown.addresses, [demanded.config_key])
        known = not demanded.browser_keys or keys.shows_one(shown.browser, shown.addresses, demanded.browser_keys)
        if right and known:
            return True
    return False


def _shown(page: str) -> Iterator[Shown]:
    if CONFIG_HEADER in request.headers:
        addresses = tuple(origin + _target() for origin in origins())
        yield Shown(addresses, request.headers[CONFIG_HEADER], request.headers.get(BROWSER_HEADER, ""))
    told = {name: request.headers.get(name) or request.form.get(field, "") for name, field in FIELDS.items()}
    if told[PAGE_CONFIG] and is_page(told[PAGE], page):
        yield Shown((told[PAGE],), told[PAGE_CONFIG], told[PAGE_BROWSER])


def origins() -> tuple[str, ...]:
    """Scheme, host and port as the client saw them, and as the settings call this site.

    What X-Forwarded-* says counts only from as many proxies as the settings say stand before the server.
    """
    seen = f"{request.environ['wsgi.url_scheme']}://{request.environ.get('HTTP_HOST', '')}"
    named = current_app.config["MINGFA"].base_url
    parts = urlsplit(named)
    return tuple(dict.fromkeys((seen, f"{parts.scheme}://{parts.netloc}")))


def _target() -> str:
    """Path and query as they stood in the request."""
    environ = request.environ
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if raw.startswith("/"):
        return raw
    path = quote((environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]).encode("latin-1"), safe=SAFE_IN_PATH)
    return path + ("?" + environ["QUERY_STRING"] if environ.get("QUERY_STRING") else "")


def is_page(address: str, path: str) -> bool:
    """Whether the address is that very page of this site, whatever its query."""
    parts = urlsplit(address.partition("#")[0])
    here = any(hmac.compare_digest(f"{parts.scheme}://{parts.netloc}".encode(), one.encode()) for one in origins())
    return here and parts.path == path


def player_path(public_id: str) -> str:
    return f"/exams/attempts/{public_id}"


@lru_cache(maxsize=512)
def _exam(form_id: int) -> int | None:
    """Settled before any form exists, so it is asked once for each."""
    with db.reading() as session:
        return queries.exam_with_seb(session, form_id)


def forget() -> None:
    """Another database stands behind the process now."""
    _exam.cache_clear()
