"""The line as a contact, written as RFC 6350 has it."""

import re
from dataclasses import replace

import pytest

from service.calendar_feed import MAX_LINE_OCTETS, render_vcard
from tests.store.cast import LINE


def test_signs_that_mean_something_are_escaped():
    text = render_vcard(replace(LINE, names=(("nl", "Bakker, Zoon; en\\of\nVriend"),)), "nl")
    assert "FN:Bakker\\, Zoon\\; en\\\\of\\nVriend\r\n" in text


def test_a_name_of_the_texts_is_no_number():
    assert render_vcard(replace(LINE, texts_from="MSA Plus"), "nl").count("TEL") == 1


def test_long_lines_are_folded_between_letters():
    name = "Prioriteitslijn " + "é" * 100
    text = render_vcard(replace(LINE, names=(("nl", name),)), "en")
    assert all(len(row.encode()) <= MAX_LINE_OCTETS for row in text.split("\r\n"))
    assert f"FN:{name}\r\n" in text.replace("\r\n ", "")


def test_the_same_line_is_the_same_contact():
    other = replace(LINE, names=(("nl", "New"),))
    first, renamed = render_vcard(LINE, "nl"), render_vcard(other, "nl")
    assert first.split("UID:")[1][:36] == renamed.split("UID:")[1][:36]


@pytest.mark.parametrize("name", ["MSA Plus", "Bakker, Zoon; en\\of\nVriend", "é" * 300, "x" * 74])
def test_a_strict_reader_finds_what_the_standard_demands(name):
    text = render_vcard(replace(LINE, names=(("nl", name),)), "nl")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    rows = text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert (rows[0], rows[1], rows[-1]) == ("BEGIN:VCARD", "VERSION:3.0", "END:VCARD")
    fields = [re.fullmatch(r"([A-Z]+)((?:;[A-Z]+=[^:;]+)*):(.*)", row) for row in rows]
    assert all(fields), rows
    names = [found[1] for found in fields]
    assert [names.count(name) for name in ("FN", "N", "UID")] == [1, 1, 1]
    (full,) = (found[3] for found in fields if found[1] == "N")
    assert len(re.split(r"(?<!\\);", full.replace("\\\\", ""))) == 5
    for found in fields:
        if found[1] == "TEL":
            assert re.fullmatch(r"\+\d{8,15}", found[3])
