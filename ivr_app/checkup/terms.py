"""What the carrier allows and keeps: money, countries, regions, and the keys that callers press."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import phonenumbers

from carrier.request import NotDoneError, UnsureError
from carrier.terms import Terms, region_asked
from ivr_app.checkup.verdict import Verdict, ok, warn
from routing.line import Line
from settings import Settings
from switchboard import account_of

LOW = 20
"""Units of the account's currency; some hours of telephoning."""


def terms(settings: Settings, lines: Sequence[Line]) -> Iterator[Verdict]:
    """Everything about the account that would stop or betray a call on some bad night."""
    asked = Terms(account_of(settings))
    try:
        yield from _balance(asked)
        yield from _countries(asked, lines)
        yield from _regions(asked, settings, lines)
    except (NotDoneError, UnsureError) as error:
        yield warn("carrier terms", f"the carrier cannot be asked ({error}); try again")
    finally:
        asked.close()
    yield _digits(settings)


def _balance(asked: Terms) -> Iterator[Verdict]:
    left = asked.balance()
    if left is None:
        yield ok("balance", "is not told to this account or key: see the carrier's console")
    elif left.amount < LOW:
        told = f"only {left.amount:.2f} {left.currency} left"
        yield warn("balance", f"{told}: nobody is rung once it is gone; top it up")
    else:
        yield ok("balance", f"{left.amount:.2f} {left.currency} left")


def _countries(asked: Terms, lines: Sequence[Line]) -> Iterator[Verdict]:
    barred = [country for country in _rung(lines) if asked.may_ring(country) is False]
    for country in barred:
        cure = f"allow {country} in the carrier's geographic permissions"
        yield warn("countries", f"numbers of {country} may not be rung: {cure}")
    if not barred:
        yield ok("countries", "none that people are rung in is barred")


def _regions(asked: Terms, settings: Settings, lines: Sequence[Line]) -> Iterator[Verdict]:
    ours = region_asked(settings.twilio_api_url)
    for line in lines:
        theirs = asked.region_of(line.number)
        if theirs is not None and theirs != ours:
            where = f"calls to {line.number} are processed in {theirs}, and we ask {ours}"
            yield warn("region", f"{where}: set TWILIO_API_URL to the interface of {theirs}")


def _digits(settings: Settings) -> Verdict:
    if settings.twilio_pci_mode == "on":
        return ok("keyed digits", "are not kept by the carrier: its PCI mode is on, we are told")
    kept = "the carrier keeps PINs and contract numbers in its logs for a month"
    return warn("keyed digits", f"{kept}; turn on its PCI mode, then set TWILIO_PCI_MODE=on")


def _rung(lines: Sequence[Line]) -> list[str]:
    """The countries of the people's telephones."""
    phones = {
        phone
        for line in lines
        for phone in (*line.last_resort, *(p for one in line.engineers for p in one.phones))
    }
    codes = {phonenumbers.region_code_for_number(phonenumbers.parse(phone)) for phone in phones}
    return sorted(code for code in codes if code)
