"""A course as a value: chapters of lessons, read from one Markdown text."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

HOURS_KINDS = ("legal", "professional", "political")


class Unreadable(ValueError):
    """The text is no course; the message says which line."""


@dataclass(frozen=True)
class Lesson:
    """One sitting's reading: Markdown, with the minutes it takes."""

    code: str
    title: str
    minutes: int
    text: str


@dataclass(frozen=True)
class Chapter:
    title: str
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True)
class Course:
    """A course and the hours it earns when every lesson is finished."""

    code: str
    title: str
    summary: str
    field: str | None
    hours_kind: str
    chapters: tuple[Chapter, ...]

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons())

    def lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for chapter in self.chapters for lesson in chapter.lessons)

    def lesson_codes(self) -> tuple[str, ...]:
        return tuple(lesson.code for lesson in self.lessons())

    def is_complete(self, done: set[str]) -> bool:
        return set(self.lesson_codes()) <= done

    def plain(self) -> dict[str, Any]:
        """JSON-ready values; `from_plain` gives the same course back."""
        body = asdict(self)
        body["chapters"] = [
            {"title": c.title, "lessons": [asdict(lesson) for lesson in c.lessons]} for c in self.chapters
        ]
        return body

    @classmethod
    def from_plain(cls, body: dict[str, Any]) -> Course:
        chapters = tuple(
            Chapter(c["title"], tuple(Lesson(**lesson) for lesson in c["lessons"])) for c in body["chapters"]
        )
        return cls(**{**body, "chapters": chapters})


HEAD = re.compile(r"^(code|title|summary|field|hours): *(.*)$")
LESSON = re.compile(r"^## +(.+?) +\{(\S+) +(\d+) +min\}$")


def read_course(text: str) -> Course:
    """Read a course: head lines `name: value`, then `# chapter` and `## lesson {code 20 min}`.

    Raises Unreadable with the line's number.
    """
    head: dict[str, str] = {}
    chapters: list[tuple[str, list[Lesson]]] = []
    lesson: tuple[str, str, int] | None = None
    body: list[str] = []

    def close() -> None:
        nonlocal lesson
        if lesson is not None:
            code, title, minutes = lesson
            chapters[-1][1].append(Lesson(code, title, minutes, "\n".join(body).strip()))
        lesson = None
        body.clear()

    for number, line in enumerate(text.splitlines(), 1):
        if not chapters and (found := HEAD.match(line)):
            head[found[1]] = found[2].strip()
        elif line.startswith("# "):
            close()
            chapters.append((line[2:].strip(), []))
        elif line.startswith("## "):
            close()
            found = LESSON.match(line)
            if found is None or not chapters:
                raise Unreadable(f"line {number}: write “## title {{code 20 min}}” below a chapter")
            lesson = (found[2], found[1], int(found[3]))
        elif lesson is not None:
            body.append(line)
        elif line.strip():
            raise Unreadable(f"line {number}: text before the first lesson")
    close()
    missing = {"code", "title", "summary", "hours"} - set(head)
    if missing or head["hours"] not in HOURS_KINDS or not chapters:
        raise Unreadable(f"line 1: needs code, title, summary, hours and a chapter; missing {sorted(missing)}")
    built = tuple(Chapter(title, tuple(lessons)) for title, lessons in chapters)
    return Course(head["code"], head["title"], head["summary"], head.get("field") or None, head["hours"], built)
