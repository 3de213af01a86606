"""The Config Key of Safe Exam Browser, computed as its makers write it down, and the hashes a browser shows of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

LEFT_OUT = "originatorVersion"  # says which program saved the file; no setting
PLAIN_BELOW, PLAIN_FROM = 1e21, 1e-6  # JSON writes a number outside these with an exponent


class NotASetting(ValueError):
    """A property list has no such value."""


def config_key(settings: Mapping[str, Any]) -> str:
    """64 hexadecimal digits of a settings file's property list."""
    plain = {name: value for name, value in settings.items() if name != LEFT_OUT}
    return hashlib.sha256(seb_json(plain).encode("utf-8")).hexdigest()


def seb_json(value: Any) -> str:
    """SEB's own kind of JSON: sorted, without spaces, nothing escaped, a backslash or a quotation mark neither.

    Raises NotASetting.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case int():
            return str(value)
        case float():
            return real(value)
        case bytes():
            return f'"{base64.b64encode(value).decode("ascii")}"'
        case datetime():
            return f'"{iso(value)}"'
        case Mapping():
            pairs = (f'"{name}":{seb_json(value[name])}' for name in in_order(value) if not _is_empty(value[name]))
            return "{" + ",".join(pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(seb_json(each) for each in value if not _is_empty(each)) + "]"
    raise NotASetting(f"{type(value).__name__} has no place in a property list")


def _is_empty(value: Any) -> bool:
    """Whether it is a dictionary with nothing in it, or with nothing but such ones."""
    return isinstance(value, Mapping) and all(_is_empty(inner) for inner in value.values())


def in_order(names: Iterable[str]) -> list[str]:
    """Names without regard to case, by no country's rules; of two that differ in case alone, small letters first."""
    return sorted(names, key=lambda name: (name.lower(), name.swapcase()))


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC; a property list's dates have no zone and are in UTC."""
    inside = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return inside.strftime("%Y-%m-%dT%H:%M:%SZ")


def real(number: float) -> str:
    """The shortest digits that read back as the same number, written as JSON does: 0.1, 1, 1e+21, 1.5e-7."""
    if not math.isfinite(number):
        raise NotASetting("a number that is none has no place in a property list")
    if number == 0:
        return "0"
    sign, digits, exponent = _digits(number)
    if PLAIN_FROM <= abs(number) < PLAIN_BELOW:
        return sign + _placed(digits, exponent)
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"


def _digits(number: float) -> tuple[str, str, int]:
    """Sign, significant digits without the point, and the power of ten of the first of them."""
    mantissa, _, power = repr(abs(number)).partition("e")
    whole, _, part = mantissa.partition(".")
    exponent = int(power or 0) + len(whole) - 1
    digits = whole + part
    leading = len(digits) - len(digits.lstrip("0"))
    return "-" if number < 0 else "", digits.strip("0"), exponent - leading


def _placed(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    part = digits[exponent + 1 :]
    return whole + ("." + part if part else "")


def url_hash(address: str, key: str) -> str:
    """What a browser shows of a key at an absolute address: the address first, a fragment never counts."""
    return hashlib.sha256((address.partition("#")[0] + key).encode("utf-8")).hexdigest()


def shows_one(shown: str, addresses: Iterable[str], keys: Iterable[str]) -> bool:
    """Whether the hash is that of one of the keys at one of the addresses; all are tried, none faster than another."""
    found = False
    known = list(keys)
    sent = shown.strip().lower().encode("utf-8")
    for address in addresses:
        for key in known:
            found |= hmac.compare_digest(url_hash(address, key).encode("ascii"), sent)
    return found
