"""Phone numbers as carriers send them and people write them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from routing.names import plain

_WITHHELD_WORDS = frozenset(
    {"", "anonymous", "blocked", "private", "restricted", "unavailable", "unknown", "withheld"}
)
_WITHHELD_KEYS = frozenset(
    {
        "266696687",  # ANONYMOUS, spelled on the keypad
        "7378742833",  # RESTRICTED
        "7378742883",  # the same with the slip that much software copied
        "2562533",  # BLOCKED
        "8656696",  # UNKNOWN
        "86282452253",  # UNAVAILABLE
        "7748283",  # PRIVATE
        "464",
    }
)
_LONGEST = 64
_WRITTEN = re.compile(r"\+?[(0-9][0-9 ()./-]*", re.ASCII)
_NOT_RUNG = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail box",
}
_ORDINARY = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.VOIP,
    PhoneNumberType.UAN,  # a company's one number, such as 088 in the Netherlands
}
_NO_TEXTS = {PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE}


class CallerKind(StrEnum):
    """The kind of a caller's number, as the carrier sends it."""

    NUMBER = "number"
    WITHHELD = "withheld"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CallerNumber:
    """A caller's number. ``e164`` is set for a valid phone number only."""

    kind: CallerKind
    e164: str | None = None


def read_caller(raw: str, country: str) -> CallerNumber:
    """Read a carrier's ``From``: a number, a withheld one, or something else (SIP, an app).

    Withheld callers share no identity. The caller types the user part of a SIP address, so it is
    never a number. Never raises.
    """
    if _is_withheld(raw):
        return CallerNumber(CallerKind.WITHHELD)
    e164 = normalise(raw, country)
    if e164 is None:
        return CallerNumber(CallerKind.OTHER)
    return CallerNumber(CallerKind.NUMBER, e164)


def normalise(raw: str, country: str) -> str | None:
    """The number in E.164. None for withheld forms, SIP addresses, extensions, and any other text
    that is no valid number. ``country`` is for national numbers such as 06…. Never raises."""
    if _is_withheld(raw) or (number := _parse(raw, country)) is None:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def written_forms(raw: str, country: str) -> tuple[str, ...]:
    """The ways in which carriers write this number. Text that is no number has one way."""
    number = _parse(raw, country)
    if number is None:
        return (raw,)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    local = "".join(filter(str.isdigit, national))
    return tuple(dict.fromkeys((e164, e164[1:], f"00{e164[1:]}", local)))


def reaches(raw: str, e164: str, country: str | None = None) -> bool:
    """Whether a carrier's ``To`` is this number of the line. The carrier may write it with or
    without +, with 00, as a national number, or as a SIP or tel address. Never raises."""
    said = plain(_of_address(raw))
    if said == e164:
        return True
    if len(said) > _LONGEST or not _WRITTEN.fullmatch(said):
        return False
    digits = "".join(filter(str.isdigit, said))
    if digits in (e164[1:], f"00{e164[1:]}"):
        return True
    number = _parse(said, country)
    if number is not None:
        return phonenumbers.format_number(number, PhoneNumberFormat.E164) == e164
    return digits in written_forms(e164, country or "")


def _of_address(raw: str) -> str:
    """The number in a SIP or tel address. Other text stays as it is."""
    said = raw[: 4 * _LONGEST].strip().strip("<>")
    scheme, colon, rest = said.partition(":")
    if not colon or scheme.casefold() not in ("sip", "sips", "tel"):
        return said
    return unquote(rest.partition("@")[0].partition(";")[0])


def format_international(e164: str) -> str:
    """A number in E.164 with spaces, for people: +31 6 12345678."""
    number = _parse(e164, None)
    if number is None:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def why_not_rung(e164: str) -> str | None:
    """Why a number cannot be rung as an engineer's phone. None when it can."""
    kind = _find_kind(e164)
    if kind is None:
        return "no valid number"
    return _NOT_RUNG.get(kind)


def why_not_called(e164: str, countries: Collection[str]) -> str | None:
    """Why an unknown number is not dialled. None when it is an ordinary number in one of these
    countries; any other number may be expensive."""
    kind, number = _find_kind(e164), _parse(e164, None)
    if kind is None or number is None:
        return "no valid number"
    if kind not in _ORDINARY:
        return _NOT_RUNG.get(kind, "no ordinary number")
    region = phonenumbers.region_code_for_number(number)
    if region in countries:
        return None
    return f"a number in {region}, which is not dialled"


def takes_texts(e164: str) -> bool:
    """Whether the number may receive texts. False only for kinds that never do."""
    kind = _find_kind(e164)
    return kind is not None and kind not in _NO_TEXTS


def _is_withheld(raw: str) -> bool:
    said = raw[:_LONGEST].strip()
    return said.lower() in _WITHHELD_WORDS or said.removeprefix("+") in _WITHHELD_KEYS


# What a number is follows from the number and the tables of the library alone, so it is remembered:
# one decision asks it several times of the same few numbers.


@lru_cache(maxsize=1000)
def _find_kind(e164: str) -> int | None:
    """The kind of a valid number, one of PhoneNumberType."""
    number = _parse(e164, None)
    if number is None:
        return None
    return phonenumbers.number_type(number)


@lru_cache(maxsize=1000)
def _parse(raw: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    written = plain(raw[: _LONGEST + 1])
    if len(written) > _LONGEST or not _WRITTEN.fullmatch(written):
        return None
    try:
        number = phonenumbers.parse(written, country)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return number
