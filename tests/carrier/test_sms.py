"""Texts within one segment, or two, whatever a company is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrier import prompts
from carrier.sms import count_segments, fit_name, simplify
from routing.message import Phrase

LINK = "https://line.a-support-organisation.example.com/ack/1042.70c3f.sanne.YzBhYzBhYzBhYzBh"
REPLY = (Phrase("reply", (("number", 1042),)),)
CODE = (Phrase("its_code", (("code", "4711"),)),)
WAITS = (Phrase("page_waits"),)
VALUES = {"number": 1042, "level": 1, "link": LINK, "reply": REPLY, "code": CODE, "waits": WAITS}
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400)


def page(language, company):
    return fit_name(
        lambda name: prompts.render_text(language, "page_link", VALUES | {"company": name}), company
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" * 77, 3),  # no character is split
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 66, 2),
        ("😀" * 67, 3),
    ],
)
def test_segments_are_counted_as_carriers_do(text, count):
    assert count_segments(text) == count


@given(st.sampled_from(prompts.SPOKEN), names)
def test_a_page_is_two_segments_at_most_and_keeps_number_and_link(language, company):
    text = page(language, company)
    assert count_segments(text) <= 2
    assert "1042" in text[:30]
    assert text.endswith(LINK)


@given(names)
def test_a_name_that_fits_is_not_shortened(company):
    whole = simplify(prompts.render_text("nl", "page_link", VALUES | {"company": company}))
    text = page("nl", company)
    if count_segments(whole) == 1:
        assert text in (whole, whole.replace("..", "."))
    else:
        assert "..." in text or count_segments(text) == 2


def test_no_more_is_left_out_than_needed():
    text = page("en", "Onderlinge Waarborgmaatschappij " * 20)
    assert text.count("...") == 1
    assert (count_segments(text), len(text)) == (2, 306)


def test_a_dutch_name_stays_in_the_short_alphabet():
    assert simplify("Coöperatie België – “Ålesund” €") == 'Coöperatie Belgie - "Ålesund" €'
    assert count_segments(page("nl", "Coöperatieve Vereniging Zeeuws-België U.A.")) <= 2


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Coo\u0308peratie Bele\u0301n", "Coöperatie Belén"),
        ("ĳsbrand en Ĳmuiden", "ijsbrand en IJmuiden"),
        ("ﬁrma Oﬀenbach", "firma Offenbach"),
        ("Bakkerij\u200b Jansen\ufeff", "Bakkerij Jansen"),
        ("x\u0302", "x"),
        ("ŵ…", "w..."),
    ],
)
def test_what_looks_like_the_short_alphabet_is_sent_in_it(typed, sent):
    assert simplify(typed) == sent
    assert (
        count_segments(simplify(typed * 8)) == count_segments(sent * 8) == -(-len(sent * 8) // 160)
    )


@pytest.mark.parametrize("name", ["عَرَبِيّ", "हिन्दी", "東京", "Łódź"])
def test_other_scripts_keep_their_marks(name):
    assert count_segments(simplify(name)) == 1
    assert not set(name) - set(simplify(name)) - set("ódź")


def test_a_long_name_with_accents_of_its_own_is_not_cut_between_letter_and_accent():
    text = page("nl", "Coo\u0308peratie " * 40)
    assert count_segments(text) <= 2
    assert "Coöperatie" in text


def test_a_name_in_other_letters_is_kept_as_far_as_there_is_room():
    name = "Общество с ограниченной ответственностью " * 5
    text = fit_name(lambda n: prompts.render_text("nl", "page", VALUES | {"company": n}), name)
    assert "Общество с ограниченной" in text
    assert (count_segments(text), "..." in text) == (2, True)
    assert "..." in page("nl", name)  # beside the link there is no room


@pytest.mark.parametrize("language", prompts.SPOKEN)
def test_our_own_sentences_need_no_more_than_the_short_alphabet(language):
    for sentence in prompts.read_sentences(language)["text"].values():
        assert simplify(sentence) == sentence
