"""Staff for the stories of this folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest
from flask import Flask

from portal.people.models import Account, Body, Field, Role
from tests.factories import PASSWORD, County

_born = count()


def staff(county: County, role: Role, body: Body | None = None, field: Field | None = None) -> Account:
    """Somebody new with a role at a body, the county's government when none is named."""
    born = date(1960, 1, 1) + timedelta(days=next(_born))
    account = county.staff(role, body or county.city, born=born, field=field)
    county.session.refresh(account, ["grants"])
    return account


@pytest.fixture
def signed_in(app: Flask) -> Callable:
    """A client through which an account acts, its strong proof fresh."""

    def enter(account: Account):
        client = app.test_client()
        client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        return client

    return enter
