"""Doors: what a view needs before it opens, and how a page or an error answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import abort, current_app, request
from flask_login import current_user

from portal.ground import clock
from portal.ground.errors import NotAllowed
from portal.ground.rules import N_

PUBLIC = "public"  # opens to everybody, by decision
SIGNED_IN = "signed_in"  # any account
TOKEN = "token"  # an attempt token, checked by the view itself

PROOF_LASTS = timedelta(minutes=10)
NOTHING_CHANGED = N_("Nothing was changed. Confirm that it is you, then do it again.")
CLOCKS_APART = timedelta(minutes=1)  # a proof from the future is no proof


class ProofNeeded(NotAllowed):
    """The act needs a proof of who acts that is not older than ten minutes."""

    code = "proof_needed"


class EnrolFirst(NotAllowed):
    """This account opens nothing until it has a second factor."""

    code = "second_factor_needed"


class Keeper(Protocol):
    """Who answers the doors' questions about the present sign-in; a room above the ground sets it."""

    def proved_at(self) -> datetime | None: ...

    def must_enrol(self) -> bool: ...


def set_keeper(app: Any, keeper: Keeper) -> None:
    app.extensions["mingfa_keeper"] = keeper


def proof_is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    return proved_at is not None and -CLOCKS_APART <= now - proved_at <= PROOF_LASTS


def needs(
    *permissions: str, fresh: bool = False, before_factor: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare what kind of person passes this door: any of the permissions; whose row it is stands in the query.

    `fresh` asks for a proof not older than ten minutes; a program's token has none. `before_factor`
    opens to an account that must enrol a second factor first.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        if permissions[0] in (PUBLIC, TOKEN):
            view.needs = permissions[0]
            return view

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                abort(401)
            keeper: Keeper = current_app.extensions["mingfa_keeper"]
            if not before_factor and keeper.must_enrol():
                raise EnrolFirst(N_("Set up a second factor first; until then your account opens nothing else."))
            if SIGNED_IN not in permissions and current_user.permissions.isdisjoint(permissions):
                raise NotAllowed(N_("Your roles do not open this page."))
            if fresh and not proof_is_fresh(keeper.proved_at(), clock.now()):
                raise ProofNeeded(NOTHING_CHANGED)
            return view(*args, **kwargs)

        guarded.needs = " or ".join(permissions)
        guarded.fresh = fresh
        return guarded

    return mark


def require_proof() -> None:
    """For doors that need a fresh proof only sometimes. Raises ProofNeeded."""
    keeper: Keeper = current_app.extensions["mingfa_keeper"]
    if not proof_is_fresh(keeper.proved_at(), clock.now()):
        raise ProofNeeded(NOTHING_CHANGED)


def own_path(target: str | None) -> str | None:
    """The target when it is a path of this site; nothing else may follow a form."""
    if not target or any(char <= " " or char == "\\" for char in target):
        return None
    return target if target.startswith("/") and not target.startswith("//") and not urlsplit(target).netloc else None


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
