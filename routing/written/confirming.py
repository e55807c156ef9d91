"""What a text means for the handovers that wait for a reply: OK, or OK with a code."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from routing.relief import Relief, Standing
from routing.typed import THUMBS, one_spelling

LONGEST = 160
"""What comes after so many characters is no short reply."""

YES = re.compile(
    "ok(e|é|ee|ay)?|k|ja?|jawel|akkoord|prima|bevestigd?|y|yes|yep|confirm(ed)?|[" + THUMBS + "]"
)
_WORD = re.compile(rf"\d+|[{THUMBS}]|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Confirms:
    """The text confirms this duty, or did so when it came before."""

    relief: Relief


@dataclass(frozen=True, slots=True)
class TooLate:
    """The text is about a duty that is somebody else's by now."""

    relief: Relief


@dataclass(frozen=True, slots=True)
class Which:
    """Several wait for a reply, and the text does not say which is meant."""

    reliefs: tuple[Relief, ...]


Meaning = Confirms | TooLate | Which


def meaning_of(
    body: str, sid: str, reliefs: Sequence[Relief], incidents: Collection[int]
) -> Meaning | None:
    """What a text means; None when it is about something else.

    ``reliefs`` are those of the sender that are not over, oldest first, and ``incidents`` the
    numbers that are open: a text that names one of them is an acknowledgement, whatever else it
    says. The carrier may bring the same text twice, which then means the same.
    """
    repeated = next((r for r in reliefs if sid and r.reply == sid), None)
    if repeated is not None:
        return Confirms(repeated)
    words = _WORD.findall(one_spelling(body)[:LONGEST].casefold())
    numbers = {int(word) for word in words if word.isdecimal()}
    spoken = [word for word in words if not word.isdecimal()]
    if not words or (spoken and not YES.fullmatch(spoken[0])) or numbers & set(incidents):
        return None
    latest = tuple({relief.schedule: relief for relief in reliefs}.values())
    if numbers:
        named = sorted((r for r in latest if r.code in numbers), key=lambda r: not r.waits)
        return _about(named[0]) if named else None
    waiting = tuple(relief for relief in latest if relief.waits)
    if len(waiting) > 1:
        return Which(waiting)
    return _about(waiting[0]) if waiting else None


def _about(relief: Relief) -> Meaning | None:
    if relief.standing is Standing.SKIPPED:
        return None
    return TooLate(relief) if relief.standing is Standing.LAPSED else Confirms(relief)
