"""The line as a contact, written as RFC 6350 has it."""

from dataclasses import replace

from ivr_app.calendars.card import LONGEST, card
from tests.store.cast import LINE


def test_signs_that_mean_something_are_escaped():
    text = card(replace(LINE, name="Bakker, Zoon; en\\of\nVriend"), "nl")
    assert "FN:Bakker\\, Zoon\\; en\\\\of\\nVriend\r\n" in text


def test_a_name_of_the_texts_is_no_number():
    assert card(replace(LINE, texts_from="MSA Plus"), "nl").count("TEL") == 1


def test_long_lines_are_folded_between_letters():
    name = "Prioriteitslijn " + "é" * 100
    text = card(replace(LINE, name=name), "en")
    assert all(len(row.encode()) <= LONGEST for row in text.split("\r\n"))
    assert f"FN:{name}\r\n" in text.replace("\r\n ", "")


def test_the_same_line_is_the_same_contact():
    first, renamed = card(LINE, "nl"), card(replace(LINE, name="New"), "nl")
    assert first.split("UID:")[1][:36] == renamed.split("UID:")[1][:36]
