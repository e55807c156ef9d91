"""The floor on which the flow is tried."""

import pytest

from tests.routing.floor import Floor


@pytest.fixture
def floor():
    return Floor()
