"""Law texts as people keep them (two Markdown forms and plain text) read into parts, chapters and articles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from question_bank.laws.dates import Event, day_named, events_in, in_force_in, laws_ended_in
from question_bank.laws.numbers import NUMERALS, label_of, number_of
from question_bank.questions import N_

MOST_CHARACTERS = 1_500_000  # of all files of one law
MOST_IN_LINE = 20_000
MOST_ARTICLES = 5_000
STATE = "中华人民共和国"
RANKS = ("编", "分编", "章", "节")
CHAPTER = RANKS.index("章")
_MARKS = re.compile(r"[　 \t\u00a0\u2002-\u200b\ufeff]+")
_HEADING = re.compile(rf"第\s*([{NUMERALS}]{{1,9}})\s*(分编|编|篇|章|节)(?:[　 \t]+(.*))?$")
_ARTICLE = re.compile(rf"第([{NUMERALS}]{{1,9}})条(?:之([{NUMERALS}]{{1,5}}))?(?P<gap>[　 \t:：]+|$)?")
_APPENDIX = re.compile(r"附(?:件|表|录)?[一二三四五六七八九十0-9]*[:：]?$")


class Unreadable(ValueError):
    """The whole text cannot be read; `message` is a gettext id filled by `values`."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message % values if values else message)
        self.message, self.values = message, values


@dataclass(frozen=True)
class Source:
    """One file of a law, decoded."""

    name: str
    text: str


@dataclass(frozen=True)
class Fault:
    """What is odd about a line; a fault that is no warning stops the import. Line 0 is the whole file."""

    file: str
    line: int
    message: str
    values: Mapping[str, str] = field(default_factory=dict)
    warning: bool = False


@dataclass(frozen=True)
class LawArticle:
    """第N条 with the parts, chapter and section it stands under."""

    number: int
    suffix: int  # 1 of 第五十一条之一, else 0
    heading: tuple[str, ...]
    paragraphs: tuple[str, ...]
    file: str = ""
    line: int = 0

    @property
    def label(self) -> str:
        return label_of(self.number, self.suffix)

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass(frozen=True)
class LawText:
    """One version of a law as read; days that the text does not give are None."""

    title: str
    history: tuple[Event, ...]
    articles: tuple[LawArticle, ...]
    appendix: tuple[str, ...]
    faults: tuple[Fault, ...]
    named_day: date | None = None  # in the file's name, where some collections keep the day of adoption

    @property
    def short_title(self) -> str:
        return short(self.title)

    @property
    def adopted(self) -> Event | None:
        """The latest adoption, revision or amendment."""
        acts = [event for event in self.history if event.is_act]
        return max(acts, key=lambda event: event.on) if acts else None

    @property
    def adopted_on(self) -> date | None:
        days = [self.adopted.on if self.adopted else None, self.named_day]
        return max((day for day in days if day), default=None)

    @property
    def in_force_stated(self) -> date | None:
        """The day the text itself names, be it that of an older version."""
        named = [event.on for event in self.history if event.kind == "in_force"]
        stated = in_force_in([a.text for a in self.articles[-3:]], self.adopted_on)
        return stated or (max(named) if named else None)

    @property
    def in_force_on(self) -> date | None:
        """The best guess: the day stated, or that of the last amendment where the day stated is older."""
        return max((day for day in (self.in_force_stated, self.adopted_on) if day), default=None)

    @property
    def label(self) -> str:
        """A name for the version, such as 2021 修订."""
        act = {"revised": " 修订", "amended": " 修正"}.get(self.adopted.kind, "") if self.adopted else ""
        day = self.adopted_on or self.in_force_on
        return f"{day.year}{act}" if day else ""

    @property
    def ends(self) -> tuple[str, ...]:
        """Short titles of the laws it says it ends."""
        named = dict.fromkeys(short(t) for a in self.articles[-3:] for t in laws_ended_in(a.text))
        return tuple(title for title in named if title != self.short_title)


def short(title: str) -> str:
    """行政处罚法 of 《中华人民共和国行政处罚法》."""
    return title.strip("《》").removeprefix(STATE).strip()


def decoded(data: bytes, name: str) -> Source:
    """Bytes as text, in UTF-8 or GB18030. Raises Unreadable."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(char < " " and char not in "\t\n\r\f" for char in text):
            break
        return Source(name, text)
    raise Unreadable(N_("%(file)s is no text file in UTF-8 or GB18030."), file=name)


def read_law(sources: Sequence[Source], *, title: str = "") -> LawText:
    """One version of a law from its files, put in the order of their articles. Raises Unreadable."""
    if sum(len(source.text) for source in sources) > MOST_CHARACTERS:
        raise Unreadable(N_("The text is longer than any law."))
    reader = _Reader(title.strip())
    for source in sorted(sources, key=_first_article):
        reader.read(source)
    return reader.law()


def _first_article(source: Source) -> int:
    for line in source.text.splitlines():
        if found := _ARTICLE.match(_plain(line)):
            return number_of(found[1]) or 0
    return 0


def _plain(line: str) -> str:
    """A line without Markdown marks, with plain spaces at its ends gone."""
    return line.replace("**", "").replace("__", "").lstrip("#> ").strip(" 　\t\u00a0\u200b\ufeff")


class _Reader:
    """Goes through the lines once and keeps what it has found."""

    def __init__(self, title: str) -> None:
        self.title, self.given = title, bool(title)
        self.history: list[Event] = []
        self.path: dict[int, str] = {}
        self.articles: list[LawArticle] = []
        self.open: list[str] | None = None  # paragraphs of the article being read
        self.appendix: list[str] | None = None
        self.faults: list[Fault] = []
        self.seen: set[tuple[int, int]] = set()
        self.named_day: date | None = None
        self.file, self.line = "", 0

    def fault(self, message: str, *, warning: bool = False, **values: str) -> None:
        if len(self.faults) < 200:
            self.faults.append(Fault(self.file, self.line, message, values, warning))

    def read(self, source: Source) -> None:
        self.file, self.line = source.name, 0
        self.named_day = day_named(source.name) or self.named_day
        lines, front, comment = source.text.splitlines(), False, False
        for self.line, raw in enumerate(lines, 1):
            if raw.strip() == "---" and (front or self.line == 1):
                front = not front
                continue
            text, comment = _without_comments(raw, comment)
            if len(text) > MOST_IN_LINE:
                self.fault(N_("The line is longer than any paragraph of a law; it was left out."))
            elif not front and text.strip(" 　\t\u00a0\u200b\ufeff"):
                self.take(text, _plain(text))
        self.close()

    def take(self, raw: str, line: str) -> None:
        marked = raw.lstrip().startswith("#")
        if heading := _HEADING.match(line):
            if marked or self.appendix is None and len(line) <= 60 and not line.endswith(("。", "；", "，")):
                self.set_heading(heading[2], heading[1], heading[3] or "")
                return
        if article := self.article(line, bold=raw.lstrip().startswith("**第")):
            self.begin(article, line)
        elif marked:
            self.other_heading(raw, line)
        elif _APPENDIX.match(line) and self.articles_begun:
            self.close()
            self.appendix = [line]
        elif self.appendix is not None:
            self.appendix.append(line)
        elif self.open is not None:
            self.open.append(line)
        else:
            self.before_articles(line)

    @property
    def articles_begun(self) -> bool:
        return bool(self.articles) or self.open is not None

    def article(self, line: str, *, bold: bool) -> re.Match[str] | None:
        """A line that begins an article: its number stands alone or is set off from the text."""
        found = _ARTICLE.match(line)
        if found is None or self.appendix is not None:
            return None
        if bold or found["gap"] is not None:
            return found
        number, last = number_of(found[1]), self.number
        if number == last + 1 and not re.match(r"[规所至、第的中]", line[found.end() :]):
            self.fault(N_("No space follows the article's number; the line is read as a paragraph."), warning=True)
        return None

    @property
    def number(self) -> int:
        return self.current[0] if self.open is not None else self.articles[-1].number if self.articles else 0

    def begin(self, found: re.Match[str], line: str) -> None:
        self.close()
        number, suffix = number_of(found[1]), number_of(found[2]) if found[2] else 0
        if not number or suffix is None or number >= 10_000:
            self.fault(N_("%(written)s is no number of an article."), written=found[0].strip())
            return
        before = (self.articles[-1].number, self.articles[-1].suffix) if self.articles else (0, 0)
        self.check_order(number, suffix, before)
        self.current, self.began = (number, suffix), self.line
        rest = line[found.end() :].strip(" 　\t")
        self.open = [rest] if rest else []

    def check_order(self, number: int, suffix: int, before: tuple[int, int]) -> None:
        label = label_of(number, suffix)
        if (number, suffix) in self.seen:
            self.fault(N_("%(article)s stands here a second time."), article=label)
        elif (number, suffix) < before:
            self.fault(N_("%(article)s follows %(before)s."), article=label, before=label_of(*before))
        elif number > before[0] + 1 or (number == before[0] and suffix != before[1] + 1):
            self.fault(
                N_("Between %(before)s and %(article)s articles are missing."),
                article=label, before=label_of(*before) if before[0] else "-",
            )  # fmt: skip
        self.seen.add((number, suffix))

    def close(self) -> None:
        """The article being read is complete."""
        if self.open is None:
            return
        if not self.open:
            self.faults.append(
                Fault(self.file, self.began, N_("%(article)s has no text."), {"article": label_of(*self.current)})
            )
        path = tuple(self.path[rank] for rank in sorted(self.path))
        self.articles.append(LawArticle(*self.current, path, tuple(self.open), self.file, self.began))
        self.open = None
        if len(self.articles) > MOST_ARTICLES:
            raise Unreadable(N_("The text has more articles than any law."))

    def set_heading(self, kind: str, number: str, words: str) -> None:
        self.close()
        kind = "编" if kind == "篇" else kind
        rank = RANKS.index(kind)
        self.path = {r: text for r, text in self.path.items() if r < rank}
        self.path[rank] = " ".join(filter(None, (f"第{number}{kind}", _MARKS.sub("", words))))

    def other_heading(self, raw: str, line: str) -> None:
        """A marked heading without a number: the title at first, later a chapter such as 附则."""
        if not self.title and not self.articles_begun and not self.path:
            self.title = _MARKS.sub("", line)
        elif raw.lstrip().startswith("# ") and not self.articles_begun:
            return
        else:
            self.close()
            self.path = {r: text for r, text in self.path.items() if r < CHAPTER} | {CHAPTER: _MARKS.sub("", line)}

    def before_articles(self, line: str) -> None:
        if found := events_in(line):
            self.history += found
        elif not self.title and len(line) <= 100:
            self.title = _MARKS.sub("", line)
        elif not self.path and short(_MARKS.sub("", line)) != short(self.title) and _MARKS.sub("", line) != "目录":
            self.fault(N_("The line stands before the first article and is left out."), warning=True)

    def law(self) -> LawText:
        self.line = 0
        if not self.articles:
            self.fault(N_("No article was found: lines of articles begin with 第一条 and a space."))
        if not self.title:
            self.fault(N_("The text has no title; write it in."))
        articles = tuple(self.articles)
        return LawText(
            self.title, tuple(self.history), articles, tuple(self.appendix or ()), tuple(self.faults), self.named_day
        )


def _without_comments(line: str, inside: bool) -> tuple[str, bool]:
    """A line without <!-- … -->, and whether a comment goes on after it."""
    kept = []
    while line:
        mark = "-->" if inside else "<!--"
        before, found, line = line.partition(mark)
        if not inside:
            kept.append(before)
        if not found:
            break
        inside = not inside
    return "".join(kept), inside
