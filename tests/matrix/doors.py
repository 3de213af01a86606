"""How the table of doors is read.

A door opens to the roles it names when the thing lies within their grant (`here`, `above`,
`same_field`), answers 404 when it does not (`there`, `other_field`), and 403 to every other role.
`but` settles single cells that differ. Pages without a thing open to their roles wherever granted;
`shows` then names what must be on the page within the grant and must not be outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OPEN, AWAY, REFUSED, SIGN_IN = "open", 404, 403, "sign in"
WITHIN = ("here", "above", "same_field")
WITHOUT = ("there", "other_field")
ANYWHERE = ("-", "own", "other", *WITHIN, *WITHOUT)
ROSTER = {"unit_admin", "bureau_checker", "bureau_approver", "supervisor", "sysadmin"}
FILES = {"bureau_checker", "bureau_approver", "supervisor"}
KEEPERS = {"unit_admin", "sysadmin"}
EVERYBODY = {"*"}


@dataclass(frozen=True)
class Door:
    """Roles that open it, the kind of thing in its address, and the cells that differ."""

    opens: set[str]
    thing: str | None = None
    but: dict[tuple[str, str], Any] = field(default_factory=dict)
    shows: str | None = None
    form: dict[str, str] = field(default_factory=dict)  # "@name" stands for a value of the world
    query: dict[str, str] = field(default_factory=dict)

    def expected(self, role: str, relation: str) -> Any:
        for cell in ((role, relation), (role, "*"), ("*", relation)):
            if cell in self.but:
                return self.but[cell]
        if role == "nobody":
            return SIGN_IN
        if "*" not in self.opens and role not in self.opens:
            return REFUSED
        if self.thing is None or relation in (*WITHIN, "own"):
            return OPEN
        return AWAY


def everywhere(answer: Any, roles: set[str] = frozenset({"*"})) -> dict[tuple[str, str], Any]:
    """The same answer wherever the grant lies, for everybody signed in."""
    return {(role, relation): answer for role in roles for relation in ANYWHERE[1:]}


def public(thing: str | None = None, answer: Any = OPEN) -> Door:
    return Door(EVERYBODY, thing, {("*", relation): answer for relation in ANYWHERE})


def own(thing: str, form: dict[str, str] | None = None) -> Door:
    """The officer's own thing; another officer does not find it, staff have no such door."""
    return Door({"officer"}, thing, {("officer", "other"): AWAY}, form=form or {})


def personal(thing: str) -> Door:
    """Everybody has such things; this one is the owner's."""
    away = {("*", relation): AWAY for relation in ANYWHERE if relation not in ("-", "own")}
    return Door(EVERYBODY, thing, away)


def brought(roles: set[str], thing: str) -> Door:
    """A file with people in it: only who brought it sees it, the unit administrator of the county."""
    away = {(role, relation): AWAY for role in roles for relation in (*WITHIN, *WITHOUT)}
    return Door(roles, thing, away | {("unit_admin", "here"): OPEN})
