"""Callers and engineers: what they key, how patient they are, and what their telephones do."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from devtools.simulation.phone import GoneError
from routing.voice_document import AskDigits, Menu, Music, Say

FAST, SLOW = 1.0, 6.0

CHOICES: dict[str, tuple[str | None, ...]] = {
    "customers_menu": (*"1123", "0"),
    "about_new": (*"111", "2"),
    "engaged_menu": tuple("723"),
    "later_keys": (None, None, "7", "3"),
    "later_keys_message": (None, None, "7", "3"),
    "ask_verdict": tuple("12"),
    "ask_databases": tuple("12"),
    "ask_stopped": tuple("12"),
}
"""Questions that people answer in different ways, and their keys."""

SAYS_YES = frozenset(
    ("confirm_level_1", "confirm_message", "raise_to_level_1", "raise_message", "choose_language")
)


def prompts(menu: Menu | AskDigits) -> dict[str, dict[str, object]]:
    """What is said before a key is taken, with its values."""
    return {say.prompt: dict(say.values) for say in menu.spoken if isinstance(say, Say)}


@dataclass(eq=False)
class Caller:
    """Somebody who calls: a number, a PIN that is right or not, a level, and patience."""

    chance: Random
    shown: str
    contract: str
    pin: str
    level: str
    patience: float
    odd: float  # how often something else is keyed than what was asked for
    stuck: str | None = None  # the one key that is pressed, whatever is asked
    talked: bool = False

    def key(self, menu: Menu) -> tuple[float, str | None]:
        """What a caller presses, by what was said."""
        if self.stuck is not None:
            return FAST, self.stuck
        after, heard = self.chance.uniform(FAST, SLOW), prompts(menu)
        if self.chance.random() < self.odd:
            return after, self.chance.choice((None, None, *"0123456789*#"))
        if "urgency_menu" in heard or "urgency_short" in heard:
            return after, self.level
        if heard.keys() & SAYS_YES:
            return after, "1"
        if any(isinstance(one, Music) for one in menu.spoken):
            key = self.chance.choice("783") if self.chance.random() < 0.06 else None
            return self.chance.uniform(FAST, 20), key
        keys = next((keys for prompt, keys in CHOICES.items() if prompt in heard), None)
        return after, self.chance.choice(keys) if keys is not None else None

    def digits(self, asked: AskDigits) -> tuple[float, str | None]:
        """A contract number or a PIN."""
        if self.stuck is not None:
            return FAST, self.stuck
        if self.chance.random() < self.odd:
            return SLOW, self.chance.choice((None, "0", "7", "99*", "*", "#"))
        return SLOW, self.contract if "ask_contract" in prompts(asked) else self.pin

    def speaks(self) -> float:
        """Mostly something."""
        return self.chance.choice((0.0, 3.0, 8.0, 15.0))


@dataclass(eq=False)
class Phone:
    """An engineer's telephone, or the last resort's: a human, a mailbox, or nobody."""

    chance: Random
    number: str
    human: float  # how often a human picks up
    mailbox: float  # how often a mailbox does, if no human
    takes: float  # how often a human presses the key that takes it
    stuck: str | None = None  # the one key that is pressed once the call is taken
    on: bool = False
    listens: bool = False

    def picks_up(self) -> float | None:
        """After how many seconds somebody or something answers; None for never."""
        self.listens = False
        if self.on:
            return None
        if self.chance.random() < self.human:
            self.listens = True
            return self.chance.uniform(2, 25)
        return self.chance.uniform(15, 28) if self.chance.random() < self.mailbox else None

    def talks(self) -> float:
        """For how many seconds a conversation lasts."""
        return self.chance.uniform(5, 240)

    def key(self, menu: Menu) -> tuple[float, str | None]:
        """What an engineer presses, by what was said; some just hang up."""
        heard, after = prompts(menu), self.chance.uniform(1, 12)
        if not self.listens:
            return after, None
        draw = self.chance.random()
        if draw < 0.03:
            raise GoneError
        if draw > 0.95:
            return after, self.chance.choice((None, "0", "1"))
        for asked in ("whisper_keys", "rescue_whisper"):
            if asked in heard:
                takes = self.chance.random() < self.takes
                return after, str(heard[asked].get("take" if takes else "pass_on", "0"))
        if self.stuck is not None:
            return FAST, self.stuck
        return after, self.chance.choice("11123")

    def digits(self, asked: AskDigits) -> tuple[float, str | None]:
        """Nobody asks an engineer for digits."""
        return SLOW, None

    def speaks(self) -> float:
        """Nobody records an engineer."""
        return 0.0
