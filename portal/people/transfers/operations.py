"""Opening, releasing, confirming, refusing and withdrawing a transfer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.ground import audit, clock
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.operations import take_step
from portal.people.identity import same_person_ids
from portal.people.models import Account, Body, Grant, Post, Role
from portal.people.operations import grant as grant_role
from portal.people.queries import hold_for, raise_versions
from portal.people.transfers import queries
from portal.people.transfers.models import Transfer, TransferState, TransferStep
from portal.people.transfers.rules import (
    STAYS_BEHIND,
    Handover,
    NewPost,
    abolished,
    day_possible,
    establishment_choices,
)

KIND = "transfer"


class NotTransferable(Refused):
    """There is nothing to move, or nowhere to move it."""

    code = "not_transferable"


class WrongState(Refused):
    """The transfer is not at this step."""

    code = "wrong_state"


class NotHandedOver(Refused):
    """The sending unit has points of the checklist open."""

    status = 422
    code = "not_handed_over"


class ReasonMissing(Refused):
    """A refusal or withdrawal needs its reason."""

    status = 422
    code = "reason_missing"


class OwnTransfer(Refused):
    """Nobody handles his own transfer."""

    status = 403
    code = "own_transfer"


def open_transfer(
    session: Session,
    post: Post,
    to_body: Body,
    proposed: NewPost,
    *,
    effective_on: date,
    document: str,
    account: Account,
    now: datetime,
) -> Transfer:
    """Propose a move of the person in this post. Raises NotTransferable, OwnTransfer."""
    _not_own(session, post.person_id, account)
    hold_for(session, account, post.person_id)
    session.refresh(post)
    _check_move(session, post, to_body, proposed, effective_on, clock.local(now).date())
    transfer = Transfer(
        person_id=post.person_id, post_id=post.id, from_body_id=post.body_id, to_body_id=to_body.id,
        field=proposed.field, part_time=proposed.part_time, title=proposed.title,
        establishment_body_id=proposed.establishment_body_id, staffing_type=proposed.staffing_type,
        on_establishment=proposed.on_establishment, last_day_on=effective_on - timedelta(days=1),
        effective_on=effective_on, document=document.strip(), state=TransferState.OPEN, opened_at=now,
    )  # fmt: skip
    session.add(transfer)
    session.flush()
    _take(session, transfer, "enter", post.body, account, now)
    _step(session, transfer, "opened", account, "", now)
    return transfer


def _check_move(session: Session, post: Post, to_body: Body, proposed: NewPost, day: date, today: date) -> None:
    if post.ended_on is not None:
        raise NotTransferable(N_("This post has ended; there is nothing to transfer."))
    if queries.running(session, post.person_id) is not None:
        raise NotTransferable(N_("A transfer of this person is running already; withdraw it first."))
    if to_body.id == post.body_id:
        raise NotTransferable(N_("The receiving unit is the one the person is in."))
    if abolished(to_body, max(day, today)):
        raise NotTransferable(N_("The receiving unit is abolished on that day; choose the one that took over."))
    if not day_possible(day, post, today):
        raise NotTransferable(
            N_("The day must lie after the start of the old post, and not more than a year back or half a year ahead.")
        )
    if proposed.staffing_type in STAYS_BEHIND:
        raise NotTransferable(N_("Secondment and attachment do not move a post; record them without a transfer."))
    if proposed.establishment_body_id not in establishment_choices(to_body, post):
        raise NotTransferable(
            N_("The establishment lies at the receiving unit, at the body that manages it, or where it was.")
        )
    fields = {f.field for f in to_body.fields}
    if fields and proposed.field not in fields:
        raise NotTransferable(N_("%(body)s does not enforce in this field."), body=to_body.name)


def release(
    session: Session,
    transfer: Transfer,
    *,
    done: Collection[str],
    kept: Collection[int] = (),
    account: Account,
    now: datetime,
) -> None:
    """转出办结: the sender has closed every point; `kept` names the roles that stay on purpose."""
    if transfer.state != TransferState.OPEN:
        raise WrongState(N_("This transfer does not wait for the sending unit."))
    _not_own(session, transfer.person_id, account)
    if missing := [point for point in Handover if point not in done]:
        raise NotHandedOver(N_("%(n)s points of the handover are open. Tick them when they are done."), n=len(missing))
    _take(session, transfer, "propose", session.get_one(Body, transfer.from_body_id), account, now)
    held = {grant.id for grant in queries.grants_ending(session, transfer, clock.local(now).date())}
    transfer.checklist, transfer.kept_grants = [str(point) for point in Handover], sorted(held & set(kept))
    transfer.state = TransferState.RELEASED
    _step(session, transfer, "released", account, "", now)


def confirm(session: Session, transfer: Transfer, *, account: Account, now: datetime) -> Post:
    """接收确认: the old post ends the day before, the new one starts on the day; no day lies between.

    Raises WrongState, OwnTransfer, NotTransferable, and whatever take_step refuses; then nothing moves.
    """
    if transfer.state != TransferState.RELEASED:
        raise WrongState(N_("This transfer does not wait for the receiving unit."))
    _not_own(session, transfer.person_id, account)
    hold_for(session, account, transfer.person_id)
    to_body = session.get_one(Body, transfer.to_body_id)
    _take(session, transfer, "confirm", to_body, account, now)
    old, today = session.get_one(Post, transfer.post_id, populate_existing=True), clock.local(now).date()
    if today < transfer.effective_on:
        raise WrongState(
            N_("Confirm on %(day)s or later; until then the sending unit stays responsible."),
            day=transfer.effective_on.isoformat(),
        )
    if old.ended_on is not None or old.started_on > transfer.last_day_on:
        raise NotTransferable(N_("The old post was changed meanwhile; refuse the transfer and have it opened anew."))
    if abolished(to_body, today):
        raise NotTransferable(N_("The receiving unit is abolished; refuse the transfer."))
    old.ended_on = transfer.last_day_on
    new = Post(
        person_id=transfer.person_id, body_id=transfer.to_body_id, in_post=True, part_time=transfer.part_time,
        establishment_body_id=transfer.establishment_body_id, staffing_type=transfer.staffing_type,
        on_establishment=transfer.on_establishment, title=transfer.title, field=transfer.field,
        started_on=transfer.effective_on,
    )  # fmt: skip
    session.add(new)
    session.flush()
    _move_roles(session, transfer, account, now)
    raise_versions(session, [transfer.person_id])
    transfer.new_post_id, transfer.state = new.id, TransferState.CONFIRMED
    _step(session, transfer, "confirmed", account, "", now)
    audit.fact_changed(session, transfer.person_id, "post", new.id, now=now)
    return new


def refuse(session: Session, transfer: Transfer, *, reason: str, account: Account, now: datetime) -> None:
    """The receiver does not take the person; he stays where he is."""
    if transfer.state != TransferState.RELEASED:
        raise WrongState(N_("This transfer does not wait for the receiving unit."))
    _end(session, transfer, TransferState.REFUSED, reason, account, now)


def withdraw(session: Session, transfer: Transfer, *, reason: str, account: Account, now: datetime) -> None:
    """The sender takes it back while nobody has confirmed."""
    if transfer.state not in (TransferState.OPEN, TransferState.RELEASED):
        raise WrongState(N_("This transfer has ended already."))
    _end(session, transfer, TransferState.WITHDRAWN, reason, account, now)


def _end(
    session: Session, transfer: Transfer, state: TransferState, reason: str, account: Account, now: datetime
) -> None:
    _not_own(session, transfer.person_id, account)
    if not reason.strip():
        raise ReasonMissing(N_("Say why; the other unit reads it."))
    transfer.state = state
    _step(session, transfer, str(state), account, reason.strip()[:300], now)


def _move_roles(session: Session, transfer: Transfer, account: Account, now: datetime) -> None:
    """Roles at the unit that is left end unless kept on purpose; the officer's own role goes along, once."""
    today = clock.local(now).date()
    ending = queries.grants_ending(session, transfer, today, transfer.kept_grants)
    own = [held for held in ending if held.role == Role.OFFICER and held.on_behalf_of_id is None]
    for held in ending:
        held.revoked_at, held.revoked_by_id = now, account.id
        session.flush()
        _note_role(session, held, transfer, held in own, account, now)
    if own and not queries.officer_already(session, own[0].account, transfer.to_body_id, today):
        widest = min(own, key=lambda held: (held.field is not None, held.ends_on is not None))
        left, field = session.get_one(Post, transfer.post_id).field, widest.field
        grant_role(
            session, widest.account, Role.OFFICER, session.get_one(Body, transfer.to_body_id),
            field=transfer.field if field == left else field, ends_on=widest.ends_on, now=now,
        )  # fmt: skip


def _note_role(
    session: Session, held: Grant, transfer: Transfer, moves: bool, account: Account, now: datetime
) -> None:
    audit.record(
        session, "role_moved" if moves else "role_ended", "account", held.account_id,
        now=now, account_id=account.id, body_id=held.body_id, role=str(held.role), transfer=transfer.id,
    )  # fmt: skip


def _take(session: Session, transfer: Transfer, step: str, at: Body, account: Account, now: datetime) -> None:
    arriving = at.id == transfer.to_body_id
    take_step(
        session, step, KIND, transfer.id, account=account, person_id=transfer.person_id, at=at,
        field=transfer.field if arriving else session.get_one(Post, transfer.post_id).field, now=now,
    )  # fmt: skip


def _not_own(session: Session, person_id: int, account: Account) -> None:
    if person_id in same_person_ids(session, account.person_id):
        raise OwnTransfer(N_("Nobody handles his own transfer; a colleague or the level above does."))


def _step(session: Session, transfer: Transfer, kind: str, account: Account, reason: str, now: datetime) -> None:
    session.add(TransferStep(transfer_id=transfer.id, kind=kind, at=now, account_id=account.id, reason=reason))
    session.flush()
    session.refresh(transfer, ["steps"])
    audit.record(
        session, f"transfer_{kind}", KIND, transfer.id, now=now, account_id=account.id, person_id=transfer.person_id,
        reason=reason or None, body_id=transfer.from_body_id, post=transfer.post_id, **transfer.facts(),
    )  # fmt: skip
