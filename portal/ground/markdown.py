"""Markdown to HTML that cannot do harm."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

KNOWN_TEXTS = 10_000  # of a few hundred bytes
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
TAGS = {
    "p",
    "br",
    "hr",
    "h2",
    "h3",
    "h4",
    "strong",
    "em",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "a",
}
PICTURED_TAGS = {*"p br strong em ul ol li table thead tbody tr th td img span".split()}
PICTURE = re.compile(r"picture:([0-9a-f]{16,64})")
BLANK = re.compile(r"_{4,}")
BLANK_CLASS = "mf-blank"


def safe_html(text: str) -> Markup:
    """The text as HTML of a short list of tags; links only to https, http and our own paths."""
    html = _parser.render(text)
    return Markup(nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}))


def pictured_html(text: str, address: Callable[[str], str], *, line: bool = False) -> Markup:
    """A question's text: paragraphs, emphasis, lists, tables, blanks and its own pictures; nothing else.

    `address` makes the path of a picture from its SHA-256. With `line` it is one run of text without paragraphs.
    """
    return _made(text, line, address) if "![" in text else _known(text, line)


@lru_cache(KNOWN_TEXTS)
def _known(text: str, line: bool) -> Markup:
    """Of a text without pictures: a whole hall reviews the same questions."""
    return _made(text, line, str)


def _made(text: str, line: bool, address: Callable[[str], str]) -> Markup:
    env = {"address": address}
    html = _questions.renderInline(text, env) if line else _questions.render(text, env)
    return Markup(nh3.clean(
        html, tags=PICTURED_TAGS, attributes={"img": {"src", "alt"}, "ol": {"start"}},
        allowed_classes={"span": {BLANK_CLASS}}, url_schemes=set(), url_relative="pass_through",
    ))  # fmt: skip


def _blank(state: StateInline, silent: bool) -> bool:
    """Four underscores and more are a place to fill in, never emphasis."""
    found = BLANK.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("blank", "span", 0)
    state.pos = found.end()
    return True


def _picture(_renderer: object, tokens: list, place: int, _options: object, env: dict) -> str:
    """One of our own pictures; whatever else an image names shows only its description."""
    token = tokens[place]
    words, found = escapeHtml(token.content), PICTURE.fullmatch(str(token.attrGet("src")))
    return f'<img src="{escapeHtml(env["address"](found[1]))}" alt="{words}">' if found else words


def _for_questions() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
    parser.disable(["code", "fence", "blockquote", "hr", "heading", "lheading", "reference", "html_block"])
    parser.disable(["backticks", "link", "autolink", "html_inline", "entity"])
    parser.inline.ruler.before("emphasis", "blank", _blank)
    parser.add_render_rule("blank", lambda *_rest: f'<span class="{BLANK_CLASS}">____</span>')
    parser.add_render_rule("image", _picture)
    return parser


_questions = _for_questions()
