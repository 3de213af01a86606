"""A contest through its doors: drawn up, judged, closed, published, read; and who has no way in."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.exams.contests.models import Contest, ContestScore, ContestState
from portal.ground.db import db
from portal.ground.sheets import read_workbook
from portal.people.models import Account, Person, Role
from tests.exams.contests import Ring
from tests.exams.making import signed_in
from tests.factories import County

FACTS = {
    "name": "梅河口市岗位大练兵", "document": "梅法发〔2026〕12号", "starts_on": "2026-11-23", "ends_on": "2026-12-01",
}  # fmt: skip
ROUND = {
    "kind": "practical", "title": "实操", "weight": "60", "advance_by": "round", "exam_id": "0", "case_handling": "40",
    "evidence_fixing": "30", "document_drafting": "20", "file_archiving": "10",
}  # fmt: skip
QUICK = {"kind": "quick", "title": "抢答", "weight": "40", "advance_by": "round", "exam_id": "0", "questions": "10"}


class Hall:
    """Clients of an administrator, a second one, a judge and an officer, and two officers who take part."""

    def __init__(self, app: Flask, county: County) -> None:
        ring = Ring(county)
        self.officers = [ring.officer(), ring.officer()]
        self.trainer, self.unnamed = ring.staff(Role.TRAINER), ring.staff(Role.TRAINER)
        self.number = self.trainer.person.personnel_number
        self.numbers = "\n".join(one.person.personnel_number for one in self.officers)
        self.name, self.person_id = self.officers[0].person.name, self.officers[0].person_id
        self.elsewhere = ring.staff(Role.EXAM_ADMIN, county.other_city)
        county.session.commit()
        self.app = app
        self.desk, self.second = (signed_in(app, one) for one in (ring.admin, ring.second))
        self.judge, self.contestant = signed_in(app, self.trainer), signed_in(app, self.officers[0])

    def client(self, account: Account):
        return signed_in(self.app, account)


@pytest.fixture
def hall(app: Flask, web_county: County) -> Hall:
    return Hall(app, web_county)


def begun(hall: Hall, *rounds: dict[str, str]) -> str:
    """The address of a contest under way with these rounds, the trainer judging each."""
    typed = {**FACTS, "kind": "individual", "field": "transport", "body": "梅河口市人民政府"}
    answer = hall.desk.post("/exams/contests/new", data=typed)
    assert answer.status_code == 303, answer.text
    path = answer.location
    for declared in rounds:
        assert hall.desk.post(f"{path}/rounds", data=declared).status_code == 303
    for address in re.findall(rf"{path}/rounds/\d+/judges", hall.desk.get(f"{path}/rounds").text):
        assert hall.desk.post(address, data={"number": hall.number}).status_code == 303
    assert hall.desk.post(f"{path}/parties", data={"numbers": hall.numbers}).status_code == 303
    assert hall.desk.post(f"{path}/start").status_code == 303
    return path


def round_ids(path: str) -> list[int]:
    with db.reading() as session:
        return [row.id for row in session.get_one(Contest, int(path.rsplit("/", 1)[1])).rounds]


def party_ids(path: str) -> list[int]:
    with db.reading() as session:
        return [row.id for row in session.get_one(Contest, int(path.rsplit("/", 1)[1])).parties]


def test_a_contest_from_the_first_click_to_a_corrected_ranking(hall: Hall):
    path = begun(hall, ROUND, QUICK)
    for page in ("", "/rounds", "/parties", "/board"):
        assert hall.desk.get(path + page).status_code == 200
    practical, quick = round_ids(path)
    first, second = party_ids(path)
    desk = f"/exams/contests/judge/{practical}"
    assert hall.name in hall.judge.get(desk).text
    for party, case in ((first, "30"), (second, "35.5")):
        marks = {"case_handling": case, "evidence_fixing": "20", "document_drafting": "20", "file_archiving": "10"}
        assert hall.judge.post(f"{desk}/marks", data={"party": party, "key": f"k{party}", **marks}).status_code == 303
    assert "85.5" in hall.desk.get(f"{path}/board").text
    assert hall.desk.post(f"{path}/rounds/{practical}/close").status_code == 303
    given = {"party": first, "question": "1", "points": "10", "sign": "plus", "key": "once"}
    for _ in range(2):  # a retry
        assert hall.judge.post(f"/exams/contests/judge/{quick}/points", data=given).status_code == 303
    with db.reading() as session:
        lines = session.query(ContestScore).filter_by(round_id=quick).all()
    assert [line.points for line in lines] == [1000]
    assert hall.judge.get(f"/exams/contests/judge/{quick}").status_code == 200
    assert hall.desk.post(f"{path}/rounds/{quick}/close").status_code == 303
    assert hall.contestant.get(f"{path}/ranking").status_code == 404
    assert hall.desk.post(f"{path}/publish").status_code == 403  # he closed the last round
    assert hall.second.post(f"{path}/publish").status_code == 303
    page = hall.contestant.get(f"{path}/ranking").text
    assert page.index("选手") and "ct-own" in page
    assert path in hall.contestant.get("/exams/contests/").text
    assert hall.desk.post(f"{path}/rounds/{quick}/reopen", data={"reason": "误登"}).status_code == 303
    undo = {"score": lines[0].id, "key": "undo"}
    assert hall.judge.post(f"/exams/contests/judge/{quick}/undo", data=undo).status_code == 303
    assert hall.desk.post(f"{path}/rounds/{quick}/close").status_code == 303
    assert hall.second.post(f"{path}/publish").status_code == 422  # why?
    assert hall.second.post(f"{path}/publish", data={"reason": "抢答误登"}).status_code == 303
    assert "抢答误登" in hall.contestant.get(f"{path}/ranking").text
    assert "ct-own" in hall.contestant.get(f"{path}/ranking?version=1").text


def test_the_workbooks_hold_the_ranking_and_never_a_formula(hall: Hall):
    with db.writing() as session:
        session.get_one(Person, hall.person_id).name = "=1+1"
        session.commit()
    path = begun(hall, {**QUICK, "weight": "100"})
    (quick,) = round_ids(path)
    hall.desk.post(f"{path}/rounds/{quick}/close")
    hall.second.post(f"{path}/publish")
    for content in (
        hall.desk.post(f"{path}/board.xlsx").data, hall.contestant.get(f"{path}/ranking.xlsx").data,
    ):  # fmt: skip
        assert b"<f>" not in content
        assert "=1+1" in str(read_workbook(content)[0].rows)


def test_many_cost_no_more_statements_than_few(hall: Hall, web_county: County, statements: list[str]):
    ring = Ring(web_county)
    more = "\n".join(ring.officer().person.personnel_number for _ in range(12))
    web_county.session.commit()
    few = begun(hall, {**QUICK, "weight": "100"})
    hall.numbers += "\n" + more
    many = begun(hall, {**QUICK, "weight": "100"})
    sent: dict[str, list[int]] = {}
    for path in (few, many):
        (quick,) = round_ids(path)
        hall.desk.post(f"{path}/rounds/{quick}/close")
        hall.second.post(f"{path}/publish")
        judged = f"/exams/contests/judge/{quick}"
        for name, client, address in (
            ("judge", hall.judge, judged), ("board", hall.desk, f"{path}/board"), ("one", hall.desk, path),
            ("rounds", hall.desk, f"{path}/rounds"), ("parties", hall.desk, f"{path}/parties"),
            ("ranking", hall.contestant, f"{path}/ranking"),
        ):  # fmt: skip
            statements.clear()
            assert client.get(address).status_code == 200
            sent.setdefault(name, []).append(len(statements))
    assert all(many_sent <= few_sent for few_sent, many_sent in sent.values()), sent
    assert max(sum(sent.values(), [])) <= 12, sent


def test_what_cannot_be_scored_is_said_on_the_judges_own_page(hall: Hall):
    path = begun(hall, {**QUICK, "weight": "100"})
    (quick,), (first, _) = round_ids(path), party_ids(path)
    for wrong in ({"points": "ten"}, {"question": "99"}, {"points": "0"}, {"points": "1.234"}):
        typed = {"party": first, "question": "1", "points": "10", "sign": "plus", **wrong}
        answer = hall.judge.post(f"/exams/contests/judge/{quick}/points", data=typed)
        assert (answer.status_code, "mf-errsum" in answer.text) == (422, True)
    typed = {"party": 999_999, "question": "1", "points": "10"}
    assert hall.judge.post(f"/exams/contests/judge/{quick}/points", data=typed).status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"weight": "101"}, {"weight": "x"}, {"title": ""}, {"advance": "0"}, {"questions": "0"}]
)
def test_a_round_that_is_not_sound_is_not_declared(hall: Hall, wrong: dict[str, str]):
    typed = {**FACTS, "kind": "team", "field": "transport", "body": "梅河口市人民政府"}
    answer = hall.desk.post("/exams/contests/new", data=typed)
    page = hall.desk.post(f"{answer.location}/rounds", data={**QUICK, **wrong})
    assert (page.status_code, "mf-errsum" in page.text) == (422, True)
    assert round_ids(answer.location) == []


def test_the_settings_of_a_draft_are_saved_and_it_can_be_put_away(hall: Hall):
    typed = {**FACTS, "kind": "team", "field": "", "body": "梅河口市人民政府"}
    path = hall.desk.post("/exams/contests/new", data=typed).location
    changed = {**FACTS, "name": "行政执法比武", "team_size": "4", "team_score": "sum", "ties": "2 1"}
    assert hall.desk.post(f"{path}/settings", data=changed).status_code == 303
    assert hall.desk.post(f"{path}/settings", data={**changed, "ties": "第二轮"}).status_code == 422
    assert hall.desk.post(f"{path}/settings", data={**changed, "ends_on": "2026-11-01"}).status_code == 422
    with db.reading() as session:
        kept = session.get_one(Contest, int(path.rsplit("/", 1)[1]))
        assert (kept.name, kept.team_size, kept.team_score, kept.tie_rounds) == ("行政执法比武", 4, "sum", [2, 1])
    assert hall.desk.post(f"{path}/put-away").status_code == 303
    with db.reading() as session:
        assert session.get_one(Contest, kept.id).state == ContestState.DISCARDED
    assert hall.desk.get(path).status_code == 200


def test_a_draft_is_nobodys_elses(hall: Hall):
    path = begun(hall, {**QUICK, "weight": "100"})
    for page in ("", "/rounds", "/parties", "/board", "/ranking"):
        assert hall.client(hall.elsewhere).get(path + page).status_code == 404
    assert hall.contestant.get(path).status_code == 403
    (quick,) = round_ids(path)
    assert hall.contestant.get(f"/exams/contests/judge/{quick}").status_code == 403
    assert path not in hall.contestant.get("/exams/contests/").text


def test_a_trainer_who_was_not_named_finds_no_desk(hall: Hall):
    path = begun(hall, {**QUICK, "weight": "100"})
    assert hall.client(hall.unnamed).get(f"/exams/contests/judge/{round_ids(path)[0]}").status_code == 404
