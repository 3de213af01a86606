"""Gathering a case, queues and files, and what the public may read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.credentials.case import Case, Pass, Thresholds
from portal.credentials.models import (
    Application,
    ApplicationState,
    Decision,
    Eligibility,
    Notice,
    Policy,
    StandingEvent,
    StepKind,
)
from portal.exams.models import (
    Exam,
    ExamKind,
    IdentityConfirmation,
    ResultEventKind,
    ScoreReview,
)
from portal.exams.queries import events_of, results_of
from portal.ground import clock
from portal.ground.models import FactChange
from portal.people import queries as people
from portal.people.bodies.succession import carried_to
from portal.people.identity import same_person, standing_record
from portal.people.models import (
    Account,
    Appraisal,
    Body,
    ConductStatement,
    EstablishmentCheck,
    Exemption,
    Person,
    Post,
)
from portal.people.records.queries import standing_identity_check
from portal.people.rules import Permission, id_number_problem
from portal.training.models import HoursEntry, HoursKind
from portal.training.queries import counted, minutes_by_kind


def policy_on(session: Session, day: date) -> Policy:
    """The policy in force on a day; NoResultFound before the first one."""
    return session.scalars(
        select(Policy).where(Policy.effective_from <= day).order_by(Policy.effective_from.desc()).limit(1)
    ).one()


def years_later(day: date, years: int) -> date:
    """The day before the same date some years later: five years from 2026-09-19 end 2031-09-18."""
    try:
        end = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        end = date(day.year + years, 3, 1)
    return end - timedelta(days=1)


def _latest(session: Session, table: type[Any], where: ColumnElement[bool]) -> Any:
    return session.scalars(select(table).where(where).order_by(table.id.desc()).limit(1)).first()


def passes_of(session: Session, person_id: int) -> tuple[Pass, ...]:
    """Every result of a qualification exam; a monthly exam is never among them."""
    rows = [
        (exam, attempt, result)
        for exam, attempt, result in results_of(session, person_id)
        if exam.kind == ExamKind.QUALIFICATION
    ]
    result_ids = [result.id for _, _, result in rows]
    events = events_of(session, result_ids)
    confirmed = set(
        session.scalars(
            select(IdentityConfirmation.attempt_id).where(
                IdentityConfirmation.attempt_id.in_([attempt.id for _, attempt, _ in rows])
            )
        )
    )
    reviewed = set(
        session.scalars(
            select(ScoreReview.result_id).where(ScoreReview.result_id.in_(result_ids), ScoreReview.closed_at.is_(None))
        )
    )
    policies = session.scalars(select(Policy).order_by(Policy.effective_from.desc())).all()
    return tuple(
        _pass(exam, attempt, result, events.get(result.id, {}), confirmed, reviewed, policies)
        for exam, attempt, result in rows
    )


def _pass(exam: Exam, attempt, result, events, confirmed, reviewed, policies: Sequence[Policy]) -> Pass:
    sat_on = clock.local(attempt.started_at).date()
    then = next((p for p in policies if p.effective_from <= sat_on), policies[-1])
    terms = Thresholds.from_plain(then.body)
    return Pass(
        result_id=result.id,
        exam=exam.code,
        subject=exam.subject,
        field=exam.field,
        sat_on=sat_on,
        mark=result.mark,
        needed=max(exam.pass_mark, terms.pass_mark),
        valid_until=years_later(sat_on, terms.pass_valid_years),
        released=ResultEventKind.RELEASED in events,
        voided=ResultEventKind.VOIDED in events,
        identity_confirmed=attempt.id in confirmed,
        review_open=result.id in reviewed,
    )


def case_for(
    session: Session, application: Application, *, checker_account: int | None, now: datetime
) -> tuple[Case, Policy]:
    """Gather everything the twelve rules may look at, as it stands now."""
    today = clock.local(now).date()
    policy = policy_on(session, today)
    person = standing_record(session, application.person_id)
    same = same_person(person.id)
    asked = session.get_one(Post, application.post_id)  # its title or duty may have changed since
    post = session.scalars(
        select(Post)
        .where(Post.person_id.in_(same), Post.body_id.in_(carried_to(session, asked)), Post.field == application.field)
        .where(Post.ended_on.is_(None))
        .options(joinedload(Post.body).selectinload(Body.fields), joinedload(Post.establishment_body))
    ).first()
    number = person.id_number()
    check = standing_identity_check(session, person.id)
    staffing = _latest(session, EstablishmentCheck, EstablishmentCheck.post_id == post.id) if post else None
    appraisal = session.scalars(
        select(Appraisal).where(Appraisal.person_id.in_(same)).order_by(Appraisal.year.desc(), Appraisal.id.desc())
    ).first()
    conduct = _latest(session, ConductStatement, ConductStatement.person_id.in_(same))
    moved = max((s.id for s in application.steps if s.kind == StepKind.MOVED), default=0)  # the old unit's word is void
    agreed = [s for s in application.steps if s.kind == StepKind.UNIT_AGREED and s.id > moved]
    applicant = account_of(session, person.id)
    case = Case(
        today=today,
        field=application.field,
        policy=policy.label,
        thresholds=Thresholds.from_plain(policy.body),
        id_number_valid=id_number_problem(number) is None,
        identity_checked=(check.checked_on, check.reference) if check else None,
        photo_meets_standard=bool(check and check.photo_meets_standard),
        age=people.age_on(person.birth_date, today),
        sex=person.sex,
        education=person.education,
        has_post=post is not None,
        body=post.body.name if post else "",
        body_confirmed=(
            (post.body.confirmed_on, post.body.confirmation or "") if post and post.body.confirmed_on else None
        ),
        body_enforces_field=bool(post and application.field in {f.field for f in post.body.fields}),
        post_field=post.field if post else "",
        staffing_type=post.staffing_type if post else "",
        on_establishment=bool(post and post.on_establishment),
        in_post=bool(post and post.in_post),
        part_time=bool(post and post.part_time),
        establishment_body=post.establishment_body.name if post else "",
        establishment_checked=(staffing.checked_on, staffing.agrees, staffing.reference) if staffing else None,
        appraisal=(appraisal.year, appraisal.grade, appraisal.reference) if appraisal else None,
        conduct=(conduct.stated_on, conduct.clean, conduct.reference) if conduct else None,
        minutes=minutes_by_kind(session, person.id, application.field),
        passes=passes_of(session, person.id),
        exemptions=_exemptions(session, person.id, application.field, today),
        bans=_running_bans(session, person.id, today),
        facts_in_recheck=in_recheck(session, person.id),
        unit_opinion=(clock.local(agreed[-1].at), agreed[-1].account_id, agreed[-1].opinion) if agreed else None,
        applicant_account=applicant,
        checker_account=checker_account,
    )
    return case, policy


def _exemptions(session: Session, person_id: int, field: str, today: date) -> tuple[tuple[str, str, str, bool], ...]:
    here = or_(Exemption.field.is_(None), Exemption.field == field)
    rows = session.scalars(select(Exemption).where(Exemption.person_id.in_(same_person(person_id)), here))
    return tuple(
        (
            e.subject,
            e.kind,
            e.reference,
            e.approved_on is not None
            and e.document_sha256 is not None
            and (e.valid_until is None or today <= e.valid_until),
        )
        for e in rows
    )


def _running_bans(session: Session, person_id: int, today: date) -> tuple[tuple[str, date, date | None, str], ...]:
    return tuple((b.act, b.since, b.until, b.reference) for b in people.running_bans(session, person_id, today))


def in_recheck(session: Session, person_id: int) -> int:
    """How many changed facts of this person wait to be re-judged."""
    waiting = FactChange.person_id.in_(same_person(person_id)), FactChange.drained_at.is_(None)
    return session.scalar(select(func.count()).select_from(FactChange).where(*waiting)) or 0


def in_reach(account: Account) -> ColumnElement[bool]:
    """Applications whose post or unit lies in the account's scope, by the role that opens them.

    A role for one field reaches the applications in that field only.
    """
    unit = select(Body.id).where(people.bodies_in_scope(account, Permission.UNIT_REVIEW, Application.field))
    seen = select(Post.id).join(Body, Body.id == Post.body_id)
    seen = seen.where(people.bodies_in_scope(account, Permission.SEE_ELIGIBILITY, Application.field))
    return or_(
        Application.post_id.in_(seen.correlate(Application)), Application.unit_id.in_(unit.correlate(Application))
    )


def application_in_scope(session: Session, account: Account, application_id: int) -> Application:
    """The application, if the account may see it; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Application)
        .where(Application.id == application_id, in_reach(account))
        .options(selectinload(Application.steps))
    ).one()


def queue(
    session: Session, account: Account, state: str, *, page: int, size: int, among: Sequence[int] | None = None
) -> tuple[list[tuple[Application, Person, Body]], int]:
    """One page of applications in a state, or among those named, oldest first, and how many there are."""
    first = (page - 1) * size
    if among is None:
        where = (Application.state == state, in_reach(account))
        total = session.scalar(select(func.count()).select_from(Application).where(*where)) or 0
    else:
        where = (Application.id.in_(among[first : first + size]), in_reach(account))
        total, first = len(among), 0
    rows = session.execute(
        select(Application, Person, Body)
        .join(Person, Person.id == Application.person_id)
        .join(Body, Body.id == Application.unit_id)
        .where(*where)
        .order_by(Application.opened_at, Application.id)
        .limit(size)
        .offset(first)
    )
    return [(a, p, b) for a, p, b in rows], total


def waiting_counts(session: Session, account: Account) -> dict[str, int]:
    rows = session.execute(
        select(Application.state, func.count()).where(in_reach(account)).group_by(Application.state)
    )
    return {state: count for state, count in rows}  # noqa: C416


def own_applications(session: Session, person_id: int) -> Sequence[Application]:
    return session.scalars(
        select(Application)
        .where(Application.person_id.in_(same_person(person_id)))
        .order_by(Application.id.desc())
        .options(selectinload(Application.steps))
    ).all()


def open_application(session: Session, person_id: int, field: str) -> Application | None:
    return session.scalar(
        select(Application).where(
            Application.person_id.in_(same_person(person_id)),
            Application.field == field,
            Application.state != ApplicationState.DECIDED,
        )
    )


def decision_of(session: Session, application_id: int) -> Decision | None:
    return session.scalar(
        select(Decision).where(Decision.application_id == application_id).options(selectinload(Decision.findings))
    )


def eligibilities_of(session: Session, person_id: int) -> Sequence[tuple[Eligibility, Notice | None]]:
    rows = session.execute(
        select(Eligibility, Notice)
        .outerjoin(Notice, Notice.eligibility_id == Eligibility.id)
        .where(Eligibility.person_id.in_(same_person(person_id)))
        .order_by(Eligibility.id.desc())
    )
    return [(e, n) for e, n in rows]


def notice_by_token(session: Session, token: str) -> tuple[Notice, Eligibility, Sequence[StandingEvent]] | None:
    row = session.execute(
        select(Notice, Eligibility)
        .join(Eligibility, Eligibility.id == Notice.eligibility_id)
        .where(Notice.token == token)
    ).first()
    if row is None:
        return None
    return row[0], row[1], standing_events(session, row[1].id)


def account_of(session: Session, person_id: int) -> int | None:
    """The person's account; of merged records the one that still opens."""
    found = select(Account.id).where(Account.person_id.in_(same_person(person_id)))
    return session.scalar(found.order_by(Account.disabled_at.is_not(None), Account.id).limit(1))


def standing_events(session: Session, eligibility_id: int) -> Sequence[StandingEvent]:
    """What happened to a recorded eligibility, oldest first."""
    return session.scalars(
        select(StandingEvent).where(StandingEvent.eligibility_id == eligibility_id).order_by(StandingEvent.id)
    ).all()


def notice_for(session: Session, account: Account, application_id: int) -> Notice:
    """The notice of an application, for its officer or for staff in scope; otherwise NoResultFound."""
    return session.scalars(
        select(Notice)
        .join(Eligibility, Eligibility.id == Notice.eligibility_id)
        .join(Decision, Decision.id == Eligibility.decision_id)
        .join(Application, Application.id == Decision.application_id)
        .where(
            Application.id == application_id,
            or_(Application.person_id.in_(same_person(account.person_id)), in_reach(account)),
        )
    ).one()


def token_for(session: Session, number: str, name: str) -> str | None:
    """The token of a notice whose number and printed name both fit."""
    notice = session.scalar(select(Notice).where(Notice.number == number))
    return notice.token if notice is not None and notice.printed["name"] == name else None


def hours_evidence(session: Session, application: Application) -> Sequence[HoursEntry]:
    """The lines of the hours ledger that rule 6 adds up."""
    return session.scalars(
        select(HoursEntry)
        .where(
            counted(application.person_id),
            or_(HoursEntry.kind != HoursKind.PROFESSIONAL, HoursEntry.field == application.field),
        )
        .order_by(HoursEntry.earned_on)
    ).all()


def recorded_in(session: Session, person_id: int, field: str, day: date) -> bool:
    """Whether an eligibility in this field is running on a day."""
    found = select(Eligibility.id).where(
        Eligibility.person_id.in_(same_person(person_id)), Eligibility.field == field, Eligibility.valid_until >= day
    )
    return session.scalar(found.limit(1)) is not None
