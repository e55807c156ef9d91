"""Words are data: every language says the same things, with the same values in them."""

import datetime as dt
import string

import pytest

from carrier import prompts


def fields(sentence):
    return sorted({name for _, name, _, _ in string.Formatter().parse(sentence) if name})


def sentences(language):
    rooms = {
        k: v for k, v in prompts.read_sentences(language).items() if k not in ("voice", "time")
    }
    return {(room, key): said for room, prompts_ in rooms.items() for key, said in prompts_.items()}


def test_every_language_has_the_same_sentences_with_the_same_values():
    first, *others = (sentences(language) for language in prompts.SPOKEN)
    for other in others:
        assert first.keys() == other.keys()
        assert {k: fields(s) for k, s in first.items()} == {k: fields(s) for k, s in other.items()}


@pytest.mark.parametrize("language", prompts.SPOKEN)
def test_a_key_is_a_callers_or_an_engineers_sentence(language):
    ours = prompts.read_ours(language)
    assert not ours["caller"].keys() & ours["engineer"].keys()


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("nl", "ask_contract", "contractnummer"),
        ("nl", "ask_pin", "pincode"),
        ("nl", "confirm_level_1", "toets 1 om te bevestigen"),
        ("nl", "whisper_keys", "toets 7 om aan te nemen"),
        ("nl", "whisper_keys", "toets 3 voor doorgeven"),
        ("nl", "waiting_keys", "boodschap inspreken: toets 7"),
        ("nl", "waiting_keys", "terugbellen: toets 8"),
        ("nl", "whisper_unverified", "niet geverifieerd"),
        ("nl", "row_keys", "boodschap inspreken: toets 7"),
        ("nl", "row_keys", "terugbellen"),
        ("nl", "ask_message", "boodschap"),
        ("nl", "raise_to_level_1", "toets 1 om niveau 1 te bevestigen"),
        ("nl", "confirm_message", "toets 1 om te bevestigen"),
        ("nl", "offer_open", "aannemen"),
        ("nl", "offer_callback", "terugbellen"),
        ("nl", "closing_hand_over", "doorgeven"),
        ("nl", "whisper_number_of", "niet geverifieerd"),
        ("nl", "whisper_expired", "verlopen"),
        ("nl", "taken", "al aangenomen"),
        ("nl", "rescue_whisper", "toets 7 om aan te nemen"),
        ("nl", "expired", "verlopen"),
        ("nl", "taken_by", "al aangenomen"),
        ("en", "ask_contract", "contract number"),
        ("en", "ask_pin", "PIN"),
        ("en", "confirm_level_1", "press 1 to confirm"),
        ("en", "whisper_keys", "press 7 to accept"),
        ("en", "whisper_keys", "press 3 to pass it on"),
        ("en", "waiting_keys", "message"),
        ("en", "waiting_keys", "call back"),
        ("en", "whisper_unverified", "unverified"),
        ("en", "row_keys", "message: press 7"),
        ("en", "row_keys", "call back"),
        ("en", "ask_message", "message"),
        ("en", "raise_to_level_1", "press 1 to confirm"),
        ("en", "confirm_message", "press 1 to confirm"),
        ("en", "offer_open", "accept"),
        ("en", "offer_callback", "call the customer back"),
        ("en", "closing_hand_over", "pass it on"),
        ("en", "whisper_number_of", "unverified"),
        ("en", "whisper_expired", "expired"),
        ("en", "taken", "taken"),
        ("en", "rescue_whisper", "press 7 to accept"),
        ("en", "expired", "expired"),
        ("en", "taken_by", "taken"),
    ],
)
def test_the_fixed_words_are_there(language, prompt, words):
    values = {"take": 7, "pass_on": 3, "name": "Joris Bakker", "line": "Lijn", "key": 1}
    values |= {"number": 1042, "level": 2, "company": "Jansen"}
    assert words.lower() in prompts.render_sentence(language, prompt, values).lower()


@pytest.mark.parametrize(
    ("seconds", "dutch", "english"),
    [
        (-5, "1 seconde", "1 second"),
        (0, "1 seconde", "1 second"),
        (1, "1 seconde", "1 second"),
        (59.4, "59 seconden", "59 seconds"),
        (59.6, "1 minuut", "1 minute"),
        (60, "1 minuut", "1 minute"),
        (89, "1 minuut", "1 minute"),
        (91, "2 minuten", "2 minutes"),
        (179, "3 minuten", "3 minutes"),
        (3569, "59 minuten", "59 minutes"),
        (3571, "1 uur", "1 hour"),
        (3600, "1 uur", "1 hour"),
        (6600, "1 uur en 50 minuten", "1 hour and 50 minutes"),
        (7300, "2 uur en 2 minuten", "2 hours and 2 minutes"),
        (86369, "23 uur en 59 minuten", "23 hours and 59 minutes"),
        (86371, "1 dag", "1 day"),
        (90000, "1 dag en 1 uur", "1 day and 1 hour"),
        (3 * 86400 + 600, "3 dagen", "3 days"),
    ],
)
def test_a_length_of_time_is_said_as_one_says_it(seconds, dutch, english):
    length = dt.timedelta(seconds=seconds)
    assert prompts.format_duration("nl", length) == dutch
    assert prompts.format_duration("en", length) == english


def test_a_name_with_control_characters_is_spoken_without_them():
    said = prompts.render_sentence(
        "nl", "whisper_who", {"company": "Jan\x00sen\x1b", "contact": "P"}
    )
    assert said.isprintable()


def test_a_sentence_fits_into_one_breath_of_the_carrier():
    assert all(len(said) < 3000 for lang in prompts.SPOKEN for said in sentences(lang).values())


OTHERS = [language for language in prompts.SPOKEN if language != "nl"]


def digits(sentence):
    return sorted(sign for sign in sentence if sign.isdigit())


def count_words(sentence):
    return sum(any(map(str.isalnum, word)) for word in sentence.split())


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_names_the_same_keys_in_every_language(language):
    dutch = {key: s for key, s in sentences("nl").items() if key[0] != "speech"}
    other = sentences(language)
    assert {k: digits(s) for k, s in dutch.items()} == {k: digits(other[k]) for k in dutch}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_what_is_spoken_is_hardly_longer_than_ours(language):
    """A quarter more words than the longer of Dutch and English, or two."""
    dutch, english, other = sentences("nl"), sentences("en"), sentences(language)
    for key, said in other.items():
        most = max(count_words(dutch[key]), count_words(english[key]))
        if key[0] in ("caller", "engineer"):
            assert count_words(said) <= max(most * 1.25, most + 2), said
