"""A question's Markdown as pieces that can be printed: lines of text, tables, pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from portal.ground.pdf_drawing import PLAIN, STRESS
from question_bank.questions import PICTURE

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_parser.disable(["code", "fence", "blockquote", "hr", "heading", "lheading", "reference", "html_block"])
_parser.disable(["backticks", "link", "autolink", "html_inline", "entity"])
_HELD = "\ue010"  # stands for an underscore while Markdown is read: blanks are no emphasis
_KEY = "picture:"


@dataclass(frozen=True)
class Words:
    text: str  # with STRESS and PLAIN around what is stressed


@dataclass(frozen=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    alt: str
    key: str


Piece = Words | Table | Picture


def pieces(text: str) -> list[Piece]:
    """What stands in the text, one after the other."""
    return list(_pieces(_parser.parse(text.replace("_", _HELD))))


def plain(text: str) -> str:
    """The text on one line, a picture as its description: for options and keys."""
    named = PICTURE.sub(lambda found: f"[{found[1]}]", text)
    return " ".join(piece.text for piece in pieces(named) if isinstance(piece, Words))


def _pieces(tokens: list[Token]) -> Iterator[Piece]:
    rows: list[list[str]] = []
    bullets: list[str] = []
    inside = 0
    for token in tokens:
        match token.type:
            case "table_open":
                rows, inside = [], 1
            case "table_close":
                yield Table(tuple(map(tuple, rows)))
                inside = 0
            case "tr_open":
                rows.append([])
            case "list_item_open":
                bullets.append(f"{token.info}{token.markup} " if token.info else "· ")
            case "inline" if inside:
                rows[-1].append("".join(piece.text for piece in _inline(token) if isinstance(piece, Words)))
            case "inline":
                for piece in _inline(token):
                    if isinstance(piece, Words) and bullets:
                        piece = Words(bullets.pop() + piece.text)
                    yield piece


def _inline(token: Token) -> Iterator[Piece]:
    line = ""
    for child in token.children or ():
        match child.type:
            case "text":
                line += child.content.replace(_HELD, "_")
            case "softbreak" | "hardbreak":
                line += "\n"
            case "strong_open" | "em_open":
                line += STRESS
            case "strong_close" | "em_close":
                line += PLAIN
            case "image":
                if line.strip():
                    yield Words(line.strip("\n"))
                line = ""
                source = str(child.attrGet("src")).replace(_HELD, "_")
                key = source.removeprefix(_KEY) if source.startswith(_KEY) else ""
                yield Picture(child.content.replace(_HELD, "_"), key)
    if line.strip():
        yield Words(line.strip("\n"))
