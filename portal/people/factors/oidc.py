"""OpenID Connect as its client: authorization code with PKCE, state and nonce; every check of the ID token."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal.ground.config import Config
from portal.ground.errors import Refused
from portal.ground.rules import N_

SIGNED_WITH = ["RS256", "PS256", "ES256"]  # never none, never a secret that both sides know
PATIENCE = 5  # seconds for each answer of the provider
LEEWAY = 60  # seconds that clocks may differ
WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderDown(Refused):
    """The provider does not answer, or not as a provider does."""

    status = 503
    code = "provider_down"


class ProviderRefused(Refused):
    """What came back does not prove who somebody is."""

    status = 403
    code = "provider_refused"


@dataclass(frozen=True)
class Provider:
    """One provider, as the settings name it."""

    issuer: str
    client_id: str
    client_secret: str
    label: str
    claim: str


def provider_of(config: Config) -> Provider | None:
    if not config.oidc_issuer:
        return None
    label = config.oidc_label or (urlsplit(config.oidc_issuer).hostname or "")
    return Provider(config.oidc_issuer, config.oidc_client_id, config.oidc_client_secret, label, config.oidc_claim)


def _encrypted(address: str) -> bool:
    """Over https, or to this very machine."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "http" and parts.hostname == "localhost"


def _down(error: Exception | None = None) -> ProviderDown:
    down = ProviderDown(N_("The provider does not answer just now. Sign in with your password, or try again later."))
    down.__cause__ = error
    return down


def _fetch(address: str) -> dict[str, Any]:
    """A JSON document of the provider. Raises ProviderDown."""
    if not _encrypted(address):
        raise _down()
    try:
        answer = requests.get(address, timeout=PATIENCE, allow_redirects=False)
        found = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError) as error:
        raise _down(error) from error
    if not isinstance(found, dict):
        raise _down()
    return found


def discover(provider: Provider) -> dict[str, Any]:
    """Where the provider's doors are, from its own document. Raises ProviderDown."""
    found = _fetch(provider.issuer.rstrip("/") + WELL_KNOWN)
    doors = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if found.get("issuer") != provider.issuer or not all(isinstance(d, str) and _encrypted(d) for d in doors):
        raise _down()
    return found


def _client(provider: Provider, redirect_uri: str) -> OAuth2Session:
    return OAuth2Session(
        provider.client_id,
        provider.client_secret or None,
        scope="openid profile",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if provider.client_secret else "none",
    )


def way_there(provider: Provider, redirect_uri: str, *, state: str, nonce: str, verifier: str) -> str:
    """The address of the provider at which the person signs in. Raises ProviderDown."""
    found = discover(provider)
    with _client(provider, redirect_uri) as client:
        address, _ = client.create_authorization_url(
            found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
    return address


def redeem(
    provider: Provider, redirect_uri: str, *, code: str, nonce: str, verifier: str, now: datetime
) -> dict[str, Any]:
    """The checked claims behind a code. Raises ProviderDown, ProviderRefused."""
    found = discover(provider)
    try:
        with _client(provider, redirect_uri) as client:
            told = client.fetch_token(
                found["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier,
                timeout=PATIENCE, allow_redirects=False,
            )  # fmt: skip
    except requests.RequestException as error:
        raise _down(error) from error
    except (AuthlibBaseError, ValueError, KeyError, TypeError) as error:
        raise _refusal() from error
    return _checked(provider, told.get("id_token"), _fetch(found["jwks_uri"]), nonce=nonce, now=now)


def _checked(provider: Provider, token: Any, keys: dict[str, Any], *, nonce: str, now: datetime) -> dict[str, Any]:
    """Signature, issuer, audience, times and nonce of an ID token. Raises ProviderRefused."""
    try:
        read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=SIGNED_WITH)
        wanted = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
        }
        claims = CodeIDToken(read.claims, read.header, wanted, {"nonce": nonce, "client_id": provider.client_id})
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, AuthlibBaseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refusal() from error
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise _refusal()
    return dict(claims)


def _refusal() -> ProviderRefused:
    return ProviderRefused(N_("The provider's answer does not prove who you are. Start signing in again."))
