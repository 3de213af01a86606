"""A small OpenID provider on the loopback, which signs in whoever is told to it, and errs on request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

from joserfc import jwt
from joserfc.jwk import RSAKey

from portal.ground import clock

CLIENT, SECRET = "mingfa-test", "a shared secret"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class OpenIdProvider:
    """Discovery, JWKS, authorisation and token doors; `claims` and `header` change the next ID token."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.stranger = RSAKey.generate_key(2048, {"kid": "k1"})
        self.server = make_server("127.0.0.1", 0, self.answer, handler_class=Quiet)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.signed = "right"  # right, none, hs256, stranger
        self.asked: list[str] = []

    def answer(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            body = {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            }  # fmt: skip
        elif path == "/keys":
            body = {"keys": [self.key.as_dict(private=False)]}
        elif path == "/token":
            return self.redeem(environ, start)
        else:
            start("404 Not Found", [])
            return [b""]
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def authorize(self, address: str, subject: str) -> str:
        """What a browser would bring back after its person signed in here: the query of the way back."""
        asked = {name: values[0] for name, values in parse_qs(address.partition("?")[2]).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "sub": subject}
        return urlencode({"code": code, "state": asked["state"], "iss": self.issuer})

    def redeem(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        sent = {
            name: values[0]
            for name, values in parse_qs(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()).items()
        }
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(sent.get("code", ""), None)  # a code is good once
        right = asked is not None and environ.get("HTTP_AUTHORIZATION") == f"Basic {basic}"
        if right:
            digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
            right = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
            right = right and sent["redirect_uri"] == asked["redirect_uri"]
        status, body = ("200 OK", self.tokens(asked)) if right else ("400 Bad Request", {"error": "invalid_grant"})
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def tokens(self, asked: dict[str, str]) -> dict[str, str]:
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": asked["sub"], "nonce": asked["nonce"], "iat": now,
            "exp": now + 300, **self.claims,
        }  # fmt: skip
        return {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": self.sign(claims)}

    def coded(self, *parts: dict[str, Any]) -> str:
        return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts)

    def sign(self, claims: dict[str, Any]) -> str:
        if self.signed == "none":
            return self.coded({"alg": "none"}, claims) + "."
        if self.signed == "hs256":  # signed with what everybody may read: the public key
            body = self.coded({"alg": "HS256", "kid": "k1"}, claims)
            digest = hmac.new(self.key.as_pem(private=False), body.encode(), hashlib.sha256).digest()
            return f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        key = self.stranger if self.signed == "stranger" else self.key
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key)


@contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    provider = OpenIdProvider()
    thread = threading.Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        thread.join(10)
        provider.server.server_close()
