"""Which exams the demo province holds: qualification exams past and open, monthly exams of three months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.exams.models import ExamKind, Subject
from portal.ground.clock import SHANGHAI, local
from portal.people.models import Field

PASS_MARK = 6000
FORMS = 4
FIELD_TITLES = {Field.TRANSPORT: "交通运输", Field.MARKET: "市场监管", Field.ECOLOGY: "生态环境"}
# Ecology sat later than the others: its bank cites a code that is in force from 2026-08-15.
PROFESSIONAL_DAYS_AGO = {Field.TRANSPORT: 152, Field.MARKET: 148, Field.ECOLOGY: 70}
NOTICE = """\
## 考试须知

1. 本场考试共 {leaves} 题，满分 100 分，{minutes} 分钟，{passed} 分合格。
2. 多项选择题：全部选对得满分，少选且所选均正确得一半，多选、错选不得分。
3. 作答后自动保存，页面显示“已保存”即已存入服务器；断网后可在原设备或其他设备继续。
4. 考试时间到自动交卷；网络传输中的答案另有 5 秒宽限。
5. {release}
"""
THEMES = (
    ("行政处罚法律制度", ("行政处罚法",)),
    ("行政强制与行政许可", ("行政强制法", "行政许可法")),
    ("复议、诉讼与国家赔偿", ("行政复议法", "行政诉讼法", "国家赔偿法")),
)
AFTER_CHECK = "成绩经身份核对、复核后统一公布；合格成绩自考试之日起五年内有效。"
AT_ONCE = "交卷后即可查看成绩和解析；月考成绩不作为资格考试成绩。"


@dataclass(frozen=True)
class Plan:
    """One exam: what is sat, when, from which bank, and what has become of it."""

    code: str
    title: str
    theme: str
    kind: ExamKind
    field: Field | None
    bank: str
    opens_at: datetime
    closes_at: datetime
    minutes: int
    leaves: int  # questions to answer
    attempts: int = 1
    month: date | None = None
    cases: bool = True
    laws: tuple[str, ...] = ()  # only topics that rest on these laws; none: every topic

    @property
    def subject(self) -> Subject:
        return Subject.PROFESSIONAL if self.field else Subject.GENERAL

    @property
    def monthly(self) -> bool:
        return self.kind == ExamKind.MONTHLY

    @property
    def notice(self) -> str:
        return NOTICE.format(leaves=self.leaves, minutes=self.minutes, passed=PASS_MARK // 100,
                             release=AT_ONCE if self.monthly else AFTER_CHECK)

    def over(self, now: datetime) -> bool:
        return self.closes_at <= now


def plans(now: datetime) -> list[Plan]:
    """Every exam, the oldest first."""
    today = local(now).date()
    return sorted((*_general(today), *_professional(today), *_monthly(today)), key=lambda plan: plan.opens_at)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment by the clock in Jilin."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def _window(today: date, days_ago: int) -> tuple[datetime, datetime]:
    """Three working days for a past exam; from yesterday for thirty days for the one that is open."""
    if days_ago == 0:
        return at(today - timedelta(days=1), 8, 30), at(today + timedelta(days=30), 17, 30)
    first = today - timedelta(days=days_ago)
    first -= timedelta(days=max(0, first.weekday() - 2))  # Monday to Wednesday
    return at(first, 8, 30), at(first + timedelta(days=2), 17, 30)


def _general(today: date) -> Iterator[Plan]:
    for days_ago in (6 * 365 + 10, 245, 0):
        opens, closes = _window(today, days_ago)
        yield Plan(
            f"ZH-{opens:%Y%m}", f"{opens.year} 年 {opens.month} 月综合法律知识资格考试", "综合法律知识",
            ExamKind.QUALIFICATION, None, "JL-GENERAL", opens, closes, minutes=90, leaves=50,
        )  # fmt: skip


def _professional(today: date) -> Iterator[Plan]:
    for field, title in FIELD_TITLES.items():
        for days_ago in (PROFESSIONAL_DAYS_AGO[field], 0):
            opens, closes = _window(today, days_ago)
            yield Plan(
                f"ZY-{field.upper()}-{opens:%Y%m}", f"{opens.year} 年 {opens.month} 月{title}专业法律知识资格考试",
                f"{title}专业法律知识", ExamKind.QUALIFICATION, field, f"JL-{field.upper()}", opens, closes,
                minutes=75, leaves=40,
            )  # fmt: skip


def _monthly(today: date) -> Iterator[Plan]:
    first = today.replace(day=1)
    for theme, laws in THEMES:
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        yield Plan(
            f"YK-{first:%Y%m}", f"{first.year} 年 {first.month} 月一月一考", theme, ExamKind.MONTHLY, None,
            "JL-GENERAL",
            at(first, 0), at(last, 23, 59), minutes=30, leaves=20, attempts=3, month=first, cases=False,
            laws=laws,
        )  # fmt: skip
        first = (first - timedelta(days=1)).replace(day=1)
