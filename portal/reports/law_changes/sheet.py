"""A change of law and what it touches, as a workbook."""

from __future__ import annotations

from portal.ground import i18n
from portal.ground.rules import N_
from portal.ground.sheets import Page, write_workbook
from portal.reports.law_changes.queries import Cause, Hit
from portal.words import WORDS

ARTICLES = (
    N_("Law"), N_("Version cited"), N_("Article"), N_("What became of it"), N_("Article now"), N_("Questions"),
    N_("Papers"), N_("Lessons"), N_("Conferred matters"), N_("Guides"), N_("Officers last tested on the old text"),
)  # fmt: skip
QUESTIONS = (N_("Law"), N_("Article"), N_("Bank"), N_("Question"), N_("State"), N_("Stem"), N_("Outcome"))
PAPERS = (N_("Law"), N_("Article"), N_("Exam"), N_("Opens"))
LESSONS = (N_("Law"), N_("Article"), N_("Course"), N_("Lesson"))
MATTERS = (N_("Law"), N_("Article"), N_("Number"), N_("Matter"))
GUIDES = (N_("Law"), N_("Article"), N_("Guide"))


def workbook(cause: Cause) -> bytes:
    hits = list(cause.hits.values())
    return write_workbook([
        Page(_said(N_("Articles")), [_head(ARTICLES), *map(_article, hits)], (24, 14, 16, 16, 16, *[10] * 5, 16)),
        Page(_said(N_("Questions")), [_head(QUESTIONS), *(row for hit in hits for row in _questions(hit))]),
        Page(_said(N_("Papers")), [_head(PAPERS), *(
            [hit.law, hit.article, exam.title, i18n.show_moment(exam.opens_at)] for hit in hits for exam in hit.papers
        )]),
        Page(_said(N_("Lessons")), [_head(LESSONS), *(
            [hit.law, hit.article, one.course_title, one.title] for hit in hits for one in hit.lessons
        )]),
        Page(_said(N_("Conferred matters")), [_head(MATTERS), *(
            [hit.law, hit.article, one.matter.code, one.title] for hit in hits for one in hit.matters
        )]),
        Page(_said(N_("Guides")), [_head(GUIDES), *(
            [hit.law, hit.article, one.guide.title] for hit in hits for one in hit.guides
        )]),
    ])  # fmt: skip


def _said(message: str) -> str:
    return i18n.gettext(message)


def _head(titles: tuple[str, ...]) -> list[str]:
    return [_said(title) for title in titles]


def _word(kind: str, code: str | None) -> str:
    return _said(WORDS[kind].get(code, code)) if code else ""


def _article(hit: Hit) -> list[str | int]:
    return [
        hit.law, hit.label, hit.article, _word("law_change", hit.kind), hit.new_label,
        len({q.code for q in hit.questions}), len(hit.papers), len(hit.lessons),
        len(hit.matters), len(hit.guides), hit.officers,
    ]  # fmt: skip


def _questions(hit: Hit) -> list[list[str]]:
    return [
        [hit.law, q.article, q.bank, q.code, _word("status", q.status), q.opening, _word("hold_outcome", q.outcome)]
        for q in hit.questions
    ]
