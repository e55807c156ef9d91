"""Speech in menus: which words mean which key, by language.

The section ``[speech]`` of a file of sentences has phrases, with commas between them, for keys such
as ``urgency_1`` (key 1 of the question about the urgency), ``any_star`` (a key of every question)
and ``digit_1`` (the key by its name). ``filler`` are words that mean nothing, ``not`` those that
turn a meaning around.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from carrier.prompts import read_sentences

MOST_HINTS = 500
"""The phrases that the carrier takes to listen for."""

KEYS = {"star": "*"}
"""The keys that are not in a name as they are."""

ANYWHERE, DIGIT, FILLER, NOT = "any", "digit", "filler", "not"
Phrase = tuple[str, str]
"""What may be said, and the key that it means."""

_WORD = re.compile(r"[^\W_]+")


def can_hear(language: str, question: str) -> bool:
    """True if the question has words of its own. Without them, it takes keys only."""
    return any(name.startswith(f"{question}_") for name in _read(language))


def list_hints(language: str, question: str) -> str:
    """The phrases to listen for, as the carrier takes them."""
    phrases = [phrase for phrase, _ in _list_phrases(language, question, ANYWHERE, DIGIT)]
    return ",".join(list(dict.fromkeys(phrases))[:MOST_HINTS])


def find_key(language: str, question: str, said: str) -> str | None:
    """The key that these words mean; None if they mean none, or more than one.

    A phrase counts wherever it is said, the longest first, and those of the question before those
    of every question. The name of a key counts only alone,
    because *een* is an article, too. A word such as *not* makes everything doubtful, unless a
    phrase contains it.
    """
    filler = _list_words(language, FILLER)
    words = [word for word in _split(said) if word not in filler]
    for phrase, key in _list_phrases(language, DIGIT):
        if _split(phrase) == words:
            return key
    own = _list_phrases(language, question)
    said_phrases, unexplained = _match((*own, *_list_phrases(language, ANYWHERE)), words)
    keys = {key for _, key in said_phrases & set(own)} or {key for _, key in said_phrases}
    if len(keys) != 1 or _list_words(language, NOT) & unexplained:
        return None
    return keys.pop()


def _match(phrases: Iterable[Phrase], words: list[str]) -> tuple[set[Phrase], set[str]]:
    """The phrases that are said, and the words that are left over."""
    found, left = set(), list(words)
    for phrase, key in sorted(phrases, key=lambda each: len(_split(each[0])), reverse=True):
        wanted = _split(phrase)
        for start in range(len(left) - len(wanted) + 1):
            if left[start : start + len(wanted)] == wanted:
                left[start : start + len(wanted)] = [""] * len(wanted)
                found.add((phrase, key))
    return found, set(left)


def _read(language: str) -> dict[str, str]:
    return dict(read_sentences(language)["speech"])


def _list_phrases(language: str, *questions: str) -> list[Phrase]:
    """The phrases of these questions, each with its key."""
    found = []
    for name, phrases in _read(language).items():
        question, _, key = name.partition("_")
        if question in questions:
            found += [(phrase.strip(), KEYS.get(key, key)) for phrase in phrases.split(",")]
    return found


def _list_words(language: str, name: str) -> set[str]:
    return set(_split(_read(language)[name]))


def _split(text: str) -> list[str]:
    """The words in small letters without accents, which carriers write as they like."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return _WORD.findall("".join(one for one in plain if not unicodedata.combining(one)))
