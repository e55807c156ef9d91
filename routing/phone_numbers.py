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
    """What stands where a caller's number should stand."""

    NUMBER = "number"
    WITHHELD = "withheld"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CallerNumber:
    """Where a call says it comes from; ``e164`` only where that is a real phone number."""

    kind: CallerKind
    e164: str | None = None


def read_caller(raw: str, country: str) -> CallerNumber:
    """What a carrier's ``From`` says: a number, a withheld one, or something else (SIP, an app).

    Withheld callers share no identity: all of them are nobody. The user part of a SIP address is
    typed by whoever calls, so it is never taken for a number. Never raises.
    """
    if _is_withheld(raw):
        return CallerNumber(CallerKind.WITHHELD)
    e164 = normalise(raw, country)
    return CallerNumber(CallerKind.NUMBER, e164) if e164 else CallerNumber(CallerKind.OTHER)


def normalise(raw: str, country: str) -> str | None:
    """The number in E.164, or None where it is no valid number; ``country`` reads 06… numbers.

    Withheld forms, SIP addresses, extensions and garbage are no numbers. Never raises.
    """
    number = None if _is_withheld(raw) else _parse(raw, country)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None


def written_forms(raw: str, country: str) -> tuple[str, ...]:
    """The ways in which carriers show this number; what is no number is shown only as it is."""
    number = _parse(raw, country)
    if number is None:
        return (raw,)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    local = "".join(filter(str.isdigit, national))
    return tuple(dict.fromkeys((e164, e164[1:], f"00{e164[1:]}", local)))


def reaches(raw: str, e164: str, country: str | None = None) -> bool:
    """Whether a carrier's ``To`` is this number of ours, however the carrier writes it: with or
    without +, with 00, nationally, or as a SIP or tel address. Never raises."""
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
    """The number in a SIP or tel address; anything else stays as it is."""
    said = raw[: 4 * _LONGEST].strip().strip("<>")
    scheme, colon, rest = said.partition(":")
    if not colon or scheme.casefold() not in ("sip", "sips", "tel"):
        return said
    return unquote(rest.partition("@")[0].partition(";")[0])


def legible(e164: str) -> str:
    """A number in E.164 as people write it for anybody: +31 6 12345678."""
    number = _parse(e164, None)
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL) if number else e164


def why_not_rung(e164: str) -> str | None:
    """Why a valid number cannot be rung as an engineer's phone, or None when it can."""
    number = _parse(e164, None)
    return _NOT_RUNG.get(phonenumbers.number_type(number)) if number else "no valid number"


def why_not_called(e164: str, countries: Collection[str]) -> str | None:
    """Why nobody is called at a stranger's number, or None when it is an ordinary one in one of
    these countries; what is not known to be ordinary may cost anything."""
    number = _parse(e164, None)
    if number is None:
        return "no valid number"
    kind = phonenumbers.number_type(number)
    if kind not in _ORDINARY:
        return _NOT_RUNG.get(kind, "no ordinary number")
    region = phonenumbers.region_code_for_number(number)
    return None if region in countries else f"a number in {region}, which is not dialled"


def takes_texts(e164: str) -> bool:
    """Whether a text may reach the number: false only where its kind is known not to take any."""
    number = _parse(e164, None)
    return number is not None and phonenumbers.number_type(number) not in _NO_TEXTS


def _is_withheld(raw: str) -> bool:
    said = raw[:_LONGEST].strip()
    return said.lower() in _WITHHELD_WORDS or said.removeprefix("+") in _WITHHELD_KEYS


@lru_cache(maxsize=1000)
def _parse(raw: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    written = plain(raw[: _LONGEST + 1])
    if len(written) > _LONGEST or not _WRITTEN.fullmatch(written):
        return None
    try:
        number = phonenumbers.parse(written, country)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
