"""Numbers we give out go on from the greatest of their series, whatever odd numbers others brought."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from portal.people.personnel_numbers import OFFICERS, OUTSIDERS, free_numbers
from tests.factories import County


def person_with(county: County, number: str) -> None:
    person = county.person(born=date(1970 + county._people, 1, 1))
    person.personnel_number = number
    county.session.flush()


def test_the_first_number_of_a_series_is_one(county: County):
    assert list(islice(free_numbers(county.session, OUTSIDERS), 2)) == ["WB000001", "WB000002"]
    assert next(free_numbers(county.session, OFFICERS)) == "JL00000001"


@pytest.mark.parametrize("odd", ["WBABCDEF", "WB12345X", "WB９９９９９９", "WB0000009", "WBZZZZZZ", "wb000009", "WB"])
def test_a_number_somebody_else_made_does_not_stop_ours(county: County, odd: str):
    person_with(county, odd)
    person_with(county, "WB000007")
    assert next(free_numbers(county.session, OUTSIDERS)) == "WB000008"


def test_counting_begins_above_what_the_caller_knows(county: County):
    person_with(county, "WB000007")
    assert next(free_numbers(county.session, OUTSIDERS, above=41)) == "WB000042"
