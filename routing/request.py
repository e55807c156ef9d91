"""A request about virus recognition: what was found, and how far our answer has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from routing.staff import Channel


class Verdict(StrEnum):
    """What was wrong with the recognition, as the caller says."""

    FALSE_POSITIVE = "false_positive"  # a clean file is taken for a threat
    FALSE_NEGATIVE = "false_negative"  # a threat is not recognised
    UNKNOWN = "unknown"


class Databases(StrEnum):
    """Whether the newest databases were in use, as the caller says."""

    NEWEST = "newest"
    OLD = "old"
    UNKNOWN = "unknown"


class Progress(StrEnum):
    """How far a request has come; it never goes back."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Request:
    """``written`` is how the customer was told of it, None where we can only speak with them."""

    verdict: Verdict = Verdict.UNKNOWN
    databases: Databases = Databases.UNKNOWN
    progress: Progress = Progress.RECEIVED
    written: Channel | None = None
    confirmed_by: str | None = None
    confirmed_at: dt.datetime | None = None
    released_by: str | None = None
    released_at: dt.datetime | None = None
