"""Doors: what a view needs before it opens, and how a page or an error answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, request
from flask_login import current_user

from portal.ground.errors import NotAllowed
from portal.ground.rules import N_

PUBLIC = "public"  # opens to everybody, by decision
SIGNED_IN = "signed_in"  # any account
TOKEN = "token"  # an attempt token, checked by the view itself


def needs(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare what kind of person passes this door; whose row it is stands in the query."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        if permission in (PUBLIC, TOKEN):
            view.needs = permission
            return view

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                abort(401)
            if permission != SIGNED_IN and permission not in current_user.permissions:
                raise NotAllowed(N_("Your roles do not open this page."))
            return view(*args, **kwargs)

        guarded.needs = permission
        return guarded

    return mark


def wants_json() -> bool:
    """Whether the answer should be JSON: an API path, or a caller that sends or accepts JSON first."""
    return (
        request.path.startswith("/api/")
        or request.is_json
        or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def address() -> str:
    """Where the request came from, as the server saw it."""
    return request.remote_addr or "-"
