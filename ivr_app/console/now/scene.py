"""What there is to see now; made once for all who look at the same line with the same eyes.

Ten people who look every second must not take the processor from those who call: each process makes
a scene at most once in ``HOLDS``, however many ask for it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from flask import current_app, render_template

from ivr_app.console import viewer
from ivr_app.console.now.callers import callers
from ivr_app.console.now.pulse import pulse
from ivr_app.console.now.steps import steps
from ivr_app.console.promises import promises
from ivr_app.switch import board, desk
from store.present import present

EXTENSION = "scenes"
HOLDS = dt.timedelta(seconds=0.9)
"""A page looks every second, so that nothing that is seen is older than two."""

Eyes = tuple[object, ...]
"""The lines wished for, the language and the clock: whoever has the same sees the same."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to see of a line, a mark that changes with it, and when it was made."""

    line: str | None
    seen: str
    mark: str
    at: dt.datetime


def scene() -> Scene:
    """What there is to see at this moment."""
    looked_at, at = viewer.line(), desk().clock()
    condition = pulse()
    if looked_at is None or not condition["ready"]:
        seen = render_template("now/scene.html", condition=condition, callers=(), line=None)
    else:
        now = present(board().engine, looked_at.id)
        seen = render_template(
            "now/scene.html",
            condition=condition,
            line=looked_at,
            callers=callers(looked_at, now, at),
            promises=promises(looked_at, now.incidents, at),
            steps=steps(looked_at, at),
        )
    mark = hashlib.sha256(seen.encode()).hexdigest()[:16]
    return Scene(looked_at.id if looked_at else None, seen, mark, at)


def shared_scene() -> Scene:
    """The same for a page that looks again: as it was less than ``HOLDS`` ago. Whoever asks while
    it is made anew sees the one before."""
    kept: dict[Eyes, Scene] = current_app.extensions.setdefault(EXTENSION, {})
    eyes, now = _eyes(), desk().clock()
    known = kept.get(eyes)
    if known is not None:
        if abs(now - known.at) < HOLDS:
            return known
        kept[eyes] = replace(known, at=now)
    for old in [each for each, one in list(kept.items()) if abs(now - one.at) > 2 * HOLDS]:
        kept.pop(old, None)
    kept[eyes] = made = scene()
    return made


def _eyes() -> Eyes:
    return (*viewer.wishes(), viewer.language(), viewer.viewer().account.zone)
