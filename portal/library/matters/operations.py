"""Writing matters: the first version, the next one, an end, and taking back what was never meant to stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.errors import NotAllowed, Refused
from portal.ground.rules import N_
from portal.library.matters import queries
from portal.library.matters.models import Matter, MatterBasis, MatterVersion
from portal.library.matters.rules import MatterFacts, facts_of, faults
from portal.people.models import Account


class NotKept(NotAllowed):
    """The matters of this field are kept by somebody else."""

    code = "not_kept"


class NotSound(Refused):
    """The matter lacks something."""

    status = 422
    code = "not_sound"


class ChangedMeanwhile(Refused):
    """Somebody else wrote a version after the form was opened."""

    code = "changed_meanwhile"


def may_keep(account: Account | None, *fields: str) -> None:
    """Raises NotKept; None is the system itself."""
    if account is not None and not set(fields) <= queries.fields_kept(account):
        raise NotKept(N_("The catalogue is one for the whole province: an editor of the province keeps it."))


def write_matter(
    session: Session, facts: MatterFacts, *, seen: int | None = None, account: Account | None, now: datetime
) -> MatterVersion:
    """What a matter says from now on, as its first or next version; the same once more writes nothing.

    `seen` is the version the form was opened with, 0 for a new matter. Raises NotKept, NotSound, ChangedMeanwhile.
    """
    may_keep(account, facts.field)
    for fault in faults(facts):
        raise NotSound(fault.message)
    row = session.scalars(select(Matter).where(Matter.code == facts.code).with_for_update()).one_or_none()
    last = queries.newest_by_code(session, [facts.code]).get(facts.code)
    if last is not None:
        may_keep(account, last.field)
    if seen is not None and seen != (last.number if last else 0):
        raise ChangedMeanwhile(N_("Somebody wrote another version meanwhile, or the number is taken. Look again."))
    if last is not None and not last.withdrawn and facts_of(last) == facts:
        return last
    if row is None:
        row = Matter(code=facts.code, created_at=now)
        session.add(row)
        session.flush()
    version = _next(session, row, facts, withdrawn=False, account=account, now=now)
    audit.record(
        session, "matter_written", "matter", row.id, now=now, account_id=account.id if account else None,
        version=version.number,
    )  # fmt: skip
    return version


def withdraw_matter(session: Session, last: MatterVersion, *, account_id: int | None, now: datetime) -> MatterVersion:
    """A matter that came in by mistake: it says the same, and stands no more."""
    version = _next(session, last.matter, facts_of(last), withdrawn=True, account_id=account_id, now=now)
    audit.record(session, "matter_withdrawn", "matter", last.matter_id, now=now, account_id=account_id)
    return version


def _next(
    session: Session, row: Matter, facts: MatterFacts, *, withdrawn: bool, account: Account | None = None,
    account_id: int | None = None, now: datetime,
) -> MatterVersion:  # fmt: skip
    number = session.scalar(select(func.max(MatterVersion.number)).where(MatterVersion.matter_id == row.id)) or 0
    version = MatterVersion(
        matter_id=row.id, number=number + 1, title=facts.title, field=facts.field, kind=facts.kind,
        document=facts.document, document_number=facts.document_number, document_on=facts.document_on,
        in_force_from=facts.in_force_from, in_force_until=facts.in_force_until, withdrawn=withdrawn,
        account_id=account.id if account else account_id, at=now,
        bases=[MatterBasis(law=b.law, label=b.label, article=b.article, base=b.base) for b in facts.bases],
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
