"""A writer's desk in the demo: a draft begun, one sent back with remarks, two under review."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.models import Question, QuestionBank
from portal.bank.writing import operations
from portal.people.models import Account
from question_bank.questions import Kind
from question_bank.questions import Question as Value

BANK = "JL-TRANSPORT"


def load(session: Session, staff: dict[str, Account], *, now: datetime) -> int:
    """Everything by the trainer and the reviewer of the province; returns how many questions they have in hand."""
    bank = session.scalars(select(QuestionBank).where(QuestionBank.code == BANK)).one()
    writer, reviewer = staff["trainer"], staff["reviewer"]
    rows = session.scalars(
        select(Question).where(Question.bank_id == bank.id).order_by(Question.code.desc()).limit(60)
    ).all()
    cases = [row for row in rows if row.current.kind == Kind.CASE_SET]
    plain = [row for row in rows if row.current.kind == Kind.MULTIPLE]
    _returned(session, cases[0], writer, reviewer, now=now)
    _submitted(session, plain[0], writer, "（修订）", now=now - timedelta(hours=5))
    _submitted(session, plain[1], writer, "（核对后）", now=now - timedelta(hours=3))
    _begun(session, bank, plain[2], writer, now=now - timedelta(minutes=20))
    return 4


def _submitted(session: Session, row: Question, writer: Account, more: str, *, now: datetime) -> None:
    value = Value.from_plain(row.current.body)
    draft = operations.begin(session, row, account=writer, now=now)
    body = replace(value, rationale=f"{value.rationale}{more}", stem=value.stem.replace("哪些", "**哪些**")).plain()
    operations.save_draft(session, draft, body, number=draft.number, change="wording", now=now)
    operations.submit(session, draft, account=writer, now=now)


def _returned(session: Session, row: Question, writer: Account, reviewer: Account, *, now: datetime) -> None:
    """Sent, read, two remarks, sent back; the writer has taken up one of them."""
    _submitted(session, row, writer, "（补充）", now=now - timedelta(days=3))
    said = {"stem": "送达日期和申请日期写清楚，方便计算期限。", "items/0/rationale": "把其余选项错在哪里也写一句。"}
    read = now - timedelta(days=2)
    for place, text in said.items():
        note = operations.comment(session, row, place, text, account=reviewer, now=read)
        if place == "stem":
            operations.settle(session, note, account=writer, now=now - timedelta(hours=2))
    operations.return_to_writer(session, row, "案情日期不够清楚，解析请补全。", account=reviewer, now=read)
    draft = operations.begin(session, row, account=writer, now=now - timedelta(hours=2))
    body = draft.body["question"] | {"stem": draft.body["question"]["stem"] + "告知书于10月9日送达。"}
    operations.save_draft(session, draft, body, number=draft.number, now=now - timedelta(hours=2))


def _begun(session: Session, bank: QuestionBank, like: Question, writer: Account, *, now: datetime) -> None:
    """A new question, half written: two options say the same, the rationale is missing."""
    cited = like.current.body["citations"][:1]
    draft = operations.begin_new(session, bank, Kind.MULTIPLE, account=writer, now=now)
    body = draft.body["question"] | {
        "stem": "关于行政处罚听证，下列哪些说法不正确？",
        "options": [
            "当事人应当承担组织听证的费用", "听证费用由当事人承担",
            "听证应当公开举行，一律不得例外", "当事人可以委托一至二人代理",
        ],
        "key": "ABC", "citations": cited, "topic": "听证程序", "cognitive_level": "apply",
    }  # fmt: skip
    operations.save_draft(session, draft, body, number=1, now=now)
