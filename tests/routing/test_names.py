"""Names and numbers in one spelling, however they were typed."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.caller.identify import find_contacts
from routing.contracts import Contact, Contract
from routing.names import name_key, plain, tidy
from routing.phone_numbers import normalise

RENE = "René Müller"


@pytest.mark.parametrize(
    "written",
    [
        unicodedata.normalize("NFD", RENE),
        "  René \t  Müller ",
        "René\u00a0Müller",
        "René\u200b Mül\u00adler\ufeff",
        "\u202aRené Müller\u202c",
    ],
)
def test_one_spelling_is_kept(written):
    assert tidy(written) == RENE


@pytest.mark.parametrize("written", ["RENÉ MÜLLER", "rené müller", "Ｒｅｎé Müller"])
def test_capitals_and_wide_letters_are_kept_and_mean_the_same_name(written):
    assert tidy(written) == written
    assert name_key(written) == name_key(RENE)


@pytest.mark.parametrize("other", ["Rene Muller", "René Mueller", "RenéMüller", ""])
def test_other_names_stay_others(other):
    assert name_key(other) != name_key(RENE)


def test_who_was_kept_in_two_spellings_is_known_by_the_newest_alone():
    older = Contact(RENE, ("+31612345690",), "older")
    newer = Contact(unicodedata.normalize("NFD", RENE), ("+31612345690",), "newer")
    twins = Contact("Balie", ("+31612345691",), "one"), Contact("Balie", ("+31612345692",), "two")
    contract = Contract("100777", "Caf\u00e9 Zuid", "msa_plus", contacts=(older, *twins, newer))
    counting = find_contacts(contract, dt.date(2026, 3, 2), "+31612345690")
    assert [contact.pin_hash for contact in counting] == ["newer", "one", "two"]


@given(st.text())
def test_what_was_tidied_stays_as_it_is(text):
    assert tidy(tidy(text)) == tidy(text)
    assert name_key(tidy(text)) == name_key(text)
    assert name_key(unicodedata.normalize("NFD", text)) == name_key(text)


@given(st.text(st.characters(codec="ascii")))
def test_the_short_way_of_ascii_is_the_long_one(text):
    assert tidy(text) == tidy(text + "é").removesuffix("é").rstrip() or text.strip() == ""


@pytest.mark.parametrize(
    "written",
    [
        "+31６１２３４５６７８",
        "＋31 6 12345678",
        "\u202a+31\u00a06\u00a012345678\u202c",
        "06\u201112345678",
        "06 – 12345678",
        "\ufeff0612345678\u200b",
    ],
)
def test_numbers_of_other_keyboards_are_read(written):
    assert normalise(written, "NL") == "+31612345678"
    assert plain(written).isascii()


@pytest.mark.parametrize(
    "written", ["٠٦١٢٣٤٥٦٧٨", "+31٦12345678", "０６①２３４５６７８", "3,16E+10"]
)
def test_figures_that_no_telephone_has_are_no_number(written):
    assert normalise(written, "NL") is None
