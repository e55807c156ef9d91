"""Several lines: the one that somebody looks at is looked at on every page."""

import pytest

from config.line import parse_line_file
from store.people.lines import apply_line
from tests.ivr_app.cli.conftest import PAPER

SECOND = (
    PAPER.partition("contracts:")[0]
    .replace("line:\n", "line:\n  id: second\n")
    .replace("MSA Plus prioriteitslijn", "Tweede lijn")
    .replace("+31201234567", "+31201234599")
)


@pytest.fixture(autouse=True)
def second_line(board):
    read = parse_line_file(SECOND, lambda pin, owner: pin)
    apply_line(board.engine, read.line, read.contracts, board.call_service.clock())


def looked_at(somebody, path="/incidents", **given):
    """The name of the line that stands on the page."""
    page = somebody.get(path, **given).text
    return page.split("<small>")[1].split("</small>")[0]


def test_a_line_that_was_asked_for_is_looked_at_from_then_on(signed_in):
    mila = signed_in("viewer")
    assert looked_at(mila) == "MSA Plus prioriteitslijn"
    assert looked_at(mila, "/?line=second") == "Tweede lijn"
    assert looked_at(mila) == "Tweede lijn"
    assert looked_at(mila, "/?line=third") == "Tweede lijn"
    assert looked_at(mila, "/?line=main") == looked_at(mila) == "MSA Plus prioriteitslijn"


def test_what_a_page_asks_by_itself_changes_no_other_window(signed_in):
    mila = signed_in("viewer")
    mila.get("/fresh?line=second", headers={"HX-Request": "true"})
    assert looked_at(mila) == "MSA Plus prioriteitslijn"
