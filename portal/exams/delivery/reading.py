"""A frozen paper's Markdown as trees of a few tags, which the player builds node by node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from portal.ground.markdown import PICTURE, pictured_html

Node = str | list[Any]  # a text, or [tag, attributes, nodes]
GAP = "gap"  # the node of a blank
VOID = ("br", "img")


def nodes(text: str, *, line: bool = False) -> list[Node]:
    """The text's tree; a picture names its SHA-256, since its address is each candidate's own."""
    builder = _Builder()
    builder.feed(str(pictured_html(text, lambda sha256: sha256, line=line)))
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: list[Node] = []
        self._open: list[list[Node]] = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside: list[Node] = []
        if tag == "span":
            self._open[-1].append([GAP, {}, inside])
        else:
            self._open[-1].append([tag, {name: value or "" for name, value in attrs}, inside])
        if tag not in VOID:
            self._open.append(inside)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data != "\n":  # between two tags of a table or a list
            self._open[-1].append(data)


def _is_plain(tree: list[Node], text: str) -> bool:
    """Whether the tree is no more than the text itself, perhaps in one paragraph."""
    first = tree[0] if tree else ""
    inner = first[2] if isinstance(first, list) and first[0] == "p" and not tree[1:] else tree
    return inner == [text]


def read_paper(paper: Mapping[str, Any]) -> dict[str, Any]:
    """Trees for those texts of a paper that are more than plain text.

    Returns {"items": {item: {"stem", "options": {id: …}, "matches": {id: …}}}, "cases": {id: …}}.
    """
    items = {item["item"]: read for item in paper["items"] if (read := _read_item(item))}
    cases = {case: tree for case, text in paper["cases"].items() if (tree := _rich(text))}
    return {"items": items, "cases": cases}


def _read_item(item: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    if stem := _rich(item["stem"]):
        read["stem"] = stem
    for side in ("options", "matches"):
        rich = {name: tree for name, text in item.get(side, ()) if (tree := _rich(text, line=True))}
        if rich:
            read[side] = rich
    return read


def _rich(text: str, *, line: bool = False) -> list[Node] | None:
    tree = nodes(text, line=line)
    return None if _is_plain(tree, text) else tree


def pictures_of(paper: Mapping[str, Any]) -> frozenset[str]:
    """The SHA-256 of every picture that stands in a paper's texts."""
    return frozenset(sha256 for text in _texts(paper) for sha256 in PICTURE.findall(text))


def _texts(paper: Mapping[str, Any]) -> Iterator[str]:
    yield from paper["cases"].values()
    for item in paper["items"]:
        yield item["stem"]
        yield from (text for side in ("options", "matches") for _, text in item.get(side, ()))
