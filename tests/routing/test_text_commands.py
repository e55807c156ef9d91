"""What an engineer means by a text, typed in the dark."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrier import prompts
from routing.incidents.text_commands import TextCommand, Verb, find_carrier_word, find_numbers, read
from routing.names import has_words, unify_spelling

TAKE, NOTE, NOTHING = Verb.TAKE, Verb.NOTE, Verb.NOTHING
ANSWER, NOT_SENT = Verb.ANSWER, Verb.NOT_SENT
CODES = {1042: "4711", 1043: None}
MEANT = [
    ("1042", TextCommand(TAKE, 1042)),
    (" #1042. ", TextCommand(TAKE, 1042)),
    ("ok 1042", TextCommand(TAKE, 1042)),
    ("1042 OK!", TextCommand(TAKE, 1042)),
    ("Ja, 1042", TextCommand(TAKE, 1042)),
    ("ik neem 1042 aan", TextCommand(TAKE, 1042)),
    ("1042ok", TextCommand(TAKE, 1042)),
    ("ack 1042", TextCommand(TAKE, 1042)),
    ("“1042”", TextCommand(TAKE, 1042)),
    ("I’ll take it 1042", TextCommand(TAKE, 1042)),
    ("10\u200b42\ufeff", TextCommand(TAKE, 1042)),
    ("１０４２", TextCommand(TAKE, 1042)),
    ("1042 👍🏽", TextCommand(TAKE, 1042)),
    ("👍", TextCommand(TAKE)),
    ("👍\ufe0f", TextCommand(TAKE)),
    ("oke\u0301", TextCommand(TAKE)),
    ("1042 oke\u0301", TextCommand(TAKE, 1042)),
    ("Liked “Priority incident 1042, level 1, Bakkerij Jansen BV.”", TextCommand(TAKE, 1042)),
    ("👍 to “Priority incident 1042, level 1”", TextCommand(TAKE, 1042)),
    ("1042 klaar", TextCommand(Verb.RESPOND, 1042)),
    ("1042 klaar 👍", TextCommand(Verb.RESPOND, 1042)),
    ("“1042 klaar”", TextCommand(Verb.RESPOND, 1042)),
    ("1042: Done.", TextCommand(Verb.RESPOND, 1042)),
    ("1042\nklaar", TextCommand(Verb.RESPOND, 1042)),
    ("klaar 1042", TextCommand(Verb.RESPOND, 1042)),
    ("1042 wacht op de logbestanden", TextCommand(Verb.WAIT, 1042, "op de logbestanden")),
    ("1042 wait log 7", TextCommand(Verb.WAIT, 1042, "log 7")),
    ("wacht 1042 logs", TextCommand(Verb.WAIT, 1042, "logs")),
    ("1042 wacht", TextCommand(Verb.WAIT, 1042)),
    ("1042 verder", TextCommand(Verb.RESUME, 1042)),
    ("1042 dicht", TextCommand(Verb.CLOSE, 1042)),
    ("1042 close", TextCommand(Verb.CLOSE, 1042)),
    ("1042 bel", TextCommand(Verb.CALL, 1042)),
    ("call 1042", TextCommand(Verb.CALL, 1042)),
    ("1042 bel ik morgen", TextCommand(NOTE, 1042, "bel ik morgen")),
    ("1042 kan ik niet", TextCommand(NOTE, 1042, "kan ik niet")),
    ("no 1042", TextCommand(NOTE, 1042, "no 1042")),
    ("1042 klaar met eten, ben onderweg", TextCommand(NOTE, 1042, "klaar met eten, ben onderweg")),
    ("1042 close to solving it", TextCommand(NOTE, 1042, "close to solving it")),
    ("bel mij over 1042", TextCommand(NOTE, 1042, "bel mij over 1042")),
    ("1042 klant: het werkt weer", TextCommand(ANSWER, 1042, "het werkt weer")),
    ("1042 Customer: It works.", TextCommand(ANSWER, 1042, "It works.")),
    ("#1042: aan de klant : bel 2026", TextCommand(ANSWER, 1042, "bel 2026")),
    ("1042 klant：ok", TextCommand(ANSWER, 1042, "ok")),
    ("klant: het werkt weer", TextCommand(ANSWER, None, "het werkt weer")),
    ("1042 fertig", TextCommand(Verb.RESPOND, 1042)),
    ("Erledigt, 1042", TextCommand(Verb.RESPOND, 1042)),
    ("1042 fait", TextCommand(Verb.RESPOND, 1042)),
    ("1042 termine\u0301", TextCommand(Verb.RESPOND, 1042)),
    ("ich übernehme 1042", TextCommand(TAKE, 1042)),
    ("Oui, j’accepte l’incident 1042", TextCommand(TAKE, 1042)),
    ("1042 wartet auf das Protokoll", TextCommand(Verb.WAIT, 1042, "auf das Protokoll")),
    ("1042 attend le client", TextCommand(Verb.WAIT, 1042, "le client")),
    ("1042 Kunde: Es geht wieder.", TextCommand(ANSWER, 1042, "Es geht wieder.")),
    ("1042 an den Kunden: Geht.", TextCommand(ANSWER, 1042, "Geht.")),
    ("1042 client : ça marche", TextCommand(ANSWER, 1042, "ça marche")),
    ("1042 au client: ok", TextCommand(ANSWER, 1042, "ok")),
    ("1042 Kunde nimmt nicht ab", TextCommand(NOT_SENT, 1042, "Kunde nimmt nicht ab")),
    ("1042 clients everywhere", TextCommand(NOTE, 1042, "clients everywhere")),
    ("1042 fait maison", TextCommand(NOTE, 1042, "fait maison")),
    ("kannst du 1042 nehmen?", TextCommand(NOTE, 1042, "kannst du 1042 nehmen?")),
    ("neem je 1042?", TextCommand(NOTE, 1042, "neem je 1042?")),
    ("1042 klant neemt niet op", TextCommand(NOT_SENT, 1042, "klant neemt niet op")),
    ("1042 customer is angry: call", TextCommand(NOT_SENT, 1042, "customer is angry: call")),
    ("1042 klant:", TextCommand(NOT_SENT, 1042, "klant:")),
    ("1042 klanten: drie", TextCommand(NOTE, 1042, "klanten: drie")),
    ("1042 customer's log: seen", TextCommand(NOTE, 1042, "customer's log: seen")),
    ("klant: zie 1042", TextCommand(NOT_SENT, 1042, "klant: zie 1042")),
    ("klant belt 3 keer", TextCommand(NOT_SENT, None, "klant belt 3 keer")),
    ("ok", TextCommand(TAKE)),
    ("klaar", TextCommand(Verb.RESPOND)),
    ("wacht logs", TextCommand(Verb.WAIT, None, "logs")),
    ("ben er over tien minuten", TextCommand(NOTE, None, "ben er over tien minuten")),
    ("it", TextCommand(NOTE, None, "it")),
    ("+31612345678901234567890", TextCommand(NOTE, None, "+31612345678901234567890")),
]
WITH_CODES = [
    ("1042 klaar 4711", TextCommand(Verb.RESPOND, 1042, code="4711")),
    ("klaar 1042 4711", TextCommand(Verb.RESPOND, 1042, code="4711")),
    ("klaar 4711", TextCommand(Verb.RESPOND, 1042, code="4711")),
    ("1042 4711 klant: het werkt", TextCommand(ANSWER, 1042, "het werkt", code="4711")),
    ("1042 klant: code 4711 het werkt", TextCommand(ANSWER, 1042, "code het werkt", code="4711")),
    ("4711 dicht", TextCommand(Verb.CLOSE, 1042, code="4711")),
    ("1042 4711", TextCommand(TAKE, 1042, code="4711")),
    ("1042 4711 wacht op logs", TextCommand(Verb.WAIT, 1042, "op logs", "4711")),
    ("1042 wacht 4711 op logs", TextCommand(Verb.WAIT, 1042, "op logs", "4711")),
    ("1042 klaar 9999", TextCommand(Verb.RESPOND, 1042, code="9999")),
    ("1042 wacht op 2024", TextCommand(Verb.WAIT, 1042, "op 2024")),
    ("1042 versie 2024 crasht", TextCommand(NOTE, 1042, "versie 2024 crasht")),
]
NO_NUMBER_OF_THEIRS = [
    ("ben er over 10 minuten", TextCommand(NOTE, None, "ben er over 10 minuten")),
    ("10 minuten", TextCommand(NOTE, None, "10 minuten")),
    ("MSI-fout 1001", TextCommand(NOTE, None, "MSI-fout 1001")),
    ("1001 is een foutcode", TextCommand(NOTE, None, "1001 is een foutcode")),
    ("MSI-fout 1001 bij 1042", TextCommand(NOTE, 1042, "MSI-fout 1001 bij 1042")),
    ("1001", TextCommand(TAKE, 1001)),
    ("1001 klaar", TextCommand(Verb.RESPOND, 1001)),
    ("ik neem 1001 aan", TextCommand(TAKE, 1001)),
]


@pytest.mark.parametrize(("text", "reply"), [*MEANT, *WITH_CODES, *NO_NUMBER_OF_THEIRS])
def test_a_text_means(text, reply):
    assert read(text, CODES) == reply


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", ".", "-", "?!", "🙂" * 99, "\x00", "\u200b", "…"]
)
def test_a_text_without_words_says_nothing(text):
    assert read(text, CODES) == TextCommand(NOTHING)


@pytest.mark.parametrize("text", ["٣٤", "-" * 2000, "1" * 2000, "1042" * 400, "\ud800"])
def test_nonsense_is_read_without_harm(text):
    assert read(text, CODES).number is None


def test_a_reaction_to_a_text_about_nothing_of_theirs_says_nothing():
    assert read("Liked “Incident 1001 is gesloten.”", CODES) == TextCommand(NOTHING)
    assert read("Disliked “Priority incident 1042, level 1”", CODES).verb is NOTE


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", "stop"),
        (" stop. ", "stop"),
        ("Unsubscribe", "stop"),
        ("START", "start"),
        ("help!", "help"),
        ("1042 stop", None),
        ("stop maar", None),
        ("ja", None),
        ("", None),
    ],
)
def test_words_that_the_carrier_answers(text, word):
    assert find_carrier_word(text) == word


def test_the_first_numbers_of_a_text_are_looked_at():
    assert find_numbers("10 of 1042, 1042 en １０４３") == [10, 1042, 1043]
    assert len(find_numbers(" ".join(map(str, range(100))))) == 8


PIECES = (
    "1042",
    "4711",
    "1043",
    "klant",
    "Customer",
    "aan de",
    ":",
    "：",
    " ",
    "\n",
    "klaar",
    "ok",
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8).map("".join))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_no_text_reaches_a_customer_without_a_number_the_word_and_a_colon(text):
    found = read(text, CODES)
    if found.verb is ANSWER:
        plain = unify_spelling(text).casefold()
        assert re.search(r"(?:klant|customer)\s*:", plain) or found.code
        assert ":" in plain
        assert has_words(found.words)
        assert found.number is None or re.match(r"\W*\d", plain)


@pytest.mark.parametrize("language", prompts.SPOKEN)
@pytest.mark.parametrize(
    ("prompt", "verb"),
    [
        ("reply", TAKE),
        ("reply_done", Verb.RESPOND),
        ("reply_done_code", Verb.RESPOND),
        ("text_not_sent", ANSWER),
        ("answer_which", ANSWER),
    ],
)
def test_what_our_texts_say_to_answer_is_understood(language, prompt, verb):
    said = prompts.render_text(language, prompt, {"number": 1042, "code": "4711"})
    answer = said[said.rindex("1042") :]
    assert read(answer, CODES).verb is verb
