"""Whose call is placed next: level 1 first, and none that waits is forgotten.

The carrier places one call a second for an account by default and queues the rest, in the order in
which they came. What is asked of it beyond that rate cannot be overtaken any more; so it is asked
for little more, and the others wait here.
"""

from __future__ import annotations

import datetime as dt

from routing.incident import Incident, Page
from routing.line import Line
from store.pace import Pace

SECOND = dt.timedelta(seconds=1)
AHEAD = SECOND
"""Any level may ask for one second's calls at once."""

URGENT_AHEAD = 3 * SECOND
"""Level 1 may ask for so many seconds' calls at once: a step rings all its people together."""

PATIENCE = 5 * SECOND
"""Whoever has waited for so long waits no longer behind level 1."""

BLINK = dt.timedelta(milliseconds=50)
"""The clock looks no more often."""


class NotYet(Exception):  # noqa: N818 - it is an answer, not a failure
    """Nothing went wrong: this is to be done at ``at``."""

    def __init__(self, at: dt.datetime) -> None:
        super().__init__(f"not before {at}")
        self.at = at


def wait_turn(pace: Pace, line: Line, incident: Incident, leg: Page, now: dt.datetime) -> None:
    """Go on if the call of this leg may be placed now; raises NotYet with the moment if not."""
    each = SECOND / line.carrier.calls_per_second
    urgent = incident.urgency == 1 or now - leg.at >= PATIENCE
    at = pace.turn(now, each, (URGENT_AHEAD if urgent else AHEAD) - each)
    if at is not None:
        raise NotYet(max(at, now + BLINK))
