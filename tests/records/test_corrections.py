"""A wrong name or ID number: proposed by one, confirmed by another, the old value kept."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.credentials import queries as credentials
from portal.credentials.operations import recheck
from portal.credentials.verification import standing_of
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.duties.operations import SamePerson
from portal.people.models import IdentityCheck, Person, Role
from portal.people.queries import id_number_index
from portal.people.records import operations as file
from portal.people.records import queries as records
from portal.people.records.corrections import operations, queries
from portal.people.records.models import CorrectedFact, CorrectionEnd, PersonCorrection, Purpose, RevealedFact
from portal.people.records.operations import AreaUnknown, BelongsToAnother, WrongFact
from portal.people.rules import check_digit
from tests.conftest import NOON
from tests.records.conftest import Office, stored, waits_for_recheck


def number(first17: str = "22058119900506102") -> str:
    return first17 + check_digit(first17)


def proposed(office: Office, fact: str = "id_number", value: str = "", **more: object) -> PersonCorrection:
    values = {"document": "居民身份证，2026-11-20 核对", "area_compared": False, "account": office.keeper, **more}
    return operations.propose_correction(
        office.county.session, office.person, CorrectedFact(fact), value or number(), now=NOON, **values
    )


def confirmed(office: Office, row: PersonCorrection) -> Person:
    session = office.county.session
    value = queries.said(session, row)["new"]
    operations.confirm_correction(session, row, value=value, account=office.second, now=NOON)
    return office.person


def test_a_number_is_put_right_by_two_people_and_everything_follows(office: Office):
    session, before = office.county.session, office.person.id_number()
    right = number("22058119910607103")
    row = proposed(office, value=right)
    assert office.person.id_number() == before, "a proposal changes nothing"
    person = confirmed(office, row)
    assert person.id_number() == right and person.id_number_index == id_number_index(right)
    assert (person.sex, person.birth_date.isoformat(), person.version) == ("m", "1991-06-07", 2)
    assert records.by_id_number(session, right).id == person.id and records.by_id_number(session, before) is None
    assert waits_for_recheck(session, person.id) == {"identity"}


def test_the_old_value_stays_and_only_sealed(office: Office):
    session, before = office.county.session, office.person.id_number()
    row = proposed(office)
    confirmed(office, row)
    assert queries.said(session, row)["old"] == before
    raw = session.execute(text("SELECT sealed FROM person_correction")).scalar_one()
    assert before.encode() not in bytes(raw) and number().encode() not in bytes(raw)


def test_a_name_is_put_right_and_its_spelling_follows(office: Office):
    person = confirmed(office, proposed(office, "name", "解 雅琴"))
    assert person.name == "解雅琴" and "xieyaqin" in person.name_pinyin
    assert office.person.id_number_index == id_number_index(office.person.id_number())


def test_whoever_proposes_does_not_confirm(office: Office):
    row = proposed(office)
    with pytest.raises(SamePerson):
        operations.confirm_correction(office.county.session, row, value=number(), account=office.keeper, now=NOON)
    assert office.person.version == 1


def test_the_database_itself_wants_a_second_person(office: Office):
    session, row = office.county.session, proposed(office)
    with pytest.raises(DBAPIError, match="guard"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO person_correction_end (correction_id, outcome, at, account_id) "
                "VALUES (:row, 'confirmed', '2026-11-23 00:00:00', :account)"
            ),
            {"row": row.id, "account": office.keeper.id},
        )


@pytest.mark.parametrize("table", ["person_correction", "person_correction_end", "person_reveal", "person_change"])
def test_the_history_is_only_added_to(office: Office, table: str):
    session, person = office.county.session, office.person
    post = person.posts[-1]
    facts = file.current_facts(person, post) | {"title": "中队长"}
    file.edit_person(session, person, post, facts, version=1, account=office.keeper, now=NOON)
    file.reveal(
        session, person, RevealedFact.PHONE, purpose=Purpose.CONTACT, why="联系本人", account=office.keeper, now=NOON
    )
    confirmed(office, proposed(office))
    column = {"person_correction_end": "outcome", "person_change": "version"}.get(table, "fact")
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="guard"), session.begin_nested():
            session.execute(text(statement))


SLIP = number()[:17] + ("1" if number()[17] != "1" else "2")


@pytest.mark.parametrize("wrong", ["220581199005061", SLIP, number("22058119900230102"), "x"])
def test_a_number_that_cannot_be_right_is_refused(office: Office, wrong: str):
    with pytest.raises(WrongFact):
        proposed(office, value=wrong)


def test_an_unknown_area_has_to_be_compared(office: Office):
    odd = number("99999919900506102")
    with pytest.raises(AreaUnknown):
        proposed(office, value=odd)
    assert proposed(office, value=odd, area_compared=True).fact == "id_number"


def test_without_a_document_nothing_is_proposed(office: Office):
    with pytest.raises(WrongFact):
        proposed(office, document=" ")


def test_a_number_of_somebody_else_points_to_merging(office: Office):
    other = office.second.person
    with pytest.raises(BelongsToAnother, match="merge") as refusal:
        proposed(office, value=other.id_number())
    assert refusal.value.person_id == other.id


def test_a_number_taken_between_proposal_and_confirmation_is_refused(office: Office):
    session, row = office.county.session, proposed(office)
    file.set_id_number(office.second.person, number())
    session.flush()
    with pytest.raises(BelongsToAnother):
        operations.confirm_correction(session, row, value=number(), account=office.stranger, now=NOON)


def test_one_proposal_at_a_time_and_settled_once(office: Office):
    row = proposed(office)
    with pytest.raises(operations.AlreadyProposed):
        proposed(office, value=number("22058119920708104"))
    confirmed(office, row)
    with pytest.raises(operations.Settled):
        operations.confirm_correction(office.county.session, row, value=number(), account=office.stranger, now=NOON)
    with pytest.raises(operations.Settled):
        operations.refuse_correction(office.county.session, row, reason="误", account=office.stranger, now=NOON)


def test_a_refused_proposal_changes_nothing(office: Office):
    session, row, before = office.county.session, proposed(office), office.person.id_number()
    operations.refuse_correction(session, row, reason="与身份证不符", account=office.second, now=NOON)
    assert office.person.id_number() == before
    assert session.get_one(CorrectionEnd, row.id).outcome == "refused"


def test_a_check_of_the_wrong_number_no_longer_counts_until_a_new_one(office: Office):
    session: Session = office.county.session
    office.county.certified(office.officer)
    assert records.standing_identity_check(session, office.person.id) is not None
    confirmed(office, proposed(office))
    assert records.standing_identity_check(session, office.person.id) is None
    assert [p.counts for p in records.papers_of(session, office.person.id) if p.kind == "identity"] == [False]
    session.add(
        IdentityCheck(
            person_id=office.person.id, checked_on=office.county.today, photo_meets_standard=True, reference="重新核验"
        )
    )
    session.flush()
    assert records.standing_identity_check(session, office.person.id).reference == "重新核验"


def test_a_check_still_counts_after_a_corrected_name(office: Office):
    office.county.certified(office.officer)
    confirmed(office, proposed(office, "name", "周雅芹"))
    assert records.standing_identity_check(office.county.session, office.person.id) is not None


def test_a_recorded_eligibility_is_suspended_until_the_identity_is_checked_again(office: Office):
    county, session = office.county, office.county.session
    officer, application, checker = office.officer, *_ready(office)
    county.decided(application, checker)
    confirmed(office, proposed(office))
    recheck(session, officer.person_id, now=NOON)
    (eligibility, _), *_ = credentials.eligibilities_of(session, officer.person_id)
    events = credentials.standing_events(session, eligibility.id)
    assert (events[-1].kind, events[-1].reason) == ("suspended", "identity")
    assert standing_of(session, eligibility, events, NOON)[0] != "valid"


def _ready(office: Office):
    county, officer = office.county, office.officer
    county.certified(officer)
    county.hours(officer)
    county.passes(officer)
    checker = county.staff(Role.BUREAU_CHECKER, county.city, born=date(1983, 1, 1))
    return county.application(officer, unit=office.keeper), checker


def test_both_steps_through_their_doors(web_office: Office, enter):
    person_id, path = web_office.person.id, f"/people/{web_office.person.id}/corrections/new"
    first, second = enter(web_office.keeper), enter(web_office.second)
    sent = {"fact": "id_number", "value": number(), "document": "居民身份证"}
    assert first.post(path, data=sent).status_code == 303
    listed = second.get("/people/corrections?show=corrections").text
    assert "周雅琴" in listed and "管理甲" in listed
    page = f"/people/corrections/{_only_correction()}"
    assert "/confirm" not in first.get(page).text
    assert first.post(f"{page}/confirm").status_code == 403
    assert enter(web_office.stranger).post(f"{page}/confirm").status_code == 404
    assert number() not in second.get(page).text, "the second person looks at the document, not at the screen"
    slip = number("22058119900506104")
    assert second.post(f"{page}/confirm", data={"value": slip}).status_code == 422
    assert stored(person_id).id_number() != number()
    assert second.post(f"{page}/confirm", data={"value": number().lower()}).status_code == 303
    assert stored(person_id).id_number() == number()
    assert number() not in second.get(f"/people/{person_id}").text


def _only_correction() -> int:
    with db.reading() as session:
        return session.scalars(select(PersonCorrection.id)).one()


def test_the_number_stays_found_by_its_index_under_either_key(office: Office):
    confirmed(office, proposed(office))
    assert office.person.id_number_index in keys.blinds(number(), "person|id_number")
