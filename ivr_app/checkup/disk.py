"""Whether there is room for the next year of calls, before a caller finds out."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_app.checkup.verdict import Verdict, fail, ok, warn
from ivr_app.room import LITTLE, folders, free
from switchboard import Switchboard

CHECK = "room"
NONE = 1000 * 1000
"""Bytes; less is gone with the next few calls."""


def disk(board: Switchboard) -> Iterator[Verdict]:
    """The folders of the database and of the fallback file; that of messages is the shelf's."""
    for part, folder in folders(board).items():
        if part != "messages":
            yield _of(part, str(folder), free(folder))


def _of(part: str, folder: str, left: int) -> Verdict:
    told = f"{left / 1e9:.1f} GB are free in {folder}, where the {part} is"
    if left < NONE:
        return fail(CHECK, f"{told}: nothing can be written; make room now")
    if left < LITTLE:
        return warn(CHECK, f"only {told}: make room before nothing can be written")
    return ok(CHECK, told)
