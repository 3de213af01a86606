"""A code of the authenticator app: once, near its time, and not guessed."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import text

from portal.ground.crypto import WillNotOpen
from portal.ground.db import db
from portal.people.factors import operations, queries, rules
from portal.people.factors.models import RecoveryCode, TotpFactor
from portal.people.models import Role
from tests.conftest import NOON
from tests.factories import County
from tests.factors.conftest import Enrolled, enrol


@pytest.fixture
def enrolled(county: County) -> Enrolled:
    found = enrol(county.session, county.staff(Role.BUREAU_CHECKER, county.city, born=date(1981, 1, 1)))
    county.session.commit()
    return found


def use(session, enrolled: Enrolled, typed: str, now=NOON) -> str | None:
    return operations.use_code(session, enrolled.account.id, typed, now=now)


def test_the_reference_vectors_of_rfc_6238_hold():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        assert rules.matching_step(secret, code, datetime.fromtimestamp(second, UTC)) == second // 30


@pytest.mark.parametrize(("seconds", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_one_step_off(session, enrolled: Enrolled, seconds: int, accepted: bool):
    code = enrolled.code(NOON + timedelta(seconds=seconds))
    assert (use(session, enrolled, code) == "totp") is accepted


def test_a_code_is_read_however_it_is_typed(session, enrolled: Enrolled):
    code = enrolled.code(NOON)
    wide = f"{code[:3]} {code[3:]}".translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})
    assert use(session, enrolled, wide) == "totp"


def test_a_code_is_good_once_and_an_older_one_is_not_good_after_it(session, enrolled: Enrolled):
    assert use(session, enrolled, enrolled.code(NOON)) == "totp"
    assert use(session, enrolled, enrolled.code(NOON)) is None
    assert use(session, enrolled, enrolled.code(NOON - timedelta(seconds=30))) is None
    assert use(session, enrolled, enrolled.code(NOON + timedelta(seconds=30))) == "totp"


@pytest.mark.parametrize("which", ["totp", "recovery"])
def test_two_who_send_the_same_code_at_once_do_not_both_pass(session, enrolled: Enrolled, which: str):
    code = enrolled.code(NOON) if which == "totp" else enrolled.recovery[0]
    session.rollback()
    passed: list[str | None] = []
    begun = threading.Event()

    def second() -> None:
        with db.writing() as other:
            if other.bind.dialect.name == "postgresql":  # both have looked before either writes
                other.execute(text("SELECT last_step FROM totp_factor"))
            begun.set()
            passed.append(use(other, enrolled, code))
            other.commit()

    with db.writing() as first:
        passed.append(use(first, enrolled, code))
        thread = threading.Thread(target=second)
        thread.start()
        if first.bind.dialect.name == "postgresql":
            assert begun.wait(10)
        thread.join(0.3)
        first.commit()
        thread.join(20)
    assert passed == [which, None]


def test_a_recovery_code_opens_once_and_only_its_digest_is_kept(session, enrolled: Enrolled):
    code = enrolled.recovery[3]
    assert use(session, enrolled, code.lower().replace("-", " ")) == "recovery"
    assert use(session, enrolled, code) is None
    digests = [row.code_digest for row in session.query(RecoveryCode)]
    assert len(digests) == 10
    assert not any(kept in digest for kept in enrolled.recovery for digest in digests)


def test_new_recovery_codes_make_the_old_ones_void(session, enrolled: Enrolled):
    fresh = operations.new_recovery_codes(session, enrolled.account, address="-", now=NOON)
    assert use(session, enrolled, enrolled.recovery[0]) is None
    assert use(session, enrolled, fresh[0]) == "recovery"


def test_the_secret_lies_sealed_and_opens_in_its_own_row_only(session, enrolled: Enrolled, county: County):
    row = session.query(TotpFactor).one()
    assert enrolled.secret.encode() not in row.secret_sealed
    other = county.staff(Role.TRAINER, born=date(1970, 1, 1))
    row.account_id = other.id
    with pytest.raises(WillNotOpen):
        row.secret()


def test_a_new_app_counts_from_its_first_code_and_the_old_one_until_then(session, enrolled: Enrolled):
    fresh = operations.start_totp(session, enrolled.account, now=NOON).secret()
    assert use(session, enrolled, pyotp.TOTP(fresh).at(NOON)) is None
    assert not operations.confirm_totp(session, enrolled.account, "000000", address="-", now=NOON)
    assert use(session, enrolled, enrolled.code(NOON)) == "totp"
    assert operations.confirm_totp(session, enrolled.account, pyotp.TOTP(fresh).at(NOON), address="-", now=NOON)
    later = NOON + timedelta(minutes=1)
    assert use(session, enrolled, enrolled.code(later), later) is None
    assert use(session, enrolled, pyotp.TOTP(fresh).at(later), later) == "totp"


def test_the_count_of_staff_without_a_factor_leaves_officers_and_closed_accounts_out(
    session, enrolled: Enrolled, county: County
):
    assert queries.staff_without_factor(session, NOON.date()) == 0
    county.officer()
    county.staff(Role.TRAINER, born=date(1972, 1, 1))
    county.staff(Role.MARKER, born=date(1973, 1, 1)).disabled_at = NOON
    session.flush()
    assert queries.staff_without_factor(session, NOON.date()) == 1


def test_after_five_wrong_codes_no_sixth_is_looked_at_for_ten_minutes(session, enrolled: Enrolled):
    for _ in range(5):
        operations.check_codes(session, enrolled.account.id, now=NOON)
        operations.note_wrong_code(session, enrolled.account.id, now=NOON)
    with pytest.raises(operations.TooManyCodes):
        operations.check_codes(session, enrolled.account.id, now=NOON + timedelta(minutes=9))
    operations.check_codes(session, enrolled.account.id, now=NOON + timedelta(minutes=10))
