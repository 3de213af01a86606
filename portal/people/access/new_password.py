"""A new password, judged and hashed before the transaction begins that stores it: hashing holds no lock."""

from __future__ import annotations

from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.access import queries
from portal.people.access.hashing import pool
from portal.people.access.rules import PasswordPolicy, password_problem
from portal.people.models import Account


class PasswordRefused(Refused):
    """The policy does not take this password; the sentence says why."""

    status = 422
    code = "password_refused"


def hash_of(account_id: int, typed: str, policy: PasswordPolicy) -> str:
    """The hash to store. Raises PasswordRefused, HashBusy."""
    with db.reading() as session:
        account = session.get_one(Account, account_id)
        facts = queries.facts_of(account.person)
        former = [account.password_hash, *queries.former_hashes(session, account_id, policy.not_again)]
    problem = password_problem(policy, typed, facts)
    if problem is not None:
        raise PasswordRefused(problem[0], **problem[1])
    for known in dict.fromkeys(former[: policy.not_again + 1]):
        if known and pool.fits(known, typed):
            raise PasswordRefused(N_("You had this password before. Choose one you have not used here."))
    return pool.hash(typed)
