"""A county with an administrator of its bodies."""

import pytest

from tests.bodies.world import Bodies
from tests.factories import County


@pytest.fixture
def bodies(county: County) -> Bodies:
    return Bodies(county)
