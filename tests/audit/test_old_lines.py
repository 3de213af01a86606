"""A trail from before the chain: its codes and reasons are kept, and every line is in the chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.ground import audit_personal, audit_verify, migrate
from portal.ground.db import open_engine
from portal.ground.models import AuditLine
from tests.audit.test_verify import TRUSTED
from tests.house.test_migrations import empty_url  # noqa: F401 — a fixture


@pytest.mark.parametrize("reason", ["'成绩有误'", "NULL"])
def test_old_lines_enter_the_chain_with_what_they_said(empty_url: str, tmp_path: Path, reason: str):  # noqa: F811
    engine = open_engine(empty_url)
    command.upgrade(migrate.alembic_config(engine), "0001")
    with engine.begin() as connection:
        for number in (1, 2, 5):
            connection.execute(
                text(
                    "INSERT INTO audit_line (id, at, act, object_kind, object_id, reason, detail) VALUES "
                    f"({number}, '2026-01-0{number} 00:00:00', 'result_voided', 'result', '7', {reason}, '[{number}]')"
                )
            )
    engine.dispose()
    migrate.upgrade(engine)
    with Session(engine) as session:
        lines = session.scalars(select(AuditLine).order_by(AuditLine.id)).all()
        assert [line.codes for line in lines] == [[1], [2], [5]]
        expected = None if reason == "NULL" else {"reason": "成绩有误"}
        assert [audit_personal.read(session, line) for line in lines] == [expected] * 3
        outcome = audit_verify.verify(session, TRUSTED)
        assert outcome.fault is None and outcome.links == 3
    engine.dispose()
