"""The queue and the file of a handed-up or deputised case say so, and show the decision to whose turn it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.credentials.models import Application
from portal.people.duties import grants
from portal.people.models import Account, BodyKind, Level, Role
from tests.duties.conftest import staff
from tests.factories import County

BAR = 'value="eligible"'
UP = "#i-up"


@pytest.fixture
def handed_up(web_county: County) -> tuple[Application, Account, Account]:
    """The application, the county's only checker, who gave the unit's opinion, and the province's checker."""
    county = web_county
    county.body("吉林省司法厅", BodyKind.JUSTICE_BUREAU, Level.PROVINCE, county.province)
    checker, above = staff(county, Role.BUREAU_CHECKER), staff(county, Role.BUREAU_CHECKER, county.province)
    officer = county.officer()
    county.certified(officer)
    county.hours(officer)
    county.passes(officer)
    application = county.application(officer, unit=checker)
    county.session.commit()
    return application, checker, above


def test_the_higher_level_finds_it_in_its_queue_and_decides(web_county, signed_in, handed_up):
    application, _, above = handed_up
    client, path = signed_in(above), f"/eligibility/{application.id}"
    queue = client.get("/eligibility?state=raised").text
    assert f'href="{path}"' in queue
    assert "吉林省司法厅" in queue
    assert UP in queue
    page = client.get(path).text
    assert BAR in page
    assert "吉林省司法厅" in page
    answer = client.post(f"{path}/decision", data={"outcome": "eligible", "opinion": "同意"})
    assert answer.status_code == 303
    decided = client.get(path).text
    assert "吉林省司法厅" in decided  # the step keeps where it was taken
    assert f'href="{path}"' not in client.get("/eligibility?state=raised").text


def test_the_lower_level_sees_where_it_went_and_has_no_button(web_county, signed_in, handed_up):
    application, checker, _ = handed_up
    client, path = signed_in(checker), f"/eligibility/{application.id}"
    page = client.get(path).text
    assert BAR not in page
    assert "吉林省司法厅" in page
    assert client.post(f"{path}/decision", data={"outcome": "eligible"}).status_code == 403
    assert client.post(f"{path}/return", data={"opinion": "补正"}).status_code == 403
    assert f'href="{path}"' not in client.get("/eligibility?state=raised").text


def test_a_long_queue_costs_no_more_statements(web_county: County, signed_in, statements):
    checker = staff(web_county, Role.BUREAU_CHECKER)
    unit = staff(web_county, Role.UNIT_ADMIN, web_county.transport)
    web_county.session.commit()
    client, counts = signed_in(checker), []
    client.get("/eligibility")
    for first in (0, 1):
        for number in range(first * 12 + 1):
            born = web_county.today.replace(year=1950 + first * 20 + number)
            web_county.application(web_county.officer(born=born), unit=unit)
        web_county.session.commit()
        statements.clear()
        assert client.get("/eligibility").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10


def test_a_deputy_s_step_shows_for_whom_he_signed(web_county: County, signed_in):
    county = web_county
    absent, deputy = staff(county, Role.UNIT_ADMIN, county.transport), staff(county, Role.LEADER, county.transport)
    absent.person.name = "秦望舟"
    grants.stand_in(
        county.session, absent.grants[0], deputy, starts_on=county.today, ends_on=county.today + timedelta(days=3),
        reason="休假", by=absent, now=county.now,
    )  # fmt: skip
    application = county.application(county.officer())
    supervisor = staff(county, Role.SUPERVISOR)
    county.session.commit()
    client, path = signed_in(deputy), f"/eligibility/{application.id}"
    assert client.post(f"{path}/unit-opinion", data={"opinion": "同意"}).status_code == 303
    assert "秦望舟" in signed_in(supervisor).get(path).text
    assert client.post(f"{path}/unit-opinion", data={"opinion": "同意"}).status_code == 409
