"""`phones` lists everybody's numbers, and a person's own are verified by a code."""

import re

import pytest

from tests.ivr_app.cli.test_swap import SANNE

NUMBER = "+31612345690"


@pytest.fixture
def code(office):
    """The code in the latest text to this number."""

    def read(number=NUMBER):
        texts = [text.body for text in office.texts if text.to == number]
        return re.search(r"\b\d{6}\b", texts[-1]).group()

    return read


def numbers(objects, engineer="sanne"):
    return [row["number"] for row in objects("phones") if row["engineer"] == engineer]


def test_everybodys_numbers_are_listed(applied, objects, type_in):
    rows = objects("phones")
    assert [row["number"] for row in rows] == [SANNE, "+31208881101", "+31612345602"]
    assert rows[0] == {
        "engineer": "sanne",
        "number": SANNE,
        "from": "file",
        "verified_at": None,
        "last_tried": None,
    }
    assert type_in("phones").stdout.splitlines()[0].split()[:3] == ["engineer", "number", "from"]


def test_a_number_is_added_by_the_code_that_is_sent_to_it(office, applied, type_in, objects, code):
    added = type_in("phones", "add", "sanne", "06 12345690")
    assert added.exit_code == 0
    assert code() not in added.stdout + added.stderr
    assert objects("phones")[2]["verified_at"] is None
    verified = type_in("phones", "verify", "sanne", NUMBER, code())
    assert verified.stdout == f"{NUMBER} is verified and rung for Sanne de Vries from now on.\n"
    (row,) = [row for row in objects("phones") if row["number"] == NUMBER]
    assert (row["from"], row["verified_at"] is None) == ("added", False)


def test_route_rings_a_verified_number_last_and_no_more_once_it_is_removed(
    office, applied, type_in, objects, code
):
    type_in("phones", "add", "sanne", NUMBER)
    type_in("phones", "verify", "sanne", NUMBER, code())
    assert numbers(objects) == [SANNE, "+31208881101", NUMBER]
    assert type_in("phones", "remove", "sanne", NUMBER).exit_code == 0
    assert numbers(objects) == [SANNE, "+31208881101"]


@pytest.mark.parametrize(
    ("number", "because"),
    [
        ("12", "not a phone number in NL"),
        ("+31612345602", "already a number of Joris Bakker"),
        ("+31201234567", "the number of the line itself"),
        ("0906 1234567", "premium-rate"),
        ("+31208881199", "cannot receive text messages"),
    ],
)
def test_what_cannot_be_added_is_refused_in_words(office, applied, type_in, number, because):
    result = type_in("phones", "add", "sanne", number)
    assert (result.exit_code, office.texts) == (1, [])
    assert because in result.stderr


def test_a_wrong_code_and_an_unknown_number_are_refused_in_words(office, applied, type_in, code):
    assert "was not added" in type_in("phones", "verify", "sanne", NUMBER, "123456").stderr
    type_in("phones", "add", "sanne", NUMBER)
    wrong = f"{(int(code()) + 1) % 10**6:06}"
    assert type_in("phones", "verify", "sanne", NUMBER, wrong).stderr == "The code is wrong.\n"
    assert "there are: sanne, joris" in type_in("phones", "add", "bob", NUMBER).stderr


def test_a_code_that_could_not_be_sent_is_said_to_be_so(applied, type_in):
    result = type_in("phones", "add", "sanne", NUMBER)
    assert result.exit_code == 1
    assert "could not be sent" in result.stderr


def test_a_number_of_the_file_cannot_be_removed_here(applied, type_in):
    assert "in the line's file" in type_in("phones", "remove", "sanne", SANNE).stderr


def test_the_doctor_names_the_untried(applied, objects, type_in):
    rows = [row for row in type_in("doctor").stdout.splitlines() if "untried" in row]
    assert len(rows) == 3
    assert "+31208881101 of sanne was never answered and never got a text" in rows[1]
