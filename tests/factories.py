"""A whole small county behind one object; a test states only what matters to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from portal.credentials import operations as credentials
from portal.credentials.models import Application, Outcome, Policy
from portal.exams import operations as exams
from portal.exams.delivery import operations as delivery
from portal.exams.marking.operations import mark_attempt
from portal.exams.models import (
    AnswerChange,
    Attempt,
    Entry,
    Exam,
    ExamForm,
    ExamKind,
    FormKey,
    HandInCause,
    IdentityConfirmation,
    Result,
    Subject,
)
from portal.exams.sittings.models import Sitting, SittingRoom, TestRoom, TestSite
from portal.ground.crypto import digest, keys
from portal.library.models import Law, LawVersion
from portal.people import operations as people
from portal.people.access import operations as access
from portal.people.models import (
    Account,
    Appraisal,
    Body,
    BodyField,
    BodyKind,
    ConductStatement,
    EstablishmentCheck,
    IdentityCheck,
    Level,
    Person,
    Post,
    Role,
    SignIn,
)
from portal.people.queries import id_number_index
from portal.people.records.privacy.models import PrivacyAcknowledgement
from portal.people.rules import check_digit
from portal.training import operations as training
from portal.training.models import HoursKind
from question_bank.papers import freeze
from question_bank.questions import Citation, Kind, Question

PASSWORD = "a long test password"
# a hash says itself what checking it costs; the product's own cost is tried where passwords are set
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
THRESHOLDS = {
    "allowed_staffing": ["civil", "civil_equivalent", "institution"],
    "min_age": 18,
    "retirement_age": {"m": 63, "f": 58},
    "min_education": "college",
    "min_minutes": {"legal": 1200, "professional": 960},
    "pass_mark": 6000,
    "pass_valid_years": 5,
    "general_before_professional": False,
    "establishment_check_days": 365,
    "conduct_days": 365,
    "appraisal_grades": ["excellent", "competent"],
    "valid_years": 5,
}
CITED = (Citation("测试法", "2020", "第一条", "第一条说明立法目的。"),)


def questions(topic: str = "总则") -> list[Question]:
    """One of each machine-marked kind, and a case."""
    common = {"rationale": "依据第一条。", "citations": CITED, "topic": topic}
    single = Question("T-1", Kind.SINGLE, "哪一项正确？", ("甲项", "乙项", "丙项", "丁项"), "B", **common)
    multiple = Question("T-2", Kind.MULTIPLE, "哪些正确？", ("甲项", "乙项", "丙项", "丁项"), "ACD", **common)
    true_false = Question("T-3", Kind.TRUE_FALSE, "这句话对吗？", (), "T", **common)
    blank = Question("T-4", Kind.FILL_BLANK, "处罚应当____、____。", (), (("公正",), ("公开", "公 开")), **common)
    case = Question(
        "T-5", Kind.CASE_SET, "某镇巡查时发现一处违法。", topic=topic,
        items=(
            Question("T-5a", Kind.SINGLE, "应当先做什么？", ("一", "二", "三"), "A", **common),
            Question("T-5b", Kind.TRUE_FALSE, "可以当场处罚。", (), "F", **common),
        ),
    )  # fmt: skip
    return [single, multiple, true_false, blank, case]


RIGHT = {1: "B", 2: "ACD", 3: "T", 4: '["公正", "公开"]', 5: "A", 6: "F"}


class County:
    """梅河口市 in small: government, justice bureau, transport body, town, policy, law, people, exams."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.today = session, now, now.date()
        self._people = 0
        self.province = self.body("吉林省人民政府", BodyKind.GOVERNMENT, Level.PROVINCE, None)
        self.city = self.body("梅河口市人民政府", BodyKind.GOVERNMENT, Level.COUNTY, self.province)
        self.bureau = self.body("梅河口市司法局", BodyKind.JUSTICE_BUREAU, Level.COUNTY, self.city)
        self.transport = self.body(
            "梅河口市交通运输综合行政执法大队", BodyKind.ENFORCEMENT_BODY, Level.COUNTY, self.city, ["transport"]
        )
        self.other_city = self.body("集安市人民政府", BodyKind.GOVERNMENT, Level.COUNTY, self.province)
        self.other_bureau = self.body("集安市司法局", BodyKind.JUSTICE_BUREAU, Level.COUNTY, self.other_city)
        law = Law(title="测试法")
        session.add(law)
        session.flush()
        session.add(LawVersion(law_id=law.id, label="2020", in_force_from=date(2020, 1, 1)))
        session.add(Policy(label="测试规则", effective_from=date(2015, 1, 1), body=THRESHOLDS))
        session.flush()

    def body(
        self, name: str, kind: BodyKind, level: Level, parent: Body | None, fields: Sequence[str] = ()
    ) -> Body:
        row = Body(
            code=secrets.token_hex(6), name=name, kind=kind, level=level, path="/",
            parent_id=parent.id if parent else None, confirmed_on=date(2024, 1, 1), confirmation="主体清单",
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        row.path = f"{parent.path if parent else '/'}{row.id}/"
        self.session.add_all(BodyField(body_id=row.id, field=f) for f in fields)
        self.session.flush()
        return row

    def person(self, name: str = "周雅琴", *, born: date = date(1990, 5, 6), education: str = "bachelor") -> Person:
        self._people += 1
        first17 = f"220581{born:%Y%m%d}000"
        number = first17 + check_digit(first17)
        public_id = secrets.token_urlsafe(16)
        row = Person(
            public_id=public_id, personnel_number=f"T{self._people:05d}", name=name, sex="f", birth_date=born,
            education=education, id_number_sealed=keys.seal(number, f"person|id_number|{public_id}"),
            id_number_index=id_number_index(number), created_at=self.now,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def post(self, person: Person, body: Body | None = None, **changed: object) -> Post:
        body = body or self.transport
        values = {
            "person_id": person.id, "body_id": body.id, "establishment_body_id": body.id, "staffing_type": "civil",
            "on_establishment": True, "in_post": True, "part_time": False, "title": "执法员", "field": "transport",
            "started_on": date(2020, 1, 1), **changed,
        }  # fmt: skip
        row = Post(**values)
        self.session.add(row)
        self.session.flush()
        return row

    def account(self, person: Person, role: Role, body: Body, field: str | None = None) -> Account:
        row = Account(
            person_id=person.id, username=person.personnel_number, password_hash=HASH, created_at=self.now
        )
        self.session.add(row)
        self.session.flush()
        self.session.add(PrivacyAcknowledgement(account_id=row.id, number=1, at=self.now))
        people.grant(self.session, row, role, body, field=field, now=self.now)
        return row

    def sign_in(self, account: Account) -> SignIn:
        """A device on which the account is signed in."""
        place, device = access.Visitor("127.0.0.1"), "Chrome · Windows"
        return access.sign_in(self.session, account, visitor=place, device=device, now=self.now)[1]

    def officer(self, name: str = "周雅琴", *, born: date = date(1990, 5, 6), **post: object) -> Account:
        """A person with a post in the transport body and an account that may sit exams."""
        person = self.person(name, born=born)
        self.post(person, **post)
        return self.account(person, Role.OFFICER, self.transport)

    def staff(self, role: Role, body: Body | None = None, *, born: date, field: str | None = None) -> Account:
        return self.account(self.person("吕明哲", born=born), role, body or self.bureau, field)

    def exam(
        self,
        kind: ExamKind = ExamKind.QUALIFICATION,
        subject: Subject = Subject.GENERAL,
        field: str | None = None,
        *,
        opens_at: datetime | None = None,
        minutes: int = 60,
        days: float = 2,
        release_at_once: bool = False,
        attempts_allowed: int = 1,
        drawn: Sequence[Question] | None = None,
        rules: dict[str, str] | None = None,
        forms: int = 1,
        versions: dict[str, int] | None = None,
        before: dict[str, object] | None = None,
        drafted: Callable[[Exam], object] | None = None,
    ) -> Exam:
        """A published exam with one form of the five questions (six items) or those `drawn`, two points each.

        `before`: further columns of the exam, `drafted`: what is done with it, before it is published.
        """
        opens_at = opens_at or self.now - timedelta(hours=1)
        row = Exam(
            code=secrets.token_hex(5), title="测试考试", theme="总则", kind=kind, subject=subject, field=field,
            body_id=self.province.id, opens_at=opens_at, closes_at=opens_at + timedelta(days=days), minutes=minutes,
            attempts_allowed=attempts_allowed, pass_mark=6000,
            marking_rules=rules or {"multiple": "all_or_nothing"},
            blueprint=[], notice="请独立作答。", release_at_once=release_at_once,
        )  # fmt: skip
        for name, value in (before or {}).items():
            setattr(row, name, value)
        self.session.add(row)
        self.session.flush()
        if drafted:
            drafted(row)
        paper, key = freeze([(q, 200) for q in drawn or questions()], versions)
        for number in range(1, forms + 1):
            form = ExamForm(exam_id=row.id, number=number, paper=paper, paper_sha256=digest(paper))
            self.session.add(form)
            self.session.flush()
            self.session.add(FormKey(form_id=form.id, number=1, body=key, created_at=opens_at, reason="publication"))
        row.state, row.published_at = "published", opens_at
        self.session.flush()
        return row

    def enter(self, exam: Exam, account: Account) -> None:
        exams.enter(self.session, exam, [account.person_id])

    def sitting(
        self, exam: Exam, *, opens_at: datetime | None = None, minutes: int | None = None, seats: int = 30,
        number: int = 1, room: TestRoom | None = None,
    ) -> Sitting:  # fmt: skip
        """A sitting of the exam in one room of `seats`, planned ten days before; by default over the whole window."""
        opens_at = opens_at or exam.opens_at
        closes_at = opens_at + timedelta(minutes=minutes) if minutes else exam.closes_at
        planned = opens_at - timedelta(days=10)
        row = Sitting(exam_id=exam.id, number=number, opens_at=opens_at, closes_at=closes_at, changed_at=planned)
        room = room or self.room(seats=seats)
        self.session.add(row)
        self.session.flush()
        self.session.add(SittingRoom(sitting_id=row.id, room_id=room.id, taken_at=planned))
        self.session.flush()
        return row

    def room(self, name: str = "", *, seats: int = 30, body: Body | None = None) -> TestRoom:
        """A room at a site of its own."""
        site = TestSite(body_id=(body or self.city).id, name=f"考点{secrets.token_hex(3)}", address="人民大街1号")
        self.session.add(site)
        self.session.flush()
        row = TestRoom(site_id=site.id, name=name or "第一考场", seats=seats)
        self.session.add(row)
        self.session.flush()
        return row

    def seat(self, account: Account, sitting: Sitting, seat: int = 1, *, room: TestRoom | None = None) -> Entry:
        """The account's entry in the sitting, at a seat of its (first) room, made nine days before."""
        self.session.expire(sitting, ["rooms"])
        at, room_id = sitting.opens_at - timedelta(days=9), room.id if room else sitting.rooms[0].room_id
        row = Entry(
            exam_id=sitting.exam_id, person_id=account.person_id, admission_number=secrets.token_hex(6), entered_at=at,
            changed_at=at, sitting_id=sitting.id, room_id=room_id, seat=seat, body_id=self.transport.id,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def attempt(self, account: Account, exam: Exam, *, at: datetime | None = None) -> Attempt:
        """The account enters the exam and starts it."""
        exams.enter(self.session, exam, [account.person_id])
        entry = self.session.query(Entry).filter_by(exam_id=exam.id, person_id=account.person_id).one()
        attempt = exams.start(self.session, exam, entry, now=at or self.now)
        delivery.open_on_device(self.session, attempt)
        return attempt

    def answer(self, attempt: Attempt, answers: dict[int, str], *, at: datetime | None = None) -> None:
        for number, (item, answer) in enumerate(answers.items(), 1):
            row = AnswerChange(
                attempt_id=attempt.id, epoch=attempt.epoch, sequence=number, item=item, answer=answer,
                saved_at=at or self.now,
            )  # fmt: skip
            self.session.add(row)
        self.session.flush()

    def result(
        self, account: Account, exam: Exam, answers: dict[int, str] | None = None, *, release: bool = True,
        identity: bool = True,
    ) -> Result:  # fmt: skip
        """Sat when the exam opened, marked, and by default released with the identity confirmed."""
        at = exam.opens_at
        attempt = self.attempt(account, exam, at=at)
        self.answer(attempt, RIGHT if answers is None else answers, at=at)
        delivery.hand_in(self.session, attempt, cause=HandInCause.CANDIDATE, now=at + timedelta(minutes=20))
        result = mark_attempt(self.session, attempt, now=at + timedelta(minutes=21))
        if release:
            exams.release(self.session, [result], now=at + timedelta(days=1))
        if identity:
            self.session.add(IdentityConfirmation(attempt_id=attempt.id, at=at, reference="座次表"))
        self.session.flush()
        return result

    def hours(self, account: Account, *, legal: int = 1500, professional: int = 1000) -> None:
        for kind, minutes in ((HoursKind.LEGAL, legal), (HoursKind.PROFESSIONAL, professional)):
            training.enter_hours(
                self.session, account.person_id, kind=kind, field="transport", minutes=minutes,
                earned_on=self.today - timedelta(days=60), source_kind="class", source=f"class-{kind}",
                note="集中办班", now=self.now,
            )  # fmt: skip

    def certified(self, account: Account) -> None:
        """Everything others certify about an officer, all in order."""
        person_id, post = account.person_id, account.person.posts[-1]
        self.session.add_all(
            [
                IdentityCheck(
                    person_id=person_id, checked_on=self.today, photo_meets_standard=True, reference="核验记录"
                ),
                EstablishmentCheck(post_id=post.id, checked_on=self.today, agrees=True, reference="核编名单"),
                Appraisal(person_id=person_id, year=self.today.year - 1, grade="competent", reference="考核登记表"),
                ConductStatement(person_id=person_id, stated_on=self.today, clean=True, reference="单位证明"),
            ]
        )
        self.session.flush()

    def passes(self, account: Account, *, months_ago: int = 6) -> tuple[Result, Result]:
        """Both subjects passed."""
        opened = self.now - timedelta(days=30 * months_ago)
        general = self.exam(opens_at=opened)
        professional = self.exam(subject=Subject.PROFESSIONAL, field="transport", opens_at=opened)
        return self.result(account, general), self.result(account, professional)

    def application(self, account: Account, *, unit: Account | None = None) -> Application:
        """Handed in, and with the unit's opinion when `unit` gives one."""
        application = credentials.apply(self.session, account.person, account_id=account.id, now=self.now)
        if unit is not None:
            credentials.unit_agree(self.session, application, opinion="同意", account_id=unit.id, now=self.now)
        return application

    def ready(self) -> tuple[Account, Application, Account]:
        """An officer who meets all twelve rules, the application before the bureau, and its checker."""
        officer = self.officer()
        self.certified(officer)
        self.hours(officer)
        self.passes(officer)
        unit = self.staff(Role.UNIT_ADMIN, self.transport, born=date(1980, 1, 1))
        checker = self.staff(Role.BUREAU_CHECKER, self.city, born=date(1981, 1, 1))
        return officer, self.application(officer, unit=unit), checker

    def decided(self, application: Application, checker: Account) -> None:
        credentials.decide(
            self.session, application, outcome=Outcome.ELIGIBLE, opinion="同意", account_id=checker.id, now=self.now
        )
