"""Attempt tokens: what a page holds to save without a session, a user row or a template."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

PARTS = 5  # a token of an earlier release has fewer: its page opens the exam again
LASTS_AFTER_DEADLINE = timedelta(hours=24)  # answers kept on a device may arrive late as evidence


@dataclass(frozen=True)
class AttemptToken:
    """Which attempt and form, under which epoch, opened by which sign-in, until when (seconds since 1970)."""

    attempt_id: int
    form_id: int
    epoch: int
    sign_in_id: int
    expires: int


def _signature(secret: str, payload: str) -> str:
    return hmac.new(secret.encode(), b"attempt|" + payload.encode(), hashlib.sha256).hexdigest()


def make(secret: str, attempt_id: int, form_id: int, epoch: int, sign_in_id: int, deadline: datetime) -> str:
    expires = int((deadline + LASTS_AFTER_DEADLINE).timestamp())
    payload = f"{attempt_id}.{form_id}.{epoch}.{sign_in_id}.{expires}"
    return f"{payload}.{_signature(secret, payload)}"


def read(secret: str, token: str) -> AttemptToken | None:
    """The token's content if the signature is ours, whatever its age; otherwise None."""
    payload, _, signature = token.rpartition(".")
    if not payload or not hmac.compare_digest(_signature(secret, payload).encode(), signature.encode()):
        return None
    parts = payload.split(".")
    return AttemptToken(*map(int, parts)) if len(parts) == PARTS else None
