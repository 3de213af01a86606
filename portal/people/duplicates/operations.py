"""Merging two records by two people, and taking it apart again; no row of the past is rewritten."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.ground import audit, clock
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.access.operations import disable, enable
from portal.people.access.queries import account_of, body_out_of_reach
from portal.people.duplicates.models import DuplicatePair, DuplicateSearch, MergeAct, PairState, PersonMerge
from portal.people.duplicates.rules import Pairs, weight
from portal.people.duties.operations import take_step
from portal.people.identity import same_person_ids
from portal.people.models import Account, Person, Post
from portal.people.queries import body_id_of, hold_for, raise_versions
from portal.people.records.queries import reaches
from portal.people.rules import Permission
from portal.people.transfers.queries import running

KIND = "merge"
POST_FACTS = (
    "body_id", "establishment_body_id", "staffing_type", "on_establishment", "in_post", "part_time", "title", "field",
)  # fmt: skip


class WrongState(Refused):
    """The pair is not at this step."""

    code = "wrong_state"


class NotMergeable(Refused):
    """These records cannot be merged this way."""

    code = "not_mergeable"


class ReasonMissing(Refused):
    """The second person needs to read why."""

    status = 422
    code = "reason_missing"


class OwnRecord(Refused):
    """Nobody merges his own record."""

    status = 403
    code = "own_record"


def store_pairs(session: Session, found: Pairs, known: dict[tuple[int, int], Any], *, now: datetime) -> int:
    """Keep what a search found; pairs somebody has judged stay as they are. Returns how many are new."""
    fresh = [
        {"first_id": a, "second_id": b, "reasons": sorted(reasons), "weight": weight(reasons), "state": PairState.OPEN,
         "found_at": now}
        for (a, b), reasons in found.items()
        if (a, b) not in known
    ]  # fmt: skip
    if fresh:
        session.execute(insert(DuplicatePair), fresh)
    for pair, reasons in found.items():
        row = known.get(pair)
        if row is not None and row[1] == PairState.OPEN and sorted(reasons) != row[2]:
            values = {"reasons": sorted(reasons), "weight": weight(reasons)}
            session.execute(update(DuplicatePair).where(DuplicatePair.id == row[0]).values(**values))
    return len(fresh)


def note_search(session: Session, *, people: int, found: int, now: datetime) -> None:
    session.add(DuplicateSearch(at=now, people=people, found=found))
    audit.record(session, "duplicates_searched", "roster", 0, now=now, people=people, found=found)


def pair_by_hand(session: Session, one: Person, other: Person, *, now: datetime) -> DuplicatePair:
    """Put two records side by side; a pair on record already is returned."""
    if one.id == other.id:
        raise NotMergeable(N_("These are one record already."))
    first, second = sorted((one.id, other.id))
    known = select(DuplicatePair).where(DuplicatePair.first_id == first, DuplicatePair.second_id == second)
    pair = session.scalar(known)
    if pair is None:
        pair = DuplicatePair(
            first_id=first, second_id=second, reasons=["by_hand"], weight=weight(["by_hand"]), state=PairState.OPEN,
            found_at=now,
        )  # fmt: skip
        session.add(pair)
        session.flush()
    return pair


def propose(
    session: Session, pair: DuplicatePair, survivor_id: int, *, reason: str, account: Account, now: datetime
) -> PersonMerge:
    """One administrator says: one human being, and this record stands."""
    _expect(pair, PairState.OPEN, PairState.DIFFERENT)
    _not_own(session, pair, account)
    if survivor_id not in (pair.first_id, pair.second_id):
        raise NotMergeable(N_("Choose which of the two records stands."))
    merged_id = pair.second_id if survivor_id == pair.first_id else pair.first_id
    _check_merge(session, survivor_id, merged_id, account)
    event = _event(session, pair, MergeAct.PROPOSED, survivor_id, merged_id, account, reason, now)
    _take(session, "propose", pair, event, account, now)
    pair.state = PairState.PROPOSED
    return event


def _check_merge(session: Session, survivor_id: int, merged_id: int, account: Account) -> None:
    survivor, merged = session.get_one(Person, survivor_id), session.get_one(Person, merged_id)
    if survivor.merged_into_id or merged.merged_into_id:
        raise NotMergeable(N_("One of the records is merged already."))
    if survivor.erased_at or merged.erased_at:
        raise NotMergeable(N_("One of the records has been erased."))
    if session.scalar(select(Person.id).where(Person.merged_into_id == merged_id).limit(1)) is not None:
        raise NotMergeable(N_("Other records lead to this one already; let it stand and merge the other into it."))
    if running(session, survivor_id) or running(session, merged_id):
        raise NotMergeable(N_("A transfer is running; end it before the records are merged."))
    _check_ways_in(session, survivor_id, merged_id, account)


def _check_ways_in(session: Session, survivor_id: int, merged_id: int, account: Account) -> None:
    """The merged record's account is closed, or opened again: whoever does so stands over every role of both."""
    asked = [(p, Permission.HELP_ACCOUNT) for p in (survivor_id, merged_id)]
    for person_id, permission in (*asked, (merged_id, Permission.DISABLE_ACCOUNT)):
        way_in = account_of(session, person_id)
        body = body_out_of_reach(account, permission, way_in) if way_in else None
        if body is not None:
            raise NotMergeable(
                N_("One of the records has a role at %(body)s; have it ended first, or let the level above do this."),
                body=body.name,
            )


def confirm(session: Session, pair: DuplicatePair, *, account: Account, now: datetime) -> PersonMerge:
    """A second person agrees: the merged record leads to the one that stands, from this moment.

    Hours, results, bars and decisions stay where they are; every question about the person asks for both.
    """
    _expect(pair, PairState.PROPOSED)
    _not_own(session, pair, account)
    proposal = _last(session, pair, MergeAct.PROPOSED)
    survivor_id, merged_id = proposal.survivor_id, proposal.merged_id
    hold_for(session, account, survivor_id, merged_id)
    _check_merge(session, survivor_id, merged_id, account)
    _take(session, "confirm", pair, proposal, account, now)
    moved = _move_posts(session, survivor_id, merged_id, clock.local(now).date())
    closing = account_of(session, merged_id)
    if closing is not None and closing.disabled_at is not None:
        closing = None
    moved["account"] = closing.id if closing else None
    event = _event(session, pair, MergeAct.CONFIRMED, survivor_id, merged_id, account, "", now, moved)
    if closing is not None:
        disable(session, closing, by=account, reason=proposal.reason, now=now)
        session.flush()
    raise_versions(session, (survivor_id, merged_id))
    session.get_one(Person, merged_id).merged_into_id = survivor_id
    pair.state = PairState.MERGED
    _judge_anew(session, pair, event, now)
    return event


def _move_posts(session: Session, survivor_id: int, merged_id: int, today: date) -> dict[str, Any]:
    """The merged record's posts end; one who stands without a post takes them over from today."""
    current = select(Post).where(Post.ended_on.is_(None)).order_by(Post.id)
    ending = session.scalars(current.where(Post.person_id == merged_id)).all()
    stands_in_post = session.scalars(current.where(Post.person_id == survivor_id)).first() is not None
    copies = []
    for post in ending:
        post.ended_on = max(post.started_on, today - timedelta(days=1))
        if not stands_in_post:
            facts = {name: getattr(post, name) for name in POST_FACTS}
            copies.append(Post(person_id=survivor_id, started_on=today, **facts))
    session.add_all(copies)
    session.flush()
    return {
        "ended_posts": [[post.id, post.ended_on.isoformat()] for post in ending],
        "copied_posts": [post.id for post in copies],
    }


def decline(session: Session, pair: DuplicatePair, *, reason: str, account: Account, now: datetime) -> None:
    """The proposal to merge, or to undo, is not followed; the pair is as it was."""
    _expect(pair, PairState.PROPOSED, PairState.UNDO_PROPOSED)
    undoing = pair.state == PairState.UNDO_PROPOSED
    proposal = _last(session, pair, MergeAct.UNDO_PROPOSED if undoing else MergeAct.PROPOSED)
    act = MergeAct.UNDO_DECLINED if undoing else MergeAct.DECLINED
    _event(session, pair, act, proposal.survivor_id, proposal.merged_id, account, _needed(reason), now)
    pair.state = PairState.MERGED if undoing else PairState.OPEN


def say_different(session: Session, pair: DuplicatePair, *, reason: str, account: Account, now: datetime) -> None:
    """Looked at: two human beings; the search does not bring them again."""
    _expect(pair, PairState.OPEN)
    _event(session, pair, MergeAct.DIFFERENT, None, None, account, _needed(reason), now)
    pair.state = PairState.DIFFERENT


def propose_undo(
    session: Session, pair: DuplicatePair, *, reason: str, account: Account, now: datetime
) -> PersonMerge:
    _expect(pair, PairState.MERGED)
    merge = _last(session, pair, MergeAct.CONFIRMED)
    event = _event(session, pair, MergeAct.UNDO_PROPOSED, merge.survivor_id, merge.merged_id, account, reason, now)
    _take(session, "propose", pair, event, account, now)
    pair.state = PairState.UNDO_PROPOSED
    return event


def undo(session: Session, pair: DuplicatePair, *, account: Account, now: datetime) -> PersonMerge:
    """A second person agrees that they were two: both records stand for themselves again."""
    _expect(pair, PairState.UNDO_PROPOSED)
    _not_own(session, pair, account)
    proposal = _last(session, pair, MergeAct.UNDO_PROPOSED)
    merge = _last(session, pair, MergeAct.CONFIRMED)
    hold_for(session, account, merge.survivor_id, merge.merged_id)
    _check_ways_in(session, merge.survivor_id, merge.merged_id, account)
    today = clock.local(now).date()
    reopened = _posts_to_reopen(session, merge, account, today)
    _take(session, "confirm", pair, proposal, account, now)
    session.get_one(Person, merge.merged_id).merged_into_id = None
    session.flush()
    for post in reopened:
        post.ended_on = None
    for post in session.scalars(select(Post).where(Post.id.in_(merge.moved["copied_posts"]), Post.ended_on.is_(None))):
        post.ended_on = max(post.started_on, today - timedelta(days=1))
    if merge.moved["account"] is not None:
        enable(session, session.get_one(Account, merge.moved["account"]), by=account, reason=proposal.reason, now=now)
    raise_versions(session, (merge.survivor_id, merge.merged_id))
    pair.state = PairState.DIFFERENT
    event = _event(session, pair, MergeAct.UNDONE, merge.survivor_id, merge.merged_id, account, "", now)
    _judge_anew(session, pair, event, now)
    return event


def _posts_to_reopen(session: Session, merge: PersonMerge, account: Account, today: date) -> list[Post]:
    """The posts the merge ended and nobody touched since. Raises NotMergeable when one cannot be opened again."""
    ended = {post_id: date.fromisoformat(day) for post_id, day in merge.moved["ended_posts"]}
    posts = session.scalars(select(Post).where(Post.id.in_(ended)).order_by(Post.id)).all()
    found = [post for post in posts if post.ended_on == ended[post.id]]
    for post in found:
        if post.body.abolished_on is not None and post.body.abolished_on <= today:
            raise NotMergeable(
                N_("%(body)s is no more, so the post there cannot be opened again; enter the second person anew."),
                body=post.body.name,
            )
        if not reaches(account, Permission.MERGE_PERSON, post):
            raise NotMergeable(
                N_("A post at %(body)s would be opened again, for which you do not answer; the level above does this."),
                body=post.body.name,
            )
    return found


def _judge_anew(session: Session, pair: DuplicatePair, event: PersonMerge, now: datetime) -> None:
    session.flush()
    for person_id in (pair.first_id, pair.second_id):
        audit.fact_changed(session, person_id, "identity", event.id, now=now)


def _take(
    session: Session, step: str, pair: DuplicatePair, event: PersonMerge, account: Account, now: datetime
) -> None:
    take_step(
        session, step, KIND, event.id, account=account, person_id=event.merged_id,
        persons=(pair.first_id, pair.second_id), now=now,
    )  # fmt: skip


def _not_own(session: Session, pair: DuplicatePair, account: Account) -> None:
    if same_person_ids(session, account.person_id) & {pair.first_id, pair.second_id}:
        raise OwnRecord(N_("Nobody merges his own record; a colleague or the level above does."))


def _expect(pair: DuplicatePair, *states: PairState) -> None:
    if pair.state not in states:
        raise WrongState(N_("Somebody has gone on with this pair meanwhile; load the page again."))


def _last(session: Session, pair: DuplicatePair, act: MergeAct) -> PersonMerge:
    found = select(PersonMerge).where(PersonMerge.pair_id == pair.id, PersonMerge.act == act)
    return session.scalars(found.order_by(PersonMerge.id.desc()).limit(1)).one()


def _needed(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(N_("Say why; the other administrator reads it."))
    return reason


def _event(
    session: Session,
    pair: DuplicatePair,
    act: MergeAct,
    survivor_id: int | None,
    merged_id: int | None,
    account: Account,
    reason: str,
    now: datetime,
    moved: dict[str, Any] | None = None,
) -> PersonMerge:
    """Write an act down, with its line in the trail. Raises OwnRecord, ReasonMissing."""
    _not_own(session, pair, account)
    if act in (MergeAct.PROPOSED, MergeAct.UNDO_PROPOSED):
        _needed(reason)
    event = PersonMerge(
        pair_id=pair.id, act=act, survivor_id=survivor_id, merged_id=merged_id, at=now, account_id=account.id,
        reason=reason.strip()[:300], moved=moved or {},
    )  # fmt: skip
    session.add(event)
    session.flush()
    _trail(session, pair, event)
    return event


def _trail(session: Session, pair: DuplicatePair, event: PersonMerge) -> None:
    subject = event.merged_id or pair.second_id
    audit.record(
        session, f"merge_{event.act}", KIND, pair.id, now=event.at, account_id=event.account_id,
        person_id=subject, body_id=body_id_of(session, subject) or body_id_of(session, pair.first_id),
        reason=event.reason or None, survivor=event.survivor_id,
        merged=event.merged_id, first=pair.first_id, second=pair.second_id,
    )  # fmt: skip
