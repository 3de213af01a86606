"""Handing a text to the operator's SMS gateway, off the request's path."""

from __future__ import annotations

import json
import logging
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger("mingfa.sms")
TIMEOUT = 5.0  # seconds
MOST_WAITING = 50
_sender = ThreadPoolExecutor(1, "sms")
_places = threading.BoundedSemaphore(MOST_WAITING)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A gateway that points elsewhere is not followed: the text holds a code."""

    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def post(url: str, key: str, phone: str, text: str) -> bool:
    """Whether the gateway took it."""
    body = json.dumps({"phone": phone, "text": text}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {key}"}
    try:
        with _opener.open(urllib.request.Request(url, body, headers), timeout=TIMEOUT) as answer:
            return 200 <= answer.status < 300
    except OSError as error:  # the phone number and the text stay out of the log
        log.warning("the SMS gateway did not take a text: %s", type(error).__name__)
        return False


def post_soon(url: str, key: str, phone: str, text: str) -> None:
    """Hand it over after the answer; when very many wait, the newest is dropped and noted."""
    if not _places.acquire(blocking=False):
        log.warning("too many texts wait for the SMS gateway; one was dropped")
        return

    def work() -> None:
        try:
            post(url, key, phone, text)
        finally:
            _places.release()

    _sender.submit(work)
