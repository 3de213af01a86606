"""Tokens of the player's page: what it holds to wait, start and save without a session, a user row or a template."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

PARTS = 5  # a token of an earlier release has fewer: its page opens the exam again
LASTS_AFTER_DEADLINE = timedelta(hours=24)  # answers kept on a device may arrive late as evidence
ATTEMPT, WAITING = b"attempt|", b"waiting|"  # stands in the signed text: neither passes for the other


@dataclass(frozen=True)
class AttemptToken:
    """Which attempt and form, under which epoch, opened by which sign-in, until when (seconds since 1970)."""

    attempt_id: int
    form_id: int
    epoch: int
    sign_in_id: int
    expires: int


@dataclass(frozen=True)
class WaitingToken:
    """The same of a check-in whose attempt has not begun."""

    check_in_id: int
    form_id: int
    epoch: int
    sign_in_id: int
    expires: int


def _signature(secret: str, purpose: bytes, payload: str) -> str:
    return hmac.digest(secret.encode(), purpose + payload.encode(), "sha256").hex()


def _make(secret: str, purpose: bytes, *numbers: int) -> str:
    payload = ".".join(map(str, numbers))
    return f"{payload}.{_signature(secret, purpose, payload)}"


def _read(secret: str, purpose: bytes, token: str) -> list[int] | None:
    payload, _, signature = token.rpartition(".")
    if not payload or not hmac.compare_digest(_signature(secret, purpose, payload).encode(), signature.encode()):
        return None
    parts = payload.split(".")
    return [int(part) for part in parts] if len(parts) == PARTS else None


def make(secret: str, attempt_id: int, form_id: int, epoch: int, sign_in_id: int, deadline: datetime) -> str:
    expires = int((deadline + LASTS_AFTER_DEADLINE).timestamp())
    return _make(secret, ATTEMPT, attempt_id, form_id, epoch, sign_in_id, expires)


def make_waiting(secret: str, check_in_id: int, form_id: int, epoch: int, sign_in_id: int, closes: datetime) -> str:
    expires = int((closes + LASTS_AFTER_DEADLINE).timestamp())
    return _make(secret, WAITING, check_in_id, form_id, epoch, sign_in_id, expires)


def read(secret: str, token: str) -> AttemptToken | None:
    """The token's content if the signature is ours and it is an attempt's, whatever its age; otherwise None."""
    found = _read(secret, ATTEMPT, token)
    return AttemptToken(*found) if found else None


def read_waiting(secret: str, token: str) -> WaitingToken | None:
    """The same of a token that waits for the start."""
    found = _read(secret, WAITING, token)
    return WaitingToken(*found) if found else None


def device_key(secret: str, public_id: str) -> bytes:
    """32 bytes under which one attempt's page keeps its answers on the device."""
    return hmac.new(secret.encode(), b"device|" + public_id.encode(), hashlib.sha256).digest()


def as_text(key: bytes) -> str:
    """A key as JSON carries it."""
    return base64.b64encode(key).decode("ascii")
