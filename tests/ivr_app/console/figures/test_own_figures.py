"""Figures of one person: nobody's unless the line says so, and then only that person's own."""

import re

import pytest

from config.line import parse_line_file
from store.people.lines import apply_line
from tests.ivr_app.cli.conftest import PAPER
from tests.ivr_app.console.dashboard.test_dashboard import words
from tests.ivr_app.console.figures.test_figures import ENGLISH, table

NAMES = ("sanne", "joris", "Sanne de Vries", "Joris Bakker")


@pytest.fixture
def per_person(board, clock):
    """The line's file allows it from now on."""
    read = parse_line_file(f"{PAPER}\nfigures: {{per_person: true}}\n", lambda *_: "a hash")
    apply_line(board.engine, read.line, read.contracts, clock.now)


def content(page):
    """All but the masthead, where people find their own name."""
    return page.text.split("<main", 1)[-1]


@pytest.mark.parametrize("role", ["viewer", "engineer", "manager", "admin"])
def test_unless_the_line_says_so_nobody_has_figures_of_a_person(signed_in, log, role):
    somebody = signed_in(role)
    page = somebody.get("/figures", headers=ENGLISH)
    assert "My figures" not in page.text
    assert somebody.get("/figures?by=own").status_code == 403
    assert somebody.get("/figures/csv?by=own").status_code == 403
    for by in ("month", "level", "contract"):
        told = (
            content(somebody.get(f"/figures?by={by}")) + somebody.get(f"/figures/csv?by={by}").text
        )
        assert not [name for name in NAMES if name in told]


def test_an_engineer_sees_what_they_took_and_nothing_of_anybody_else(signed_in, log, per_person):
    sanne = signed_in("engineer")
    page = sanne.get("/figures?by=own", headers=ENGLISH)
    rows = {name: numbers for name, *numbers in table(page)}
    assert rows["Mar 2026"] == ["2", "40", "51", "51", "100.0", "2", "0", "2"]
    assert rows["Feb 2026"] == ["0", "", "", "", "", "0", "0", "0"]
    assert rows["Total"][0] == "2"
    assert "My figures" in words(page)
    assert not [name for name in ("joris", "Joris") if name in content(page)]
    assert "Abandoned" not in content(page)
    saved = sanne.get("/figures/csv?by=own", headers=ENGLISH)
    assert saved.text.splitlines()[-1].split(",")[:2] == ["Total", "2"]


@pytest.mark.parametrize("role", ["viewer", "manager", "admin"])
def test_whoever_is_no_engineer_sees_nobodys(signed_in, log, per_person, role):
    somebody = signed_in(role)
    assert "own" not in re.findall(r'<option value="(\w+)"', somebody.get("/figures").text)
    assert somebody.get("/figures?by=own").status_code == 403
    assert somebody.get("/figures?by=own&engineer=sanne").status_code == 403
    unknown = somebody.get("/figures?by=engineer&engineer=sanne")
    assert content(unknown) == content(somebody.get("/figures?by=month"))


def test_no_address_names_whose_figures_are_asked_for(signed_in, log, per_person):
    sanne = signed_in("engineer")
    asked = sanne.get("/figures?by=own&engineer=joris&taker=joris", headers=ENGLISH)
    assert table(asked) == table(sanne.get("/figures?by=own", headers=ENGLISH))


def test_an_engineer_of_another_line_has_none_here(signed_in, log, per_person):
    stranger = signed_in("engineer", name="nora", engineer="sanne", line="other")
    assert stranger.get("/figures?by=own").status_code == 403
