"""Questions that say nearly the same, among the banks of whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portal.bank.finding.models import QuestionEntry as Entry
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion
from portal.bank.queries import readable
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission
from question_bank.likeness import Compared, Crowd, Likeness, bit_map, bits_apart, outline, sizes
from question_bank.questions import Question

PORTION = 500
TELLING = 4  # pairs of characters; a shorter stem is like everything


@dataclass(frozen=True)
class LookAlike:
    """Another question that says nearly the same: `share` in percent; `other_key` when it is answered differently.

    Inside a batch that is not stored yet, `question_id` is None and `place` its place in the batch.
    """

    question_id: int | None
    code: str
    bank_code: str
    opening: str
    share: int
    other_key: bool = False
    place: int | None = None
    version_id: int | None = None


def in_reach(session: Session, account: Account | None, bank_ids: Sequence[int]) -> list[int]:
    """Of these banks those that the account may read; nobody is told of a question he may not see."""
    if account is None:
        return list(bank_ids)
    mine = select(QuestionBank.id).join(Body, Body.id == QuestionBank.body_id).where(readable(account))
    return list(session.scalars(mine.where(QuestionBank.id.in_(bank_ids))))


def _keys_told(session: Session, account: Account | None, bank_ids: Sequence[int]) -> set[int]:
    """Of these banks those of whose keys something may be said: one's own, and what is published for study.

    Trying one key after the other would otherwise tell that of a sealed question of a body above.
    """
    if account is None:
        return set(bank_ids)
    own = bodies_in_scope(account, Permission.MANAGE_BANK, QuestionBank.field)
    told = select(QuestionBank.id).join(Body, Body.id == QuestionBank.body_id)
    return set(session.scalars(told.where(QuestionBank.id.in_(bank_ids), or_(own, ~QuestionBank.sealed))))


def look_alikes(
    session: Session,
    account: Account | None,
    bank_ids: Sequence[int],
    question: Question,
    *,
    but: int | None,
    limit: int = 5,
) -> list[LookAlike]:
    """The stored questions most like this one, the likest first; `but` is the question's own id.

    `account` None is the system itself.
    """
    asked = Compared(outline(question))
    banks = in_reach(session, account, bank_ids)
    if len(asked.grams) < TELLING or not banks:
        return []
    ids, keys = _near(session, banks, asked.grams, but), _keys_told(session, account, banks)
    found: list[tuple[Likeness, LookAlike]] = []
    for first in range(0, len(ids), PORTION):
        told = _told().where(Row.id.in_(ids[first : first + PORTION]))
        for number, code, bank, opening, body, bank_id, version_id in session.execute(told):
            if like := asked.with_(outline(Question.from_plain(body))):
                like = replace(like, other_key=like.other_key and bank_id in keys)
                alike = LookAlike(number, code, bank, opening, like.share, like.other_key, version_id=version_id)
                found.append((like, alike))
    found.sort(key=lambda pair: (pair[0].other_key, pair[0].share), reverse=True)
    return [alike for _, alike in found[:limit]]


def _near(session: Session, banks: Sequence[int], grams: frozenset[str], but: int | None) -> list[int]:
    """The ids of questions of these banks whose stems are of like size and differ in few bits."""
    least, most = sizes(len(grams))
    found = select(Entry.question_id, Entry.stem_size, Entry.stem_bits)
    rows = session.execute(found.where(Entry.bank_id.in_(banks), Entry.stem_size.between(least, most)))
    bits, allowed, size, read = bit_map(grams), bits_apart(), len(grams), int.from_bytes
    near = [at for at, theirs, b in rows if (read(b) ^ bits).bit_count() <= allowed * (theirs + size)]
    return [at for at in near if at != but]


def _told() -> Select[Any]:
    return (
        select(
            Row.id, Row.code, QuestionBank.code, QuestionVersion.opening, QuestionVersion.body, Row.bank_id,
            QuestionVersion.id,
        )
        .join(QuestionVersion, QuestionVersion.id == Row.current_version_id)
        .join(QuestionBank, QuestionBank.id == Row.bank_id)
        .where(Row.status != QuestionStatus.RETIRED)
    )  # fmt: skip


def alikes_of(
    session: Session, bank_ids: Sequence[int], questions: Sequence[Question], *, but: Sequence[int] = (),
    account: Account | None = None,
) -> list[tuple[int, LookAlike]]:  # fmt: skip
    """For a whole batch: (place in the batch, what it is like), from these banks and from the batch itself.

    `but` are ids of stored questions left out, such as those the batch itself has become. Of two of the
    batch that are alike, the later is told. A stored question of the same code is the same question.
    """
    stored, outlines = [], []
    told = _told().where(Row.bank_id.in_(bank_ids))
    left_out, keys = set(but), _keys_told(session, account, bank_ids)
    for number, code, bank, opening, body, bank_id, _ in session.execute(told.execution_options(yield_per=PORTION)):
        if number not in left_out:
            stored.append((number, code, bank, opening, bank_id in keys))
            outlines.append(outline(Question.from_plain(body)))
    crowd = Crowd(outlines, map(outline, questions))
    best: dict[int, list[tuple[Likeness, int]]] = {}
    for fresh, other, like in crowd.alike():
        best.setdefault(fresh, []).append((like, other))
    found = []
    for fresh, likes in sorted(best.items()):
        place = fresh - len(stored)
        for like, other in sorted(likes, key=lambda pair: (-pair[0].share, pair[1])):
            alike = _as_told(like, other, stored, questions)
            if alike.code != questions[place].code or alike.place is not None:
                found.append((place, alike))
    return found


def _as_told(like: Likeness, other: int, stored: Sequence[tuple], questions: Sequence[Question]) -> LookAlike:
    if other < len(stored):
        *about, told = stored[other]
        return LookAlike(*about, like.share, like.other_key and told)
    place = other - len(stored)
    twin = questions[place]
    return LookAlike(None, twin.code, "", twin.stem[:200], like.share, like.other_key, place)
