"""What a telephone can be made to do, in the line's own words; ``carrier`` turns it into TwiML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from routing.oncall.local_time import LocalMoment

Value = str | int | dt.timedelta | LocalMoment


@dataclass(frozen=True, slots=True)
class SpeechRules:
    """Where callers may speak instead of pressing keys. Numbers and PINs are always keyed."""

    menus: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """Where the carrier asks next: the name of one of our addresses, whose, and which question.

    ``query`` is what this address alone remembers. It has no personal data.
    """

    name: str
    id: str
    turn: int = 0
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    """Speak the prompt of this key, with these values in it; another language than the document's
    may be named."""

    prompt: str
    values: tuple[tuple[str, Value], ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """Play the recording of this id."""

    recording: str


@dataclass(frozen=True, slots=True)
class Music:
    """Play the music for those who wait: one of its pieces, counted from 0, round and round."""

    piece: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Be silent for some seconds."""

    seconds: int


Spoken = Say | Play | Music | Pause


@dataclass(frozen=True, slots=True)
class Menu:
    """Speak, and take one key at any moment of it; no key goes on with the next act. ``hears``
    names the question whose words count as keys where a line takes speech."""

    spoken: tuple[Spoken, ...]
    then: Next
    seconds: int = 5
    hears: str | None = None


@dataclass(frozen=True, slots=True)
class AskDigits:
    """Speak, and take digits; none goes on with the next act.

    The hash key ends them. ``digits`` is how many there are, where that is known: the last one ends
    them, too, and nobody waits.
    """

    spoken: tuple[Spoken, ...]
    then: Next
    digits: int | None = None
    seconds: int = 5


@dataclass(frozen=True, slots=True)
class Record:
    """Record what is said, up to some seconds; ``silence`` in seconds ends it, and goes on with the
    next act where nothing was said."""

    then: Next
    seconds: int
    silence: int = 5


@dataclass(frozen=True, slots=True)
class Redirect:
    """Ask for the next document there."""

    to: Next


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Put the caller into this queue; ``wait`` is what the caller hears meanwhile."""

    queue: str
    wait: Next
    then: Next


@dataclass(frozen=True, slots=True)
class BridgeQueue:
    """Connect this phone with the caller in the queue; ``joined`` is requested when it happens."""

    queue: str
    joined: Next
    then: Next


@dataclass(frozen=True, slots=True)
class Dial:
    """Dial a number and join; with ``whisper`` the other side hears that document first."""

    number: str
    caller_id: str
    then: Next
    seconds: int
    whisper: Next | None = None
    star: bool = False  # the star key ends the conversation


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """Leave the queue."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Act = (
    Spoken
    | Menu
    | AskDigits
    | Record
    | Redirect
    | Enqueue
    | BridgeQueue
    | Dial
    | LeaveQueue
    | HangUp
)


@dataclass(frozen=True, slots=True)
class Document:
    """One answer to the carrier: acts in order, in one language. ``slow`` is true once the listener
    asked to hear a question again and again."""

    language: str
    acts: tuple[Act, ...] = field(default=())
    slow: bool = False


def say(prompt: str, language: str | None = None, **values: Value) -> Say:
    """A sentence with its values."""
    return Say(prompt, tuple(values.items()), language)


# A menu as a table: its document and its decision derive from the same keys.


View = TypeVar("View")
Handler = TypeVar("Handler")


def always(view: object) -> bool:
    """The condition of a key that every view offers."""
    return True


@dataclass(frozen=True, slots=True)
class MenuKey(Generic[View, Handler]):
    """One key of a menu: its digit, its handler, and the sentence that offers it.

    ``prompt`` is None when the sentence of another key of the menu names this key, too.
    """

    digit: str
    handler: Handler
    prompt: Say | Callable[[View], Say] | None = None
    offered: Callable[[View], bool] = always


def find_handler(
    keys: Iterable[MenuKey[View, Handler]], view: View, pressed: str | None
) -> Handler | None:
    """The handler of the pressed key. None for silence and for a key that is not offered."""
    found = (key.handler for key in keys if key.digit == pressed and key.offered(view))
    return next(found, None)


def say_keys(keys: Iterable[MenuKey[View, Handler]], view: View) -> tuple[Say, ...]:
    """The sentences of the keys that are offered."""
    prompts = [key.prompt for key in keys if key.offered(view) and key.prompt is not None]
    return tuple(prompt(view) if callable(prompt) else prompt for prompt in prompts)
