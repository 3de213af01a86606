"""The chain of audit lines: sealed with the act, dense, and broken by whatever touches it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.ground import audit, audit_chain, audit_personal
from portal.ground.db import db
from portal.ground.models import AuditLine, AuditPersonal, AuditSeal, FactChange, PersonKey
from tests.conftest import NOON
from tests.factories import County

CITIZEN = "220581199005060000"


def acts(session: Session, count: int, **more: object) -> None:
    for number in range(count):
        audit.record(session, "tried", "thing", number, now=NOON + timedelta(seconds=number), **more)


def chain(session: Session) -> list[tuple[int, str]]:
    return session.execute(
        select(AuditSeal.number, AuditLine.act).join(AuditLine, AuditLine.id == AuditSeal.line_id)
        .order_by(AuditSeal.number)
    ).all()  # fmt: skip


def test_a_line_is_in_the_chain_when_its_act_is_committed(session: Session):
    acts(session, 3)
    session.commit()
    acts(session, 2)
    session.commit()
    assert [number for number, _ in chain(session)] == [1, 2, 3, 4, 5]
    seals = session.scalars(select(AuditSeal).order_by(AuditSeal.number)).all()
    assert seals[0].prev_hash == audit_chain.GENESIS
    assert [seal.prev_hash for seal in seals[1:]] == [seal.hash for seal in seals[:-1]]


def test_what_was_not_committed_leaves_no_line(session: Session):
    acts(session, 2)
    session.rollback()
    acts(session, 1)
    session.commit()
    assert len(chain(session)) == 1 and session.scalar(select(func.count()).select_from(AuditLine)) == 1


def test_a_savepoint_taken_back_takes_its_lines_and_keys_back(session: Session):
    audit.record(session, "kept_before", "thing", 1, now=NOON)
    try:
        with session.begin_nested():
            audit.record(session, "taken_back", "thing", 2, now=NOON, person_id=7, reason="gone")
            session.flush()
            raise LookupError
    except LookupError:
        pass
    with session.begin_nested():
        audit.record(session, "kept_inside", "thing", 3, now=NOON, person_id=7, reason="stays")
    assert chain(session) == []  # the chain's lock is the last one taken, so nobody waits for two
    session.commit()
    assert [act for _, act in chain(session)] == ["kept_before", "kept_inside"]
    line = session.scalars(select(AuditLine).where(AuditLine.act == "kept_inside")).one()
    assert audit_personal.read(session, line) == {"reason": "stays"}


def test_no_act_without_its_line(county: County):
    session = county.session
    person = county.officer().person
    session.commit()
    if session.bind.dialect.name == "sqlite":
        broken = "CREATE TRIGGER broken BEFORE INSERT ON {0} BEGIN SELECT RAISE(ABORT, 'no room'); END"
    else:
        session.execute(
            text("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no room''; END'")
        )
        broken = "CREATE TRIGGER broken BEFORE INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION broken()"
    for table in ("audit_line", "audit_seal"):
        session.execute(text(broken.format(table)))
        session.commit()
        audit.fact_changed(session, person.id, "post", 1, now=NOON)
        audit.record(session, "post_changed", "person", person.id, now=NOON)
        with pytest.raises(DBAPIError, match="no room"):
            session.commit()
        session.rollback()
        assert session.scalar(select(func.count()).select_from(FactChange)) == 0
        session.execute(text("DROP TRIGGER broken" + ("" if session.bind.dialect.name == "sqlite" else f" ON {table}")))
        session.commit()


def test_many_who_act_at_once_make_one_dense_chain(session: Session):
    session.rollback()
    faults: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for number in range(25):
                with db.writing() as own:
                    audit.record(own, "tried", "thing", number, now=NOON, account_id=None, who=name)
                    own.commit()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    seals = session.scalars(select(AuditSeal).order_by(AuditSeal.number)).all()
    assert [seal.number for seal in seals] == list(range(1, 101))
    assert [seal.prev_hash for seal in seals[1:]] == [seal.hash for seal in seals[:-1]]


@pytest.mark.parametrize(
    "words",
    [{"name": "张三"}, {"note": "two words"}, {"number": CITIZEN}, {"number": int(CITIZEN)}, {"phone": "13844500001"},
     {"deep": {"list": [1, "李四"]}}, {"long": "x" * 81}],
)  # fmt: skip
def test_the_chain_takes_no_names_numbers_or_free_text(session: Session, words: dict):
    with pytest.raises(audit.NotACode):
        audit.record(session, "tried", "thing", 1, now=NOON, **words)


def test_before_after_and_reason_are_sealed_under_the_persons_key(session: Session):
    audit.record(
        session, "phone_changed", "person", 5, now=NOON, person_id=5,
        before={"phone": "13844500001"}, after={"phone": "13844500002"}, reason="本人申请",
    )  # fmt: skip
    session.commit()
    line, part = session.scalars(select(AuditLine)).one(), session.scalars(select(AuditPersonal)).one()
    assert line.commitment and line.codes == {} and b"138445" not in part.sealed
    assert audit_personal.read(session, line)["before"] == {"phone": "13844500001"}
    assert session.scalars(select(PersonKey.person_id)).all() == [5]


def test_the_same_words_never_make_the_same_commitment(session: Session):
    acts(session, 2, reason="本人申请")
    session.commit()
    assert len(set(session.scalars(select(AuditLine.commitment)))) == 2


def test_codes_hash_alike_before_and_after_the_database(session: Session):
    audit.record(session, "tried", "thing", 1, now=NOON, days={2: NOON.date(), 10: None}, share=0.5, kinds=("a", "b"))
    session.commit()
    session.expire_all()
    line, seal = session.scalars(select(AuditLine)).one(), session.scalars(select(AuditSeal)).one()
    facts = {name: getattr(line, name) for name in audit_chain.FACTS}
    assert audit_chain.link(1, audit_chain.GENESIS, facts) == seal.hash
