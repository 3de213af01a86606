"""Ciphers behind one provider: what is stored carries the algorithm that made it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SUITE = b"a1"  # AES-256-GCM, HMAC-SHA-256


class Keys:
    """The keys of one running program, never stored beside what they protect."""

    def open(self, data_key: str, index_key: str) -> None:
        self._cipher = AESGCM(bytes.fromhex(data_key))
        self._index = bytes.fromhex(index_key)

    def seal(self, text: str, bound_to: str) -> bytes:
        """Encrypt; `bound_to` names table, column and row, so that a swapped cell will not open."""
        nonce = os.urandom(12)
        return SUITE + nonce + self._cipher.encrypt(nonce, text.encode(), bound_to.encode())

    def unseal(self, sealed: bytes, bound_to: str) -> str:
        if sealed[:2] != SUITE:
            raise ValueError("sealed with an unknown suite")
        return self._cipher.decrypt(sealed[2:14], sealed[14:], bound_to.encode()).decode()

    def blind(self, text: str, purpose: str) -> str:
        """A keyed digest for exact look-up; equal texts give equal digests for one purpose."""
        return hmac.new(self._index, f"{purpose}\x00{text}".encode(), hashlib.sha256).hexdigest()


keys = Keys()


def canonical(value: Any) -> bytes:
    """One byte form per value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
