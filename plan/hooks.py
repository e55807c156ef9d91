"""Programs outside that are told of incidents, as ``line.yaml`` writes them."""

from __future__ import annotations

from urllib.parse import urlsplit

from plan import words
from plan.forms import distinct, one_or_many, record, some
from plan.reading import Reading, Wrong, then, word
from plan.sheet import Entry
from routing.hook import Happening, Hook

SCHEMES = ("https", "http")
_LONGEST = 2000
_WHOLE = "must be a whole address of the web, such as https://tickets.example.org/line"


def _address(entry: Entry, reading: Reading) -> str:
    text = word(entry, reading)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # such as https://[, or a port that is no number
        raise Wrong(_WHOLE) from None
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= _LONGEST
    whole = parts.scheme in SCHEMES and parts.hostname and port != 0 and not parts.fragment
    if not plain or not whole:
        raise Wrong(_WHOLE)
    if parts.username is not None:
        raise Wrong("must name no user: the signature says who sends")
    return text


def _each_once(on: tuple[Happening, ...]) -> tuple[Happening, ...]:
    if len(set(on)) < len(on):
        raise Wrong("names something twice")
    return on


_secret = words.fitting(
    r"WEBHOOK_[A-Z0-9_]{1,56}",
    "the name under which the environment keeps the secret, such as WEBHOOK_TICKETS",
)
webhooks = distinct(
    "id",
    record(
        Hook,
        id=words.identifier,
        url=_address,
        secret=_secret,
        on=then(some(one_or_many(words.choice(Happening))), _each_once),
    ),
)
