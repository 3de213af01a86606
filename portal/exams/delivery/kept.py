"""What a process keeps in memory of frozen forms, which never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from portal.exams import papers
from portal.exams.delivery import operations, queries, reading, sealing
from portal.exams.delivery.tokens import AttemptToken
from portal.exams.models import Attempt, Delivery, Exam, ExamForm
from portal.exams.seb import checking as seb
from portal.ground.db import db
from question_bank.papers import Cell, shape_of
from question_bank.pools import paper_part, pick

MOST_SEALED = 64 * 1024 * 1024  # bytes of sealed forms


@lru_cache(maxsize=512)
def form_shape(form_id: int) -> operations.Shape:
    """What an answer to each item of a form may look like."""
    with db.reading() as session:
        return shape_of(papers.form_paper(session, form_id))


@lru_cache(maxsize=512)
def _is_drawn(form_id: int) -> bool:
    with db.reading() as session:
        delivery = select(Exam.delivery).join(ExamForm).where(ExamForm.id == form_id)
        return session.scalars(delivery).one() == Delivery.DRAWN


@lru_cache(maxsize=20_000)
def _items_drawn(attempt_id: int) -> frozenset[int]:
    with db.reading() as session:
        paper = papers.paper_of(session.get_one(Attempt, attempt_id))
        return frozenset(item["item"] for item in paper["items"])


def shape_for(token: AttemptToken) -> operations.Shape:
    """The shape of the paper of one attempt: of a pool only what he drew."""
    shape = form_shape(token.form_id)
    if not _is_drawn(token.form_id):
        return shape
    return {item: shape[item] for item in _items_drawn(token.attempt_id)}


@lru_cache(maxsize=512)
def form_key(form_id: int) -> bytes:
    """The key of a sealed form, unwrapped once; only where a start or a running attempt asks for it."""
    with db.reading() as session:
        return sealing.form_key(session, form_id)


@lru_cache(maxsize=8)
def _pool(form_id: int) -> tuple[papers.Paper, dict[str, Any], list[Cell], dict[str, Any]]:
    """Of a drawn exam: its frozen pool, key, blueprint and texts as trees."""
    with db.reading() as session:
        form = session.get_one(ExamForm, form_id)
        cells = [Cell.from_plain(row) for row in form.exam.blueprint]
        return form.paper, papers.first_key(session, form_id), cells, reading.read_paper(form.paper)


def draw(form_id: int, seed: int) -> list[int]:
    """The versions of one candidate's paper."""
    paper, key, cells, _ = _pool(form_id)
    return pick(paper, key, cells, seed)


def drawn_paper(form_id: int, versions: list[int]) -> sealing.Plain:
    """What his page needs to show a drawn paper, as a sealed form holds it."""
    paper, key, _, shown = _pool(form_id)
    with db.reading() as session:
        return sealing.plain_form(session, paper_part(paper, key, versions), shown)


@lru_cache(maxsize=64)
def typical_paper(exam_id: int) -> papers.Paper:
    """One candidate's paper of a published exam: all have as many questions of each kind and as many points."""
    with db.reading() as session:
        first = select(ExamForm.id).where(ExamForm.exam_id == exam_id).order_by(ExamForm.number).limit(1)
        form_id = session.scalars(first).one()
    if not _is_drawn(form_id):
        with db.reading() as session:
            return papers.form_paper(session, form_id)
    paper, key, *_ = _pool(form_id)
    return paper_part(paper, key, draw(form_id, 0))


class _Sealed:
    """Sealed forms by digest, the last fetched stay; bounded by their bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._kept: OrderedDict[tuple[int, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, form_id: int, sha256: str) -> bytes:
        """Raises NoResultFound where there is no such form under this digest."""
        with self._lock:
            if (form_id, sha256) in self._kept:
                self._kept.move_to_end((form_id, sha256))
                return self._kept[form_id, sha256]
        with db.reading() as session:
            found = queries.sealed_form(session, form_id, sha256)
        with self._lock:
            if (form_id, sha256) not in self._kept:
                self._kept[form_id, sha256] = found
                self._held += len(found)
            while self._held > self._most:
                self._held -= len(self._kept.popitem(last=False)[1])
        return found

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._held = 0


sealed = _Sealed(MOST_SEALED)


def forget() -> None:
    """Another database stands behind the process now."""
    for kept in (form_shape, _is_drawn, _items_drawn, form_key, _pool, typical_paper):
        kept.cache_clear()
    seb.forget()
    sealed.clear()
