"""A challenge is good once, for one purpose and one person, for two minutes; a pending sign-in likewise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.people.factors import operations
from portal.people.models import Role
from tests.conftest import NOON
from tests.factories import County


def test_a_challenge_is_taken_once(session):
    handle, number = operations.challenge(session, "sign_in", None, now=NOON)
    assert operations.take_challenge(session, handle, "sign_in", None, now=NOON) == number
    with pytest.raises(operations.Over):
        operations.take_challenge(session, handle, "sign_in", None, now=NOON)


def test_a_challenge_runs_out(session):
    handle, _ = operations.challenge(session, "sign_in", None, now=NOON)
    with pytest.raises(operations.Over):
        operations.take_challenge(session, handle, "sign_in", None, now=NOON + timedelta(minutes=2))


def test_a_challenge_of_one_purpose_or_person_is_not_good_for_another(county: County):
    session = county.session
    one = county.staff(Role.TRAINER, born=date(1970, 1, 1)).id
    other = county.staff(Role.MARKER, born=date(1971, 1, 1)).id
    handle, number = operations.challenge(session, "confirm", one, now=NOON)
    for purpose, account_id in (("second", one), ("confirm", other), ("confirm", None), ("sign_in", None)):
        with pytest.raises(operations.Over):
            operations.take_challenge(session, handle, purpose, account_id, now=NOON)
    assert operations.take_challenge(session, handle, "confirm", one, now=NOON) == number


def test_a_pending_sign_in_ends_once_and_in_time(county: County):
    session, account = county.session, county.staff(Role.TRAINER, born=date(1970, 1, 1))
    token = operations.pend(session, account, shared=False, now=NOON)
    operations.end_pending(session, token, now=NOON + timedelta(minutes=4))
    with pytest.raises(operations.Over):
        operations.end_pending(session, token, now=NOON + timedelta(minutes=4))
    late = operations.pend(session, account, shared=False, now=NOON)
    with pytest.raises(operations.Over):
        operations.end_pending(session, late, now=NOON + timedelta(minutes=5))
