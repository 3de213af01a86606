"""What no exam produces: identity and posts checks, appraisals, statements, bars, exemptions, hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo.cast import CASES
from portal.demo.exam_plan import at
from portal.people.models import (
    Appraisal,
    Ban,
    ConductStatement,
    EstablishmentCheck,
    Exemption,
    IdentityCheck,
    Person,
    Post,
)
from portal.training.models import HoursKind
from portal.training.operations import enter_hours

DOCUMENT = "示例证明材料（虚构），编号{number}，仅供演示。\n"
LEGAL_CLASSES = (
    ("FZ-{n}", "行政执法人员轮训：综合法律知识（第{n}期）"),
    ("CX-{n}", "行政处罚程序与文书专题班（第{n}期）"),
    ("ZR-{n}", "执法责任与纪律专题班（第{n}期）"),
)
FIELD_CLASSES = (
    ("{field}-JC-{n}", "本领域专业法律知识培训班（第{n}期）"),
    ("{field}-SW-{n}", "本领域执法实务与案卷评查（第{n}期）"),
)
DAY_OF_CLASS = 480  # minutes


def people(session: Session) -> list[tuple[Person, Post, str | None]]:
    """Every officer with the current post and the key of the named case, if any."""
    cases = {case.number: case.key for case in CASES}
    rows = session.execute(
        select(Person, Post).join(Post, Post.person_id == Person.id).where(Post.ended_on.is_(None)).order_by(Person.id)
    )
    return [(person, post, cases.get(person.personnel_number)) for person, post in rows]


def certify(session: Session, *, today: date, seed: int, checker_id: int) -> int:
    """Checks, appraisals and statements for nearly everybody; a named case lacks what it is named for."""
    found = people(session)
    for person, post, case in found:
        chance = Random(f"{seed}-facts-{person.id}")
        named = case is not None

        def there(share: float, chance: Random = chance, named: bool = named) -> bool:
            return chance.random() < share or named

        checked = today - timedelta(days=chance.randrange(20, 200))
        if there(0.95):
            session.add(IdentityCheck(
                person_id=person.id, checked_on=checked, account_id=checker_id,
                photo_meets_standard=case != "no_photo" and there(0.96),
                reference=f"人员身份与照片核对表 {checked.year}-{person.id:04d}",
            ))
        if there(0.9) and case != "no_establishment_check":
            session.add(EstablishmentCheck(
                post_id=post.id, checked_on=checked, agrees=post.on_establishment,
                reference=f"机构编制部门核编回函（示例）{checked.year}-{post.body_id:03d}",
            ))
        if there(0.92) and case != "missing_appraisal":
            grade = "competent" if named else chance.choices(("excellent", "competent", "basic"), (18, 79, 3))[0]
            session.add(Appraisal(person_id=person.id, year=today.year - 1, grade=grade,
                                  reference=f"{today.year - 1}年度考核登记表 {person.id:04d}"))
        if there(0.93):
            session.add(ConductStatement(
                person_id=person.id, stated_on=checked, clean=named or chance.random() < 0.985,
                reference=f"单位廉洁与纪律情况说明 {checked.year}-{person.id:04d}",
            ))
    session.flush()
    return len(found)


def bar(session: Session, *, today: date) -> int:
    """A running bar for the named case, and an ended, a lifted and an endless one for others."""
    found = people(session)
    banned = next(person for person, _, case in found if case == "banned")
    others = [person for person, _, case in found if case is None][100:103]
    day = timedelta(days=1)
    for person, act, since, until, lifted in (
        (banned, "cheating", today - 6 * day, today + 724 * day, None),
        (others[0], "cheating", today - 900 * day, today - 170 * day, None),
        (others[1], "credential_revoked", today - 300 * day, today + 430 * day, today - 30 * day),
        (others[2], "impersonation", today - 5 * day, None, None),
    ):
        session.add(Ban(person_id=person.id, act=act, since=since, until=until, lifted_on=lifted,
                        reference=f"考试违纪处理决定（示例）{since:%Y}-{person.id:04d}"))
    session.flush()
    return 4


def exempt(session: Session, folder: Path, *, today: date) -> int:
    """Approved exemptions with their documents for a few, and the named case's claim that has none."""
    found = people(session)
    claimant = next(person for person, _, case in found if case == "unclear_exemption")
    session.add(Exemption(person_id=claimant.id, subject="general_law", field=None, kind="legal_profession",
                          reference="自报法律职业资格，材料未交"))
    approved = [(person, post) for person, post, case in found if case is None][40:240:40]
    for number, (person, post) in enumerate(approved, 1):
        document = DOCUMENT.format(number=number).encode()
        (folder / f"exemption-{number}.txt").write_bytes(document)
        kind, subject = (("legal_profession", "general_law"), ("ministry_filed", "professional_law"))[number % 2]
        session.add(Exemption(
            person_id=person.id, subject=subject, field=post.field if subject == "professional_law" else None,
            kind=kind, reference=f"免试审批表（示例）第{number}号",
            document_sha256=hashlib.sha256(document).hexdigest(),
            approved_on=today - timedelta(days=60 + number), valid_until=today + timedelta(days=1000),
        ))
    session.flush()
    return len(approved) + 1


def hours(session: Session, portion: list[tuple[Person, Post, str | None]], *, today: date, seed: int) -> int:
    """Days of class for a portion of the officers; returns how many entries."""
    count = 0
    for person, post, case in portion:
        chance = Random(f"{seed}-hours-{person.id}")
        for kind, code, title, minutes in _classes(chance, post.field, case):
            earned_on = today - timedelta(days=chance.randrange(15, 290))
            term = earned_on.month // 3 + 1
            enter_hours(
                session, person.id, kind=kind, field=post.field, minutes=minutes, earned_on=earned_on,
                source_kind="class", source=f"{earned_on.year}-{code}".format(n=term, field=post.field),
                note=title.format(n=term), now=at(earned_on, 17),
            )  # fmt: skip
            count += 1
    return count


def _classes(chance: Random, field: str, case: str | None) -> Iterator[tuple[HoursKind, str, str, int]]:
    """Kind, code, title and minutes of each class somebody attended; named cases attended enough of them."""
    for code, title in LEGAL_CLASSES:
        if case is not None or chance.random() < 0.8:
            yield HoursKind.LEGAL, code, title, DAY_OF_CLASS if case else chance.choice((240, 480, 960))
    for number, (code, title) in enumerate(FIELD_CLASSES):
        enough = case is not None and (case != "too_few_hours" or number == 0)
        if enough or (case is None and chance.random() < 0.8):
            yield HoursKind.PROFESSIONAL, code, title, DAY_OF_CLASS if case else chance.choice((480, 960))
    if chance.random() < 0.6:
        yield HoursKind.POLITICAL, "ZZ-{n}", "政治理论学习（第{n}期）", 240
