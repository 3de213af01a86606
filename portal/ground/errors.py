"""Refusals: sentences for people, with the HTTP status that carries them."""

from __future__ import annotations


class Refused(Exception):
    """A change that may not happen. The message is a gettext id, `values` fill it.

    `status` is the HTTP status of the answer; `code` is a stable word for programs.
    """

    status = 409
    code = "refused"

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class NotAllowed(Refused):
    """The person's roles do not open this door."""

    status = 403
    code = "not_allowed"


class Malformed(Refused):
    """What was sent cannot be read."""

    status = 400
    code = "malformed"


class TooLarge(Refused):
    """What was sent is larger than this door takes."""

    status = 413
    code = "too_large"


class SettingMissing(Exception):
    """A setting without which the program must not start."""
