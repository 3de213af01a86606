"""Enrolling, showing, losing a second factor; the two steps of a sign-in; proving it again."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from webauthn.registration.verify_registration_response import VerifiedRegistration

from portal.ground import audit
from portal.ground.crypto import keys
from portal.ground.errors import NotAllowed, Refused
from portal.ground.rules import N_
from portal.people.access.operations import check_helper, end_all_pending, end_others, hold_open
from portal.people.factors import passkeys, queries
from portal.people.factors.models import (
    OidcLink,
    Passkey,
    PasskeyChallenge,
    PendingSignIn,
    RecoveryCode,
    TotpFactor,
    WrongCode,
)
from portal.people.factors.queries import hashed
from portal.people.factors.rules import (
    CHALLENGE_LASTS,
    PENDING_LASTS,
    RECOVERY_CODES,
    WRONG_CODES,
    WRONG_WINDOW,
    matching_step,
    new_recovery_code,
    typed_code,
)
from portal.people.models import Account, SignIn
from portal.people.operations import revoke_api_tokens
from portal.people.queries import body_id_of
from portal.people.rules import Permission

FORGET_AFTER = timedelta(days=1)  # what is over is kept this long, then swept by the next one


class TooManyCodes(Refused):
    """Guessing codes is slowed down; refused before looking."""

    status = 429
    code = "too_many_codes"


class NotYourself(NotAllowed):
    """Nobody takes his own factors away."""

    code = "not_yourself"


class ReasonMissing(Refused):
    """Taking a factor away needs its reason."""

    status = 422
    code = "reason_missing"


class Over(Refused):
    """What was under way has been used or has run out."""

    status = 403
    code = "over"


def check_codes(session: Session, account_id: int, *, now: datetime) -> None:
    """Raises TooManyCodes; holds the account, so that guesses sent together are counted one by one."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    wrong = session.scalar(
        select(func.count()).where(WrongCode.account_id == account_id, WrongCode.at > now - WRONG_WINDOW)
    )
    if (wrong or 0) >= WRONG_CODES:
        raise TooManyCodes(N_("Too many wrong codes. Try again in 10 minutes."))


def note_wrong_code(session: Session, account_id: int, *, now: datetime) -> WrongCode:
    session.execute(delete(WrongCode).where(WrongCode.account_id == account_id, WrongCode.at < now - FORGET_AFTER))
    wrong = WrongCode(account_id=account_id, at=now)
    session.add(wrong)
    return wrong


def use_code(session: Session, account_id: int, typed: str, *, now: datetime) -> str | None:
    """What the code was, `totp` or `recovery`, or None. Either is good for one time, in parallel too."""
    if _use_totp(session, queries.confirmed_totp(session, account_id), typed, now):
        return "totp"
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_digest.in_(keys.blinds(typed_code(typed), f"recovery_code|{account_id}")),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return "recovery" if used.rowcount == 1 else None


def _use_totp(session: Session, factor: TotpFactor | None, typed: str, now: datetime) -> bool:
    step = matching_step(factor.secret(), typed, now) if factor else None
    if factor is None or step is None:
        return False
    used = session.execute(
        update(TotpFactor).where(TotpFactor.id == factor.id, TotpFactor.last_step < step).values(last_step=step)
    )
    return used.rowcount == 1


def start_totp(session: Session, account: Account, *, now: datetime) -> TotpFactor:
    """A secret to be scanned; it proves nothing until one of its codes is shown."""
    session.execute(delete(TotpFactor).where(TotpFactor.account_id == account.id, TotpFactor.confirmed_at.is_(None)))
    sealed = keys.seal(pyotp.random_base32(), TotpFactor.bound(account.id))
    factor = TotpFactor(account_id=account.id, secret_sealed=sealed, created_at=now)
    session.add(factor)
    session.flush()
    return factor


def confirm_totp(session: Session, account: Account, typed: str, *, address: str, now: datetime) -> bool:
    """The app shows a right code: from now on it counts, and an older app no longer does."""
    factor = queries.unconfirmed_totp(session, account.id)
    if not _use_totp(session, factor, typed, now):
        return False
    session.execute(delete(TotpFactor).where(TotpFactor.account_id == account.id, TotpFactor.id != factor.id))
    factor.confirmed_at = now
    _enrolled(session, account, "totp", address=address, now=now)
    return True


def _enrolled(session: Session, account: Account, factor: str, *, address: str, now: datetime) -> None:
    account.must_enrol = False
    audit.record(
        session, "factor_enrolled", "account", account.id, now=now, account_id=account.id, address=address,
        person_id=account.person_id, factor=factor,
    )  # fmt: skip


def _recovery_digest(account_id: int, typed: str) -> str:
    return keys.blind(typed_code(typed), f"recovery_code|{account_id}")


def new_recovery_codes(session: Session, account: Account, *, address: str, now: datetime) -> list[str]:
    """Ten new codes, told once; older ones are void."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(account_id=account.id, code_digest=_recovery_digest(account.id, code), created_at=now)
        for code in codes
    )
    audit.record(
        session, "recovery_codes_made", "account", account.id, now=now, account_id=account.id, address=address,
        person_id=account.person_id,
    )  # fmt: skip
    return codes


def challenge(session: Session, purpose: str, account_id: int | None, *, now: datetime) -> tuple[str, bytes]:
    """A new challenge: the handle for the browser's session, and what the passkey is to sign."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.ends_at < now - FORGET_AFTER))
    handle, number = secrets.token_urlsafe(32), secrets.token_bytes(32)
    session.add(
        PasskeyChallenge(
            handle_sha256=hashed(handle), challenge=number, purpose=purpose, account_id=account_id,
            ends_at=now + CHALLENGE_LASTS,
        )
    )  # fmt: skip
    return handle, number


def take_challenge(session: Session, handle: str, purpose: str, account_id: int | None, *, now: datetime) -> bytes:
    """The challenge of this handle, used up by asking for it. Raises Over."""
    named = (
        PasskeyChallenge.handle_sha256 == hashed(handle),
        PasskeyChallenge.purpose == purpose,
        PasskeyChallenge.account_id == account_id if account_id else PasskeyChallenge.account_id.is_(None),
    )
    taken = session.execute(
        update(PasskeyChallenge)
        .where(*named, PasskeyChallenge.used_at.is_(None), PasskeyChallenge.ends_at > now)
        .values(used_at=now)
    )
    if taken.rowcount != 1:
        raise Over(N_("This took too long or was sent twice. Try again."))
    return session.scalars(select(PasskeyChallenge.challenge).where(*named)).one()


def add_passkey(
    session: Session, account: Account, made: VerifiedRegistration, *, name: str, address: str, now: datetime
) -> Passkey:
    key = Passkey(
        account_id=account.id,
        credential_sha256=sha256(made.credential_id).hexdigest(),
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name.strip()[:60],
        created_at=now,
    )
    session.add(key)
    session.flush()
    _enrolled(session, account, "passkey", address=address, now=now)
    return key


def use_passkey(
    session: Session, base_url: str, sent: Any, number: bytes, *, account_id: int | None, now: datetime
) -> int:
    """The account whose passkey signed the challenge. Raises PasskeyRefused.

    The count must grow: a copy of the key shows itself by an old count, and one answer passes once.
    """
    key = queries.passkey(session, passkeys.sent_id(sent))
    if key is None or (account_id is not None and key.account_id != account_id):
        raise passkeys.PasskeyRefused(N_("This passkey is not known here. Use another way to sign in."))
    seen = passkeys.shown(base_url, sent, number, key)
    owner, said = session.get_one(Account, key.account_id), passkeys.sent_owner(sent)
    if (said is None and account_id is None) or (said is not None and said != owner.person.public_id):
        raise passkeys.PasskeyRefused(N_("This passkey is not known here. Use another way to sign in."))
    counted = session.execute(
        update(Passkey)
        .where(Passkey.id == key.id, Passkey.sign_count == key.sign_count)
        .values(sign_count=seen.new_sign_count, last_used_at=now)
    )
    if counted.rowcount != 1:
        raise passkeys.PasskeyRefused(N_("This passkey was used twice at once. Try again."))
    return key.account_id


def pend(session: Session, account: Account, *, shared: bool, now: datetime) -> str:
    """The password was right; returns the token of a state that opens nothing but the second page.

    Raises Changed when the password is another by now.
    """
    hold_open(session, account.id, account.password_hash)
    session.execute(delete(PendingSignIn).where(PendingSignIn.ends_at < now - FORGET_AFTER))
    token = secrets.token_urlsafe(32)
    session.add(
        PendingSignIn(
            token_sha256=hashed(token), account_id=account.id, shared=shared, ends_at=now + PENDING_LASTS
        )
    )  # fmt: skip
    return token


def end_pending(session: Session, token: str, *, now: datetime) -> None:
    """It has led to a sign-in; raises Over when it has done so before, or ran out."""
    taken = session.execute(
        update(PendingSignIn)
        .where(
            PendingSignIn.token_sha256 == hashed(token), PendingSignIn.used_at.is_(None), PendingSignIn.ends_at > now
        )
        .values(used_at=now)
    )
    if taken.rowcount != 1:
        raise Over(N_("Signing in took too long. Start again with your password."))


def prove_again(session: Session, account: Account, token: str, *, by: str, address: str, now: datetime) -> str:
    """He has shown who he is once more; returns the sign-in's new token, the old one opens nothing."""
    fresh = secrets.token_urlsafe(32)
    changed = session.execute(
        update(SignIn)
        .where(SignIn.token_sha256 == hashed(token), SignIn.account_id == account.id, SignIn.ended_at.is_(None))
        .values(token_sha256=hashed(fresh), proved_at=now)
    )
    if changed.rowcount != 1:
        raise Over(N_("This sign-in has ended. Sign in again."))
    audit.record(
        session, "proof_given", "account", account.id, now=now, account_id=account.id, address=address,
        person_id=account.person_id, factor=by,
    )  # fmt: skip
    return fresh


def take_factors_away(
    session: Session, account: Account, *, by: Account | None, reason: str, address: str, now: datetime
) -> None:
    """Lost or stolen: the person's factors are void, his sign-ins end, and he enrols anew before anything else.

    With them go the provider's account and the programs' tokens, which open without a factor of ours.
    `by` is None at the terminal. Raises NotYourself, NotHim and ReasonMissing.
    """
    if by is not None and account.id == by.id:
        raise NotYourself(N_("Nobody takes his own factors away; another security administrator does."))
    if by is not None:
        check_helper(by, Permission.GRANT_ROLE, account)
    if not reason.strip():
        raise ReasonMissing(N_("Write down the reason; it stands in the audit trail."))
    lost = queries.factors_of(session, account.id)
    for table in (TotpFactor, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.account_id == account.id))
    end_all_pending(session, account.id, now=now)
    end_others(session, account.id, None, why="factors", now=now)
    revoke_api_tokens(session, account, why="factors", now=now)
    for linked in session.scalars(select(OidcLink).where(OidcLink.account_id == account.id)).all():
        session.delete(linked)
        audit.record(session, "provider_unlinked", "account", account.id, now=now, person_id=account.person_id)
    account.must_enrol = True
    audit.record(
        session, "factors_removed", "account", account.id, now=now, account_id=by.id if by else None, address=address,
        reason=reason.strip()[:500], person_id=account.person_id, body_id=body_id_of(session, account.person_id),
        totp=lost.totp, passkeys=lost.passkeys,
    )  # fmt: skip
