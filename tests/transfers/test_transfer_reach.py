"""A transfer ends what lies at the unit that is left, and shows each side no more than it answers for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.people import operations as people
from portal.people.models import Account, Grant, Role
from portal.people.transfers import operations, queries
from tests.transfers.test_transfer import Move, move  # noqa: F401
from tests.transfers.test_transfer_on_the_web import Two, two  # noqa: F401


def live(move: Move, account: Account) -> list[tuple[str, int, str | None]]:  # noqa: F811
    found = select(Grant).where(Grant.account_id == account.id, Grant.revoked_at.is_(None))
    return sorted((g.role, g.body_id, g.field) for g in move.session.scalars(found))


def test_a_role_elsewhere_stays_and_what_was_lent_here_ends(move: Move) -> None:  # noqa: F811
    county, deputy, now = move.county, move.sender, move.county.now
    there = people.grant(move.session, move.officer, Role.MARKER, county.other_city, now=now)
    above = people.grant(move.session, move.officer, Role.TRAINER, county.city, now=now)
    here = people.grant(move.session, move.officer, Role.MARKER, county.transport, now=now)
    lent_here, lent_there = (
        Grant(
            account_id=deputy.id, role=Role.MARKER, body_id=body.id, granted_at=now, on_behalf_of_id=move.officer.id,
            starts_on=county.today, ends_on=county.today + timedelta(days=9),
        )
        for body in (county.transport, county.other_city)
    )  # fmt: skip
    move.session.add_all([lent_here, lent_there])
    move.session.flush()
    move.confirm(move.released())
    assert (here.revoked_at, lent_here.revoked_at) == (now, now)
    assert (there.revoked_at, above.revoked_at, lent_there.revoked_at) == (None, None, None)


def test_one_officers_role_goes_along_with_its_field_and_last_day(move: Move) -> None:  # noqa: F811
    last = move.county.today + timedelta(days=30)
    move.officer.grants[0].revoked_at = move.county.now
    for field in ("transport", "culture"):
        people.grant(
            move.session, move.officer, Role.OFFICER, move.county.transport, field=field, ends_on=last,
            now=move.county.now,
        )  # fmt: skip
    move.confirm(move.released())
    assert live(move, move.officer) == [("officer", move.target.id, "transport")]
    found = select(Grant.ends_on).where(Grant.account_id == move.officer.id, Grant.revoked_at.is_(None))
    assert move.session.scalars(found).one() == last


def test_an_officers_role_held_there_already_is_not_given_twice(move: Move) -> None:  # noqa: F811
    people.grant(move.session, move.officer, Role.OFFICER, move.target, now=move.county.now)
    move.confirm(move.released())
    assert live(move, move.officer) == [("officer", move.target.id, None)]


def test_a_confirmed_transfer_is_a_new_version_of_the_person(move: Move) -> None:  # noqa: F811
    person, before = move.officer.person, move.officer.person.version
    move.confirm(move.released())
    assert person.version == before + 1


def test_the_receiver_sees_it_from_the_release_on(move: Move) -> None:  # noqa: F811
    transfer = move.opened()
    for asked in (queries.transfer_in_scope, queries.to_confirm):
        with pytest.raises(NoResultFound):
            asked(move.session, move.receiver, transfer.id)
    assert queries.transfer_in_scope(move.session, move.sender, transfer.id).id == transfer.id
    operations.withdraw(move.session, transfer, reason="误报", account=move.sender, now=move.county.now)
    with pytest.raises(NoResultFound):  # it never reached him
        queries.transfer_in_scope(move.session, move.receiver, transfer.id)
    again = move.released()
    assert queries.to_confirm(move.session, move.receiver, again.id).id == again.id
    operations.withdraw(move.session, again, reason="误报", account=move.sender, now=move.county.now)
    assert queries.transfer_in_scope(move.session, move.receiver, again.id).state == "withdrawn"


def test_after_its_end_the_page_tells_the_course_and_nothing_live(two: Two) -> None:  # noqa: F811
    two.county.hours(two.officer)
    masked = two.officer.person.masked_id_number()
    two.county.session.commit()
    transfer_id, sender = two.opened(), two.enter(two.sender)
    receiver, address = two.enter(two.receiver), f"/transfers/{transfer_id}"
    assert receiver.get(address).status_code == 404
    two.enter(two.sender).post(f"{address}/release", data={"done": ["matters", "files", "equipment"]})
    for side in (sender, receiver):
        assert masked in (page := side.get(address).text) and "tr-roles" in page
    assert receiver.post(f"{address}/confirm").status_code == 303
    for side in (sender, receiver):
        page = side.get(address).text
        assert masked not in page and "tr-roles" not in page and "mf-line" in page
