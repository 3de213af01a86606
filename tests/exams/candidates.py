"""Somebody at work on an attempt, through the real doors and below them."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.exams import queries
from portal.exams.delivery import tokens
from portal.exams.delivery.journal import Journal, journal_among
from portal.exams.models import AnswerChange, Attempt
from portal.ground.db import db
from portal.ground.models import AuditLine
from tests.factories import County

_days = itertools.count()  # nobody has another's birthday and so his ID number


class Candidate:
    """An officer with a running attempt, the device he is signed in on, and its token."""

    def __init__(self, app: Flask, county: County, minutes: int = 60, **exam: Any) -> None:
        self.app, self.client = app, app.test_client()
        self.account = county.officer(born=date(1990, 1, 1) + timedelta(days=next(_days)))
        self.attempt = county.attempt(self.account, county.exam(minutes=minutes, **exam))
        self.device = county.sign_in(self.account)
        county.session.commit()
        self.token = self.make_token()

    def make_token(self, *, attempt_id: int | None = None, epoch: int | None = None, age: timedelta = timedelta(0)):
        a = self.attempt
        return tokens.make(
            self.app.config["SECRET_KEY"],
            attempt_id or a.id,
            a.form_id,
            epoch or a.epoch,
            self.device.id,
            a.deadline_at - age,
        )

    @property
    def parts(self) -> tokens.AttemptToken:
        """What the token says."""
        return tokens.read(self.app.config["SECRET_KEY"], self.token)

    @property
    def journal(self) -> Journal:
        return journal_among(self.app.extensions, db.engine)

    def post(self, door: str, data: bytes, token: str | None = None, attempt_id: int | None = None):
        return self.app.test_client().post(
            f"/exams/attempts/{attempt_id or self.attempt.id}/{door}",
            data=data,
            headers={"X-Attempt-Token": token or self.token, "Content-Type": "application/json"},
        )

    def save(self, *changes: list, token: str | None = None, attempt_id: int | None = None, data: bytes | None = None):
        sent = data if data is not None else json.dumps({"changes": list(changes)}).encode()
        return self.post("answers", sent, token, attempt_id)

    def hand_in(self, token: str | None = None):
        return self.post("hand-in", b"{}", token)

    def pulse(self, token: str | None = None, unsent: int = 0):
        path = f"/exams/attempts/{self.attempt.id}/pulse?unsent={unsent}"
        return self.client.get(path, headers={"X-Attempt-Token": token or self.token})

    def change(self, **columns: Any) -> None:
        """Set columns of the attempt, as an administrator's operation would, in a transaction of its own."""
        with db.writing() as session:
            session.execute(update(Attempt).where(Attempt.id == self.attempt.id).values(**columns))
            session.commit()

    def now_stands(self) -> Attempt:
        """The attempt as it stands in the database."""
        with db.reading() as session:
            return session.get_one(Attempt, self.attempt.id)

    def stored(self) -> dict[int, str]:
        with db.reading() as session:
            return queries.answers_of(session, self.attempt.id)

    def rows(self) -> int:
        with db.reading() as session:
            return session.scalar(select(func.count()).select_from(AnswerChange))


def count(session: Session, model: type[Any], *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions))


def hand_ins_on_record(session: Session) -> int:
    return count(session, AuditLine, AuditLine.act == "attempt_handed_in")


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Do something in many threads that start together; what each came to, an exception for one that failed."""
    gate, came = threading.Barrier(number), [None] * number

    def one(index: int) -> None:
        gate.wait(30)
        try:
            came[index] = act(index)
        except Exception as error:
            came[index] = error

    threads = [threading.Thread(target=one, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return came


def moments_around(moment: datetime) -> tuple[datetime, datetime, datetime]:
    """A millisecond before, the moment itself, a millisecond after."""
    tick = timedelta(milliseconds=1)
    return moment - tick, moment, moment + tick
