"""What a caller does until it is known who calls and how urgent it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from routing.call import Identity, Standing


class Keyed(StrEnum):
    """What a caller did when asked for a number that ends with the hash key."""

    DIGITS = "digits"
    NOTHING = "nothing"
    WITHOUT = "without"  # 0#: goes on without


@dataclass(frozen=True, slots=True)
class Dialled:
    """A customer calls. ``language`` is the known contact's; ``selected`` the number's contract."""

    sid: str
    line: str
    shown: str
    caller: str | None
    language: str | None = None
    selected: str | None = None
    engineer: str | None = None


@dataclass(frozen=True, slots=True)
class Chose:
    """The caller answered a menu of one key, or pressed nothing (None)."""

    call: str
    turn: int
    key: str | None


@dataclass(frozen=True, slots=True)
class ContractKeyed:
    """The caller was asked for the contract number; ``selected`` is the contract found, if any.

    ``suspect`` is what wrong PINs count against; it names a contract only if there is one.
    ``pause`` is what wrong PINs of earlier calls cost, in seconds.
    """

    call: str
    turn: int
    keyed: Keyed
    selected: str | None = None
    suspect: str | None = None
    pause: int = 0


@dataclass(frozen=True, slots=True)
class PinChecked:
    """The caller was asked for the PIN. An identity means it was right; ``pause`` is in seconds."""

    call: str
    turn: int
    keyed: Keyed
    identity: Identity | None = None
    standing: Standing = Standing.UNVERIFIED
    pause: int = 0


@dataclass(frozen=True, slots=True)
class Introduced:
    """The caller was asked to say a name and company; None means silence."""

    call: str
    turn: int
    recording: str | None
