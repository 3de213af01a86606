"""After an outage somebody goes on at another seat: it is his paper, his order and his answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.exams.delivery import kept
from portal.exams.models import Attempt
from portal.ground import clock
from portal.ground.db import db
from question_bank.papers import lay_out
from tests.conftest import NOON
from tests.exams.sitter import Sitter, exam_at_noon
from tests.exams.test_drawn import drawn_exam
from tests.factories import County
from tests.faults.weakened import drop_guard


def sealed(app, county: County) -> Sitter:
    return Sitter(app, county, exam_at_noon(county, timing="fixed", minutes=60, forms=3))


def drawn(app, county: County) -> Sitter:
    return Sitter(app, county, drawn_exam(county))


def paper_of(sitter: Sitter, page: dict) -> dict:
    """As it lies on the desk: unsealed or drawn, and laid out by his seed."""
    plain = page["paper"] or sitter.unsealed(page["key"])
    return lay_out(plain["paper"], page["seed"])


@pytest.fixture(params=[sealed, drawn], ids=["sealed", "drawn"])
def sitter(request: pytest.FixtureRequest, app, web_county: County) -> Sitter:
    """Somebody who works on his paper and has saved an answer."""
    clock.set_source(lambda: NOON)
    found = request.param(app, web_county).ready()
    attempt, page = found.start().json["attempt"], found.open()
    item = next(item["item"] for item in paper_of(found, page)["items"] if item["kind"] == "single_choice")
    saved = app.test_client().post(
        f"/exams/attempts/{attempt}/answers", json={"changes": [[1, item, "B"]]}, headers=found.headers()
    )
    assert saved.status_code == 200
    return found


def seen(sitter: Sitter, client: object = None) -> tuple:
    """What a page shows: form, every item and every option in its place, the answers, the end."""
    page = sitter.open(client)
    form = page["form"] and page["form"]["sha256"]
    return form, paper_of(sitter, page), page["answers"], page["deadline"]


def it_stays_his_paper(sitter: Sitter, meanwhile: Callable[[], None]) -> None:
    before = seen(sitter)
    meanwhile()
    after = seen(sitter, sitter.signed_in())
    assert before == after, "another paper lies on the desk"
    assert before[2], "his answer is gone"


def everything_starts_again(sitter: Sitter) -> None:
    """The process forgets all it knew and opens its journal anew."""
    kept.forget()
    sitter.app.extensions.pop("mingfa_journal").close()


def change(statement: str) -> None:
    with db.writing() as session:
        session.execute(text(statement))
        session.commit()


EXCHANGED = {
    "seed": "UPDATE attempt SET seed = seed + 1",
    "form": "UPDATE attempt SET form_id = (SELECT id FROM exam_form WHERE id <> attempt.form_id ORDER BY id LIMIT 1)",
    "drawn": "UPDATE attempt SET drawn = '[900, 901, 902, 903, 905]'",
}


def exchanges(sitter: Sitter) -> list[str]:
    with db.reading() as session:
        is_drawn = session.query(Attempt).one().drawn is not None
    return [EXCHANGED["seed"], EXCHANGED["drawn" if is_drawn else "form"]]


def test_at_another_seat_after_a_restart_it_is_the_same_paper(sitter: Sitter):
    def outage() -> None:
        everything_starts_again(sitter)
        for statement in exchanges(sitter):
            with pytest.raises(DBAPIError, match="guard"):
                change(statement)

    it_stays_his_paper(sitter, outage)


@pytest.mark.parametrize("which", [0, 1])
def test_a_paper_that_could_be_exchanged_is_found_out(sitter: Sitter, which: int):
    drop_guard("attempt_identity_is_fixed")
    with pytest.raises(AssertionError, match="another paper"):
        it_stays_his_paper(sitter, lambda: change(exchanges(sitter)[which]))
