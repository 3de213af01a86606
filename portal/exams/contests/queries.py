"""Reading contests, through what a role reaches, who was named to judge, and who took part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.exams.contests.models import (
    Contest,
    ContestJudge,
    ContestMember,
    ContestParty,
    ContestRanking,
    ContestRound,
    ContestScore,
    ContestState,
)
from portal.exams.models import Entry, Exam, ExamKind, ExamState
from portal.people.identity import same_person
from portal.people.models import Account, Body, Person, Post, PostField
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission

SIZE = 50  # contests on a page
MOST_OFFERED = 200


def _mine(account: Account) -> Select[tuple[Contest]]:
    reached = bodies_in_scope(account, Permission.MANAGE_EXAMS, Contest.field)
    return select(Contest).join(Body, Body.id == Contest.body_id).where(reached)


def listed(session: Session, account: Account, page: int) -> tuple[Sequence[Contest], int]:
    """A page of the contests the account manages, the newest first, and how many there are."""
    found = _mine(account).where(Contest.state != ContestState.DISCARDED)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    order = found.order_by(Contest.starts_on.desc(), Contest.id.desc()).offset((page - 1) * SIZE).limit(SIZE)
    return session.scalars(order.options(joinedload(Contest.body))).all(), total


def contest_in_scope(session: Session, account: Account, contest_id: int, *, hold: bool = False) -> Contest:
    """The contest with its rounds and parties, held until the commit if asked; otherwise NoResultFound, a 404."""
    found = _mine(account).where(Contest.id == contest_id)
    if hold:
        found = found.with_for_update(of=Contest).execution_options(populate_existing=True)
    parts = selectinload(Contest.parties)
    return session.scalars(
        found.options(
            joinedload(Contest.body, innerjoin=True), selectinload(Contest.rounds).selectinload(ContestRound.judges),
            parts.selectinload(ContestParty.members).joinedload(ContestMember.person),
            parts.joinedload(ContestParty.body),
        )
    ).unique().one()  # fmt: skip


def round_of(session: Session, contest: Contest, round_id: int) -> ContestRound:
    """A round of this very contest, held until the commit; otherwise NoResultFound, a 404."""
    found = select(ContestRound).where(ContestRound.id == round_id, ContestRound.contest_id == contest.id)
    return session.scalars(found.with_for_update().execution_options(populate_existing=True)).one()


def party_of(session: Session, contest: Contest, party_id: int) -> ContestParty:
    """A party of this very contest; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(ContestParty).where(ContestParty.id == party_id, ContestParty.contest_id == contest.id)
    ).one()


# ---------- who may be in it ----------
def standing_id() -> ColumnElement[int]:
    """Of Person: the record that stands for him."""
    return func.coalesce(Person.merged_into_id, Person.id)


def officers_by_number(
    session: Session, contest: Contest, top: Body, numbers: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Personnel number -> (person, body of his post), of those in a present post at `top` or below, of the field."""
    found = (
        select(Person.personnel_number, Person.id, Post.body_id)
        .join(Post, Post.person_id == Person.id)
        .join(Body, Body.id == Post.body_id)
        .where(Person.personnel_number.in_(list(numbers)), Person.merged_into_id.is_(None))
        .where(*_in_post(top, contest.field))
        .order_by(Post.id)
    )
    return {number: (person_id, body_id) for number, person_id, body_id in session.execute(found)}


def _in_post(top: Body, field: str | None) -> list[ColumnElement[bool]]:
    held = [Post.ended_on.is_(None), Body.path.startswith(top.path, autoescape=True)]
    if field:
        held.append(or_(Post.field == field, Post.further_fields.any(PostField.field == field)))
    return held


def body_below(session: Session, contest: Contest, typed: str) -> Body:
    """The living body of this name or code that the contest reaches; otherwise NoResultFound."""
    named = or_(Body.name == typed.strip(), Body.code == typed.strip())
    within = Body.path.startswith(contest.body.path, autoescape=True)
    return session.scalars(select(Body).where(named, within, Body.abolished_on.is_(None)).limit(1)).one()


def bodies_below(session: Session, contest: Contest) -> Sequence[str]:
    """Names to offer for a team, the highest first."""
    within = Body.path.startswith(contest.body.path, autoescape=True)
    found = select(Body.name).where(within, Body.abolished_on.is_(None)).order_by(func.length(Body.path), Body.id)
    return session.scalars(found.limit(MOST_OFFERED)).all()


def exams_for(session: Session, account: Account, contest: Contest) -> Sequence[Exam]:
    """Published contest exams the account manages, that no other contest has taken."""
    reached = bodies_in_scope(account, Permission.MANAGE_EXAMS, Exam.field)
    taken = exists().where(ContestRound.exam_id == Exam.id, ContestRound.contest_id != contest.id)
    found = select(Exam).join(Body, Body.id == Exam.body_id).where(reached, ~taken)
    found = found.where(Exam.kind == ExamKind.CONTEST, Exam.state == ExamState.PUBLISHED)
    return session.scalars(found.order_by(Exam.opens_at.desc()).limit(MOST_OFFERED)).all()


def exams_of(session: Session, contest: Contest) -> dict[int, Exam]:
    """Exam id -> the exam, of the written rounds."""
    ids = [row.exam_id for row in contest.rounds if row.exam_id is not None]
    return {exam.id: exam for exam in session.scalars(select(Exam).where(Exam.id.in_(ids)))}


def unlisted(session: Session, exam_id: int, party_ids: Collection[int]) -> dict[int, int]:
    """Person -> body of his party, of members who are not on the list of the exam."""
    entered = aliased(Person)
    on_it = exists().where(
        Entry.exam_id == exam_id, Entry.withdrawn_at.is_(None), Entry.person_id == entered.id,
        func.coalesce(entered.merged_into_id, entered.id) == standing_id(),
    )  # fmt: skip
    rows = session.execute(
        select(standing_id(), ContestParty.body_id)
        .join(ContestMember, ContestMember.person_id == Person.id)
        .join(ContestParty, ContestParty.id == ContestMember.party_id)
        .where(ContestParty.id.in_(list(party_ids)), ~on_it)
    )
    return dict(rows.all())


# ---------- judging ----------
def judging_account(session: Session, number: str) -> Account:
    """The open account of this personnel number; otherwise NoResultFound."""
    found = select(Account).join(Person, Person.id == Account.person_id)
    return session.scalars(
        found.where(Person.personnel_number == number.strip(), Account.disabled_at.is_(None)).limit(1)
    ).one()


def _named(account: Account) -> tuple[ColumnElement[bool], ...]:
    return (
        ContestJudge.account_id == account.id, ContestJudge.relieved_at.is_(None),
        Contest.state == ContestState.STARTED,
    )  # fmt: skip


def to_judge(session: Session, account: Account) -> Sequence[ContestRound]:
    """The rounds this account is named for, open ones first."""
    return session.scalars(
        select(ContestRound)
        .join(ContestJudge, ContestJudge.round_id == ContestRound.id)
        .join(Contest, Contest.id == ContestRound.contest_id)
        .where(*_named(account))
        .order_by(ContestRound.closed_at.is_not(None), Contest.starts_on.desc(), ContestRound.number)
        .options(joinedload(ContestRound.contest))
        .limit(SIZE)
    ).all()


def seat_of_judge(session: Session, account: Account, round_id: int) -> ContestJudge:
    """This account's seat as a judge of the round; otherwise NoResultFound, a 404."""
    at = joinedload(ContestJudge.round).joinedload(ContestRound.contest)
    return session.scalars(
        select(ContestJudge)
        .join(ContestRound, ContestRound.id == ContestJudge.round_id)
        .join(Contest, Contest.id == ContestRound.contest_id)
        .where(ContestJudge.round_id == round_id, *_named(account))
        .options(
            at.joinedload(Contest.body), at.selectinload(Contest.rounds),
            at.selectinload(Contest.parties).selectinload(ContestParty.members).joinedload(ContestMember.person),
            joinedload(ContestJudge.round).selectinload(ContestRound.judges),
        )
    ).one()  # fmt: skip


def is_member(session: Session, contest_id: int, person_id: int) -> bool:
    """Whether this human being takes part."""
    found = select(ContestMember.id).where(
        ContestMember.contest_id == contest_id, ContestMember.person_id.in_(same_person(person_id))
    )
    return session.scalar(found.limit(1)) is not None


def judges_in(session: Session, contest_id: int, person_id: int) -> bool:
    """Whether this human being is named a judge of one of its rounds."""
    found = (
        select(ContestJudge.id)
        .join(ContestRound, ContestRound.id == ContestJudge.round_id)
        .join(Account, Account.id == ContestJudge.account_id)
        .where(ContestRound.contest_id == contest_id, ContestJudge.relieved_at.is_(None))
        .where(Account.person_id.in_(same_person(person_id)))
    )
    return session.scalar(found.limit(1)) is not None


def judge_of(session: Session, contest: Contest, judge_id: int) -> ContestJudge:
    """A judge of this very contest; otherwise NoResultFound, a 404."""
    found = select(ContestJudge).join(ContestRound, ContestRound.id == ContestJudge.round_id)
    found = found.where(ContestJudge.id == judge_id, ContestRound.contest_id == contest.id)
    return session.scalars(found.options(joinedload(ContestJudge.round))).one()


def scored_by(session: Session, contest_id: int, person_id: int) -> bool:
    """Whether this human being entered a score in the contest."""
    found = (
        select(ContestScore.id)
        .join(ContestJudge, ContestJudge.id == ContestScore.judge_id)
        .join(Account, Account.id == ContestJudge.account_id)
        .join(ContestRound, ContestRound.id == ContestScore.round_id)
        .where(ContestRound.contest_id == contest_id, Account.person_id.in_(same_person(person_id)))
    )
    return session.scalar(found.limit(1)) is not None


# ---------- published ----------
@dataclass(frozen=True)
class Published:
    """A contest and one version of its ranking, among how many."""

    contest: Contest
    ranking: ContestRanking
    versions: Sequence[ContestRanking]


def rankings(session: Session, contest_id: int) -> Sequence[ContestRanking]:
    """Every version, the newest first."""
    found = select(ContestRanking).where(ContestRanking.contest_id == contest_id)
    return session.scalars(found.order_by(ContestRanking.number.desc())).all()


def of_version(session: Session, contest_id: int) -> str:
    """Under what the steps towards the next version stand."""
    last = session.scalar(select(func.max(ContestRanking.number)).where(ContestRanking.contest_id == contest_id))
    return f"{contest_id}.{(last or 0) + 1}"


def _seen_by(account: Account) -> ColumnElement[bool]:
    """A condition on Contest joined to Body: he manages it, took part, or has a post where it is held."""
    below = aliased(Body)
    took_part = exists().where(
        ContestMember.contest_id == Contest.id, ContestMember.person_id.in_(same_person(account.person_id))
    )
    at_home = exists().where(
        Post.person_id.in_(same_person(account.person_id)), Post.ended_on.is_(None),
        below.id == Post.body_id, func.substr(below.path, 1, func.length(Body.path)) == Body.path,
        or_(
            Contest.field.is_(None), Contest.field == Post.field,
            Post.further_fields.any(PostField.field == Contest.field),
        ),
    )  # fmt: skip
    return or_(took_part, at_home, bodies_in_scope(account, Permission.MANAGE_EXAMS, Contest.field))


def published_for(session: Session, account: Account) -> Sequence[tuple[Contest, ContestRanking]]:
    """Contests with a ranking this person may read, the newest first, each with its present version."""
    later = aliased(ContestRanking)
    newest = ~exists().where(later.contest_id == ContestRanking.contest_id, later.number > ContestRanking.number)
    rows = session.execute(
        select(Contest, ContestRanking)
        .join(ContestRanking, ContestRanking.contest_id == Contest.id)
        .join(Body, Body.id == Contest.body_id)
        .where(newest, _seen_by(account))
        .order_by(ContestRanking.at.desc())
        .limit(SIZE)
        .options(joinedload(Contest.body))
    )
    return [(contest, ranking) for contest, ranking in rows]


def published(session: Session, account: Account, contest_id: int, number: int | None) -> Published:
    """One version, the newest where none is named; otherwise NoResultFound, a 404."""
    contest = session.scalars(
        select(Contest)
        .join(Body, Body.id == Contest.body_id)
        .where(Contest.id == contest_id, _seen_by(account))
        .options(
            joinedload(Contest.body), selectinload(Contest.rounds),
            selectinload(Contest.parties).selectinload(ContestParty.members).joinedload(ContestMember.person),
            selectinload(Contest.parties).joinedload(ContestParty.body),
        )
    ).one()  # fmt: skip
    found = select(ContestRanking).where(ContestRanking.contest_id == contest.id)
    if number is not None:
        found = found.where(ContestRanking.number == number)
    ranking = session.scalars(found.order_by(ContestRanking.number.desc()).limit(1)).one()
    return Published(contest, ranking, rankings(session, contest.id))
