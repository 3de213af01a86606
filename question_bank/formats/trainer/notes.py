"""Labels beside a question: difficulty, level, topic, articles and the rest."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from question_bank.formats.found import Fault
from question_bank.formats.sheet_cells import (
    DIFFICULTIES,
    LEVELS,
    off_one_line,
    read_day,
    read_field,
    read_tags,
)  # fmt: skip
from question_bank.formats.trainer.drafts import Draft
from question_bank.formats.trainer.signs import ARTICLE, CITED
from question_bank.questions import COGNITIVE_LEVELS, N_, Citation

WORDS = DIFFICULTIES | {
    "简单": 1,
    "容易": 1,
    "较简单": 2,
    "一般": 3,
    "中等偏易": 2,
    "中等偏难": 4,
    "适中": 3,
    "困难": 5,
    "较困难": 4,
}
OTHER_LEVELS = {"记忆": "remember", "识记": "remember", "了解": "remember", "掌握": "understand", "运用": "apply"}
LABELLED = re.compile(r"^[（(]([^（()）]{1,40})[)）]\s*")
UNTITLED = re.compile(
    r"^\s*(?:中华人民共和国)?([\u4e00-\u9fff]{2,40}?(?:法|条例|办法|规定|规则|细则|准则|法典))\s*(第.*)$", re.S
)
BEFORE = re.compile(r"(?:依据|根据|参见|详见|见)[:：]?$")
MOST_SUMMARY = 160


def citations_in(text: str) -> tuple[tuple[Citation, ...], str]:
    """The articles a text names, and what it says besides."""
    found: list[Citation] = []
    rest: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        if line.count("｜") == 3:
            found.append(Citation(*(part.strip() for part in line.split("｜"))))
            continue
        bare = line.lstrip("0123456789.、．；;·- ")
        if not CITED.search(bare) and (untitled := UNTITLED.match(bare)):
            bare = f"《{untitled[1]}》{untitled[2]}"
        cited = [hit for hit in CITED.finditer(bare) if hit["articles"]]
        if not cited:
            rest.append(line)
            continue
        if before := BEFORE.sub("", bare[: cited[0].start()].strip()):
            rest.append(before)
        for place, hit in enumerate(cited):
            end = cited[place + 1].start() if place + 1 < len(cited) else len(bare)
            said = bare[hit.end() : end].strip().lstrip("：:，,。；;、 和及与规定").strip()
            summary = said if len(said) <= MOST_SUMMARY else ""
            if said and not summary:
                rest.append(said)
            found += _cited(hit, summary)
    return tuple(dict.fromkeys(found)), "\n".join(rest)


def _cited(hit: re.Match[str], summary: str) -> list[Citation]:
    label = LABELLED.search(hit[0][hit[0].index("》") + 1 :].strip())
    starts = [found.start() for found in ARTICLE.finditer(hit["articles"])]
    ends = [*starts[1:], len(hit["articles"])]
    articles = [hit["articles"][a:b].rstrip(" 、，,和及与或以") for a, b in zip(starts, ends, strict=True)]
    return [
        Citation(
            hit["law"].strip(), label[1].strip() if label else "", article, summary if n == len(articles) - 1 else ""
        )
        for n, article in enumerate(articles)
    ]


def difficulty_of(text: str) -> int | None:
    """1 to 5 of a number, a word, stars, or a coefficient (1 = everybody answers it); None for anything else."""
    text = unicodedata.normalize("NFKC", text).strip().strip("。;；,").removesuffix("题").removesuffix("级")
    if text in WORDS:
        return WORDS[text]
    if re.fullmatch("[★☆⭐]+", text) and text.count("★") + text.count("⭐"):
        return min(5, text.count("★") + text.count("⭐"))
    if re.fullmatch("[1-5]", text):
        return int(text)
    if re.fullmatch(r"0?\.\d+|1\.0+", text):
        return 5 - min(4, int(float(text) * 5))
    return None


def level_of(text: str) -> str | None:
    word = text.strip().strip("。;；")
    return LEVELS.get(word) or OTHER_LEVELS.get(word) or (word if word in COGNITIVE_LEVELS else None)


def notes_of(draft: Draft) -> tuple[dict[str, Any], list[Fault]]:
    """The question's fields that stand behind labels, with warnings for words that say nothing."""
    faults: list[Fault] = []
    rationale = draft.note("rationale")
    origin = draft.note("origin")
    law_text = "\n".join(filter(None, (draft.note("law"), origin if "《" in origin else "")))
    citations, rest = citations_in("" if law_text in ("无", "暂无") else law_text)
    if rest:
        rationale = "\n".join(filter(None, (rationale, rest)))
        if not citations:
            faults.append(_unread("law", N_("No article could be read here; the text went to the rationale."), rest))
    if not citations and not law_text:
        citations = tuple(c for c in citations_in(rationale)[0])[:3]
        citations = tuple(Citation(c.law, c.label, c.article) for c in citations)
        if citations:
            faults.append(_unread("law", N_("The article was taken from the rationale."), rationale[:200]))
    fields: dict[str, Any] = {
        "code": draft.note("code").strip(),
        "rationale": rationale,
        "citations": tuple(dict.fromkeys(citations)),
        "topic": draft.note("topic").strip().rstrip("。；;"),
        "tags": read_tags(draft.note("tags")),
        "source": off_one_line("\n".join(filter(None, (draft.note("source"), origin if "《" not in origin else "")))),
    }
    return fields | _words(draft, faults), faults


def _words(draft: Draft, faults: list[Fault]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if text := draft.note("difficulty"):
        fields["difficulty"] = difficulty_of(text) or 3
        if difficulty_of(text) is None:
            faults.append(_unread("difficulty", N_("This difficulty is not known; 3 was taken."), text))
    if text := draft.note("level"):
        fields["cognitive_level"] = level_of(text) or "understand"
        if level_of(text) is None:
            faults.append(_unread("cognitive_level", N_("This cognitive level is not known; 理解 was taken."), text))
    if text := draft.note("field"):
        fields["field"] = read_field(text) or ""
        if not fields["field"]:
            faults.append(_unread("field", N_("This enforcement field is not known; the bank's own was taken."), text))
    if text := draft.note("validity"):
        days = (re.split(r"\s*(?:至|~|～|—)\s*", text.strip()) + [""])[:2]
        fields["valid_from"], fields["valid_until"] = (
            read_day(day) if day not in ("", "起", "长期") else "" for day in days
        )
    if text := draft.note("score"):
        faults.append(_unread("points", N_("Points are set on the paper; those given here are not kept."), text))
    return fields


def _unread(column: str, message: str, text: str) -> Fault:
    return Fault(column, message, N_("Look at the question and correct it."), {}, text[:200], warning=True)
