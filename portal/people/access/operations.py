"""Signing in and out, one-time codes, passwords, opening and closing accounts."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.access import queries
from portal.people.access.models import CodeKind, OneTimeCode, PasswordChange
from portal.people.access.rules import (
    FROM_ONE_PLACE,
    HERE,
    LASTS,
    LIVES,
    MOST_CODE_TRIES,
    SITE_A_MINUTE,
    SITE_CALM,
    WINDOW,
    PasswordPolicy,
    new_code,
    normal_code,
    wait_after,
)
from portal.people.duties.grants import end_grants_lent_by
from portal.people.factors.models import PendingSignIn
from portal.people.models import Account, FailedSignIn, Person, Role, SignIn
from portal.people.operations import create_account, grant, revoke_api_tokens, token_digest
from portal.people.queries import body_id_of, current_post
from portal.people.rules import Permission, normal_id_number

CHANGED = N_("The password or the account was changed at this moment. Sign in again.")
SMS_A_DAY = 3
PHONE_SETTLES = timedelta(days=7)  # a number changed on record gets no code before


class TooManyGuesses(Refused):
    """Guessing is slowed down; refused before any hashing. `wait` says how long."""

    status = 429
    code = "too_many_guesses"

    def __init__(self, message: str, wait: timedelta, **values: object) -> None:
        super().__init__(message, **values)
        self.wait = wait


class NotHim(Refused):
    """Nobody opens a way in for himself, nor for somebody who stands above or beside him."""

    status = 403
    code = "not_him"


class Changed(Refused):
    """What was proved is true no more: another password, or a closed account."""

    status = 403
    code = "changed"


class CodeSpent(Refused):
    """The code was used, replaced or guessed at too often."""

    code = "code_spent"


@dataclass(frozen=True)
class Visitor:
    """From where somebody knocks: the address, and the digest of his device's cookie where it has one."""

    address: str
    cookie_sha256: str = ""


@dataclass(frozen=True)
class Knock:
    """Who is asked for at the door: the account if there is one, what wrong ones are counted under."""

    account: Account | None
    counted_as: str
    device: str  # digest of the cookie of a device this account knows, or empty

    @property
    def stored(self) -> str:
        """The hash to compare with; empty where there is none, which costs the same."""
        return self.account.password_hash if self.account else ""

    @property
    def may_open(self) -> bool:
        return self.account is not None and self.account.disabled_at is None and bool(self.account.password_hash)


# ---------- guessing ----------
def look_up(
    session: Session, typed: str, visitor: Visitor, policy: PasswordPolicy, *, now: datetime, by: str = "password"
) -> Knock:
    """Whom this name asks for; the same statements whether there is such an account or not.

    Raises TooManyGuesses.
    """
    account = queries.account_for_sign_in(session, typed)
    known_as = f"account {account.id}" if account else normal_id_number(typed).upper()
    counted_as = keys.blind(f"{by}|{known_as}", "failed_sign_in|username")
    known = queries.knows_device(session, account.id if account else 0, visitor.cookie_sha256)
    knock = Knock(account, counted_as, visitor.cookie_sha256 if known else "")
    _check_guesses(session, knock, visitor, policy, now=now)
    return knock


def _check_guesses(session: Session, knock: Knock, visitor: Visitor, policy: PasswordPolicy, *, now: datetime) -> None:
    """A device the account knows answers for its own mistakes only; strange ones share every limit."""
    if knock.device:
        if queries.wrong_from_device(session, knock.counted_as, knock.device, now) >= HERE:
            raise TooManyGuesses(N_("Too many wrong passwords on this device. Try again in 10 minutes."), WINDOW)
        return
    here = queries.wrong_here(session, knock.counted_as, visitor.address, now)
    if here >= HERE or queries.wrong_from(session, visitor.address, now) >= FROM_ONE_PLACE:
        raise TooManyGuesses(N_("Too many wrong passwords from this place. Try again in 10 minutes."), WINDOW)
    wrong, last = queries.wrong_for(session, knock.counted_as, now)
    wait = last + wait_after(wrong, policy) - now if last else timedelta(0)
    if wait > timedelta(0):
        raise TooManyGuesses(
            N_(
                "Wrong passwords were typed for this account elsewhere. A device that has not signed in to it before"
                " waits %(minutes)s minutes; others are not held up."
            ),
            wait,
            minutes=-(-int(wait.total_seconds()) // 60),
        )
    busy = queries.wrong_on_site(session, now, WINDOW) >= SITE_CALM
    if busy and queries.wrong_on_site(session, now, timedelta(minutes=1)) >= SITE_A_MINUTE:
        raise TooManyGuesses(
            N_("Many wrong passwords reach this site at the moment. New devices wait a little; yours tries again."),
            timedelta(seconds=15),
        )


def note_wrong(session: Session, knock: Knock, visitor: Visitor, *, now: datetime) -> None:
    """Count a wrong password or code; a known device only against itself."""
    session.add(
        FailedSignIn(
            username=knock.counted_as, account_id=knock.account.id if knock.account else None,
            address=visitor.address, cookie_sha256=knock.device, at=now,
        )
    )  # fmt: skip


def forget_wrong(session: Session, knock: Knock, visitor: Visitor) -> None:
    """After a right one, this device's mistakes are forgotten."""
    mine = FailedSignIn.address == visitor.address if not knock.device else FailedSignIn.address != ""
    session.execute(
        delete(FailedSignIn).where(
            FailedSignIn.username == knock.counted_as, FailedSignIn.cookie_sha256 == knock.device, mine
        )
    )


# ---------- sign-ins ----------
def sign_in(
    session: Session,
    account: Account,
    *,
    visitor: Visitor,
    device: str,
    before: str = "",
    shared: bool = False,
    proved: bool = False,
    only_here: bool = False,
    now: datetime,
) -> tuple[str, SignIn]:
    """Open a sign-in; returns its new token, of which only the digest is stored.

    `before` is the token this browser held: the same person's sign-in is taken up again, so that an exam
    it opened goes on; another person's ends.
    """
    token, row = secrets.token_urlsafe(32), _taken_up(session, account, before, now)
    if row is None:
        row = SignIn(account_id=account.id)
        session.add(row)
    row.token_sha256, row.at, row.ends_at = token_digest(token), now, now + LASTS
    row.address, row.device, row.device_sha256 = visitor.address, device, token_digest(device)
    row.shared, row.proved_at = shared, now if proved else None
    row.cookie_sha256 = "" if shared else visitor.cookie_sha256
    session.flush()
    if only_here:
        end_others(session, account.id, row.id, why="one_device", now=now)
    audit.record(
        session, "sign_in", "account", account.id, now=now, account_id=account.id, address=visitor.address,
        sign_in=row.id, shared=shared,
    )  # fmt: skip
    return token, row


def _taken_up(session: Session, account: Account, before: str, now: datetime) -> SignIn | None:
    row = session.scalar(
        select(SignIn).where(SignIn.token_sha256 == token_digest(before), SignIn.ended_at.is_(None))
    ) if before else None  # fmt: skip
    if row is not None and row.account_id != account.id:
        end_sign_in(session, row, why="replaced", now=now)
        return None
    return row


def end_sign_in(session: Session, row: SignIn, *, why: str, now: datetime) -> None:
    """End at once: pages ask to sign in again, and an exam opened here saves no more."""
    if row.ended_at is None:
        row.ended_at = now
        session.flush()
        audit.record(session, "sign_in_ended", "account", row.account_id, now=now, sign_in=row.id, why=why)


def end_others(session: Session, account_id: int, keep: int | None, *, why: str, now: datetime) -> int:
    """End every live sign-in of an account but the one kept; returns how many."""
    rows = session.scalars(
        select(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.id != (keep or 0))
    ).all()
    for row in rows:
        if row.ends_at > now:
            end_sign_in(session, row, why=why, now=now)
        else:
            row.ended_at = now  # asleep already; a page it left open saves no more either
    session.flush()
    return len(rows)


def end_all_pending(session: Session, account_id: int, *, now: datetime) -> None:
    """Sign-ins that wait for their second factor come to nothing."""
    waiting = (PendingSignIn.account_id == account_id, PendingSignIn.used_at.is_(None))
    session.execute(update(PendingSignIn).where(*waiting).values(used_at=now))


# ---------- passwords and codes ----------
def hold_open(session: Session, account_id: int, password_hash: str) -> None:
    """Hold the account until the transaction ends. Raises Changed when it is closed or the password another by now."""
    same = (Account.id == account_id, Account.password_hash == password_hash, Account.disabled_at.is_(None))
    if session.scalar(select(Account.id).where(*same).with_for_update()) is None:
        raise Changed(CHANGED)


def set_password(session: Session, account: Account, new_hash: str, *, keep: int | None, now: datetime) -> None:
    """The person's own new password; every sign-in but `keep` ends, and those that wait for a second factor."""
    account.password_hash = new_hash
    session.add(PasswordChange(account_id=account.id, password_hash=new_hash, set_at=now))
    session.flush()
    end_all_pending(session, account.id, now=now)
    end_others(session, account.id, keep, why="password", now=now)
    audit.record(session, "password_set", "account", account.id, now=now, account_id=account.id)


def open_account(session: Session, person: Person, *, now: datetime) -> Account:
    """An account without a password, with the officer's role at the post the person has."""
    account = create_account(session, person, now=now)
    post = current_post(session, person.id)
    if post is not None:
        grant(session, account, Role.OFFICER, post.body, now=now)
    return account


def check_helper(asker: Account, permission: Permission, account: Account) -> None:
    """Raises NotHim when the asker is the person himself or does not stand over every role of his."""
    if asker.id == account.id:
        raise NotHim(N_("Nobody does this for himself; the level above does."))
    body = queries.body_out_of_reach(asker, permission, account)
    if body is not None:
        raise NotHim(N_("This person also has a role at %(body)s; the level above it does this."), body=body.name)


def issue_code(
    session: Session, account: Account, *, made_by: Account | None, reason: str = "", body_id: int | None = None,
    now: datetime,
) -> tuple[str, OneTimeCode]:  # fmt: skip
    """A new one-time code, shown once; every older one is void from now on."""
    if account.disabled_at is not None:
        raise CodeSpent(N_("This account is disabled. Enable it first."))
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.account_id == account.id, OneTimeCode.used_at.is_(None), OneTimeCode.voided_at.is_(None))
        .values(voided_at=now)
    )
    code, row = _add_code(session, account, made_by.id if made_by else None, now)
    audit.record(
        session, "one_time_code_issued", "account", account.id, now=now, account_id=row.made_by_id,
        person_id=account.person_id, reason=reason, body_id=body_id, kind=row.kind,
    )  # fmt: skip
    return code, row


def send_code(session: Session, account: Account, *, now: datetime) -> str | None:
    """A code the person asked for himself, to go to his phone; None when he had enough of them today.

    Codes that somebody issued by hand stay good: a stranger who asks must not undo them. None for staff,
    and none to a number changed lately: whoever keeps the roster could name his own phone.
    """
    if queries.holds_staff_role(account) or queries.phone_changed(session, account.person_id, now - PHONE_SETTLES):
        return None
    if queries.sent_codes(session, account.id, now - timedelta(hours=24)) >= SMS_A_DAY:
        return None
    code, row = _add_code(session, account, None, now)
    audit.record(
        session, "one_time_code_sent", "account", account.id, now=now, person_id=account.person_id, kind=row.kind
    )
    return code


def _add_code(session: Session, account: Account, made_by_id: int | None, now: datetime) -> tuple[str, OneTimeCode]:
    code = new_code()
    kind = CodeKind.RESET if account.password_hash else CodeKind.ACTIVATION
    row = OneTimeCode(
        account_id=account.id, digest=_code_digest(code, account.id), kind=kind, made_by_id=made_by_id, made_at=now,
        expires_at=now + LIVES[kind],
    )  # fmt: skip
    session.add(row)
    session.flush()
    return code, row


def _code_digest(code: str, account_id: int) -> str:
    return keys.blind(normal_code(code), f"one_time_code|{account_id}")


def fitting_code(session: Session, knock: Knock, typed: str, *, now: datetime) -> OneTimeCode | None:
    """The open code that this is; None when it is none. Codes are random, so a keyed digest is slow enough."""
    account_id = knock.account.id if knock.account else 0
    digests = keys.blinds(normal_code(typed), f"one_time_code|{account_id}")
    rows = queries.open_codes(session, account_id, now)
    fits = [row for row in rows if any(hmac.compare_digest(row.digest, digest) for digest in digests)]
    return fits[0] if fits and knock.account and knock.account.disabled_at is None else None


def own_code(session: Session, account: Account, asker: Account, typed: str, *, now: datetime) -> OneTimeCode | None:
    """The open code that this is, if the asker himself issued it."""
    digests = keys.blinds(normal_code(typed), f"one_time_code|{account.id}")
    rows = queries.open_codes(session, account.id, now)
    return next((row for row in rows if row.digest in digests and row.made_by_id == asker.id), None)


def note_wrong_code(session: Session, knock: Knock, visitor: Visitor, *, now: datetime) -> None:
    """Count it; a code that was guessed at too often is void."""
    note_wrong(session, knock, visitor, now=now)
    for row in queries.open_codes(session, knock.account.id if knock.account else 0, now):
        row.tries += 1
        if row.tries >= MOST_CODE_TRIES:
            row.voided_at = now
    session.flush()


def redeem_code(session: Session, code_id: int, new_hash: str, *, now: datetime) -> Account:
    """Spend the code on the person's own password. Raises CodeSpent when it was spent meanwhile."""
    spent = session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, queries.code_is_open(now))
        .where(exists().where(Account.id == OneTimeCode.account_id, Account.disabled_at.is_(None)))
        .values(used_at=now)
    )
    if spent.rowcount != 1:
        raise CodeSpent(N_("This code was used already, or a newer one was issued."))
    account = session.get_one(Account, session.get_one(OneTimeCode, code_id).account_id)
    set_password(session, account, new_hash, keep=None, now=now)
    return account


# ---------- closing ----------
def disable(session: Session, account: Account, *, by: Account, reason: str, now: datetime) -> None:
    """Close an account: every sign-in, open code and program's token ends with it, for good."""
    check_helper(by, Permission.DISABLE_ACCOUNT, account)
    if account.disabled_at is not None:
        return
    account.disabled_at = now
    its_codes = (OneTimeCode.account_id == account.id, OneTimeCode.used_at.is_(None), OneTimeCode.voided_at.is_(None))
    session.execute(update(OneTimeCode).where(*its_codes).values(voided_at=now))
    end_all_pending(session, account.id, now=now)
    end_others(session, account.id, None, why="disabled", now=now)
    revoke_api_tokens(session, account, why="disabled", now=now)
    end_grants_lent_by(session, account.id, by=by, now=now)
    audit.record(
        session, "account_disabled", "account", account.id, now=now, account_id=by.id, person_id=account.person_id,
        body_id=body_id_of(session, account.person_id), reason=reason,
    )  # fmt: skip


def enable(session: Session, account: Account, *, by: Account, reason: str, now: datetime) -> None:
    check_helper(by, Permission.DISABLE_ACCOUNT, account)
    if account.disabled_at is None:
        return
    account.disabled_at = None
    session.flush()
    audit.record(
        session, "account_enabled", "account", account.id, now=now, account_id=by.id, person_id=account.person_id,
        body_id=body_id_of(session, account.person_id), reason=reason,
    )  # fmt: skip
