"""A bank of the county with a writer and a reviewer, and a client through which each acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import pytest
from flask import Flask

from portal.bank import operations
from portal.bank.models import Question, QuestionBank, QuestionStatus
from portal.people.models import Account, Body, Field, Role
from question_bank.questions import Question as Value
from tests.factories import PASSWORD, County, questions

_born = count()


def staff(county: County, role: Role, body: Body | None = None, field: Field | None = None) -> Account:
    """Somebody new with a role at a body, the county's government when none is named."""
    born = date(1955, 1, 1) + timedelta(days=next(_born))
    account = county.staff(role, body or county.city, born=born, field=field)
    county.session.refresh(account, ["grants"])
    return account


@dataclass
class Desk:
    """The county's bank, its writer, its reviewer."""

    county: County
    bank: QuestionBank
    writer: Account
    reviewer: Account

    @property
    def session(self):
        return self.county.session

    @property
    def now(self):
        return self.county.now

    def question(self, value: Value | None = None, status: QuestionStatus = QuestionStatus.DRAFT) -> Question:
        """A question of the writer's, in the state asked for."""
        row = operations.add_version(
            self.session, self.bank, value or questions()[1], account_id=self.writer.id, now=self.now
        ).question
        if status in (QuestionStatus.REVIEW, QuestionStatus.APPROVED):
            operations.send_to_review(self.session, row, account_id=self.writer.id, now=self.now)
        if status == QuestionStatus.APPROVED:
            operations.approve(self.session, row, account_id=self.reviewer.id, now=self.now)
        return row


def desk_in(county: County) -> Desk:
    bank = operations.create_bank(county.session, "B-1", "测试题库", county.city, now=county.now)
    return Desk(county, bank, staff(county, Role.TRAINER), staff(county, Role.REVIEWER))


@pytest.fixture
def desk(county: County) -> Desk:
    return desk_in(county)


@pytest.fixture
def web_desk(web_county: County) -> Desk:
    """The desk, committed, for tests that come through the door."""
    found = desk_in(web_county)
    web_county.session.commit()
    return found


@pytest.fixture
def signed_in(app: Flask) -> Callable:
    """A client through which an account acts."""

    def enter(account: Account):
        client = app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        return client

    return enter
