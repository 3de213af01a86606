"""The editor through its doors: with the script and without, and what another account finds."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.bank.models import Question, QuestionStatus
from portal.bank.writing.models import QuestionDraft
from portal.ground.db import db
from portal.people.models import Role
from question_bank.questions import Kind
from tests.bank.conftest import Desk, staff

JSON = {"Accept": "application/json"}
MANY_DIGITS = "9" * 5000  # more than Python turns into a number
MULTIPLE = {
    "was": "multiple_choice", "kind": "multiple_choice", "stem": "关于听证，哪些说法正确？",
    "option": ["甲说法正确无误", "乙说法不对头", "丙说法也正确", ""], "key": ["A", "C"],
    "rationale": "依据第一条。", "law": ["测试法"], "label": ["2020"], "article": ["第一条"], "summary": [""],
    "topic": "听证", "difficulty": "3", "cognitive_level": "apply", "items": "0", "number": "1",
}  # fmt: skip


def begin(client, kind: str = "multiple_choice") -> str:
    """The address of a new draft."""
    return client.post("/banks/B-1/write", data={"kind": kind}).headers["Location"]


def stored(address: str) -> QuestionDraft:
    with db.reading() as session:
        return session.get_one(QuestionDraft, int(address.rsplit("/", 1)[1].split("#")[0]))


@pytest.mark.parametrize("kind", list(Kind))
def test_an_empty_draft_of_every_kind_is_shown_and_takes_itself_back(web_desk: Desk, signed_in, kind: Kind):
    client = signed_in(web_desk.writer)
    address = begin(client, kind)
    assert client.get(address).status_code == 200
    told = client.post(address, data=MULTIPLE | {"was": kind, "kind": kind}, headers=JSON)
    assert told.status_code == 200, told.text
    assert client.get(address).status_code == 200


def test_typed_text_is_saved_and_shown_again(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    told = client.post(address, data=MULTIPLE, headers=JSON).json
    assert told["number"] == 2 and told["saved"] == "12:00:00"
    assert "关于听证" in told["preview"] and told["question"]["key"] == "AC"
    page = client.get(address).text
    assert "甲说法正确无误" in page and 'value="2"' in page


def test_a_button_of_the_form_adds_a_row_without_the_script(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    answer = client.post(address, data=MULTIPLE | {"do": "add:options"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("#options")
    assert len(stored(address).body["question"]["options"]) == 5


def test_removing_an_option_moves_the_key_with_the_others(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    client.post(address, data=MULTIPLE | {"do": "drop:options/1"})
    question = stored(address).body["question"]
    assert (question["options"][:2], question["key"]) == (["甲说法正确无误", "丙说法也正确"], "AB")


def test_submitting_makes_a_version_under_review_with_a_number_of_the_bank(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    answer = client.post(begin(client), data=MULTIPLE | {"do": "submit"})
    assert answer.status_code == 303, answer.text
    with db.reading() as session:
        row = session.scalars(select(Question)).one()
        assert (row.code, row.status) == ("B-1-00001", QuestionStatus.REVIEW)
        assert row.current.body["options"] == ["甲说法正确无误", "乙说法不对头", "丙说法也正确"]
        assert session.scalar(select(func.count(QuestionDraft.id))) == 0


def test_a_question_with_faults_is_not_submitted_and_its_draft_is_kept(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    answer = client.post(address, data=MULTIPLE | {"do": "submit", "key": [], "stem": "改过的题干"})
    assert answer.status_code == 409 and 'class="mf-errsum"' in answer.text
    assert stored(address).body["question"]["stem"] == "改过的题干"


def test_a_stale_page_gets_both_texts_and_loses_nothing(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    client.post(address, data=MULTIPLE, headers=JSON)
    late = client.post(address, data=MULTIPLE | {"stem": "另一页写的题干"}, headers=JSON)
    assert late.status_code == 409 and late.json["number"] == 2
    assert "关于听证" in late.json["both"] and "另一页写的题干" in late.json["both"]
    plain = client.post(address, data=MULTIPLE | {"stem": "另一页写的题干"})
    assert plain.status_code == 409 and plain.text.count("另一页写的题干") >= 2
    assert stored(address).body["question"]["stem"] == MULTIPLE["stem"]


def test_the_writer_answers_his_own_question(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    client.post(address, data=MULTIPLE, headers=JSON)
    right = client.post(f"{address}/answer", data={"answer-0": ["C", "A"], "pieces": "1"}).text
    wrong = client.post(f"{address}/answer", data={"answer-0": ["B"], "pieces": "1"}).text
    assert "mf-badge--ok" in right and "mf-badge--bad" in wrong and "依据第一条" in wrong


def test_another_writer_does_not_find_the_draft(web_desk: Desk, signed_in):
    other = staff(web_desk.county, Role.TRAINER)
    web_desk.session.commit()
    address = begin(signed_in(web_desk.writer))
    client = signed_in(other)
    assert client.get(address).status_code == 404
    assert client.post(address, data=MULTIPLE, headers=JSON).status_code == 404


def test_malformed_forms_are_refused(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client, "case_set")
    wishes = [{"do": wish} for wish in ("drop:options/77", "up:citations/x", "add:key")]
    for broken in ({"was": "poem"}, {"items": "99"}, *wishes):
        assert client.post(address, data=MULTIPLE | broken).status_code == 400, broken
    case = {"was": "case_set", "kind": "case_set"}
    inside = MULTIPLE | case | {"items": "1"} | {f"i0-{name}": value for name, value in case.items()}
    assert client.post(address, data=inside).status_code == 400
    assert client.post(address, data=MULTIPLE | {"stem": "长" * 20_001}).status_code == 413
    for place in ("drop:options/", "drop:items/"):
        assert client.post(address, data=MULTIPLE | {"do": place + MANY_DIGITS}).status_code == 400
    deep = {"do": f"drop:items/{MANY_DIGITS}/options/0"}
    assert client.post(address, data=MULTIPLE | deep).status_code == 400


@pytest.mark.parametrize("kind, field", [
    ("document_drafting", "weight"), ("ordering", "place"), ("matching", "pair"),
])  # fmt: skip
def test_a_number_longer_than_its_field_counts_as_none(web_desk: Desk, signed_in, kind: str, field: str):
    client = signed_in(web_desk.writer)
    address = begin(client, kind)
    sent = MULTIPLE | {"was": kind, "kind": kind, "criterion": "写明事实", "match": "罚款", field: MANY_DIGITS}
    assert client.post(address, data=sent, headers=JSON).status_code == 200
    assert MANY_DIGITS not in str(stored(address).body["question"]["key"])


def test_a_case_keeps_its_questions_through_adding_moving_and_removing(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client, "case_set")
    case = MULTIPLE | {"was": "case_set", "kind": "case_set", "stem": "案情", "items": "2"}
    for at, words in enumerate(("第一问", "第二问")):
        case |= {f"i{at}-was": "true_false", f"i{at}-kind": "true_false", f"i{at}-stem": words, f"i{at}-key": "TF"[at]}
    client.post(address, data=case | {"do": "up:items/1"})
    kept = stored(address)
    assert [(i["stem"], i["key"]) for i in kept.body["question"]["items"]] == [("第二问", "F"), ("第一问", "T")]
    client.post(address, data=case | {"number": str(kept.number), "do": "add:items"})
    assert len(stored(address).body["question"]["items"]) == 3
    page = client.get(address).text
    assert 'id="i2-stem"' in page


def test_choosing_the_same_kind_again_leads_back_to_the_draft_in_which_nothing_was_typed(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    first = begin(client)
    assert begin(client) == first
    assert begin(client, "true_false") != first
    client.post(first, data=MULTIPLE, headers=JSON)
    assert begin(client) != first


def test_a_refused_submission_says_how_many_places_are_to_be_mended(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    client.set_cookie("mingfa_lang", "en")
    page = client.post(begin(client), data={**MULTIPLE, "stem": "", "rationale": "", "do": "submit"}).text
    assert "Before it goes to review, 2 places are to be mended." in page


def test_a_version_the_library_lacks_is_answered_with_those_it_has(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    client.set_cookie("mingfa_lang", "en")
    address = begin(client)
    client.post(address, data=MULTIPLE | {"label": ["1999"]}, headers=JSON)
    assert "The library does not know 测试法 (1999).</a> The library has: 2020." in client.get(address).text
