"""Ciphers behind one provider: what is stored carries the algorithm and the key that made it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.ground.config import Config, listed

FIRST = b"a1"  # AES-256-GCM without the key's fingerprint; still opened, no longer made
AES, SM4 = b"a2", b"s2"
SUITES = {"aes": AES, "sm4": SM4}
MARK = 4  # bytes of a key's fingerprint
NONCE, TAG = 12, 16


class WillNotOpen(ValueError):
    """No key that is set opens this value, or it stands in another place than it was sealed for."""


def fingerprint(key: bytes) -> bytes:
    """A few bytes that name a key and say nothing about it."""
    return hashlib.sha256(b"mingfa key\x00" + key).digest()[:MARK]


class Keys:
    """The keys of one running program, never stored beside what they protect.

    The first of each kind is in use; the others open and find what they once made.
    """

    def open(
        self, data_key: str, index_key: str, *, old_data: Sequence[str] = (), old_index: Sequence[str] = (),
        suite: str = "aes",
    ) -> None:  # fmt: skip
        self._data = [bytes.fromhex(key) for key in (data_key, *old_data)]
        self._index = [bytes.fromhex(key) for key in (index_key, *old_index)]
        self._suite = SUITES[suite]

    def open_from(self, config: Config) -> None:
        """Open with the keys of the settings."""
        old_data, old_index = listed(config.data_keys_old), listed(config.index_keys_old)
        self.open(
            config.data_key, config.index_key, old_data=old_data, old_index=old_index, suite=config.cipher_suite
        )

    @property
    def mark(self) -> bytes:
        """How a value begins that is sealed today: suite and fingerprint."""
        return self._suite + fingerprint(self._data[0])

    def names(self) -> dict[bytes, str]:
        """Every beginning a value may have → suite and key in words for the terminal."""
        known = {FIRST: "first suite, key not named"}
        for place, key in enumerate(self._data):
            for word, suite in SUITES.items():
                which = "current" if place == 0 else f"old {place}"
                known[suite + fingerprint(key)] = f"{word} {fingerprint(key).hex()} ({which} data key)"
        return known

    def seal(self, text: str, bound_to: str) -> bytes:
        """Encrypt; `bound_to` names table, column and row, so that a swapped cell will not open."""
        return seal_with(self._data[0], text, bound_to, suite=self._suite)

    def unseal(self, sealed: bytes, bound_to: str) -> str:
        """The text again. Raises WillNotOpen."""
        for key in self._data:
            if sealed[:2] == FIRST or sealed[2 : 2 + MARK] == fingerprint(key):
                try:
                    return unseal_with(key, sealed, bound_to)
                except WillNotOpen:
                    continue
        raise WillNotOpen("no key that is set opens this value here")

    def blind(self, text: str, purpose: str) -> str:
        """A keyed digest for exact look-up; equal texts give equal digests for one purpose."""
        return _blind(self._index[0], text, purpose)

    def blinds(self, text: str, purpose: str) -> list[str]:
        """The digests under which a text may be stored: today's, then those of older keys."""
        return [_blind(key, text, purpose) for key in self._index]


def _blind(key: bytes, text: str, purpose: str) -> str:
    return hmac.new(key, f"{purpose}\x00{text}".encode(), hashlib.sha256).hexdigest()


def seal_with(key: bytes, text: str, bound_to: str, *, suite: bytes = AES) -> bytes:
    """Suite, fingerprint, nonce, ciphertext; all but the last authenticated together with `bound_to`."""
    head, nonce = suite + fingerprint(key), os.urandom(NONCE)
    bound = head + bound_to.encode()
    if suite == AES:
        return head + nonce + AESGCM(key).encrypt(nonce, text.encode(), bound)
    made = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce)).encryptor()
    made.authenticate_additional_data(bound)
    return head + nonce + made.update(text.encode()) + made.finalize() + made.tag


def unseal_with(key: bytes, sealed: bytes, bound_to: str) -> str:
    suite, bound = sealed[:2], bound_to.encode()
    start = 2
    if suite != FIRST:
        start += MARK
        bound = sealed[:start] + bound
    nonce, body = sealed[start : start + NONCE], sealed[start + NONCE :]
    try:
        if suite in (FIRST, AES):
            return AESGCM(key).decrypt(nonce, body, bound).decode()
        if suite == SM4:
            opened = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce, body[-TAG:])).decryptor()
            opened.authenticate_additional_data(bound)
            return (opened.update(body[:-TAG]) + opened.finalize()).decode()
    except (InvalidTag, ValueError) as closed:
        raise WillNotOpen("this value does not open here with this key") from closed
    raise WillNotOpen("sealed with an unknown suite")


def _sm4_key(key: bytes) -> bytes:
    """SM4 takes 128 bits: derived, so that the two ciphers never share a key."""
    return hashlib.sha256(b"mingfa sm4\x00" + key).digest()[:16]


def sealed(bound_to: str, *, index: str = "", purpose: str = "") -> dict[str, Any]:
    """`info` of a column that holds sealed values: what binds them, the row's columns in braces.

    `index` names the row's column with the blind digest of the same text, `purpose` its purpose.
    """
    return {"sealed": bound_to, "index": index, "purpose": purpose}


def sealed_elsewhere(by: str) -> dict[str, Any]:
    """`info` of a column sealed under keys that the table `by` keeps: a new data key leaves it as it is."""
    return {"sealed_by": by}


SHORT_LIVED = sealed_elsewhere("time")  # gone within minutes: a new data key need not reach it

keys = Keys()


def masked(number: str, head: int = 6, tail: int = 4) -> str:
    """An ID number, or another long one, as it may stand on a screen: 220581********002X."""
    return number[:head] + "*" * max(len(number) - head - tail, 0) + number[-tail:]


def canonical(value: Any) -> bytes:
    """One byte form per value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
