"""What a question is found by, written in the same act as its version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.bank.finding.models import QuestionEntry
from portal.bank.models import Question as Row
from portal.bank.models import QuestionVersion
from portal.ground import search
from portal.people.pinyin import place_readings
from question_bank.laws.numbers import article_of
from question_bank.likeness import BITS, bit_map, outline
from question_bank.questions import PICTURE, Citation, Question

TEXTS = "question"  # the index of everything a question says
PORTION = 500
SOUNDED = 60  # characters of a stem that are found by their initials
SPELLED = 20  # and by whole syllables
INITIALS, SYLLABLES = 10, 6  # in a row
GATHERED = "versions to index"
_MARKS = re.compile(r"[*`~]+|(?<!_)__(?!_)|^#+ |^> ", re.MULTILINE)
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+")


def index_version(session: Session, version: QuestionVersion) -> None:
    """From now on the question is found by what this version says; within `gathered`, once that ends."""
    if (waiting := session.info.get(GATHERED)) is not None:
        waiting.append(version)
    else:
        index_versions(session, [version])


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """Index the versions written inside all together, for imports."""
    session.info[GATHERED] = waiting = []
    try:
        yield
    finally:
        del session.info[GATHERED]
    index_versions(session, waiting)


def index_versions(session: Session, versions: Sequence[QuestionVersion]) -> None:
    """The same for many; of two versions of one question the later stands."""
    newest = list({version.question_id: version for version in versions}.values())
    for first in range(0, len(newest), PORTION):
        _index(session, newest[first : first + PORTION])


def _index(session: Session, versions: Sequence[QuestionVersion]) -> None:
    session.flush()
    ids = [version.question_id for version in versions]
    banks = dict(session.execute(select(Row.id, Row.bank_id).where(Row.id.in_(ids))).all())
    questions = {version.question_id: Question.from_plain(version.body) for version in versions}
    entries = [entry(v, banks[v.question_id], questions[v.question_id]) for v in versions]
    session.execute(delete(QuestionEntry).where(QuestionEntry.question_id.in_(ids)))
    session.execute(insert(QuestionEntry), entries)
    search.index_many(session, TEXTS, ((number, words_of(question)) for number, question in questions.items()))


def entry(version: QuestionVersion, bank_id: int, question: Question) -> dict[str, Any]:
    """The columns of a version's row in the lists."""
    pairs = outline(question).grams
    return {
        "question_id": version.question_id, "bank_id": bank_id, "version_id": version.id, "number": version.number,
        "kind": version.kind, "topic": version.topic, "difficulty": version.difficulty,
        "cognitive_level": version.cognitive_level, "field": version.field, "author_id": version.author_id,
        "updated_at": version.created_at, "stem_size": len(pairs), "stem_bits": bit_map(pairs).to_bytes(BITS // 8),
    }  # fmt: skip


def words_of(question: Question) -> str:
    """Everything a question is found by, a line each: what it says, what it rests on, how it sounds."""
    said = [question.code, question.topic, *question.tags, question.source, *question.texts()]
    said += [line for citation in question.all_citations() for line in _cited(citation)]
    stem = _plain(question.stem)
    said += [_sounds(question.topic, len(question.topic)), _sounds(stem[:SOUNDED], SPELLED)]
    return "\n".join(map(_plain, said))


def _plain(text: str) -> str:
    """Markdown without its marks; of a picture its description."""
    return _MARKS.sub("", PICTURE.sub(lambda found: found[1], text))


def _cited(citation: Citation) -> Iterable[str]:
    """An article as people write it: 行政处罚法第五十一条, 行政处罚法第51条, 行政处罚法51条."""
    yield f"{citation.law}{citation.article}"
    if found := article_of(citation.article):
        yield f"{citation.law}第{found[0]}条"
        yield f"{citation.law}{found[0]}条"


def _sounds(text: str, spelled: int) -> str:
    """Initials and syllables from each character on, so that any part of it is found by a beginning."""
    found: list[str] = []
    for run in _HAN.finditer(text):
        said = [_syllable(character) for character in run[0]]
        initials = "".join(syllable[:1] for syllable in said)
        found += (initials[at : at + INITIALS] for at in range(len(said)))
        found += ("".join(said[at : at + SYLLABLES]) for at in range(max(0, min(len(said), spelled - run.start()))))
    return " ".join(found)


@cache
def _syllable(character: str) -> str:
    return place_readings(character)[0] or character


def missing(session: Session) -> list[int]:
    """The ids of questions that stand in no list yet."""
    there = select(QuestionEntry.question_id)
    return list(session.scalars(select(Row.id).where(Row.current_version_id.is_not(None), Row.id.not_in(there))))


def index_questions(session: Session, question_ids: Sequence[int]) -> None:
    """Index these questions by their current versions."""
    for first in range(0, len(question_ids), PORTION):
        portion = question_ids[first : first + PORTION]
        versions = session.scalars(
            select(QuestionVersion).join(Row, Row.current_version_id == QuestionVersion.id).where(Row.id.in_(portion))
        ).all()
        _index(session, versions)
        for version in versions:
            session.expunge(version)
