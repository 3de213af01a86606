"""Who sees a sealed question is written down before it is shown; what a shared bank opens and what not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from portal.bank import operations as banks
from portal.bank import queries
from portal.bank.following.models import QuestionView, ViewedBy
from portal.bank.following.operations import NOTED_FOR, note_views
from portal.bank.following.queries import seen_by
from portal.bank.models import QuestionStatus
from portal.ground.db import db
from portal.people.models import Field, Role
from tests.bank.conftest import Desk, staff


def views(session) -> int:
    return session.scalar(select(func.count(QuestionView.id)))


def test_a_view_is_noted_once_in_ten_minutes(desk: Desk):
    version = desk.question().current_version_id
    for minutes in (0, 9):
        note_views(desk.session, desk.writer, [version], ViewedBy.PAGE, desk.now + timedelta(minutes=minutes))
    assert views(desk.session) == 1
    note_views(desk.session, desk.writer, [version], ViewedBy.PAGE, desk.now + NOTED_FOR)
    assert views(desk.session) == 2


def test_another_person_and_another_way_are_views_of_their_own(desk: Desk):
    row = desk.question()
    note_views(desk.session, desk.writer, [row.current_version_id], ViewedBy.PAGE, desk.now)
    note_views(desk.session, desk.writer, [row.current_version_id], ViewedBy.EXPORT, desk.now)
    note_views(desk.session, desk.reviewer, [row.current_version_id] * 2, ViewedBy.REVIEW, desk.now)
    assert views(desk.session) == 3
    assert sorted(len(one.via) for one in seen_by(desk.session, row)) == [1, 2]


def test_what_is_published_for_study_is_not_noted(desk: Desk):
    row = desk.question()
    desk.bank.sealed = False
    desk.session.flush()
    assert note_views(desk.session, desk.writer, [row.current_version_id], ViewedBy.PAGE, desk.now) == 0


@pytest.mark.parametrize("page, way", [("", "page"), ("/compare?old=1&new=1", "page")])
def test_a_page_notes_its_reader_before_it_shows_the_question(web_desk: Desk, signed_in, page: str, way: str):
    row = web_desk.question()
    web_desk.session.commit()
    client = signed_in(web_desk.writer)
    for _again in range(2):
        assert client.get(f"/banks/B-1/questions/{row.code}{page}").status_code == 200
    with db.reading() as session:
        found = session.scalars(select(QuestionView)).all()
    assert [(v.account_id, v.via, v.version_id) for v in found] == [(web_desk.writer.id, way, row.current_version_id)]
    assert "吕明哲" in client.get(f"/banks/B-1/questions/{row.code}").text


def test_editor_and_review_desk_note_theirs(web_desk: Desk, signed_in):
    row = web_desk.question(status=QuestionStatus.REVIEW)
    web_desk.session.commit()
    signed_in(web_desk.reviewer).get(f"/banks/B-1/questions/{row.code}/review")
    writer = signed_in(web_desk.writer)
    writer.get(writer.post(f"/banks/B-1/questions/{row.code}/edit").headers["Location"])
    with db.reading() as session:
        assert sorted(session.scalars(select(QuestionView.via))) == ["editor", "review"]


def test_a_shared_bank_is_read_below_and_written_only_at_home(desk: Desk):
    above = banks.create_bank(desk.session, "P-1", "省题库", desk.county.province, now=desk.now)
    with pytest.raises(NoResultFound):
        queries.bank_readable(desk.session, desk.writer, "P-1")
    above.shared = True
    desk.session.flush()
    opened = queries.bank_readable(desk.session, desk.writer, "P-1")
    assert not opened.writable
    assert [(o.bank.code, o.writable) for o in queries.banks_readable(desk.session, desk.writer)] == [
        ("B-1", True), ("P-1", False),
    ]  # fmt: skip
    with pytest.raises(NoResultFound):
        queries.bank_in_scope(desk.session, desk.writer, "P-1")


def test_a_bank_below_or_beside_is_not_shared_upwards(desk: Desk):
    beside = banks.create_bank(desk.session, "C-1", "集安题库", desk.county.other_city, now=desk.now)
    beside.shared = True
    desk.session.flush()
    with pytest.raises(NoResultFound):
        queries.bank_readable(desk.session, desk.writer, "C-1")


def test_a_role_for_one_field_reads_shared_banks_of_its_field_and_of_general_law(desk: Desk):
    for code, field in (("P-T", "transport"), ("P-E", "ecology"), ("P-G", None)):
        bank = banks.create_bank(desk.session, code, code, desk.county.province, field=field, now=desk.now)
        bank.shared = True
    desk.session.flush()
    transport = staff(desk.county, Role.TRAINER, field=Field.TRANSPORT)
    assert {o.bank.code for o in queries.banks_readable(desk.session, transport)} == {"P-T", "P-G"}


def test_a_shared_bank_shows_no_button_and_refuses_a_direct_post(web_desk: Desk, signed_in):
    above = banks.create_bank(web_desk.session, "P-1", "省题库", web_desk.county.province, now=web_desk.now)
    above.shared = True
    home, web_desk.bank = web_desk.bank, above
    row = web_desk.question()
    web_desk.bank = home
    web_desk.session.commit()
    client, address = signed_in(web_desk.writer), f"/banks/P-1/questions/{row.code}"
    page = client.get(address).text
    assert "甲项" in page and f"{address}/edit" not in page and f"{address}/submit" not in page
    doors = (f"{address}/edit", f"{address}/submit", "/banks/P-1/write", "/banks/P-1/settings", "/banks/P-1/pictures/")
    for door in doors:
        assert client.post(door, data={"kind": "single_choice"}).status_code == 404, door
