"""The worker's round: close what is over, mark what is handed in, re-check what has changed; imports beside it."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.bank.following.tasks import hold_changed
from portal.bank.imports import kind_of as questions_of
from portal.bank.intake import alikes
from portal.credentials.operations import recheck
from portal.exams.delivery.tasks import close_what_is_over
from portal.exams.making.tasks import publish_some
from portal.exams.marking.count_tasks import count_one
from portal.exams.marking.regrading.tasks import regrade_some
from portal.exams.marking.tasks import mark_waiting
from portal.exams.sittings.entering.imports import kind_of as entries_of
from portal.ground import clock, import_jobs
from portal.ground.clock import local
from portal.ground.db import db
from portal.ground.import_desk import Pace
from portal.ground.imports import Kind
from portal.ground.models import FactChange, ImportBatch
from portal.library.matters.imports import lists_of, matters_of
from portal.people.imports import kind_of as officers_of

log = logging.getLogger("mingfa.worker")
PAUSE = 1.0  # seconds between rounds when nothing waits
TIDY_EVERY = timedelta(hours=1)
LAW_EVERY = timedelta(minutes=10)  # and at once when a law comes in through the web
KINDS_OF_IMPORT = {
    "officers": officers_of, "questions": questions_of, "matters": matters_of, "town_lists": lists_of,
    "exam_entries": entries_of,
}  # fmt: skip


def kind_of(session: Session, batch: ImportBatch) -> Kind:
    """The kind of a batch, with the eyes of the one who brought it, as his roles are today."""
    return KINDS_OF_IMPORT[batch.kind](session, batch)


def recheck_changed(now: datetime) -> int:
    """Judge anew everybody with a changed fact that waits."""
    with db.reading() as session:
        people = session.scalars(select(FactChange.person_id).where(FactChange.drained_at.is_(None)).distinct()).all()
    for person_id in people:
        try:
            with db.writing() as session:
                recheck(session, person_id, now=now)
                session.commit()
        except Exception:  # one odd record must not hold up everybody else's; it stays under re-check
            log.exception("recheck of person %s", person_id)
    return len(people)


def import_something(pace: Pace) -> bool:
    """A slice of an import; when none waits, the look-alikes of a file that was looked at. False: nothing to do."""
    return import_jobs.work_on_one(clock.now, kind_of, pace) or alikes.work_on_one(clock.now, kind_of)


def run_imports() -> int:
    """Every import that waits, to its end; returns how many slices that took."""
    slices, pace = 0, Pace()
    while import_something(pace):
        slices += 1
    return slices


def one_round(now: datetime) -> int:
    """Everything once but imports; returns how much there was to do. Safe to run twice."""
    return close_what_is_over(now) + mark_waiting(now) + recheck_changed(now) + follow_the_law(now)


_law_looked_at: WeakKeyDictionary[Engine, datetime] = WeakKeyDictionary()


def follow_the_law(now: datetime) -> int:
    """Every ten minutes and on every new day: hold the questions whose law has changed; returns how many holds."""
    last = _law_looked_at.get(db.engine)
    if last and now - last < LAW_EVERY and local(now).date() == local(last).date():
        return 0
    _law_looked_at[db.engine] = now
    return hold_changed(now)


def work(stop: threading.Event) -> None:
    """Rounds until told to stop, and imports in a thread of their own: a long one delays nobody's marks."""
    importing = threading.Thread(target=_import, args=(stop,), name="imports", daemon=True)
    importing.start()
    while not stop.is_set():
        try:
            busy = one_round(clock.now())
        except Exception:
            log.exception("round failed; trying again")
            busy = 0
        stop.wait(0.05 if busy else PAUSE)
    importing.join(10)


def _import(stop: threading.Event) -> None:
    pace, tidied = Pace(), None
    while not stop.is_set():
        try:
            busy = import_something(pace)
            busy = publish_some(clock.now()) or regrade_some(clock.now()) or busy or count_one(clock.now())
            if tidied is None or clock.now() - tidied > TIDY_EVERY:
                tidied = clock.now()
                import_jobs.tidy(tidied)
        except Exception:
            log.exception("imports failed; trying again")
            busy = False
        if not busy:
            stop.wait(PAUSE)
