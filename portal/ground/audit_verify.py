"""Whether the audit trail is whole: every link of the chain, every personal part, from the first line to the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from portal.ground.audit_chain import FACTS, GENESIS, link
from portal.ground.audit_personal import SITE, committed, opened
from portal.ground.config import Config, listed
from portal.ground.crypto import WillNotOpen, canonical, keys
from portal.ground.models import AuditCheckpoint, AuditLine, AuditPersonal, AuditSeal, PersonKey

CHUNK = 1000
ERASED = "person_erased"


@dataclass(frozen=True)
class Fault:
    """Where the trail is broken: the number in the chain (0: the trail as a whole), and why in words."""

    number: int
    why: str


@dataclass(frozen=True)
class Outcome:
    """What was read: the head of the chain, how many links, and the first fault or None."""

    number: int
    hash: str
    links: int
    fault: Fault | None


class _Broken(Exception):
    def __init__(self, number: int, why: str) -> None:
        self.fault = Fault(number, why)


def signing_key(config: Config) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(config.audit_key))


def trusted_keys(config: Config) -> list[Ed25519PublicKey]:
    """Whose checkpoints count: today's audit key and the public halves of earlier ones."""
    older = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in listed(config.audit_keys_old)]
    return [signing_key(config).public_key(), *older]


def signed_content(checkpoint: AuditCheckpoint) -> bytes:
    return canonical(
        {
            "at": checkpoint.at.isoformat(timespec="microseconds"),
            "before": checkpoint.before.isoformat(timespec="microseconds"),
            "last_number": checkpoint.last_number,
            "last_hash": checkpoint.last_hash,
            "file_sha256": checkpoint.file_sha256,
        }
    )


def signature_holds(checkpoint: AuditCheckpoint, trusted: Sequence[Ed25519PublicKey]) -> bool:
    for key in trusted:
        try:
            key.verify(bytes.fromhex(checkpoint.signature), signed_content(checkpoint))
            return True
        except (InvalidSignature, ValueError):
            continue
    return False


def verify(
    session: Session, trusted: Sequence[Ed25519PublicKey], *, noted: tuple[int, str] | None = None
) -> Outcome:
    """Read the whole trail in constant memory; `noted` is a head that somebody kept outside this database."""
    walk = _Walk(session, trusted, noted)
    try:
        walk.run()
    except _Broken as broken:
        return Outcome(walk.number, walk.hash, walk.links, broken.fault)
    return Outcome(walk.number, walk.hash, walk.links, None)


class _Walk:
    """One reading from the first seal that is kept to the last."""

    def __init__(
        self, session: Session, trusted: Sequence[Ed25519PublicKey], noted: tuple[int, str] | None
    ) -> None:
        self.session, self.trusted, self.noted = session, trusted, noted
        self.number, self.hash, self.links = 0, GENESIS, 0
        self._keys: dict[int, bytes | None] = {}

    def run(self) -> None:
        self.checkpoints = self._checkpoints()
        for row in _links(self.session):
            if self.links == 0:
                self._begin(row.number, row.prev_hash)
            self._step(row)
        self._end()
        self._no_line_outside()

    def _checkpoints(self) -> dict[int, str]:
        found = self.session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.last_number)).all()
        for checkpoint in found:
            if not signature_holds(checkpoint, self.trusted):
                raise _Broken(checkpoint.last_number, "the checkpoint here is not signed with a key that is trusted")
        return {checkpoint.last_number: checkpoint.last_hash for checkpoint in found}

    def _begin(self, number: int, prev_hash: str) -> None:
        """The first link is 1, or follows a checkpoint; a cut that broke off leaves a remainder before it."""
        if number == 1:
            return
        self.number = number - 1
        if number - 1 in self.checkpoints:
            self.hash = self.checkpoints[number - 1]
        elif self.checkpoints and number <= max(self.checkpoints):
            self.hash = prev_hash  # proved when the checkpoint is reached
        else:
            raise _Broken(number, "the lines before it are gone, and no signed checkpoint says that they might go")

    def _step(self, row: Row[Any]) -> None:
        if row.number != self.number + 1:
            raise _Broken(self.number + 1, f"it is missing; the next one is {row.number}")
        if row.line is None:
            raise _Broken(row.number, "its line is gone")
        if row.prev_hash != self.hash:
            raise _Broken(row.number, "it does not follow the one before it")
        facts = dict(zip(FACTS, row[4:], strict=False))
        if link(row.number, row.prev_hash, facts) != row.hash:
            raise _Broken(row.number, "the line was changed after it was sealed")
        if self.checkpoints.get(row.number, row.hash) != row.hash:
            raise _Broken(row.number, "the checkpoint here names another hash")
        if self.noted and self.noted[0] == row.number and self.noted[1] != row.hash:
            raise _Broken(row.number, "the head that was noted outside names another hash: the chain was written anew")
        self._personal(row, facts)
        self.number, self.hash, self.links = row.number, row.hash, self.links + 1

    def _personal(self, row: Row[Any], facts: dict[str, Any]) -> None:
        owner, commitment = facts["person_id"] or SITE, facts["commitment"]
        if commitment is None:
            if row.part is not None:
                raise _Broken(row.number, "it has a personal part that the line does not know of")
            return
        if row.part is None or row.owner != owner:
            raise _Broken(row.number, "its personal part is gone or another person's")
        if row.sealed is None:
            if not self._erased(owner):
                raise _Broken(row.number, "its personal part was emptied without an erasure on record")
            return
        key = self._key(owner)
        try:
            content = opened(key, row.sealed, commitment) if key else None
        except WillNotOpen:
            content = None
        if content is None or committed(content["salt"], content["given"]) != commitment:
            raise _Broken(row.number, "its personal part is not what the line committed to")

    def _key(self, owner: int) -> bytes | None:
        if owner not in self._keys:
            if len(self._keys) > CHUNK:
                self._keys.clear()
            row = self.session.get(PersonKey, owner)
            binding = f"person_key|key|{owner}"
            self._keys[owner] = bytes.fromhex(keys.unseal(row.key_sealed, binding)) if row else None
            self.session.expunge_all()
        return self._keys[owner]

    def _erased(self, owner: int) -> bool:
        line = exists().where(
            AuditLine.act == ERASED, AuditLine.object_kind == "person", AuditLine.object_id == str(owner)
        )
        return owner != SITE and bool(self.session.scalar(select(line)))

    def _end(self) -> None:
        last_cut = max(self.checkpoints, default=0)
        if self.number < last_cut:
            raise _Broken(self.number + 1, "the chain ends before its last checkpoint")
        if self.noted and self.number < self.noted[0]:
            raise _Broken(self.number + 1, f"the end is cut off: the head noted outside is {self.noted[0]}")

    def _no_line_outside(self) -> None:
        sealed = exists().where(AuditSeal.line_id == AuditLine.id)
        stray = self.session.scalar(select(func.min(AuditLine.id)).where(~sealed))
        if stray is not None:
            raise _Broken(0, f"line {stray} was never sealed into the chain")


def _links(session: Session) -> Iterator[Row[Any]]:
    """Every seal with its line and personal part, in the order of the chain."""
    columns = [getattr(AuditLine, name) for name in FACTS]
    last = -(2**31)  # whatever the number is, it is read
    while True:
        rows = session.execute(
            select(
                AuditSeal.number, AuditSeal.prev_hash, AuditSeal.hash, AuditLine.id.label("line"), *columns,
                AuditPersonal.id.label("part"), AuditPersonal.person_id.label("owner"), AuditPersonal.sealed,
            )
            .outerjoin(AuditLine, AuditLine.id == AuditSeal.line_id)
            .outerjoin(AuditPersonal, AuditPersonal.line_id == AuditLine.id)
            .where(AuditSeal.number > last)
            .order_by(AuditSeal.number)
            .limit(CHUNK)
        ).all()  # fmt: skip
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].number
