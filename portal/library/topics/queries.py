"""Topics by title, by pinyin and as a tree, and the words a filter has to look for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.library.topics.models import Topic, TopicAlias
from portal.library.topics.rules import Node, path_of, words_by_topic
from portal.people.models import Account, Field
from portal.people.pinyin import as_typed
from portal.people.queries import reach
from portal.people.rules import Permission

GENERAL = ""  # the field of general law
NEAR, NEAREST = 40, 3  # percent of their characters that two words share; words offered
FIELDS = (GENERAL, *(str(field) for field in Field))


@dataclass(frozen=True)
class Picked:
    """A topic as a picker offers it."""

    title: str
    code: str
    field: str
    path: tuple[str, ...]


def fields_kept(account: Account) -> frozenset[str]:
    """The fields whose topics this account keeps: the tree is one for the province, so the grant must be, too."""
    tops = [field for path, field in reach(account, Permission.EDIT_LIBRARY) if path.count("/") == 2]
    return frozenset(FIELDS) if None in tops else frozenset(field for field in tops if field)


def nodes(session: Session) -> dict[int, Node]:
    """Every topic, retired and merged ones too, by id."""
    columns = (Topic.id, Topic.field, Topic.title, Topic.code, Topic.parent_id, Topic.merged_into_id, Topic.retired_on)
    return {row[0]: Node(*row[:6], retired=row[6] is not None) for row in session.execute(select(*columns))}


def aliases(session: Session) -> list[tuple[int, str]]:
    return [(topic_id, title) for topic_id, title in session.execute(select(TopicAlias.topic_id, TopicAlias.title))]


def words(session: Session) -> dict[int, set[str]]:
    """Topic id → every title under which its questions may be stored."""
    return words_by_topic(nodes(session), aliases(session))


def same_topic(session: Session, title: str) -> set[str]:
    """Every title that means the same topic as this one, whether it is the present or an earlier one; itself at least.

    Whoever filters questions by topic asks with these, so that versions stored under old words are found.
    """
    known = words_by_topic(*_nodes_and_aliases(session))
    return {title}.union(*(titles for titles in known.values() if title in titles))


def nearest(session: Session, title: str, field: str) -> list[str] | None:
    """For a word that no topic of the field or of general law has or had: the topics in use that come nearest.

    None when a topic has it, and while there is no tree.
    """
    every, old = _nodes_and_aliases(session)
    known = {topic_id: titles for topic_id, titles in words_by_topic(every, old).items()
             if every[topic_id].field in (field, GENERAL)}  # fmt: skip
    if not title or not known or any(title in titles for titles in known.values()):
        return None
    near = [
        (max(_shared(title, one) for one in titles), every[topic_id].title)
        for topic_id, titles in known.items()
        if titles and not every[topic_id].retired
    ]
    near = sorted((one for one in near if one[0] >= NEAR), key=lambda one: (-one[0], len(one[1]), one[1]))
    return list(dict.fromkeys(present for _share, present in near))[:NEAREST]


def _shared(one: str, other: str) -> int:
    """How many of their characters two words share, in percent."""
    mine, others = set(one), set(other)
    return 200 * len(mine & others) // (len(mine) + len(others))


def _nodes_and_aliases(session: Session) -> tuple[dict[int, Node], list[tuple[int, str]]]:
    """`nodes` and `aliases` in one statement, for lists that count theirs."""
    columns = (Topic.id, Topic.field, Topic.title, Topic.code, Topic.parent_id, Topic.merged_into_id, Topic.retired_on)
    rows = session.execute(select(*columns, TopicAlias.title).outerjoin(TopicAlias, TopicAlias.topic_id == Topic.id))
    every, old = {}, []
    for *row, retired_on, alias in rows:
        every[row[0]] = Node(*row, retired=retired_on is not None)
        if alias is not None:
            old.append((row[0], alias))
    return every, old


def present_titles(session: Session) -> dict[tuple[str, str], str]:
    """(field, any title) → the title the topic has now."""
    every = nodes(session)
    known = words_by_topic(every, aliases(session))
    return {(every[topic_id].field, title): every[topic_id].title for topic_id in known for title in known[topic_id]}


def pick(session: Session, typed: str, field: str | None = None, limit: int = 20) -> list[Picked]:
    """Topics in use whose title, code, pinyin or initials hold what was typed; of a field and of general law."""
    found = select(Topic).where(Topic.retired_on.is_(None), Topic.merged_into_id.is_(None))
    if field is not None:
        found = found.where(Topic.field.in_((field, GENERAL)))
    if typed := typed.strip()[:60]:
        letters = as_typed(typed) if typed.isascii() else ""
        ways = [Topic.title.contains(typed, autoescape=True), Topic.code.startswith(typed, autoescape=True)]
        ways += [Topic.id.in_(select(TopicAlias.topic_id).where(TopicAlias.title.contains(typed, autoescape=True)))]
        if letters:
            ways += [Topic.title_pinyin.contains(letters), Topic.title_initials.contains(letters)]
        found = found.where(or_(*ways))
    order = (Topic.title.startswith(typed, autoescape=True).desc(), func.length(Topic.title), Topic.code)
    every = nodes(session)
    rows = session.scalars(found.order_by(*(order if typed else (Topic.field, Topic.code))).limit(limit)).all()
    return [Picked(row.title, row.code, row.field, tuple(path_of(every, row.id))) for row in rows]


def topic(session: Session, code: str, *, hold: bool = False) -> Topic:
    """By its code; NoResultFound when there is none."""
    found = select(Topic).where(Topic.code == code)
    return session.scalars(found.with_for_update() if hold else found).one()


def history(session: Session, topic_id: int) -> Sequence[TopicAlias]:
    """Its earlier titles, the newest first."""
    mine = select(TopicAlias).where(TopicAlias.topic_id == topic_id)
    return session.scalars(mine.order_by(TopicAlias.id.desc())).all()


def per_field(session: Session) -> dict[str, int]:
    """Field → how many topics are in use."""
    used = select(Topic.field, func.count()).where(Topic.retired_on.is_(None)).group_by(Topic.field)
    return dict(session.execute(used).all())
