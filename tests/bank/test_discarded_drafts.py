"""A discarded draft leaves the list and can be brought back as it was."""

from __future__ import annotations

import pytest

from portal.bank.writing import operations, queries
from portal.people.models import Role
from tests.bank.conftest import Desk, staff
from tests.bank.test_editor_doors import JSON, MULTIPLE, begin, stored


def test_a_discarded_draft_leaves_the_list_and_its_page_offers_the_way_back(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    client.post(address, data=MULTIPLE, headers=JSON)

    answer = client.post(f"{address}/discard")
    assert answer.status_code == 303 and answer.headers["Location"] == address
    page = client.get(address).text
    assert f'action="{address}/restore"' in page and 'id="editor"' not in page
    mine = client.get("/banks/mine").text
    assert f'href="{address}"' not in mine and f'action="{address}/restore"' in mine

    assert client.post(f"{address}/restore").status_code == 303
    assert stored(address).body["question"]["stem"] == MULTIPLE["stem"]
    assert f'href="{address}"' in client.get("/banks/mine").text and 'id="editor"' in client.get(address).text


def test_what_is_discarded_is_neither_saved_nor_submitted(web_desk: Desk, signed_in):
    client = signed_in(web_desk.writer)
    address = begin(client)
    client.post(f"{address}/discard")
    assert client.post(address, data=MULTIPLE, headers=JSON).status_code == 404
    assert client.post(f"{address}/answer", data={}).status_code == 404


def test_nobody_else_brings_it_back(web_desk: Desk, signed_in):
    other = staff(web_desk.county, Role.TRAINER)
    web_desk.session.commit()
    client = signed_in(web_desk.writer)
    address = begin(client)
    client.post(f"{address}/discard")
    assert signed_in(other).post(f"{address}/restore").status_code == 404


def test_a_question_is_begun_anew_after_discarding_and_the_older_text_waits(desk: Desk):
    row = desk.question()
    first = operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    operations.discard_draft(desk.session, first, now=desk.now)
    second = operations.begin(desk.session, row, account=desk.writer, now=desk.now)
    assert second.id != first.id

    with pytest.raises(operations.DraftThere):
        operations.restore_draft(desk.session, first)
    operations.discard_draft(desk.session, second, now=desk.now)
    operations.restore_draft(desk.session, first)
    operations.restore_draft(desk.session, first)  # twice is once
    assert [draft.id for draft, *_ in queries.own_drafts(desk.session, desk.writer)] == [first.id]
    assert [draft.id for draft, *_ in queries.own_discarded(desk.session, desk.writer)] == [second.id]


def test_the_page_of_a_refused_return_says_why(web_desk: Desk, signed_in):
    row = web_desk.question()
    web_desk.session.commit()
    client = signed_in(web_desk.writer)
    address = client.post(f"/banks/B-1/questions/{row.code}/edit").headers["Location"]
    client.post(f"{address}/discard")
    client.post(f"/banks/B-1/questions/{row.code}/edit")
    refused = client.post(f"{address}/restore")
    assert refused.status_code == 409 and 'class="mf-errsum"' in refused.text
