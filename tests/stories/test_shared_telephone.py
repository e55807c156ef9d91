"""Two engineers share one telephone: it rings once for one caller, and its key counts for whom it
was rung."""

import pytest

from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, SANNE, on_stage

APART = "    - {ring: [primary], for: 30s}\n    - {ring: [secondary], for: 30s}\n"
TOGETHER = "    - {ring: [primary, secondary], for: 30s}\n"
SHARED = PAPER.replace(f'["{JORIS}"]', f'["{SANNE}"]')
WITH_ANOTHER = PAPER.replace(f'["{JORIS}"]', f'["{SANNE}", "{JORIS}"]')


@pytest.fixture
def shared(request, tmp_path):
    """The line of this paper."""
    folder = tmp_path / "shared"
    folder.mkdir()
    with on_stage(folder, request.param) as stage:
        yield stage


def legs(stage):
    return [(leg.engineer, leg.to) for leg in stage.live(stage.incident().key)]


@pytest.mark.parametrize("shared", [SHARED.replace(APART, TOGETHER)], indirect=True)
def test_one_step_rings_a_shared_telephone_once_for_the_first(shared):
    shared.call_level_1()
    assert legs(shared) == [("sanne", SANNE)]
    assert shared.rings(SANNE) == 1
    shared.take(SANNE)
    assert shared.incident().acknowledged_by == "sanne"


@pytest.mark.parametrize("shared", [WITH_ANOTHER.replace(APART, TOGETHER)], indirect=True)
def test_who_has_another_telephone_is_rung_there_at_once(shared):
    shared.call_level_1()
    assert sorted(legs(shared)) == [("joris", JORIS), ("sanne", SANNE)]
    shared.take(JORIS)
    assert shared.incident().acknowledged_by == "joris"


@pytest.mark.parametrize("shared", [SHARED], indirect=True)
def test_in_the_next_step_the_key_counts_for_the_second(shared):
    shared.call_level_1()
    shared.advance(65)
    assert ("joris", SANNE) in legs(shared)
    shared.take(SANNE)
    assert shared.incident().acknowledged_by == "joris"
