"""Load the demo province into an empty database, step by step, each step in short transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credentials.operations import recheck
from portal.demo import (
    accounts,
    applications,
    banks,
    bodies,
    contests,
    exams,
    facts,
    guides,
    halls,
    law_change,
    laws,
    matters,
    officers,
    policies,
    practice_roster,
    sittings,
    stories,
    study,
    topics,
    writing,
)
from portal.demo.exam_plan import Plan, plans
from portal.exams.making.results import note_reviewed
from portal.exams.marking.count_tasks import count_one
from portal.exams.operations import release
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.db import Database
from portal.ground.errors import Refused
from portal.ground.models import AuditLine, FactChange
from portal.ground.rules import N_
from portal.people.models import Account, Body

SEED = officers.SEED
BEGUN, DONE = "demo_begun", "demo_loaded"
BANK_DAYS_AGO = {"JL-ECOLOGY": 80}
BANKS_DAYS_AGO = 300
PORTION = 100  # officers in one transaction


class HalfLoaded(Refused):
    """An earlier load was interrupted."""

    code = "half_loaded"


class NotEmpty(Refused):
    """The database holds data that is not the demo's."""

    code = "not_empty"


@dataclass
class Loading:
    """One load: where to, as of when, and what is known so far."""

    db: Database
    now: datetime
    folder: Path
    say: Callable[[str], None]
    questions: Path
    courses: Path
    bodies: dict[str, Body] = field(default_factory=dict)
    staff: dict[str, Account] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local(self.now).date()

    @contextmanager
    def step(self) -> Iterator[Session]:
        """One transaction, committed at its end."""
        with self.db.writing() as session:
            yield session
            session.commit()


def load(
    db: Database, *, now: datetime, files_dir: Path, say: Callable[[str], None],
    questions: Path = banks.QUESTIONS, courses: Path = study.COURSES,
) -> bool:
    """Load the demo province; False when it is there already.

    Raises HalfLoaded after an interrupted load, NotEmpty when other data is there, QuestionsMissing.
    """
    if is_loaded(db):
        say("The demo province is there already.")
        return False
    banks.check_sources(questions)
    folder = files_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    loading = Loading(db, now, folder, say, questions, courses)
    steps = (
        _ground, _people, _shelf, _banks, _study, _exams, _certificates, _applications, _writing, _stories, _law_change,
        _halls,
    )  # fmt: skip
    for step in steps:
        step(loading)
    with loading.step() as session:
        audit.record(session, DONE, "body", loading.bodies["GOV-220000"].id, now=now)
    say("The demo province is ready.")
    return True


def is_loaded(db: Database) -> bool:
    """Whether a load has been completed. Raises HalfLoaded, NotEmpty."""
    with db.reading() as session:
        acts = set(session.scalars(select(AuditLine.act).where(AuditLine.act.in_((BEGUN, DONE)))))
        anything = session.scalar(select(Body.id).limit(1)) is not None
    if DONE in acts:
        return True
    if BEGUN in acts:
        raise HalfLoaded(N_("An earlier load of the demo province was interrupted. Reset the database and load again."))
    if anything:
        raise NotEmpty(N_("The database holds other data. The demo province is loaded into an empty database only."))
    return False


def _ground(loading: Loading) -> None:
    with loading.step() as session:
        audit.record(session, BEGUN, "demo", "province", now=loading.now)
        loading.bodies = bodies.build(session, today=loading.today)
        count = laws.load(session)
        policies.load(session)
    loading.say(f"{len(loading.bodies)} bodies, {count} law versions and {len(policies.POLICIES)} policies.")


def _people(loading: Loading) -> None:
    founded = loading.now - timedelta(days=BANKS_DAYS_AGO + 10)
    with loading.step() as session:
        loading.staff = accounts.load_staff(session, loading.bodies, now=founded, today=loading.today)
    with loading.step() as session:
        count = officers.load(session, loading.bodies, loading.folder, loading.staff["sysadmin"], now=loading.now,
                              today=loading.today)
    with loading.step() as session:
        accounts.load_officers(session, now=founded)
    errors = loading.folder / "roster_with_errors.xlsx"
    errors.write_bytes(practice_roster.with_errors(loading.bodies, loading.today))
    loading.say(f"{count} officers imported from officers.xlsx; {errors.name} is there to try the importer with.")


def _shelf(loading: Loading) -> None:
    writer, second = loading.staff["laweditor"], loading.staff["laweditor2"]
    with loading.step() as session:
        count = topics.load(session, writer, now=loading.now - timedelta(days=BANKS_DAYS_AGO))
        listed, lists = matters.load(
            session, loading.bodies, writer, second, now=loading.now - timedelta(days=20), today=loading.today
        )
        issued = guides.load(
            session, loading.bodies, writer, second, files_dir=loading.folder.parent,
            now=loading.now - timedelta(days=150),
        )  # fmt: skip
    loading.say(f"{count} topics, {listed} conferred matters, {lists} lists of towns, {issued} guides.")


def _banks(loading: Loading) -> None:
    author, reviewer = loading.staff["trainer"].id, loading.staff["reviewer"].id
    for bank in banks.BANKS:
        imported_at = loading.now - timedelta(days=BANK_DAYS_AGO.get(bank.code, BANKS_DAYS_AGO))
        with loading.step() as session:
            owner = loading.bodies["JUS-220000"]
            count = banks.load(session, bank, owner, loading.folder, author_id=author, now=imported_at,
                               source=loading.questions)
        with loading.db.reading() as session:
            portions = list(banks.drafts(session, bank))
        for ids in portions:
            with loading.step() as session:
                banks.approve(session, ids, author_id=author, reviewer_id=reviewer, now=imported_at + timedelta(days=4))
        loading.say(f"{bank.code}: {count} rows imported, {sum(map(len, portions))} questions approved.")


def _study(loading: Loading) -> None:
    with loading.step() as session:
        published = study.publish(session, now=loading.now - timedelta(days=120), source=loading.courses)
    for course in published:
        with loading.step() as session:
            learners = study.learn(session, course, seed=SEED, now=loading.now - timedelta(days=60))
        loading.say(f"Course {course.code}: {course.minutes} minutes, {learners} learners.")


def _exams(loading: Loading) -> None:
    for plan in plans(loading.now):
        with loading.step() as session:
            exam = exams.publish(session, plan, loading.bodies["JUS-220000"])
            entered = exams.enter(session, plan, exam, loading.now, Random(f"{SEED}-{plan.code}"))
        sat = _put_through(loading, plan)
        loading.say(f"Exam {plan.code}: {entered} entered, {sat} sat.")


def _put_through(loading: Loading, plan: Plan) -> int:
    """The exam's candidates sit it; a past one's results are released. Returns how many sat."""
    admin = loading.staff["testadmin"].id
    with loading.db.reading() as session:
        room = sittings.prepare(session, plan, seed=SEED, now=loading.now, checker_id=admin)
        portions = list(sittings.seats(session, room))
    for portion in portions:
        with loading.step() as session:
            sittings.sit(session, room, portion)
    if plan.over(loading.now) and not plan.monthly:
        with loading.db.reading() as session:
            released = [[result.id for result in portion] for portion in sittings.to_release(session, room)]
        for ids in released:
            with loading.step() as session:
                results = [session.get_one(sittings.Result, number) for number in ids]
                second, done = loading.staff["testadmin2"].id, plan.closes_at + timedelta(days=4)
                note_reviewed(session, ids, account_id=second, now=done - timedelta(hours=3))
                release(session, results, now=done, account_id=admin)
    return sum(map(len, portions))


def _certificates(loading: Loading) -> None:
    with loading.step() as session:
        count = facts.certify(session, today=loading.today, seed=SEED, checker_id=loading.staff["unitadmin"].id)
        bars = facts.bar(session, today=loading.today)
        exemptions = facts.exempt(session, loading.folder, today=loading.today)
        found = facts.people(session)
    entries = 0
    for first in range(0, len(found), PORTION):
        with loading.step() as session:
            entries += facts.hours(session, found[first : first + PORTION], today=loading.today, seed=SEED)
    loading.say(f"Checks for {count} officers, {entries} entries of hours, {bars} bars, {exemptions} exemptions.")


def _applications(loading: Loading) -> None:
    with loading.step() as session:
        applications.unsettle(session, account_id=loading.staff["testadmin"].id, now=loading.now)
        count = applications.load(session, loading.staff, now=loading.now)
    while count_one(loading.now, loading.db):  # the figures of what is over
        pass
    loading.say(f"{count} applications at the bureau of Meihekou.")


def _writing(loading: Loading) -> None:
    with loading.step() as session:
        count = writing.load(session, loading.staff, now=loading.now)
    loading.say(f"{count} questions in the hands of writer and reviewer.")


def _law_change(loading: Loading) -> None:
    staff = loading.staff
    with loading.step() as session:
        waiting = law_change.load(
            session, loading.bodies["JUS-220000"], author_id=staff["trainer"].id, reviewer_id=staff["reviewer"].id,
            keeper_id=staff["laweditor"].id, now=loading.now - timedelta(days=40),
        )  # fmt: skip
    loading.say(f"{law_change.TITLE} in two versions; {waiting} questions wait for an answer.")


def _halls(loading: Loading) -> None:
    with loading.step() as session:
        count = halls.load(session, loading.bodies, loading.staff, now=loading.now)
    loading.say(f"{count} people on the lists of the two exams in Meihekou's halls, one of them being sat.")


def _stories(loading: Loading) -> None:
    with loading.step() as session:
        count = stories.load(session, loading.bodies, loading.staff, now=loading.now)
    with loading.step() as session:
        waiting = select(FactChange.person_id).where(FactChange.drained_at.is_(None)).distinct()
        for person_id in session.scalars(waiting).all():
            recheck(session, person_id, now=loading.now)
    with loading.step() as session:
        held = contests.load(session, loading.bodies, loading.staff, now=loading.now)
    loading.say(f"{count} things on the desk of Meihekou's unit administrator, {held} contests of its towns.")
