"""What a customer and the staff write to each other about an incident, and the files with it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from routing.message import Via

LONGEST_NAME = 120
"""A longer file name is cut in the middle, so that its ending stays."""


class Author(StrEnum):
    """Which side wrote a message, or sent a file."""

    CUSTOMER = "customer"
    STAFF = "staff"


class AnswerEffect(StrEnum):
    """What an answer to the customer does to the response clock."""

    RESPONDS = "responds"  # it is the qualified response: the clock stops
    ASKS = "asks"  # it asks the customer for something: the clock pauses
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """A message of a customer to the staff, or of the staff to the customer.

    ``incident`` is the key of its incident. ``by`` is a contact's name, or an engineer's id or
    ``duty_manager``. ``mail_id`` is the Message-ID of the mail that brought it, or that took it to
    the customer. ``files`` are the ids of its files.
    """

    id: str
    incident: str
    at: dt.datetime
    author: Author
    by: str
    door: Via
    words: str
    verified: bool = True
    mail_id: str | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """What is known of a file before its content arrives; ``contract`` is whose upload it is."""

    line: str
    name: str
    media_type: str
    author: Author
    by: str
    door: Via
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentFile:
    """A file that is complete. ``incident`` (a key) is None until it is attached to one. ``name``
    is tidied, and ``media_type`` is what its sender says of it: neither is to be trusted."""

    id: str
    line: str
    at: dt.datetime
    name: str
    size: int
    sha256: str
    media_type: str
    author: Author
    by: str
    door: Via
    contract: str | None = None
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class FileUse:
    """How many bytes the files of a contract have, and how many of them belong to no incident."""

    bytes: int = 0
    unattached: int = 0


def tidy_file_name(name: str) -> str:
    """A file name without a folder, control characters or blanks at its ends, of a length that
    every system can save. Characters that turn the direction of writing are control characters
    too: with them "gpj.exe" looks like "exe.jpg"."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    kept = unicodedata.normalize("NFC", kept).strip(" .")
    if not kept:
        return "file"
    if len(kept) > LONGEST_NAME:
        half = LONGEST_NAME // 2
        kept = f"{kept[: half - 1]}…{kept[-half:]}"
    return kept
