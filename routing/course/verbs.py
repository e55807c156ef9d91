"""What can be done with an incident by text, and the words that say so."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """What is to be done with the incident."""

    TAKE = "take"
    RESPOND = "respond"
    WAIT = "wait"
    RESUME = "resume"
    CLOSE = "close"
    CONFIRM = "confirm"
    RELEASE = "release"
    CALL = "call"
    NOTE = "note"


WORDS = {
    "klaar": Verb.RESPOND,
    "beantwoord": Verb.RESPOND,
    "afgehandeld": Verb.RESPOND,
    "done": Verb.RESPOND,
    "responded": Verb.RESPOND,
    "wacht": Verb.WAIT,
    "wait": Verb.WAIT,
    "verder": Verb.RESUME,
    "resume": Verb.RESUME,
    "dicht": Verb.CLOSE,
    "sluit": Verb.CLOSE,
    "close": Verb.CLOSE,
    "closed": Verb.CLOSE,
    "bel": Verb.CALL,
    "call": Verb.CALL,
    "bevestigd": Verb.CONFIRM,
    "bevestig": Verb.CONFIRM,
    "confirm": Verb.CONFIRM,
    "confirmed": Verb.CONFIRM,
    "vrijgegeven": Verb.RELEASE,
    "vrij": Verb.RELEASE,
    "release": Verb.RELEASE,
    "released": Verb.RELEASE,
}

YES = frozenset(
    [
        "ok",
        "oke",
        "oké",
        "okay",
        "ja",
        "yes",
        "j",
        "y",
        "neem",
        "aan",
        "aannemen",
        "aangenomen",
        "ik",
        "take",
        "accept",
        "accepted",
        "i'll",
        "i",
        "it",
    ]
)
"""Words that add nothing to a number: the text takes the incident."""
