"""Codes, steps of time and where passkeys work: pure rules about second factors."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pyotp

from portal.ground.rules import N_
from portal.people.models import Grant, Role

STEP = 30  # seconds, RFC 6238
STEPS_EITHER_SIDE = 1
WRONG_CODES = 5
WRONG_WINDOW = timedelta(minutes=10)
PENDING_LASTS = timedelta(minutes=5)
CHALLENGE_LASTS = timedelta(minutes=2)
TRIP_LASTS = timedelta(minutes=10)
RECOVERY_CODES = 10
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else
ISSUER = "Mingfa"
DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


@dataclass(frozen=True)
class Factors:
    """What an account has beside its password."""

    totp: bool = False
    passkeys: int = 0
    recovery_left: int = 0

    @property
    def enrolled(self) -> bool:
        return self.totp or self.passkeys > 0


def is_staff(grants: Iterable[Grant], today) -> bool:
    """Whether any role but the officer's is in force."""
    return any(g.role != Role.OFFICER and g.in_force(today) for g in grants)


def typed_code(typed: str) -> str:
    """A code as it is meant: no spaces or dashes, half-width, upper case."""
    return "".join(c for c in typed.translate(DIGITS).upper() if c.isalnum())


def matching_step(secret: str, typed: str, now: datetime) -> int | None:
    """The 30-second step whose code this is, one step of drift either way; None when it is no code of ours."""
    code = typed_code(typed)
    totp, present, found = pyotp.TOTP(secret), int(now.timestamp()) // STEP, None
    for step in range(present - STEPS_EITHER_SIDE, present + STEPS_EITHER_SIDE + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def otpauth(secret: str, name: str) -> str:
    """What the QR code of the enrolment page says."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def grouped(text: str, size: int = 4) -> str:
    """In groups, for reading off and typing."""
    return " ".join(text[i : i + size] for i in range(0, len(text), size))


def new_recovery_code() -> str:
    """Ten letters and digits, 50 bits, written as two groups."""
    code = "".join(secrets.choice(LETTERS) for _ in range(10))
    return f"{code[:5]}-{code[5:]}"


def rp_id(base_url: str) -> str:
    return urlsplit(base_url).hostname or ""


def origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


def passkey_obstacle(base_url: str) -> str | None:
    """Why browsers refuse passkeys at this address, as a gettext id; None when they work."""
    host = rp_id(base_url)
    try:
        ipaddress.ip_address(host)
        return N_("Passkeys need a host name; this site is reached by a bare IP address, so they are not offered.")
    except ValueError:
        pass
    if not base_url.startswith("https://") and host != "localhost":
        return N_("Passkeys need an encrypted address (https); this site is reached without, so they are not offered.")
    return None
