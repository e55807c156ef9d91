"""The name of a customer's file, before anybody sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.correspondence import LONGEST_NAME, tidy_file_name


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("scan.log", "scan.log"),
        ("C:\\Temp\\scan.log", "scan.log"),
        ("../../etc/passwd", "passwd"),
        ("/", "file"),
        ("", "file"),
        (" . ", "file"),
        ("sample\r\nX-Evil: 1.zip", "sampleX-Evil: 1.zip"),
        ("sample\u202egpj.exe", "samplegpj.exe"),
        ("verslag é.pdf", "verslag é.pdf"),
    ],
)
def test_a_name_is_tidied(name, tidy):
    assert tidy_file_name(name) == tidy


@given(st.text())
def test_a_tidy_name_is_short_printable_and_stays_as_it_is(name):
    tidy = tidy_file_name(name)
    assert 0 < len(tidy) <= LONGEST_NAME
    assert "/" not in tidy and "\\" not in tidy and "\x00" not in tidy
    assert tidy_file_name(tidy) == tidy


def test_a_long_name_keeps_its_ending():
    assert tidy_file_name("x" * 300 + ".zip").endswith(".zip")
