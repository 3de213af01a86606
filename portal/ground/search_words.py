"""Words somebody searches people by: a name stands in no address and no log, so the session keeps it under a key."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from flask import session

from portal.ground.audit import NUMBER_OF_A_PERSON

KEPT = "search_words"
MOST = 6  # searches one may go back to; the session travels in a cookie
LONGEST = 100
NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z]{1,16}", re.ASCII)


def _may_stand_in_an_address(words: str) -> bool:
    return bool(NUMBER.fullmatch(words)) and not NUMBER_OF_A_PERSON.search(words)


def keep(words: str) -> dict[str, str]:
    """What the address says instead of the words: a personnel number itself, or the key of what the session keeps."""
    words = words.strip()[:LONGEST]
    if not words:
        return {}
    if _may_stand_in_an_address(words):
        return {"q": words}
    kept: dict[str, str] = session.get(KEPT, {})
    key = next((key for key, told in kept.items() if told == words), None) or secrets.token_urlsafe(6)
    left = [(other, told) for other, told in kept.items() if other != key]
    session[KEPT] = dict([*left, (key, words)][-MOST:])
    return {"s": key}


def asked(address: Mapping[str, str]) -> str:
    """The words an address stands for; none when the session that kept them has ended."""
    words = address.get("q", "").strip()
    return words if _may_stand_in_an_address(words) else session.get(KEPT, {}).get(address.get("s", ""), "")
