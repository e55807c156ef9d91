"""Texts that come from a name take no reply, and do not ask for one."""

import pytest

from tests.stories.conftest import PAPER
from tests.stories.stage import LINE, SANNE

NAMED = PAPER.replace("  timezone:", '  texts_from: "PRIOLINE"\n  timezone:', 1)


def sent(stage):
    return stage.office.until_texted(SANNE)


@pytest.mark.parametrize("paper", [NAMED])
def test_a_page_from_a_name_says_to_call_a_number_that_takes_no_texts(stage):
    stage.call_level_1()
    page = sent(stage)
    assert page.from_ == "PRIOLINE"
    assert "Antwoord" not in page.body
    assert "Code" not in page.body
    assert f"bel {LINE} of http" in page.body


@pytest.mark.parametrize("paper", [NAMED])
def test_texts_to_the_number_that_rings_count_too(stage):
    stage.hang_up(stage.call_level_1())
    stage.office.text(SANNE, LINE, str(stage.incident().number))
    stage.settle()
    assert stage.incident().acknowledged_by == "sanne"
    assert stage.office.until_texted(SANNE, "op uw naam").from_ == LINE
