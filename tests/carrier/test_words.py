"""The words that are heard: short, the goal before the key, and none that we have regretted."""

import ast
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from carrier import prompts

HOUSE = Path(__file__).parents[2]
ROOMS = ("routing", "ivr_app", "carrier", "workers", "service")
MOST_WORDS = 30

REGRETTED = {
    "nl": {
        r"ging .*\bmis\b|\bfout\b|hapert|storing": "nobody on the telephone hears of our errors",
        r"\blet op\b": "a reprimand",
        r"alstublieft.*alstublieft": "once is polite",
        r"heeft hier geen betekenis": "nobody speaks so",
        r"niets ontvangen|geen toets ontvangen": "of parcels",
        r"wij weten (nu )?niet wie u bent": "rude at three at night",
        r"(niet|meer) bezet": "on a telephone this is engaged, and so free",
        r"geraakt|vastlopers|verstoord": "not Dutch",
        r"virusherkenning": "a false alarm, or a missed virus",
        r"verbreken": "to hang up",
        r"opgeroepen|roepen .* op\b": "to call",
        r"uw melding": "it is an incident, on every telephone",
        r"\bonder nummer": "incident, and its number",
        r"voicemail": "a mailbox is no human",
        r"@|\{address\}": "an address of mail cannot be understood",
    },
    "en": {
        r"went wrong|\berror|falter|\bfault": "nobody on the telephone hears of our errors",
        r"please note": "a reprimand",
        r"has no meaning": "nobody speaks so",
        r"received (no|nothing)": "of parcels",
        r"we do not know who you are": "rude at three at night",
        r"business is stopped": "it is down",
        r"virus recognition": "detection: a false alarm, or a missed virus",
        r"your report\b|report \{": "it is an incident, on every telephone",
        r"\bunder number": "incident, and its number",
        r"stand-by": "of televisions",
        r"key your|key in": "to enter",
        r"o'clock": "9 am, 1 pm",
        r"somebody of\b": "from",
        r"in line\b": "American",
        r"@|\{address\}": "an address of mail cannot be understood",
    },
    "de": {
        r"schiefgegangen|fehler\b|gestört|störung": "nobody on the telephone hears of our errors",
        r"bitte beachten|achtung": "a reprimand",
        r"keine taste erhalten|nichts empfangen": "of parcels",
        r"ihre meldung": "it is an incident, on every telephone",
        r"\bunter (der )?nummer \{": "incident, and its number",
        r"virenerkennung": "a false alarm, or a missed virus",
        r"\b(du|dein|dich|dir)\b": "customers are addressed as Sie",
        r"@|\{address\}": "an address of mail cannot be understood",
    },
    "fr": {
        r"problème|erreur|\bpanne chez|perturbé": "nobody on the telephone hears of our errors",
        r"attention": "a reprimand",
        r"reçu aucune touche": "of parcels",
        r"votre dossier|le dossier": "it is an incident, on every telephone",
        r"sous le numéro": "incident, and its number",
        r"détection de virus": "a false alarm, or a missed virus",
        r"\b(tu|toi|ton|tes)\b": "customers are addressed as vous",
        r"@|\{address\}": "an address of mail cannot be understood",
    },
}
"""What no caller hears again, and why."""

KEYS = {
    "nl": r"\btoets (?:dan )?(?:\d|\{)",
    "en": r"\bpress (?:\d|\{)",
    "de": r"\bTaste (?:\d|\{)",
    "fr": r"\btapez (?:\d|\{)",
}
"""Where a key is named."""

CONFIRMING = {"nl": "bevestigen", "en": "confirm"}
"""A sentence with this word names its keys first: interface and habit have it so."""

CALLER = [
    (language, key, sentence)
    for language in prompts.SPOKEN
    for key, sentence in prompts.read_ours(language)["caller"].items()
]


@pytest.mark.parametrize(("language", "key", "sentence"), CALLER)
class TestWhatACallerHears:
    def test_it_is_short(self, language, key, sentence):
        assert len(sentence.split()) <= MOST_WORDS

    def test_a_key_comes_after_its_goal(self, language, key, sentence):
        if language in CONFIRMING and CONFIRMING[language] in sentence:
            return
        for found in re.finditer(KEYS[language], sentence, re.IGNORECASE):
            assert sentence[: found.start()].endswith(": "), sentence

    def test_it_has_no_word_that_we_have_regretted(self, language, key, sentence):
        for words, why in REGRETTED[language].items():
            assert not re.search(words, sentence, re.IGNORECASE), why


@cache
def names_in_the_code():
    """Every string of the product, and every one that is put together, as a pattern. What is filled
    in is a string of the product, too, or a digit."""
    whole, patterns = set(), set()
    for file in chain.from_iterable((HOUSE / room).rglob("*.py") for room in ROOMS):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.add(write_pattern(node))
    return whole, [re.compile(one) for one in patterns if re.search("[a-z]{2}", one)]


def write_pattern(node):
    return "".join(
        re.escape(part.value) if isinstance(part, ast.Constant) else r"(\w+?)"
        for part in node.values
    )


def is_used(key):
    whole, patterns = names_in_the_code()
    if key in whole:
        return True
    matches = (pattern.fullmatch(key) for pattern in patterns)
    return any(
        match and all(part.isdigit() or is_in(part, whole) for part in match.groups())
        for match in matches
    )


def is_in(part, whole):
    """True for a string of the product, and for several with a ``_`` between them."""
    return part in whole or all(one and one in whole for one in part.split("_"))


def test_no_sentence_is_dead():
    ours = prompts.read_ours(prompts.SPOKEN[0])
    keys = {key for room in ("caller", "engineer", "text", "mail") for key in ours[room]}
    assert sorted(key for key in keys if not is_used(key)) == []
