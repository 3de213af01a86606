"""HTML of strangers as Markdown: what carries meaning stays, everything else goes, scripts with a warning."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

from question_bank.formats.found import Fault
from question_bank.formats.markdown_table import table_lines
from question_bank.questions import N_

KNOWN = set(
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo big blockquote body br button "
    "canvas caption center cite code col colgroup dd del details dfn dialog div dl dt em embed fieldset "
    "figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe image img "
    "input ins kbd keygen label legend li link main map mark marquee math menu meta nav nobr noscript object ol "
    "optgroup option p param picture pre progress q rp rt ruby s samp script section select slot small source "
    "span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr "
    "track tt u ul var video wbr xmp".split()
)
ENTITY = r"&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});"
TAG = re.compile(rf"</?(?:{'|'.join(sorted(KNOWN))})\b|<!--|<!\[CDATA\[|{ENTITY}", re.I)
DROPPED = {"script", "style", "iframe", "object", "embed", "form", "svg", "math", "template", "noscript", "head"}
ACTIVE = {"script", "iframe", "object", "embed", "form", "svg"}
BLOCKS = {"p", "div", "section", "article", "header", "footer", "figure", "figcaption", "address", "center", "dl", "dd"}
MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
HEADINGS = {f"h{n}": "#" * max(n, 2) + " " for n in range(1, 5)} | {"h5": "#### ", "h6": "#### "}
RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
DEEPEST = 100
SCRIPT_DROPPED = N_("The text held a script or another active part; it was left out.")
FORMULA_DROPPED = N_("The text held a formula; it was left out.")
PICTURE_MISSING = N_("The picture %(name)s is not in the file.")
PICTURE_SUPPLY = N_("Add it to the question by hand.")
Pictures = Callable[[str], bytes | None]


def has_tags(text: str) -> bool:
    return bool(TAG.search(text))


class Texts:
    """Turns the texts of one question and gathers its warnings and pictures; `find` gives a picture's bytes."""

    def __init__(self, find: Pictures = lambda source: None) -> None:
        self.find = find
        self.pictures: dict[str, bytes] = {}
        self.faults: list[Fault] = []

    def html(self, text: str, column: str = "stem", *, marks: bool = False) -> str:
        """HTML as Markdown; with `marks` what stands between the tags is Markdown already."""
        parser = _Converter(self, column, marks)
        parser.feed(text.replace("]]>", "").replace("<![CDATA[", ""))
        parser.close()
        return parser.result()

    def loose(self, text: str, column: str = "stem", form: str = "") -> str:
        """Text of a form (html, markdown, plain, or any), read as HTML only when tags or entities stand in it."""
        if form == "html" or has_tags(text):
            return self.html(text, column, marks=form == "markdown")
        return tidy(text)

    def picture(self, source: str, alt: str, column: str) -> str:
        data = self.find(source)
        alt = re.sub(r"[\[\]\s]+", " ", alt).strip()
        if data is None:
            name = "data:…" if source.startswith("data:") else source[-80:]
            self.warn(column, PICTURE_MISSING, PICTURE_SUPPLY, name)
            return f"[{alt}]" if alt else ""
        key = hashlib.sha256(data).hexdigest()
        self.pictures[key] = data
        return f"![{alt}](picture:{key})"

    def warn(self, column: str, message: str, remedy: str = "", name: str = "") -> None:
        fault = Fault(column, message, remedy, {"name": name} if name else {}, name, True)
        if fault not in self.faults:
            self.faults.append(fault)


def tidy(text: str) -> str:
    """Lines without blanks at their ends, at most one empty line in a row."""
    lines = "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


class _Converter(HTMLParser):
    def __init__(self, texts: Texts, column: str, marks: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.texts, self.column, self.marks = texts, column, marks
        self.out: list[list[str]] = [[]]  # a table cell, a link or a mark is written apart and joined when it ends
        self.open: list[tuple[str, str]] = []  # (tag, its link) of what is written apart
        self.lists: list[list] = []  # ["ul"] or ["ol", number]
        self.rows: list[list[list[str]]] = []
        self.skipped, self.preformatted = 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.lower(): value or "" for name, value in attrs}
        if tag in ACTIVE or any(name.startswith("on") for name in given):
            self.texts.warn(self.column, SCRIPT_DROPPED)
        if tag == "math" and not self.skipped:
            self.texts.warn(self.column, FORMULA_DROPPED, PICTURE_SUPPLY)
        if tag in DROPPED:
            self.skipped += tag not in ("embed",)
        elif self.skipped:
            return
        elif tag == "img":
            self._put(self.texts.picture(given.get("src", "").strip(), given.get("alt", ""), self.column))
        elif tag == "br":
            self._put("\n")
        elif tag == "hr":
            self._paragraph()
        elif tag in KNOWN:
            self._begin(tag, given)
        elif not given:  # <A4> is no HTML
            self._put(_literal(self.get_starttag_text() or ""))

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag in MARKS or tag in ("a", "sup", "sub", "td", "th"):
            if len(self.open) < DEEPEST:
                self.open.append((tag, given.get("href", "").strip()))
                self.out.append([])
        elif tag in BLOCKS or tag == "blockquote":
            self._paragraph("> " if tag == "blockquote" else "")
        elif tag in HEADINGS:
            self._paragraph(HEADINGS[tag])
        elif tag in ("ul", "ol"):
            self.lists.append([tag, 0])
        elif tag == "li":
            self._item()
        elif tag == "pre":
            self.preformatted += 1
            self._paragraph("```\n")
        elif tag == "table":
            self._paragraph()
            self.rows.append([])
        elif tag == "tr" and self.rows:
            self.rows[-1].append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self.skipped = max(0, self.skipped - 1)
        elif self.skipped:
            return
        elif any(tag == one for one, _href in self.open):
            while self.open:
                closed = self.open[-1][0]
                self._join()
                if closed == tag:
                    break
        elif tag in BLOCKS or tag in HEADINGS or tag == "blockquote":
            self._paragraph()
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            self._put("\n" if self.lists else "\n\n")
        elif tag == "pre" and self.preformatted:
            self.preformatted -= 1
            self._put("\n```\n\n")
        elif tag == "table" and self.rows:
            self._put("\n\n" + "\n".join(table_lines(self.rows.pop())) + "\n\n")

    def handle_data(self, data: str) -> None:
        if self.skipped:
            return
        if self.preformatted or self.marks:
            self._put(data)
            return
        data = re.sub(r"[ \t\r\n\f\xa0]+", " ", data)
        if self.rows and not any(tag in ("td", "th") for tag, _href in self.open):
            data = data.strip()  # blanks between rows and cells
        self._put(_literal(data))

    def _put(self, text: str) -> None:
        self.out[-1].append(text)

    def _paragraph(self, start: str = "") -> None:
        self._put("\n\n" + start)

    def _item(self) -> None:
        kind = self.lists[-1] if self.lists else ["ul", 0]
        kind[1] += 1
        sign = "- " if kind[0] == "ul" else f"{kind[1]}. "
        self._put("\n" + "   " * min(max(len(self.lists) - 1, 0), 5) + sign)

    def _join(self) -> None:
        (tag, href), text = self.open.pop(), _spaced("".join(self.out.pop()))
        inner = text.strip()
        if tag in ("td", "th"):
            if self.rows and self.rows[-1]:
                self.rows[-1][-1].append(inner)
            else:
                self._put(text)
        elif tag in MARKS and inner and "\n\n" not in inner:
            before, after = (" " if text[:1] == " " else ""), (" " if text[-1:] == " " else "")
            self._put(f"{before}{MARKS[tag]}{inner}{MARKS[tag]}{after}")
        elif tag == "a" and inner and re.match(r"https?://[^\s()<>]+$", href):
            self._put(f"[{inner}]({href})")
        elif tag in ("sup", "sub"):
            self._put(text.translate(RAISED if tag == "sup" else LOWERED))
        else:
            if tag == "a" and re.match(r"[\s\x00-\x20]*(javascript|data|vbscript)", href, re.I):
                self.texts.warn(self.column, SCRIPT_DROPPED)
            self._put(text)

    def result(self) -> str:
        while self.open:
            self._join()
        while self.rows:
            self._put("\n\n" + "\n".join(table_lines(self.rows.pop())) + "\n\n")
        return tidy(_spaced("".join(self.out[0])))


def _spaced(text: str) -> str:
    return re.sub(r"\n (?=[^ \-\d])", "\n", re.sub(r" +\n", "\n", text))


def _literal(text: str) -> str:
    """What would be markup in Markdown stays as it was written; blanks of underscores are left alone."""
    return re.sub(r"([\\*`]|\](?=\())", r"\\\1", text)
