"""Numbers as carriers send them and people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.phone_numbers import (
    CallerKind,
    CallerNumber,
    normalise,
    reaches,
    read_caller,
    takes_texts,
    why_not_rung,
)


@pytest.mark.parametrize(
    "written",
    [
        "+31612345678",
        "0612345678",
        "06-12 34 56 78",
        "0031 6 1234 5678",
        "+31 (0)6 12345678",
        "(06) 12345678",
        " +31612345678 ",
        "31612345678",
    ],
)
def test_one_number_is_known_however_it_is_written(written):
    assert normalise(written, "NL") == "+31612345678"


def test_a_national_number_is_read_in_the_country_of_the_line():
    assert normalise("020 7946 0958", "GB") == "+442079460958"
    assert normalise("0612345678", "GB") is None


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "  ",
        "anonymous",
        "ANONYMOUS",
        "Restricted",
        "blocked",
        "unknown",
        "unavailable",
        "private",
        "withheld",
        "+266696687",
        "266696687",
        "+7378742833",
        "+7378742883",
        "+2562533",
        "+8656696",
        "+86282452253",
        "+7748283",
        "+464",
    ],
)
def test_a_withheld_caller_has_no_number(sent):
    assert read_caller(sent, "NL") == CallerNumber(CallerKind.WITHHELD)
    assert read_caller(sent, "CN").e164 is None


@pytest.mark.parametrize(
    "sent",
    [
        "sip:+31612345678@example.org",
        "+31612345678@example.org",
        "client:sanne",
        "112",
        "+31112",
        "06123",
        "+31612345678 ext 4",
        "+31612345678;ext=4",
        "٠٦١٢٣٤٥٦٧٨",
        "📞",
        "\x00+31612345678",
        "9" * 4000,
        "+" + "3" * 4000,
        " " * 4000 + "anonymous",
    ],
)
def test_what_is_no_number_is_neither_a_number_nor_an_error(sent):
    caller = read_caller(sent, "NL")
    assert caller.e164 is None
    assert normalise(sent, "NL") is None


@given(st.text(max_size=80), st.sampled_from(["NL", "US", "CN", "GB"]))
def test_no_text_on_earth_raises(sent, country):
    e164 = read_caller(sent, country).e164
    assert e164 is None or normalise(e164, country) == e164


@given(st.from_regex(r"\A\+?[0-9 ()./-]{0,30}\Z"))
def test_what_was_normalised_once_stays_as_it_is(sent):
    e164 = normalise(sent, "NL")
    assert e164 is None or (normalise(e164, "US") == e164 and e164[1:].isascii())


def test_a_premium_rate_number_cannot_be_rung_and_a_mobile_can():
    assert why_not_rung("+31612345601") is None
    assert why_not_rung("+319001234") == "a premium-rate number"


def test_texts_reach_mobiles_and_not_landlines():
    assert takes_texts("+31612345601")
    assert not takes_texts("+31208881101")


@pytest.mark.parametrize(
    "written",
    [
        "+31201234567",
        "31201234567",
        "0031201234567",
        "0201234567",
        "020-123 45 67",
        " 31201234567",
        "sip:+31201234567@carrier.example.org",
        "sip:31201234567@carrier.example.org;user=phone",
        "<sips:%2B31201234567;npdi@carrier.example.org:5061>",
        "tel:+31-20-123-4567",
        "TEL:0201234567;phone-context=+31",
    ],
)
def test_our_number_is_known_in_every_spelling_of_a_carrier(written):
    assert reaches(written, "+31201234567", "NL")
    assert reaches(written, "+31201234567")  # the fallback file knows no country


@pytest.mark.parametrize(
    "written",
    [
        "",
        "anonymous",
        "1234567",
        "+31201234568",
        "+32201234567",
        "sip:alice@example.org",
        "mailto:+31201234567",
        "x31201234567",
        "3120123456731201234567" * 9,
        "\x00",
        "🤖",
    ],
)
def test_what_is_another_number_is_not_ours(written):
    assert not reaches(written, "+31201234567", "NL")
    assert not reaches(written, "+31201234567")


@pytest.mark.parametrize("written", ["3225551234", "003225551234"])
def test_a_foreign_number_of_ours_is_known_without_its_plus(written):
    assert reaches(written, "+3225551234", "NL")


def test_a_foreign_number_that_would_be_a_valid_one_at_home_is_still_ours():
    """Read as a national number, this one is +49 358 401234567."""
    assert reaches("358401234567", "+358401234567", "DE")


@given(st.text(), st.sampled_from(["NL", "BE", "US", ""]))
def test_no_number_that_was_called_raises(sent, country):
    reaches(sent, "+31201234567", country)
