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
    NOTHING = "nothing"  # a picture, a blank, a full stop


class CarrierWord(StrEnum):
    """What a word does that the carrier itself answers."""

    STOP = "stop"
    START = "start"
    HELP = "help"


STOP = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
START = frozenset(["start", "unstop"])
HELP = frozenset(["help", "info"])
"""Words that the carrier answers: STOP makes it drop our texts, START undoes that."""


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
    (
        *("ok", "oke", "oké", "okee", "okay", "k", "ja", "jawel", "jep", "yes", "yep", "yeah"),
        *("j", "y", "akkoord", "prima", "goed", "roger", "neem", "aan", "aannemen"),
        *("aangenomen", "accepteer", "geaccepteerd", "pak", "doe", "take", "taken", "took"),
        *("accept", "accepted", "ack", "acked", "acknowledge", "acknowledged", "got", "mine"),
    )
)
"""Words that take an incident, with its number or without."""

ADDS_NOTHING = frozenset(
    (
        *("ik", "hem", "het", "'m", "die", "dit", "op", "is", "wordt", "geregeld"),
        *("incident", "nummer", "nr", "number", "i", "i'll", "ill", "i've", "i'm", "it"),
        *("this", "that", "one", "have", "will", "on", "me"),
    )
)
"""Words that add nothing to a yes or to a number: "I'll take it 1042"."""
