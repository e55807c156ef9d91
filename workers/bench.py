"""What a worker has at hand while it does an errand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from carrier.addresses import Addresses
from carrier.media import Media
from carrier.telephone import Telephone
from links import Links
from mailer import Mailer
from routing.desk import Desk
from store.archive import Archive
from store.pace import Pace


class TakenAwayError(Exception):
    """This errand took so long that somebody else does it by now."""


def _at_leisure() -> None:
    """Nobody takes away an errand that was leased to nobody."""


@dataclass(frozen=True)
class Bench:
    """The desk to report to, and the ways out: telephone and mailer (None when mail is off).

    Without a pace, calls are placed as they come; without links, notices carry none;
    without an archive, recordings stay at the carrier. ``hold_on`` is asked before an errand's
    second request, and raises TakenAwayError.
    """

    desk: Desk
    telephone: Telephone
    addresses: Addresses
    mailer: Mailer | None = None
    pace: Pace | None = None
    links: Links | None = None
    archive: Archive | None = None
    media: Media | None = None
    hold_on: Callable[[], None] = _at_leisure
