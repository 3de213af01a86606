"""Questions as a Word document; what would not come back the same is named as lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from question_bank.formats.docx.layout import HEADINGS, Block, blocks_of
from question_bank.formats.docx.xml import clean, package_of
from question_bank.formats.found import Found, Loss, Written
from question_bank.formats.trainer.lines import Line
from question_bank.formats.trainer.text import read_lines
from question_bank.laws.numbers import written
from question_bank.questions import N_, Kind, Question

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def write(questions: Sequence[Question], pictures: Mapping[str, bytes], title: str) -> Written:
    """The questions by kind with keys and rationales below each; `pictures` are bytes by SHA-256."""
    ordered = [q for kind in Kind for q in questions if q.kind is kind]
    guarded: set[int] = set()
    blocks, starts = _laid_out(ordered, title, guarded)
    for _round in range(2):
        changed = _changed(ordered, blocks, starts)
        if not changed - guarded:
            break
        guarded |= changed
        blocks, starts = _laid_out(ordered, title, guarded)
    else:
        changed = _changed(ordered, blocks, starts)
    losses = [
        Loss(ordered[place].code, "text", N_("Read back from Word, this question would not be quite the same."))
        for place in sorted(changed)
    ]
    losses += _lost_pictures(ordered, pictures)
    return Written(package_of(blocks, pictures), "docx", MEDIA_TYPE, tuple(losses))


def _laid_out(questions: Sequence[Question], title: str, guarded: set[int]) -> tuple[list[Block], dict[int, int]]:
    """All blocks, and the block at which each question begins."""
    blocks = [Block(title or "题库", "title")]
    starts: dict[int, int] = {}
    sections, number, before = 0, 0, None
    for place, question in enumerate(questions):
        if question.kind is not before:
            sections, number, before = sections + 1, 0, question.kind
            blocks.append(Block(f"{written(sections)}、{HEADINGS[question.kind]}", "heading"))
        number += 1
        starts[len(blocks)] = place
        blocks += blocks_of(question, number, guarded=place in guarded)
    return blocks, starts


def _changed(questions: Sequence[Question], blocks: Sequence[Block], starts: Mapping[int, int]) -> set[int]:
    """The questions that the reader would not give back as they are."""
    lines = [
        Line(n, clean(block.text), heading=block.look in ("title", "heading"), rows=_cleaned(block))
        for n, block in enumerate(blocks)
        if block.rows or clean(block.text).strip()
    ]
    found: dict[int, Found] = {}
    for one in read_lines(lines, "paragraph"):
        found.setdefault(one.place.number, one)
    stray = [n for n, one in found.items() if n not in starts or one.question is None]
    ends = sorted(starts)
    touched = {starts[max(start for start in ends if start <= n)] for n in stray if ends and n >= ends[0]}
    return touched | {
        place
        for start, place in starts.items()
        if start not in found or not _same(questions[place], found[start].question)
    }


def _cleaned(block: Block) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(clean(cell) for cell in row) for row in block.rows)


def _same(one: Question, two: Question | None) -> bool:
    if two is None:
        return False
    items = tuple(
        replace(item, code=mine.code) if not mine.code else item
        for mine, item in zip(one.items, two.items, strict=False)
    )
    return one == replace(two, items=items if len(two.items) == len(one.items) else two.items)


def _lost_pictures(questions: Sequence[Question], pictures: Mapping[str, bytes]) -> list[Loss]:
    return [
        Loss(question.code, "pictures", N_("The picture %(alt)s was not there to be written."), {"alt": alt})
        for question in questions
        for alt, key in question.pictures()
        if key not in pictures
    ]
