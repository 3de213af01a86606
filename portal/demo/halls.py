"""Two exams in Meihekou's halls: one that is being sat at this hour, and one to come with sittings, rooms and seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.demo import candidates, exams, sittings
from portal.demo.cast import CASES, COUNTY
from portal.demo.exam_plan import Plan, at
from portal.exams import operations
from portal.exams.delivery.operations import hand_in, note_focus_loss, open_on_device
from portal.exams.delivery.starting import check_in
from portal.exams.marking.at_once import JOB
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import AnswerChange, Attempt, AttemptState, Entry, Exam, ExamKind, HandInCause, Timing
from portal.exams.running.models import Cause, IncidentKind, Presence
from portal.exams.running.operations import Report, Where, report
from portal.exams.sittings import operations as planning
from portal.exams.sittings.entering import operations as entering
from portal.exams.sittings.entering import queries as entries
from portal.exams.sittings.entering.operations import Desk
from portal.exams.sittings.models import TestRoom
from portal.exams.sittings.planning import Slot
from portal.exams.sittings.seating import operations as seating
from portal.exams.sittings.seating import queries as seats
from portal.ground import jobs
from portal.ground.clock import local
from portal.people.models import Account, Body, Person, Post

RUNNING, COMING = "XC", "ZH-XC"  # how the codes of the two begin
PLANNED = timedelta(days=20)  # before the hour
BEGUN = timedelta(minutes=35)  # ago
MINUTES = 240  # so that whoever looks at the demo in the afternoon still finds somebody at work
SEATED, LISTED = 36, 96
LOOKED_AT = 400  # officers of the province among whom some may still sit the general-law exam
OFFLINE, PAUSED, WAITING, ABSENT, DONE = (3, 17), (5,), (8, 26), (11, 20, 33), (1, 6, 14, 29)  # places on the list
QUIET = timedelta(minutes=7)  # since an offline page was heard
SEED = "halls"


def load(session: Session, bodies: Mapping[str, Body], staff: Mapping[str, Account], *, now: datetime) -> int:
    """Returns how many people are on the two lists."""
    opened = (now - BEGUN).replace(second=0, microsecond=0)
    rooms = _rooms(session, bodies[f"GOV-{COUNTY}"], staff["testadmin"], opened - PLANNED)
    people = _people(session, SEATED, f"-{COUNTY}")
    running = _exam(session, bodies, _running(opened), rooms, staff, (Slot(opened, opened + _hours(MINUTES + 60)),))
    seated = _enter(session, running, people, staff, opened - PLANNED)
    _sit(session, running, staff, now)
    day = local(now).date() + timedelta(days=18)
    morning, afternoon = at(day, 9), at(day, 14)
    slots = tuple(Slot(hour, hour + _hours(100)) for hour in (morning, afternoon))
    coming = _exam(session, bodies, _coming(morning, afternoon + _hours(110)), rooms, staff, slots, now=now)
    judged = entering.judge_people(session, coming, _people(session, LOOKED_AT, "-"))
    good = [one.person_id for one in judged.values() if one.may_enter()][:LISTED]
    return seated + _enter(session, coming, good, staff, now - timedelta(days=1))


def _hours(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def _running(opened: datetime) -> Plan:
    return Plan(
        f"{RUNNING}-{opened:%Y%m%d}", f"{opened.year} 年 {opened.month} 月考前现场模拟考试", "综合法律知识",
        ExamKind.MOCK, None, "JL-GENERAL", opened, opened + _hours(MINUTES + 90), minutes=MINUTES, leaves=40,
    )  # fmt: skip


def _coming(opens: datetime, closes: datetime) -> Plan:
    return Plan(
        f"{COMING}-{opens:%Y%m%d}", f"{opens.year} 年 {opens.month} 月综合法律知识资格考试（现场）", "综合法律知识",
        ExamKind.QUALIFICATION, None, "JL-GENERAL", opens, closes, minutes=90, leaves=50,
    )  # fmt: skip


def _rooms(session: Session, city: Body, account: Account, planned: datetime) -> list[TestRoom]:
    by = {"account": account, "now": planned - timedelta(days=1)}
    site = planning.open_site(session, city, name="梅河口市第五中学", address="梅河口市人民大街示例 18 号", **by)
    return [planning.add_room(session, site, name=name, seats=30, **by) for name in ("第一考场", "第二考场")]


def _people(session: Session, count: int, within: str) -> list[int]:
    """So many officers who are no named case, by personnel number; `within` stands in the code of their body."""
    found = (
        select(Person.id)
        .join(Post, Post.person_id == Person.id)
        .join(Body, Body.id == Post.body_id)
        .where(Post.ended_on.is_(None), Post.in_post, Body.code.contains(within))
        .where(Person.personnel_number.not_in([case.number for case in CASES]))
        .order_by(Person.personnel_number)
        .limit(count)
    )
    return list(session.scalars(found))


def _exam(
    session: Session, bodies: Mapping[str, Body], plan: Plan, rooms: Sequence[TestRoom], staff: Mapping[str, Account],
    slots: Sequence[Slot], *, now: datetime | None = None,
) -> Exam:  # fmt: skip
    """Published by the province, with its sittings in these rooms."""
    planned = plan.opens_at - PLANNED if now is None else now - timedelta(days=2)
    fixed = {"timing": Timing.FIXED, "late_minutes": 60 if now is None else 15}
    exam = exams.publish(session, plan, bodies["JUS-220000"], published_at=planned, **fixed)
    planning.add_sittings(session, exam, slots, rooms, account=staff["testadmin"], now=planned)
    return exam


def _enter(
    session: Session, exam: Exam, people: Sequence[int], staff: Mapping[str, Account], when: datetime
) -> int:
    """By the exam administrator, under the rules; then seats for everybody. Returns how many are on the list."""
    desk = Desk(staff["testadmin"], manages=True)
    posts = entries.posts_of(session, desk.account, people)
    units = {person_id: post.body_id for person_id, post in posts.items()}
    entered, _ = entering.enter_people(session, exam, units, sitting=None, desk=desk, now=when)
    plan = seats.plan_for(session, exam, 1, now=when)
    seating.give_seats(session, exam, 1, plan.digest, account=desk.account, now=when)
    return len(entered)


# ---------- people in every state ----------
def _sit(session: Session, exam: Exam, staff: Mapping[str, Account], now: datetime) -> None:
    listed = session.scalars(select(Entry).where(Entry.exam_id == exam.id).order_by(Entry.admission_number)).all()
    plan = _running(exam.opens_at)
    room = sittings.prepare(session, plan, seed=1, now=now, checker_id=staff["testadmin"].id)
    started: dict[int, Attempt] = {}
    for place, entry in enumerate(listed):
        if place in WAITING:
            check_in(session, exam, entry, now=now - timedelta(minutes=1))
        elif place not in ABSENT:
            begun = exam.opens_at + timedelta(seconds=2 + place % 5 if place % 9 else 240 + 7 * place)
            started[place] = operations.start(session, exam, entry, now=begun)
            open_on_device(session, started[place])
    changes = [row for place, attempt in started.items() for row in _answers(room, place, attempt, now)]
    session.execute(insert(AnswerChange), changes)
    for place, attempt in started.items():
        _ends(session, place, attempt, now)
    stopped = started[PAUSED[0]]
    told = Report(IncidentKind.PAUSE, Cause.DEVICE, "显示器黑屏，监考正在更换设备")
    where = Where(stopped.sitting_id, stopped.room_id, stopped.id)
    report(session, exam, where, told, account=staff["invigilator"], now=now - timedelta(minutes=3))
    told = Report(IncidentKind.OUTAGE, Cause.NETWORK, "交换机重启，两分钟后恢复",
                  reported_at=now - timedelta(minutes=20), restored_at=now - timedelta(minutes=18))  # fmt: skip
    room_of = Where(stopped.sitting_id, stopped.room_id)
    report(session, exam, room_of, told, account=staff["invigilator"], now=now - timedelta(minutes=17))


def _answers(room: sittings.Room, place: int, attempt: Attempt, now: datetime) -> list[dict[str, object]]:
    """What somebody has answered by now; whoever is done has answered everything."""
    chance, items = Random(f"{SEED}-{place}"), room.items[attempt.form_id]
    given = candidates.answers(items, candidates.ability(attempt.person_id, 1), chance)
    last = now - (QUIET if place in OFFLINE else timedelta(seconds=20))
    steps = list(given.items()) if place in DONE else list(given.items())[: 4 + chance.randrange(len(items) // 2)]
    pace = (last - attempt.started_at) / (len(steps) + 1)
    return [
        {"attempt_id": attempt.id, "epoch": attempt.epoch, "sequence": number, "item": item, "answer": answer,
         "saved_at": attempt.started_at + pace * number}
        for number, (item, answer) in enumerate(steps, 1)
    ]  # fmt: skip


def _ends(session: Session, place: int, attempt: Attempt, now: datetime) -> None:
    if place in DONE:
        ended = now - timedelta(minutes=1 + place % 5)
        hand_in(session, attempt, cause=HandInCause.CANDIDATE, now=ended)
        mark_attempt(session, attempt, now=ended + timedelta(seconds=20))
        job = jobs.take_for(session, JOB, str(attempt.id))
        assert job is not None
        jobs.done(job, now=now)
        return
    if place % 10 == 2:
        note_focus_loss(session, attempt.id, seconds=4 + place, now=now - timedelta(minutes=9))
    heard = now - (QUIET if place in OFFLINE else timedelta(seconds=10 + place))
    session.add(Presence(attempt_id=attempt.id, seen_at=heard, unsent=place % 3 if place in OFFLINE else 0))


def hear(session: Session, now: datetime) -> int:
    """The pages of those who work have spoken once more: nobody sits behind them, and the board would call them gone.

    Returns how many there are.
    """
    mine = select(Presence).join(Attempt, Attempt.id == Presence.attempt_id).join(Exam, Exam.id == Attempt.exam_id)
    working = session.scalars(
        mine.where(Exam.code.startswith(f"{RUNNING}-"), Attempt.state == AttemptState.IN_PROGRESS,
                   Attempt.deadline_at > now, Attempt.paused_at.is_(None))  # fmt: skip
    ).all()
    last = max((presence.seen_at for presence in working), default=now)
    heard = [presence for presence in working if presence.seen_at > last - QUIET / 2]
    for presence in heard:
        presence.seen_at = now - timedelta(seconds=presence.attempt_id % 40)
    return len(heard)
