"""Where spoken messages are kept, and those that are not kept yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from ivr_app.checkup.verdict import Verdict, ok, warn
from ivr_app.room import LITTLE
from routing.recording import Keeping, Recording
from store.archive import Archive
from store.shelf import Shelf

CHECK = "recordings"
WAITED_ENOUGH = dt.timedelta(hours=1)


def shelf(of: Shelf) -> Verdict:
    """Whether messages can be written down on this machine."""
    try:
        free = of.free()
    except OSError as error:
        why = f"nothing can be written to {of.folder} ({error.strerror})"
        return warn("media", f"{why}: messages stay at the carrier; see MEDIA_DIR")
    left = f"{free / 1e9:.1f} GB are free in {of.folder}"
    if free < LITTLE:
        return warn("media", f"only {left}: make room before messages stay at the carrier")
    return ok("media", left)


def recordings(archive: Archive, at: dt.datetime) -> Iterator[Verdict]:
    """What has not come in within an hour, or is ours and still at the carrier as well."""
    late = archive.book.recordings_unsettled(at - WAITED_ENOUGH)
    waiting = [recording for recording in late if recording.state is Keeping.WAITING]
    if waiting:
        yield warn(CHECK, f"{_told(waiting, at)} not come in: see the log of the workers")
    if doubled := [recording for recording in late if recording.state is Keeping.KEPT]:
        yield warn(CHECK, f"{_told(doubled, at)} kept and not deleted at the carrier: see the log")
    if not late:
        yield ok(CHECK, "none has waited for longer than an hour")


def _told(some: Sequence[Recording], at: dt.datetime) -> str:
    hours = int((at - some[0].made_at) / dt.timedelta(hours=1))
    return f"{len(some)}, the oldest {hours} h old:"
