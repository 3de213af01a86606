"""Who may be entered for what, and who is on the list, through the one who asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.cycle.queries import exceptions
from portal.cycle.rules import before_working_days
from portal.exams.models import Attempt, Entry, Exam, ExamState
from portal.exams.sittings.models import Accommodation, EntryCheck, Sitting, TestRoom, TestSite
from portal.exams.sittings.rules import EntryTerms
from portal.ground.clock import local
from portal.people.models import Account, Body, Person, Post
from portal.people.pinyin import as_typed
from portal.people.queries import bodies_in_scope, posts_in_scope, reach
from portal.people.records import sealing
from portal.people.rules import Permission

CHUNK = 1000


# ---------- exams ----------
def _open_to(account: Account) -> ColumnElement[bool]:
    """A condition on Exam joined to Body: held below, at or above a grant, and of its field or of every field."""
    cells = []
    for path, field in reach(account, Permission.ENTER_EXAM):
        cell = or_(Body.path.startswith(path, autoescape=True), literal(path).startswith(Body.path))
        cells.append(and_(cell, or_(Exam.field.is_(None), Exam.field == field)) if field else cell)
    return or_(false(), *cells)


def exams_for_entry(session: Session, account: Account, now: datetime) -> Sequence[tuple[Exam, Body]]:
    """Published exams for which this account may enter people, those that are not over, the next one first."""
    rows = session.execute(
        select(Exam, Body)
        .join(Body, Body.id == Exam.body_id)
        .where(Exam.state == ExamState.PUBLISHED, Exam.closes_at > now, _open_to(account))
        .order_by(Exam.opens_at)
        .limit(200)
    )
    return [(exam, body) for exam, body in rows]


def exam_for_entry(session: Session, account: Account, exam_id: int) -> Exam:
    """A published exam for which this account may enter people; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Exam)
        .join(Body, Body.id == Exam.body_id)
        .where(Exam.id == exam_id, Exam.state == ExamState.PUBLISHED, _open_to(account))
    ).one()


def exam_held(session: Session, account: Account, exam_id: int) -> Exam:
    """An exam that the account holds; otherwise NoResultFound, a 404."""
    reached = bodies_in_scope(account, Permission.MANAGE_EXAMS, Exam.field)
    return session.scalars(
        select(Exam).join(Body, Body.id == Exam.body_id).where(Exam.id == exam_id, reached)
    ).one()


def manages(session: Session, account: Account, exam: Exam) -> bool:
    """Whether the account holds this exam, not only enters people for it."""
    reached = bodies_in_scope(account, Permission.MANAGE_EXAMS, Exam.field)
    mine = select(Exam.id).join(Body, Body.id == Exam.body_id).where(Exam.id == exam.id, reached)
    return session.scalar(mine) is not None


def entry_closes_on(session: Session, exam: Exam, terms: EntryTerms, sitting: Sitting | None) -> date:
    """The last day on which units enter people: some working days before the sitting, or before the first one."""
    first = select(func.min(Sitting.opens_at)).where(Sitting.exam_id == exam.id, Sitting.cancelled_at.is_(None))
    opens_at = sitting.opens_at if sitting else session.scalar(first)
    if opens_at is None and exam.kind not in terms.judged_kinds:
        return local(exam.closes_at).date()  # a month's exam takes people as long as it is open
    day = local(opens_at or exam.opens_at).date()
    return before_working_days(day, terms.entry_closes_days, exceptions(session))


# ---------- people to enter ----------
@dataclass(frozen=True)
class Wanted:
    """What the list of people is narrowed to; empty means all."""

    words: str = ""
    state: str = "open"  # open: not on the list; listed; all
    of_field: bool = True  # only posts of the exam's field


@dataclass(frozen=True)
class Candidate:
    person: Person
    post: Post
    entry: Entry | None


def candidates(
    session: Session, account: Account, exam: Exam, wanted: Wanted, *, page: int, size: int
) -> tuple[list[Candidate], int]:
    """One page of the people in scope, and how many there are in all."""
    entry = aliased(Entry)
    found = (
        select(Post, entry)
        .join(Person, Person.id == Post.person_id)
        .join(Body, Body.id == Post.body_id)
        .outerjoin(entry, and_(entry.exam_id == exam.id, entry.person_id == Post.person_id))
        .where(*_in_scope(account))
    )
    listed = and_(entry.id.is_not(None), entry.withdrawn_at.is_(None))
    if wanted.state in ("open", "listed"):
        found = found.where(listed if wanted.state == "listed" else ~listed)
    if wanted.of_field and exam.field:
        found = found.where(or_(Post.field == exam.field, Post.further_fields.any(field=exam.field)))
    if wanted.words:
        found = found.where(_named(wanted.words))
    total = session.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    shown = found.order_by(Body.path, Post.person_id, Post.id).limit(size).offset((page - 1) * size)
    rows = session.execute(shown.options(joinedload(Post.person), joinedload(Post.body)))
    return [Candidate(post.person, post, known) for post, known in rows], total


def _in_scope(account: Account) -> tuple[ColumnElement[bool], ...]:
    return Post.ended_on.is_(None), Person.merged_into_id.is_(None), posts_in_scope(account, Permission.ENTER_EXAM)


def _named(words: str) -> ColumnElement[bool]:
    ways = [Person.personnel_number == words, Person.name.contains(words, autoescape=True)]
    if (typed := as_typed(words)) and not any(sign.isdigit() for sign in words):
        ways += [Person.name_pinyin.startswith(typed), Person.name_initials.startswith(typed)]
    ways.append(Body.name.contains(words, autoescape=True))
    return or_(*ways)


def posts_of(session: Session, account: Account, person_ids: Collection[int]) -> dict[int, Post]:
    """Person id → his newest current post in the account's scope, person and body loaded; others are left out."""
    found: dict[int, Post] = {}
    ids = sorted(set(person_ids))
    for start in range(0, len(ids), CHUNK):
        rows = session.scalars(
            select(Post)
            .join(Person, Person.id == Post.person_id)
            .join(Body, Body.id == Post.body_id)
            .where(Post.person_id.in_(ids[start : start + CHUNK]), *_in_scope(account))
            .order_by(Post.id)
            .options(joinedload(Post.person), joinedload(Post.body))
        )
        found |= {post.person_id: post for post in rows}
    return found


def people_by_number(session: Session, account: Account, numbers: Sequence[str]) -> dict[str, int]:
    """Personnel number → person id, of people in scope."""
    found: dict[str, int] = {}
    for start in range(0, len(numbers), CHUNK):
        rows = session.execute(
            select(Person.personnel_number, Person.id)
            .join(Post, Post.person_id == Person.id)
            .join(Body, Body.id == Post.body_id)
            .where(Person.personnel_number.in_(numbers[start : start + CHUNK]), *_in_scope(account))
        )
        found |= dict(rows.all())
    return found


# ---------- the list ----------
@dataclass(frozen=True)
class Listed:
    """A person on the list with the unit that entered him and where he sits."""

    entry: Entry
    person: Person
    unit: Body | None
    sitting: Sitting | None
    room: TestRoom | None
    site: TestSite | None


def _rows(account: Account, exam: Exam, *, all_of_it: bool) -> Select[tuple]:
    found = (
        select(Entry, Person, Body, Sitting, TestRoom, TestSite)
        .join(Person, Person.id == Entry.person_id)
        .outerjoin(Body, Body.id == Entry.body_id)
        .outerjoin(Sitting, Sitting.id == Entry.sitting_id)
        .outerjoin(TestRoom, TestRoom.id == Entry.room_id)
        .outerjoin(TestSite, TestSite.id == TestRoom.site_id)
        .where(Entry.exam_id == exam.id)
    )
    return found if all_of_it else found.where(of_my_units(account))


def of_my_units(account: Account) -> ColumnElement[bool]:
    """A condition on Entry: entered by a unit in scope, or of a person who has his post there today."""
    unit, at = aliased(Body), aliased(Body)
    paths = [path for path, _ in reach(account, Permission.ENTER_EXAM)]
    mine = or_(false(), *(unit.path.startswith(path, autoescape=True) for path in paths))
    here = or_(false(), *(at.path.startswith(path, autoescape=True) for path in paths))
    entered = exists().where(unit.id == Entry.body_id, mine)
    working = exists().where(
        Post.person_id == Entry.person_id, Post.ended_on.is_(None), Post.body_id == at.id, here
    )
    return or_(entered, working)


@dataclass(frozen=True)
class Sift:
    """What the list is narrowed to."""

    sitting: int | None = None
    state: str = ""  # unplaced, unseated, withdrawn; empty: all that stand
    words: str = ""


def _sifted(found: Select[tuple], sift: Sift) -> Select[tuple]:
    found = found.where(Entry.withdrawn_at.is_not(None) if sift.state == "withdrawn" else Entry.withdrawn_at.is_(None))
    if sift.sitting is not None:
        found = found.where(Entry.sitting_id == sift.sitting)
    if sift.state == "unplaced":
        found = found.where(Entry.sitting_id.is_(None))
    if sift.state == "unseated":
        found = found.where(Entry.seat.is_(None))
    if sift.words:
        number = Entry.admission_number == sift.words
        found = found.where(or_(number, Person.personnel_number == sift.words, Person.name.contains(sift.words)))
    return found


def entries(
    session: Session, account: Account, exam: Exam, sift: Sift, *, all_of_it: bool, page: int, size: int
) -> tuple[list[Listed], int]:
    """One page of the list by admission number, and how many there are."""
    found = _sifted(_rows(account, exam, all_of_it=all_of_it), sift)
    total = session.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    rows = session.execute(found.order_by(Entry.admission_number).limit(size).offset((page - 1) * size))
    return [Listed(*row) for row in rows], total


def every_entry(
    session: Session, account: Account, exam: Exam, sift: Sift, *, all_of_it: bool
) -> Iterator[list[Listed]]:
    """The whole list in portions, for a workbook or for paper."""
    found = _sifted(_rows(account, exam, all_of_it=all_of_it), sift).order_by(Entry.admission_number)
    for rows in session.execute(found.execution_options(yield_per=CHUNK)).partitions():
        yield [Listed(*row) for row in rows]


def one_entry(session: Session, account: Account, exam: Exam, entry_id: int, *, all_of_it: bool) -> Listed:
    """An entry of this exam within reach; otherwise NoResultFound, a 404."""
    return Listed(*session.execute(_rows(account, exam, all_of_it=all_of_it).where(Entry.id == entry_id)).one())


def checks_of(session: Session, entry_id: int) -> Sequence[EntryCheck]:
    """What the entry was judged by, the newest first."""
    found = select(EntryCheck).where(EntryCheck.entry_id == entry_id).order_by(EntryCheck.id.desc())
    return session.scalars(found).all()


def accommodations(session: Session, entry: Entry) -> list[tuple[Accommodation, str]]:
    """Extra time with its evidence, the newest first; no evidence is left of somebody who was erased."""
    found = select(Accommodation).where(Accommodation.entry_id == entry.id).order_by(Accommodation.id.desc())
    told = []
    for row in session.scalars(found):
        kept = sealing.unseal(session, entry.person_id, row.sealed, row.bound_to)
        told.append((row, kept["evidence"] if kept else ""))
    return told


def has_started(session: Session, entry: Entry) -> bool:
    found = select(Attempt.id).where(Attempt.exam_id == entry.exam_id, Attempt.person_id == entry.person_id)
    return session.scalar(found.limit(1)) is not None
