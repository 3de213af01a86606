"""Counting questions by what the library calls things; the words of stored versions are read through their topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.bank import queries as banks
from portal.bank.models import Question, QuestionBank, QuestionStatus, QuestionVersion
from portal.library.topics import queries as topics
from portal.library.topics.rules import Node, in_order, words_by_topic
from portal.people.models import Account, Body, BodyField, Post, PostField
from portal.people.queries import bodies_in_scope, posts_in_scope
from portal.people.rules import Permission

READERS = (Permission.EDIT_LIBRARY, Permission.MANAGE_BANK, Permission.REVIEW_QUESTION)
STATUSES = (QuestionStatus.APPROVED, QuestionStatus.REVIEW, QuestionStatus.DRAFT, QuestionStatus.RETIRED)
Tally = Mapping[str, int]  # status → questions


@dataclass(frozen=True)
class Leaf:
    """One line of the tree: how deep, the topic, and its questions by status."""

    depth: int
    node: Node
    tally: Tally


@dataclass(frozen=True)
class Unlisted:
    """A word that questions carry and no topic has."""

    title: str
    field: str
    tally: Tally


@dataclass
class Tree:
    leaves: list[Leaf] = field(default_factory=list)
    unlisted: list[Unlisted] = field(default_factory=list)


def counted(account: Account) -> ColumnElement[bool]:
    """A condition on QuestionBank joined to Body: what the account reads, or keeps the topics of."""
    return or_(banks.readable(account), bodies_in_scope(account, Permission.EDIT_LIBRARY, QuestionBank.field))


def _in_use(session: Session, account: Account | None) -> dict[tuple[str, str], dict[str, int]]:
    """(field, title) as stored → questions by status."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    rows = session.execute(
        select(QuestionVersion.field, QuestionVersion.topic, Question.status, func.count())
        .join(Question, Question.current_version_id == QuestionVersion.id)
        .where(QuestionVersion.topic != "", Question.bank_id.in_(_banks(account)))
        .group_by(QuestionVersion.field, QuestionVersion.topic, Question.status)
    )
    for of_field, title, status, count in rows:
        tally = found.setdefault((of_field or topics.GENERAL, title), {})
        tally[status] = tally.get(status, 0) + count
    return found


def _banks(account: Account | None) -> Select[tuple[int]]:
    found = select(QuestionBank.id).join(Body, Body.id == QuestionBank.body_id)
    return found if account is None else found.where(counted(account))


def tree(session: Session, of_field: str | None = None, account: Account | None = None) -> Tree:
    """The topics in the order of their tree with the questions of each, and the words no topic has.

    Questions of banks that are none of the account's are not counted; None is the system itself.
    """
    nodes = topics.nodes(session)
    words = words_by_topic(nodes, topics.aliases(session))
    used, made = _in_use(session, account), Tree()
    listed = {(nodes[i].field, title): i for i, titles in words.items() for title in titles}
    tallies: dict[int, dict[str, int]] = {}
    for key, tally in used.items():
        topic_id = listed.get(key) or listed.get((topics.GENERAL, key[1]))
        if topic_id is None:
            if of_field in (None, key[0]):
                made.unlisted.append(Unlisted(key[1], key[0], tally))
            continue
        mine = tallies.setdefault(topic_id, {})
        for status, count in tally.items():
            mine[status] = mine.get(status, 0) + count
    shown = [n for n in nodes.values() if n.merged_into_id is None and of_field in (None, n.field)]
    made.leaves = [Leaf(depth, node, tallies.get(node.id, {})) for depth, node in in_order(shown)]
    made.unlisted.sort(key=lambda u: (u.field, -sum(u.tally.values()), u.title))
    return made


def by_bank(
    session: Session, titles: Sequence[str], of_field: str, account: Account | None = None
) -> list[tuple[QuestionBank, str, Tally]]:
    """(bank, stored word, questions by status) for one topic's words; a field's topic only in that field."""
    found: dict[tuple[int, str], dict[str, int]] = {}
    rows = (
        select(Question.bank_id, QuestionVersion.topic, Question.status, func.count())
        .join(Question, Question.current_version_id == QuestionVersion.id)
        .where(QuestionVersion.topic.in_(titles), Question.bank_id.in_(_banks(account)))
        .group_by(Question.bank_id, QuestionVersion.topic, Question.status)
    )
    if of_field:
        rows = rows.where(QuestionVersion.field == of_field)
    for bank_id, title, status, count in session.execute(rows):
        found.setdefault((bank_id, title), {})[status] = count
    shelves = {b.id: b for b in session.scalars(select(QuestionBank).where(QuestionBank.id.in_({b for b, _ in found})))}
    return [(shelves[bank_id], title, tally) for (bank_id, title), tally in sorted(found.items())]


def readable(session: Session, account: Account) -> set[int]:
    """The ids of the banks whose lists this account opens."""
    mine = (
        select(QuestionBank.id)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(bodies_in_scope(account, Permission.MANAGE_BANK, QuestionBank.field))
    )
    return set(session.scalars(mine))


def naming(session: Session, account: Account, source: str, *, page: int, size: int) -> tuple[Sequence[Question], int]:
    """One page of the questions in the account's banks that name this source, and how many there are."""
    found = (
        select(Question)
        .join(QuestionVersion, QuestionVersion.id == Question.current_version_id)
        .where(QuestionVersion.source == source, Question.bank_id.in_(readable(session, account)))
    )
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.order_by(Question.code)
        .limit(size)
        .offset((page - 1) * size)
        .options(joinedload(Question.current), joinedload(Question.bank))
    ).all()
    return rows, total


def by_field(session: Session, account: Account) -> dict[str, dict[str, int]]:
    """Field → how many bodies enforce in it, posts are of it, banks and questions are of it: of what the account sees.

    Bodies and people outside the reader's scope are not counted, nor banks he does not read.
    """
    counts: dict[str, dict[str, int]] = {}

    def put(name: str, rows: object) -> None:
        for of_field, count in session.execute(rows):  # type: ignore[call-overload]
            counts.setdefault(of_field or topics.GENERAL, {})[name] = count

    number = func.count()
    bodies = select(BodyField.field, number).join(Body, Body.id == BodyField.body_id)
    bodies = bodies.where(Body.abolished_on.is_(None), _within(account, BodyField.field))
    put("bodies", bodies.group_by(BodyField.field))
    posts = or_(*(posts_in_scope(account, permission) for permission in READERS))
    at_work = select(Post.field, number).join(Body, Body.id == Post.body_id).where(Post.ended_on.is_(None), posts)
    put("officers", at_work.group_by(Post.field))
    further = select(PostField.field, number).join(Post, Post.id == PostField.post_id)
    further = further.join(Body, Body.id == Post.body_id).where(Post.ended_on.is_(None), posts)
    put("further", further.group_by(PostField.field))
    mine = _banks(account)
    put("banks", select(QuestionBank.field, number).where(QuestionBank.id.in_(mine)).group_by(QuestionBank.field))
    questions = select(QuestionVersion.field, number).join(Question, Question.current_version_id == QuestionVersion.id)
    questions = questions.where(Question.status != QuestionStatus.RETIRED, Question.bank_id.in_(mine))
    put("questions", questions.group_by(QuestionVersion.field))
    return counts


def _within(account: Account, field: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(bodies_in_scope(account, permission, field) for permission in READERS))
