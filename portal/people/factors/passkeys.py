"""The two ceremonies of a passkey, as WebAuthn has them: made once, shown often."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.factors.models import Passkey
from portal.people.factors.rules import ISSUER, origin, rp_id
from portal.people.models import Account

BROKEN = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)


class PasskeyRefused(Refused):
    """What the device sent does not prove anything here."""

    status = 403
    code = "passkey_refused"


def _refusal() -> PasskeyRefused:
    return PasskeyRefused(N_("This passkey could not be checked. Nothing was changed; try again."))


def _described(keys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in keys]


def creation_options(base_url: str, account: Account, has: Iterable[Passkey], challenge: bytes) -> dict[str, Any]:
    """What the browser's `credentials.create` is asked."""
    options = generate_registration_options(
        rp_id=rp_id(base_url),
        rp_name=ISSUER,
        user_id=account.person.public_id.encode(),
        user_name=account.username,
        user_display_name=account.username,
        challenge=challenge,
        timeout=120_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(has),
    )
    return json.loads(options_to_json(options))


def request_options(base_url: str, allowed: Iterable[Passkey], challenge: bytes) -> dict[str, Any]:
    """What the browser's `credentials.get` is asked; without `allowed` the device offers what it has."""
    options = generate_authentication_options(
        rp_id=rp_id(base_url),
        challenge=challenge,
        timeout=120_000,
        allow_credentials=_described(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(options_to_json(options))


def created(base_url: str, sent: Any, challenge: bytes) -> VerifiedRegistration:
    """Raises PasskeyRefused."""
    try:
        return verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=rp_id(base_url),
            expected_origin=origin(base_url),
            require_user_verification=True,
        )
    except BROKEN as error:
        raise _refusal() from error


def shown(base_url: str, sent: Any, challenge: bytes, key: Passkey) -> VerifiedAuthentication:
    """Signature, challenge, place, user verification and count are right, or PasskeyRefused."""
    try:
        return verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=rp_id(base_url),
            expected_origin=origin(base_url),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except BROKEN as error:
        raise _refusal() from error


def sent_id(sent: Any) -> bytes:
    """Which passkey the device says it is. Raises PasskeyRefused."""
    try:
        return base64url_to_bytes(sent["rawId"])
    except BROKEN as error:
        raise _refusal() from error


def sent_owner(sent: Any) -> str | None:
    """Whose passkey the device says it is; None when it does not say."""
    try:
        handle = sent["response"].get("userHandle")
        return base64url_to_bytes(handle).decode() if handle else None
    except BROKEN as error:
        raise _refusal() from error
