"""Large files are read, checked and stored in portions: a case whose rows lie in two of them goes in whole."""

from __future__ import annotations

import tracemalloc

import pytest
from sqlalchemy import func, select

from portal.bank import operations as bank
from portal.bank.imports import import_questions, kind_of
from portal.bank.intake.questions import Questions
from portal.bank.models import Question, QuestionVersion
from portal.ground import imports
from portal.ground.import_desk import Pace, Within
from portal.ground.import_work import Work
from portal.ground.models import BatchState, ImportBatch
from portal.ground.sheet_reader import PORTION
from question_bank.questions import Question as Value
from tests.imports.workbooks import question, workbook


@pytest.fixture
def the_bank(county):
    return bank.create_bank(county.session, "JL-T", "测试题库", county.province, now=county.now)


@pytest.fixture
def take_in(county, the_bank, tmp_path):
    def run(*rows):
        path = tmp_path / "题.xlsx"
        path.write_bytes(workbook(rows))
        return import_questions(county.session, path, "JL-T", now=county.now)

    return run


def singles(count: int, first: int = 1) -> list[dict]:
    return [question(题号=f"Q-{n}", 题干=f"第 {n} 道题？") for n in range(first, first + count)]


def case(code: str = "C-1", items: int = 3) -> list[dict]:
    empty = dict.fromkeys(("A", "B", "C", "答案", "解析", "法律", "版本", "条"), "")
    head = question(题号=code, 题型="案例", 题干=f"某镇巡查，{code}。", **empty)
    numbers = range(1, items + 1)
    return [head, *(question(题号=f"{code}-{n}", 所属案例=code, 题干=f"{code} 第 {n} 问？") for n in numbers)]


def items_of(county, code: str) -> list[str]:
    row = county.session.scalars(select(Question).where(Question.code == code)).one()
    return [item.code for item in Value.from_plain(row.current.body).items]


def test_a_case_across_two_portions_goes_in_whole(county, take_in) -> None:
    report = take_in(*singles(PORTION - 2), *case(), *singles(5, PORTION))
    assert report.counts == {"created": PORTION + 7, "changed": 0, "unchanged": 0, "parked": 0}
    assert items_of(county, "C-1") == ["C-1-1", "C-1-2", "C-1-3"]


def test_a_case_before_or_behind_its_questions_far_away_goes_in_whole(county, take_in) -> None:
    one, two = case("C-1"), case("C-2")
    report = take_in(one[0], *two[1:], *singles(PORTION + 20), *one[1:], two[0])
    assert (report.created, report.parked) == (PORTION + 28, 0)
    assert items_of(county, "C-1") == ["C-1-1", "C-1-2", "C-1-3"] == [c.replace("2-", "1-") for c in items_of(
        county, "C-2")]  # fmt: skip


def test_it_waits_whole_when_a_row_in_the_other_portion_is_faulty(county, take_in) -> None:
    rows = case()
    rows[3] |= {"答案": ""}
    report = take_in(*singles(PORTION - 2), *rows)
    assert (report.created, report.parked) == (PORTION - 2, 4)
    assert county.session.scalars(select(Question).where(Question.code == "C-1")).first() is None


def test_the_same_file_again_changes_nothing(county, take_in) -> None:
    rows = [*singles(PORTION - 2), *case()]
    take_in(*rows)
    assert take_in(*rows).unchanged == PORTION + 2
    assert county.session.scalar(select(func.count()).select_from(QuestionVersion)) == PORTION - 1


def test_one_number_in_two_portions_is_named_in_both(take_in) -> None:
    report = take_in(*singles(PORTION + 10), question(题号="Q-1", 题干="另一题？"))
    named = [(p.row, p.values["row"]) for p in report.problems if not p.warning]
    assert report.parked == 2 and named == [(2, PORTION + 12), (PORTION + 12, 2)]


def test_one_question_without_number_in_two_portions_goes_in_once(county, take_in) -> None:
    twin = question(题号="", 题干="说的一样？")
    report = take_in(twin, *singles(PORTION + 10), twin)
    assert (report.created, report.unchanged) == (PORTION + 11, 1)


def test_cases_that_are_all_over_a_large_file_wait_with_a_remedy(take_in, monkeypatch) -> None:
    monkeypatch.setattr("portal.bank.intake.surveying.MOST_APART", 5)
    one, two = case("C-1"), case("C-2")
    report = take_in(one[0], two[0], *singles(PORTION), *one[1:], *two[1:])
    assert report.parked == 8
    assert {p.message for p in report.problems} == {"The rows of this case stand too far apart."}


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("after", [1, 2, 3])
def test_who_takes_over_in_the_middle_of_a_case_finishes_it(county, the_bank, tmp_path, after) -> None:
    """Chunks are two rows here; after one of them another worker goes on with what is left."""
    path = tmp_path / "题.xlsx"
    path.write_bytes(workbook([*singles(3), *case(), *singles(3, 10)]))
    session = county.session
    batch = imports.receive(
        session, Questions(the_bank), (None, "0" * 64), file_name="题.xlsx", account_id=None, now=county.now
    )

    class Slow(Within):
        chunks = 0

        def writing(self):
            self.pace = Pace(2)
            return super().writing()

    work = Work(Within(session), batch.id, kind_of, lambda: county.now, source=path)
    work.run()
    imports.commit(session, session.get_one(ImportBatch, batch.id), now=county.now)
    desk = Slow(session)
    desk.pace = Pace(2)
    first = Work(desk, batch.id, kind_of, lambda: county.now)
    stored = Questions.store

    def interrupted(self, *args, **kwargs):
        if Slow.chunks == after:
            raise Interrupted
        Slow.chunks += 1
        return stored(self, *args, **kwargs)

    Questions.store = interrupted  # type: ignore[method-assign]
    try:
        with pytest.raises(Interrupted):
            first.run()
    finally:
        Questions.store = stored  # type: ignore[method-assign]
    session.expire_all()
    Work(Within(session), batch.id, kind_of, lambda: county.now).run()
    session.expire_all()
    row = session.get_one(ImportBatch, batch.id)
    assert row.state == BatchState.COMMITTED
    assert row.report == {"created": 10, "changed": 0, "unchanged": 0, "parked": 0}
    assert items_of(county, "C-1") == ["C-1-1", "C-1-2", "C-1-3"]
    assert session.scalar(select(func.count()).select_from(Question)) == 7


def test_checking_holds_one_portion_at_a_time(county, the_bank, tmp_path) -> None:
    """Six portions take hardly more memory than two."""

    def peak(portions: int) -> int:
        path = tmp_path / f"{portions}.xlsx"
        path.write_bytes(workbook([row | {"解析": "因" * 300} for row in singles(portions * PORTION)]))
        tracemalloc.start()
        import_questions(county.session, path, "JL-T", True, now=county.now)
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(6) < 1.8 * peak(2)
