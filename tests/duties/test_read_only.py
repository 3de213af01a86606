"""A supervisor and a leader look; every door that changes something stays shut to them."""

from __future__ import annotations

import re

import pytest

from portal.people.models import Role
from tests.duties.conftest import staff
from tests.factories import County

# What everybody may do about his own account and his own person.
OWN = {
    "own_data.export", "people_access.change_password", "people_access.end_device", "people_access.end_other_devices",
    "people_access.sign_out", "people_corrections.ask", "people_duties.end_deputy", "people_duties.let_stand_in",
    "people_factors.confirm_totp", "people_factors.link_provider", "people_factors.passkey",
    "people_factors.passkey_begin", "people_factors.recovery_codes", "people_factors.start_totp",
    "people_privacy.acknowledge", "people_proof.confirm_now", "people_proof.confirm_passkey",
    "people_proof.confirm_passkey_begin",
}  # fmt: skip
# Looking that is written down, or whose words must not stand in an address.
LOOKS = {
    "people.export", "people.find", "people_duties.find", "people_registers.export_reviewers", "reports_trail.export",
    "reports_trail.reveal",
}  # fmt: skip
OPEN_TO_ALL = ("public", "token")  # ways in, and saving with an attempt's own token


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.LEADER])
def test_no_door_that_changes_something_opens(app, web_county: County, signed_in, role: Role):
    account = staff(web_county, role, web_county.province)
    web_county.session.commit()
    client, opened = signed_in(account), []
    for rule in app.url_map.iter_rules():
        needed = app.view_functions[rule.endpoint].needs
        if "POST" not in rule.methods or rule.endpoint in OWN | LOOKS or needed in OPEN_TO_ALL:
            continue
        path = re.sub(r"<(?:\w+:)?\w+>", "1", rule.rule)
        if client.post(path).status_code not in (401, 403):  # 401: a program's door, which no cookie opens
            opened.append(rule.endpoint)
    assert opened == []
