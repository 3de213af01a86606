"""Gathering what the rules of entry look at: for one person or for thousands, in the same few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.exams.models import Attempt, Entry, Exam, ExamKind, ExamState, Result, ResultEvent, ResultEventKind, Timing
from portal.exams.sittings.models import Sitting
from portal.exams.sittings.rules import EarlierPass, Elsewhere, EntryCase, EntryTerms
from portal.ground.clock import local
from portal.people.models import Account, Ban, EstablishmentCheck, Person, Post, PostField
from portal.training.models import HoursEntry, HoursKind
from portal.training.queries import minutes_by_kind

PORTION = 1000  # people asked about in one statement


def years_after(day: date, years: int) -> date:
    """The day before the same date some years later: five years from 2026-09-19 end 2031-09-18."""
    try:
        end = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        end = date(day.year + years, 3, 1)
    return end - timedelta(days=1)


@dataclass
class Facts:
    """What is on record of people, by the record that stands for each (merged records count as one)."""

    stands_for: dict[int, int] = field(default_factory=dict)  # record → the one that stands
    twins: set[int] = field(default_factory=set)  # standing records into which others were merged
    closed: set[int] = field(default_factory=set)
    posts: dict[int, Post] = field(default_factory=dict)
    fields: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    agreed: set[int] = field(default_factory=set)
    minutes: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    passes: dict[int, list[EarlierPass]] = field(default_factory=lambda: defaultdict(list))
    bans: dict[int, list[Ban]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: dict[int, list[Elsewhere]] = field(default_factory=lambda: defaultdict(list))


def entry_cases(
    session: Session, exam: Exam, terms: EntryTerms, person_ids: Collection[int], *, sitting: Sitting | None = None
) -> dict[int, EntryCase]:
    """Person id → his case for this exam, at the time of the sitting where one is chosen."""
    opens_at, closes_at = (sitting.opens_at, sitting.closes_at) if sitting else (exam.opens_at, exam.closes_at)
    timed = sitting is not None or exam.timing == Timing.FIXED
    day = local(opens_at).date()
    found: dict[int, EntryCase] = {}
    for asked in _portions(sorted(set(person_ids))):
        facts = Facts()
        _know(session, facts, asked)
        _people(session, facts)
        if terms.min_minutes and exam.kind in terms.judged_kinds:
            _hours(session, facts, exam, day)
        if exam.kind in terms.judged_kinds:
            _passes(session, facts, terms)
        _bans(session, facts, day)
        if timed:
            _elsewhere(session, facts, exam, opens_at, closes_at)
        found |= {person_id: _case(exam, terms, day, facts, person_id) for person_id in asked}
    return found


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


def _case(exam: Exam, terms: EntryTerms, day: date, facts: Facts, asked: int) -> EntryCase:
    stands = facts.stands_for.get(asked, asked)
    post, bans = facts.posts.get(stands), facts.bans[stands]
    return EntryCase(
        terms=terms,
        kind=exam.kind,
        subject=exam.subject,
        field=exam.field,
        day=day,
        renewal_from=day + timedelta(days=round(terms.renewal_months * 365.25 / 12)),
        active=stands not in facts.closed,
        in_post=post is not None and post.in_post,
        staffing_type=post.staffing_type if post else None,
        on_establishment=post is not None and post.on_establishment,
        establishment_agrees=post is not None and post.id in facts.agreed,
        post_fields=frozenset({post.field, *facts.fields[post.id]}) if post else frozenset(),
        minutes=facts.minutes[stands],
        passes=tuple(facts.passes[stands]),
        barred_until=max((ban.until for ban in bans if ban.until), default=None),
        barred_for_ever=any(ban.until is None for ban in bans),
        elsewhere=tuple(facts.elsewhere[stands]),
    )


def _know(session: Session, facts: Facts, asked: Sequence[int]) -> None:
    """Every record of the people asked for, and which of them stands."""
    stands = func.coalesce(Person.merged_into_id, Person.id)
    standing = set(session.scalars(select(stands).where(Person.id.in_(asked))))
    mine = or_(Person.id.in_(standing), Person.merged_into_id.in_(standing))
    facts.stands_for = dict(session.execute(select(Person.id, stands).where(mine)).all())
    facts.twins = {stands for record, stands in facts.stands_for.items() if record != stands}


def _people(session: Session, facts: Facts) -> None:
    records, standing = list(facts.stands_for), set(facts.stands_for.values())
    erased = select(Person.id).where(Person.id.in_(standing), Person.erased_at.is_not(None))
    accounts: dict[int, list[bool]] = defaultdict(list)
    for record, disabled_at in session.execute(
        select(Account.person_id, Account.disabled_at).where(Account.person_id.in_(records))
    ):
        accounts[facts.stands_for[record]].append(disabled_at is None)
    facts.closed = set(session.scalars(erased)) | {stands for stands, open_ in accounts.items() if not any(open_)}
    current = select(Post).where(Post.person_id.in_(records), Post.ended_on.is_(None)).order_by(Post.id)
    facts.posts = {facts.stands_for[post.person_id]: post for post in session.scalars(current)}
    ids = [post.id for post in facts.posts.values()]
    for post_id, further in session.execute(
        select(PostField.post_id, PostField.field).where(PostField.post_id.in_(ids))
    ):
        facts.fields[post_id].add(further)
    checks = select(EstablishmentCheck.post_id, EstablishmentCheck.agrees).where(EstablishmentCheck.post_id.in_(ids))
    newest = dict(session.execute(checks.order_by(EstablishmentCheck.id)).all())
    facts.agreed = {post_id for post_id, agrees in newest.items() if agrees}


def _hours(session: Session, facts: Facts, exam: Exam, day: date) -> None:
    """Minutes credited by kind; professional ones only of the exam's field, or of the post's."""
    rows = session.execute(
        select(HoursEntry.person_id, HoursEntry.kind, HoursEntry.field, func.sum(HoursEntry.minutes))
        .where(HoursEntry.person_id.in_(list(facts.stands_for)), HoursEntry.earned_on <= day)
        .group_by(HoursEntry.person_id, HoursEntry.kind, HoursEntry.field)
    )
    for record, kind, of_field, minutes in rows:
        stands = facts.stands_for[record]
        if kind != HoursKind.PROFESSIONAL or of_field == _field_for(exam, facts, stands):
            so_far = facts.minutes[stands]
            so_far[kind] = so_far.get(kind, 0) + int(minutes)
    for stands in facts.twins:  # one lesson on record twice counts once
        facts.minutes[stands] = minutes_by_kind(session, stands, _field_for(exam, facts, stands) or "")


def _field_for(exam: Exam, facts: Facts, stands: int) -> str | None:
    post = facts.posts.get(stands)
    return exam.field or (post.field if post else None)


def _passes(session: Session, facts: Facts, terms: EntryTerms) -> None:
    later = aliased(Result)
    newest = ~select(later.id).where(later.attempt_id == Result.attempt_id, later.number > Result.number).exists()
    rows = session.execute(
        select(
            Attempt.person_id, Attempt.started_at, Exam.subject, Exam.field, Exam.code, Exam.pass_mark, Result.id,
            Result.mark,
        )
        .join(Exam, Exam.id == Attempt.exam_id)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.person_id.in_(list(facts.stands_for)), Exam.kind == ExamKind.QUALIFICATION, newest)
    ).all()  # fmt: skip
    events = _events(session, [row.id for row in rows])
    for record, started_at, subject, of_field, code, pass_mark, result_id, mark in rows:
        sat_on, kinds = local(started_at).date(), events.get(result_id, set())
        facts.passes[facts.stands_for[record]].append(
            EarlierPass(
                subject, of_field, sat_on, years_after(sat_on, terms.pass_valid_years),
                mark >= pass_mark and ResultEventKind.VOIDED not in kinds, ResultEventKind.RELEASED in kinds,
                f"{code} · {result_id}",
            )
        )  # fmt: skip


def _events(session: Session, result_ids: Sequence[int]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    wanted = select(ResultEvent.result_id, ResultEvent.kind).where(ResultEvent.result_id.in_(result_ids))
    for result_id, kind in session.execute(wanted):
        found[result_id].add(kind)
    return found


def _bans(session: Session, facts: Facts, day: date) -> None:
    """Bars in force on the day of the exam."""
    running = (Ban.lifted_on.is_(None), Ban.since <= day, or_(Ban.until.is_(None), Ban.until >= day))
    for ban in session.scalars(select(Ban).where(Ban.person_id.in_(list(facts.stands_for)), *running)):
        facts.bans[facts.stands_for[ban.person_id]].append(ban)


def _elsewhere(session: Session, facts: Facts, exam: Exam, opens_at: datetime, closes_at: datetime) -> None:
    """Entries for other exams at a set time that overlaps this one."""
    opens = func.coalesce(Sitting.opens_at, Exam.opens_at)
    closes = func.coalesce(Sitting.closes_at, Exam.closes_at)
    rows = session.execute(
        select(Entry.person_id, Exam.title, opens.label("opens_at"), closes.label("closes_at"))
        .join(Exam, Exam.id == Entry.exam_id)
        .outerjoin(Sitting, Sitting.id == Entry.sitting_id)
        .where(Entry.person_id.in_(list(facts.stands_for)), Entry.exam_id != exam.id, Entry.withdrawn_at.is_(None))
        .where(Exam.state == ExamState.PUBLISHED, or_(Sitting.id.is_not(None), Exam.timing == Timing.FIXED))
        .where(opens < closes_at, closes > opens_at)
    )
    for record, title, opened, closed in rows:
        facts.elsewhere[facts.stands_for[record]].append(Elsewhere(title, opened, closed))


def busy_times(session: Session, exam: Exam, person_ids: Iterable[int]) -> dict[int, list[Elsewhere]]:
    """Person id → what else he sits at a set time between the exam's first and last moment."""
    return _busy(session, exam, person_ids, exam.opens_at, exam.closes_at)


def clashing(session: Session, exam: Exam, sitting: Sitting, person_ids: Iterable[int]) -> set[int]:
    """Which of these people sit something else at the time of the sitting."""
    return set(_busy(session, exam, person_ids, sitting.opens_at, sitting.closes_at))


def _busy(
    session: Session, exam: Exam, person_ids: Iterable[int], opens_at: datetime, closes_at: datetime
) -> dict[int, list[Elsewhere]]:
    busy: dict[int, list[Elsewhere]] = {}
    for asked in _portions(sorted(set(person_ids))):
        facts = Facts()
        _know(session, facts, asked)
        _elsewhere(session, facts, exam, opens_at, closes_at)
        found = {record: facts.elsewhere.get(facts.stands_for.get(record, record), []) for record in asked}
        busy |= {record: others for record, others in found.items() if others}
    return busy
