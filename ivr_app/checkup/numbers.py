"""The numbers of the lines at the carrier: whose they are, what they can, where they point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from carrier.pointing import Pointer, of_calls, of_texts
from carrier.request import NotDoneError, RefusedError, UnsureError
from carrier.telephone import Telephone
from ivr_app.checkup.verdict import Verdict, fail, ok, warn
from outpost import spare_of
from routing.line import Channel, Line
from routing.written.replying import numbers_for_texts
from settings import Settings
from switchboard import account_of

PROVISION = "flask --app ivr_app provision"


def numbers(settings: Settings, lines: Sequence[Line]) -> Iterator[Verdict]:
    """The number that customers call, and the one that engineers text back to."""
    telephone, ours = Telephone(account_of(settings)), settings.public_url
    texts = of_texts(ours)
    for line in lines:
        calls = of_calls(ours, spare_of(line, lines, settings))
        yield from _number(telephone, line.number, "voice", calls, ours)
        heard = numbers_for_texts(line)[:1] if Channel.SMS in line.paging.channels else ()
        for number in heard:
            yield from _number(telephone, number, "sms", texts, ours)


def _number(
    telephone: Telephone, number: str, ability: str, points: Sequence[Pointer], ours: str
) -> Iterator[Verdict]:
    missing = fail if ability == "voice" else warn
    check = f"{ability}, {number}"
    try:
        found = telephone.number(number)
    except (RefusedError, NotDoneError, UnsureError) as error:
        yield warn(check, f"the carrier cannot be asked ({error}); try again")
        return
    if found is None:
        yield missing(check, "is no number of this account: buy it, or correct the line's file")
        return
    if not (found.capabilities or {}).get(ability):
        yield missing(check, f"has not the ability {ability}: take another number")
    astray = [_astray(check, pointer) for pointer in points if not pointer.followed_by(found)]
    yield from astray or [ok(check, f"is ours and points at {ours}")]


def _astray(check: str, pointer: Pointer) -> Verdict:
    """Only calls that go elsewhere stop the line; the rest is worth a look."""
    verdict = fail if pointer.field == "voice_url" else warn
    to = f"{pointer.method} {pointer.address}"
    return verdict(check, f'set "{pointer.called}" ({pointer.field}) to {to}, or run {PROVISION}')
