"""What else a person can show beside the password, and what is under way while he shows it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.crypto import SHORT_LIVED, keys, sealed
from portal.ground.db import Base


class TotpFactor(Base):
    """An authenticator app. Unconfirmed until it has shown one code; a newer one replaces it when confirmed."""

    __tablename__ = "totp_factor"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=sealed("totp_factor|secret|{account_id}"))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0, server_default="0")  # 30-second steps since 1970, last one used

    @staticmethod
    def bound(account_id: int) -> str:
        return f"totp_factor|secret|{account_id}"

    def secret(self) -> str:
        return keys.unseal(self.secret_sealed, self.bound(self.account_id))


class Passkey(Base):
    """A key pair whose private half never leaves the person's device."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    credential_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of ten codes on paper, each good for one time; only its keyed digest is here."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WrongCode(Base):
    """A wrong code or password where a signed-in person proves himself, counted to slow guessing down."""

    __tablename__ = "wrong_code"
    __table_args__ = (Index("ix_wrong_code_recent", "account_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class PasskeyChallenge(Base):
    """A number a passkey signs, once, for one purpose, within two minutes."""

    __tablename__ = "passkey_challenge"

    id: Mapped[int] = mapped_column(primary_key=True)
    handle_sha256: Mapped[str] = mapped_column(String(64), unique=True)  # of what the browser's session holds
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    purpose: Mapped[str] = mapped_column(String(12))  # enrol, sign_in, second, confirm
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class PendingSignIn(Base):
    """The password was right, the second factor is still to come. It opens nothing."""

    __tablename__ = "pending_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class OidcLink(Base):
    """An account at a provider that opens one account here."""

    __tablename__ = "oidc_link"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("account_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime]


class OidcTrip(Base):
    """Somebody on the way to the provider and back: state, nonce and verifier are good for one return."""

    __tablename__ = "oidc_trip"

    id: Mapped[int] = mapped_column(primary_key=True)
    state_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=SHORT_LIVED)  # nonce and verifier, bound to the state
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who links; None: signing in
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
