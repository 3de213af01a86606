"""Sealed forms: fetched before the hour, opened by nobody, and nothing of the key anywhere in a candidate's traffic."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, select, update

from portal.bank.operations import create_bank
from portal.bank.writing.models import QuestionPicture
from portal.exams.delivery import kept, sealing
from portal.exams.models import Attempt, ExamForm, ExamKind, FormSeal
from portal.exams.papers import laid_out
from portal.ground import clock, keys_rotation
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.tables import metadata
from question_bank.papers import lay_out
from question_bank.questions import Citation, Kind, Question
from tests.conftest import DATA_KEY, INDEX_KEY, NOON
from tests.exams.sitter import Sitter, exam_at_noon, rows_of
from tests.factories import County

PICTURE = "ab" * 32
RATIONALE, ACCEPTED, QUOTE = "解析里的暗记甲", "答案里的暗记乙", "引文里的暗记丙"


def at(moment) -> None:
    clock.set_source(lambda: moment)


def marked() -> list[Question]:
    """A paper whose key carries marks that stand nowhere else."""
    common = {"rationale": RATIONALE, "citations": (Citation("测试法", "2020", "第一条", QUOTE),), "topic": "总则"}
    return [
        Question("M-1", Kind.SINGLE, f"![标志](picture:{PICTURE}) 哪一项？", ("甲", "**乙**"), "B", **common),
        Question("M-2", Kind.FILL_BLANK, "处罚应当____。", (), ((ACCEPTED,),), **common),
        Question(
            "M-3", Kind.CASE_SET, "某案。", topic="总则",
            items=(Question("M-3a", Kind.TRUE_FALSE, "可以吗？", (), "T", **common),),
        ),
    ]  # fmt: skip


def add_picture(county: County, content: bytes = b"png") -> None:
    bank = create_bank(county.session, "T", "题库", county.bureau, now=NOON)
    county.session.add(
        QuestionPicture(
            bank_id=bank.id, sha256=PICTURE, media_type="image/png", width=1, height=1, content=content, added_at=NOON
        )
    )  # fmt: skip
    county.session.flush()


def form_of(county: County, **given) -> ExamForm:
    return county.exam(drawn=marked(), **given).forms[0]


def test_a_sealed_form_opens_with_its_key_and_holds_paper_texts_and_pictures(county: County):
    add_picture(county)
    form = form_of(county)
    seal = sealing.seal_form(county.session, form, NOON)
    plain = sealing.open_sealed(sealing.form_key(county.session, form.id), form.id, seal.sealed)
    assert plain["paper"] == form.paper
    assert plain["shown"]["items"]["1"]["options"] == {"B": [["strong", {}, ["乙"]]]}
    assert plain["pictures"] == {PICTURE: ["image/png", base64.b64encode(b"png").decode()]}


def test_it_opens_neither_with_another_key_nor_as_another_form_nor_changed(county: County):
    form, other = form_of(county), form_of(county)
    closed = sealing.seal_form(county.session, form, NOON).sealed
    sealing.seal_form(county.session, other, NOON)
    key = sealing.form_key(county.session, form.id)
    assert key != sealing.form_key(county.session, other.id) and len(key) == 32
    for wrong in (
        (sealing.form_key(county.session, other.id), form.id, closed),
        (key, other.id, closed),
        (key, form.id, closed[:-1] + bytes([closed[-1] ^ 1])),
    ):
        with pytest.raises(InvalidTag):
            sealing.open_sealed(*wrong)


def test_only_what_a_candidate_may_see_of_an_item_goes_into_the_seal(county: County):
    paper = {"items": [{"item": 1, "kind": "true_false", "stem": "对吗？", "options": [], "points": 100, "case": None,
                        "key": "T", "rationale": RATIONALE}], "cases": {}}  # fmt: skip
    assert RATIONALE not in json.dumps(sealing.plain_form(county.session, paper), ensure_ascii=False)


def test_a_form_is_sealed_once(county: County):
    form = form_of(county)
    first = sealing.seal_form(county.session, form, NOON)
    assert sealing.seal_form(county.session, form, NOON + timedelta(days=1)) is first
    assert first.sealed_at == NOON


def test_pictures_of_more_than_eight_megabytes_are_refused_with_a_sentence(county: County):
    add_picture(county, b"x" * (sealing.LARGEST + 1))
    form = form_of(county)
    with pytest.raises(sealing.FormTooLarge, match="8 MB"):
        sealing.seal_form(county.session, form, NOON)


def test_pictures_that_grow_beyond_it_as_text_are_refused_too(county: County):
    add_picture(county, b"x" * (sealing.LARGEST - 1000))
    form = form_of(county)
    with pytest.raises(sealing.FormTooLarge, match="Form 1 is 11 MB"):
        sealing.seal_form(county.session, form, NOON)


def test_a_pool_whose_papers_could_not_be_sent_is_refused_when_it_is_published(county: County):
    add_picture(county, b"x" * (sealing.LARGEST + 1))
    form = form_of(county, kind=ExamKind.MONTHLY, before={"delivery": "drawn"})
    with pytest.raises(sealing.FormTooLarge):
        sealing.prepare_form(county.session, form.exam, form, NOON)


def test_a_new_data_key_seals_the_form_s_key_anew_and_leaves_the_form(county: County):
    form = form_of(county)
    before = sealing.seal_form(county.session, form, NOON).sealed
    key = sealing.form_key(county.session, form.id)
    county.session.commit()
    keys.open("77" * 32, "88" * 32, old_data=[DATA_KEY], old_index=[INDEX_KEY])
    column = next(c for c in keys_rotation.sealed_columns(metadata) if c.name == "form_seal.wrapped_key")
    assert [p.changed for p in keys_rotation.rotate(db, keys, column)] == [1]
    keys.open("77" * 32, "88" * 32)
    county.session.expire_all()
    assert sealing.form_key(county.session, form.id) == key
    assert county.session.get_one(FormSeal, form.id).sealed == before


@pytest.mark.parametrize("column", ["sealed", "sha256", "sealed_at"])
def test_a_seal_is_never_changed_and_never_removed(county: County, column: str):
    form = form_of(county)
    sealing.seal_form(county.session, form, NOON)
    county.session.commit()
    value = {"sealed": b"x", "sha256": "0" * 64, "sealed_at": NOON + timedelta(days=1)}[column]
    for act in (update(FormSeal).values({column: value}), delete(FormSeal)):
        with pytest.raises(Exception, match="guard"):
            county.session.execute(act)
        county.session.rollback()


# ---------- through the door ----------
@pytest.fixture
def sitter(app, web_county: County) -> Sitter:
    add_picture(web_county)
    exam = exam_at_noon(web_county, timing="fixed", drawn=marked())
    at(NOON - timedelta(minutes=10))
    return Sitter(app, web_county, exam).ready()


def test_the_form_comes_as_it_was_sealed_and_stays_in_the_browser(sitter: Sitter):
    answer = sitter.form()
    with db.reading() as session:
        seal = session.scalars(select(FormSeal)).one()
        assert answer.data == seal.sealed
    assert answer.mimetype == "application/octet-stream"
    assert "private" in answer.headers["Cache-Control"] and "immutable" in answer.headers["Cache-Control"]
    assert sitter.page["form"]["sha256"] == seal.sha256


def test_a_hundred_devices_fetch_it_from_memory(sitter: Sitter, statements: list[str]):
    sitter.form()
    statements.clear()
    assert all(sitter.form().status_code == 200 for _ in range(10))
    assert statements == []


def test_memory_holds_so_many_bytes_of_sealed_forms_and_no_more(sitter: Sitter):
    form = sitter.page["form"]
    small = kept._Sealed(most=10)
    assert small.get(form["id"], form["sha256"]) == sitter.form().data
    assert (small._held, len(small._kept)) == (0, 0)


def test_without_a_token_of_this_form_nobody_fetches_it(sitter: Sitter):
    county = sitter.county
    stranger = county.officer("陈绍文", born=county.today.replace(year=1985, day=1))
    county.session.commit()
    other = Sitter(sitter.app, county, exam_at_noon(county, timing="fixed"), stranger).ready()
    for token in (other.page["token"], "", "x", sitter.page["token"] + "0"):
        assert sitter.form(token=token).json["error"] == "bad_token"
    address = sitter.page["form"]["address"]
    assert sitter.form(address=address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404


def test_a_token_of_the_running_attempt_fetches_it_too(sitter: Sitter):
    at(NOON)
    assert sitter.form(token=sitter.start().json["token"]).status_code == 200


def test_a_form_published_without_a_seal_is_sealed_once_when_somebody_comes(app, web_county: County):
    exam = exam_at_noon(web_county)
    assert rows_of(FormSeal) == 0
    sitter = Sitter(app, web_county, exam).ready()
    sitter.open()
    assert rows_of(FormSeal) == 1
    assert sitter.unsealed(sitter.start().json["key"])["paper"] == exam.forms[0].paper


def test_reload_and_another_device_have_the_same_form_in_the_same_order(sitter: Sitter):
    """Whatever page opens it, waiting or working: what is laid out is what the server holds to have been seen."""
    waiting = sitter.page
    at(NOON)
    begun = sitter.start().json
    reloaded, elsewhere = sitter.open(), sitter.open(sitter.signed_in())
    assert waiting["form"] == reloaded["form"] == elsewhere["form"]
    assert waiting["seed"] == reloaded["seed"] == elsewhere["seed"]
    assert waiting["device_key"] == reloaded["device_key"]
    shown = [lay_out(sitter.unsealed(key)["paper"], waiting["seed"])
             for key in (begun["key"], reloaded["key"], elsewhere["key"])]  # fmt: skip
    with db.reading() as session:
        seen = laid_out(session.scalars(select(Attempt)).one())
    assert [*shown] == [seen] * 3


def test_two_candidates_of_one_form_see_it_in_another_order(sitter: Sitter):
    county = sitter.county
    other = county.officer("陈绍文", born=county.today.replace(year=1985, day=1))
    county.session.commit()
    second = Sitter(sitter.app, county, sitter.exam, other).ready()
    assert second.page["form"] == sitter.page["form"]
    assert second.page["seed"] != sitter.page["seed"] and second.page["device_key"] != sitter.page["device_key"]


class Traffic:
    """Everything one candidate's browser was ever sent."""

    def __init__(self, sitter: Sitter) -> None:
        self.sitter, self.heard = sitter, []

    def hear(self, answer) -> dict:
        assert answer.status_code < 400, answer.text
        self.heard.append(answer.data)
        return answer.json if answer.is_json else {}

    def get(self, path: str) -> None:
        self.hear(self.sitter.client.get(path))

    def by_token(self, token: str, method: str, path: str, body: dict) -> dict:
        client = self.sitter.app.test_client()
        return self.hear(getattr(client, method)(path, json=body or None, headers={"X-Attempt-Token": token}))


def whole_exam(sitter: Sitter, answer: Sequence = (1, 1, "B")) -> Traffic:
    """From the list of exams to the outcome that waits."""
    heard, page = Traffic(sitter), sitter.page
    for path in ("/", "/exams/", f"/exams/{sitter.exam.id}", f"/exams/attempts/{sitter.public_id}"):
        heard.get(path)
    heard.hear(sitter.client.post(f"/exams/attempts/{sitter.public_id}/open"))
    page = sitter.open()
    at(NOON)
    begun = heard.hear(sitter.start())
    if page["form"]:
        heard.hear(sitter.form())
        heard.heard.append(json.dumps(sitter.unsealed(begun["key"]), ensure_ascii=False).encode())
    place = f"/exams/attempts/{begun['attempt']}"
    heard.by_token(begun["token"], "post", f"{place}/answers", {"changes": [list(answer)]})
    heard.by_token(begun["token"], "get", f"{place}/pulse", {})
    heard.by_token(begun["token"], "post", f"{place}/left", {"seconds": 3})
    again = heard.hear(sitter.client.post(f"/exams/attempts/{sitter.public_id}/open"))
    heard.get(f"/exams/attempts/{sitter.public_id}")
    heard.by_token(again["token"], "post", f"{place}/hand-in", {})
    heard.hear(sitter.client.post(f"/exams/attempts/{sitter.public_id}/open"))
    for path in ("/exams/", f"/exams/{sitter.exam.id}", f"/exams/attempts/{sitter.public_id}/outcome"):
        heard.get(path)
    return heard


def shows(heard: Traffic, words: str) -> bool:
    """Whether the words came, as they are or as JSON and HTML write them."""
    escaped = json.dumps(words)[1:-1]
    return any(words.encode() in body or escaped.encode() in body for body in heard.heard)


def test_nothing_of_the_key_is_in_the_whole_traffic_of_a_candidate(sitter: Sitter):
    heard = whole_exam(sitter)
    assert shows(heard, "处罚应当____。") and shows(heard, "某案。")  # the paper itself was there to be found
    for mark in (RATIONALE, ACCEPTED, QUOTE, '"rationale"', '"citations"', "M-1", "M-3a"):
        assert not shows(heard, mark), mark
    assert not any(b'"key": "T"' in body or b'"key":"T"' in body for body in heard.heard)


def test_before_the_hour_nothing_a_candidate_holds_opens_the_form(sitter: Sitter):
    """Neither the paper nor the key of its seal is in what came before the start."""
    page, heard = sitter.page, Traffic(sitter)
    for path in ("/exams/", f"/exams/{sitter.exam.id}", f"/exams/attempts/{sitter.public_id}"):
        heard.get(path)
    heard.heard.append(json.dumps(page, ensure_ascii=False).encode())
    heard.hear(sitter.form())
    with db.reading() as session:
        key = sealing.form_key(session, page["form"]["id"])
    assert not shows(heard, "处罚应当") and not shows(heard, "某案。")
    for written in (base64.b64encode(key), key.hex().encode(), key):
        assert not any(written in body for body in heard.heard)
    with pytest.raises(InvalidTag):
        sealing.open_sealed(base64.b64decode(page["device_key"]), page["form"]["id"], sitter.form().data)
