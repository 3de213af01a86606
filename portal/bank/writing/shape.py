"""Changing the shape of a question that is being written: its kind, its lists, its keys with them."""

from __future__ import annotations

from typing import Any

from portal.ground.errors import Malformed
from portal.ground.rules import N_
from question_bank.checks import MOST_MATCHES
from question_bank.questions import BLANK, CHOICES, LETTERS, WITH_OPTIONS, Kind, Question

MOST_ITEMS = 12
MOST_ROWS = 30  # citations, marking points, criteria
ROOMS = {"options": len(LETTERS), "matches": MOST_MATCHES, "items": MOST_ITEMS}
LISTS = ("options", "matches", "items", "citations", "points", "criteria")
ACTS = ("add", "drop", "up", "down")


def blank(kind: Kind, *, inside: bool = False) -> dict[str, Any]:
    """An empty question of a kind, with the rows its writer will fill."""
    body = Question("", kind, "").plain() | {"key": _empty_key(kind)}
    if kind in WITH_OPTIONS:
        body["options"] = ["", "", "", ""] if kind in CHOICES else ["", "", ""]
    if kind is Kind.MATCHING:
        body |= {"matches": ["", "", ""], "key": ["", "", ""]}
    if kind is Kind.CASE_SET and not inside:
        body["items"] = [blank(Kind.SINGLE, inside=True), blank(Kind.MULTIPLE, inside=True)]
    return body


def _empty_key(kind: Kind) -> Any:
    if kind is Kind.SHORT_ANSWER:
        return ["", ""]
    if kind is Kind.DRAFTING:
        return ["", ["", 0]]
    return [] if kind in (Kind.FILL_BLANK, Kind.MATCHING) else ""


def turn_into(body: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """The same text as a question of another kind; what a kind has no place for is left, the key where it fits."""
    old = Kind(body["kind"])
    if old is kind:
        return body
    new = body | {"kind": kind.value, "key": _empty_key(kind)}
    if kind in WITH_OPTIONS and not new["options"]:
        new["options"] = blank(kind)["options"]
    if kind in CHOICES and old in CHOICES:
        new["key"] = body["key"][:1] if kind is Kind.SINGLE else body["key"]
    if kind is Kind.MATCHING:
        new["matches"] = new.get("matches") or ["", ""]
        new["key"] = ["" for _option in new["options"]]
    if {old, kind} == {Kind.SHORT_ANSWER, Kind.DRAFTING}:
        new["key"] = [body["key"][0], *([p, 0] if kind is Kind.DRAFTING else p[0] for p in body["key"][1:])]
    if kind is Kind.CASE_SET and not new["items"]:
        new["items"] = [turn_into(blank(Kind.SINGLE, inside=True), Kind.SINGLE), blank(Kind.MULTIPLE, inside=True)]
    return new


def apply(body: dict[str, Any], wish: str) -> None:
    """Do what a button of the form asks: "add:options", "drop:items/1/options/2", "up:items/2". Raises Malformed."""
    act, _, path = wish.partition(":")
    parts = path.split("/")
    node = body
    if parts[0] == "items" and len(parts) > 2:
        node, parts = _item(body, parts[1]), parts[2:]
    name, at = parts[0], parts[1] if len(parts) > 1 else ""
    if act not in ACTS or name not in LISTS or len(parts) > 2:
        raise Malformed(N_("This cannot be read."))
    if act == "add":
        _add(node, name)
        return
    rows = _rows(node, name)
    if not _is_place(at, rows):
        raise Malformed(N_("This cannot be read."))
    if act == "drop":
        _drop(node, name, int(at))
    else:
        _swap(node, name, int(at), int(at) + (1 if act == "down" else -1))


def _item(body: dict[str, Any], at: str) -> dict[str, Any]:
    if not _is_place(at, body["items"]):
        raise Malformed(N_("This cannot be read."))
    return body["items"][int(at)]


def _is_place(at: str, rows: list[Any]) -> bool:
    return at.isdecimal() and len(at) < 4 and int(at) < len(rows)


def _rows(node: dict[str, Any], name: str) -> list[Any]:
    if name in ("points", "criteria"):
        return node["key"][1:]
    return node.setdefault(name, [])


def _add(node: dict[str, Any], name: str) -> None:
    if len(_rows(node, name)) >= ROOMS.get(name, MOST_ROWS):
        return
    if name in ("points", "criteria"):
        node["key"].append("" if name == "points" else ["", 0])
        return
    empty: Any = ""
    if name == "items":
        empty = blank(Kind.SINGLE, inside=True)
    elif name == "citations":
        last = node["citations"][-1] if node["citations"] else {}
        empty = {"law": last.get("law", ""), "label": last.get("label", ""), "article": "", "summary": ""}
    node[name].append(empty)
    if name == "options" and node["kind"] == Kind.MATCHING:
        node["key"].append("")


def _drop(node: dict[str, Any], name: str, at: int) -> None:
    if name in ("points", "criteria"):
        del node["key"][at + 1]
        return
    del node[name][at]
    if name == "options":
        _key_follows(node, lambda place: None if place == at else place - (place > at))
    if name == "matches":
        numbers = {number: str(number - (number > at + 1)) for number in range(1, MOST_MATCHES + 1) if number != at + 1}
        node["key"] = [numbers.get(int(given), "") if given else "" for given in node["key"]]


def _swap(node: dict[str, Any], name: str, one: int, other: int) -> None:
    rows = node["key"] if name in ("points", "criteria") else node[name]
    first = 1 if name in ("points", "criteria") else 0
    one, other = one + first, other + first
    if not first <= other < len(rows):
        return
    rows[one], rows[other] = rows[other], rows[one]
    if name == "options":
        _key_follows(node, lambda place: {one: other, other: one}.get(place, place))
    if name == "matches":
        numbers = {str(one + 1): str(other + 1), str(other + 1): str(one + 1)}
        node["key"] = [numbers.get(given, given) for given in node["key"]]


def _key_follows(node: dict[str, Any], moved: Any) -> None:
    """Letters of the key go where their options went; `moved` gives an option's new place, or None."""
    if node["kind"] == Kind.MATCHING:
        kept = {moved(place): given for place, given in enumerate(node["key"])}
        node["key"] = [kept.get(place, "") for place in range(len(node["options"]))]
        return
    if not isinstance(node["key"], str):
        return
    places = [moved(LETTERS.index(letter)) for letter in node["key"]]
    letters = [LETTERS[place] for place in places if place is not None]
    node["key"] = "".join(letters if node["kind"] == Kind.ORDERING else sorted(letters))


def tidy(body: dict[str, Any]) -> dict[str, Any]:
    """The question without the rows that were left empty at the end, and without spaces around its texts."""
    kind, new = Kind(body["kind"]), dict(body)
    for name in ("options", "matches"):
        new[name] = [text.strip() for text in body.get(name, [])] if kind in WITH_OPTIONS else []
    while new["options"] and not new["options"][-1] and len(new["options"]) > 2:
        if LETTERS[len(new["options"]) - 1] in new["key"] or (kind is Kind.MATCHING and new["key"][-1:] != [""]):
            break
        new["options"].pop()
        if kind is Kind.MATCHING:
            new["key"] = new["key"][:-1]
    while new["matches"] and not new["matches"][-1]:
        new["matches"].pop()
    new |= {name: body.get(name, "").strip() for name in ("stem", "rationale", "topic", "source", "field")}
    new["key"] = _tidy_key(kind, new)
    new["citations"] = [c for c in body["citations"] if c["law"].strip() or c["article"].strip()]
    new["items"] = [tidy(item) for item in body["items"]] if kind is Kind.CASE_SET else []
    if kind is Kind.CASE_SET:
        new["items"] = [item | {"topic": item["topic"] or new["topic"]} for item in new["items"]]
    return new


def _tidy_key(kind: Kind, body: dict[str, Any]) -> Any:
    key = body["key"]
    match kind:
        case Kind.FILL_BLANK:
            return [[v for v in variants if v] for variants in key[: max(body["stem"].count(BLANK), 1)]]
        case Kind.SHORT_ANSWER:
            return [key[0].strip(), *(point.strip() for point in key[1:] if point.strip())]
        case Kind.DRAFTING:
            return [key[0].strip(), *([words.strip(), weight] for words, weight in key[1:] if words.strip() or weight)]
        case Kind.CASE_SET:
            return ""
    return key
