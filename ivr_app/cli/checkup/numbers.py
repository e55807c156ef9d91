"""The numbers of the lines at the carrier: whose they are, what they can, where they point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from carrier.request import NotDoneError, RefusedError, UnsureError
from carrier.telephone import Telephone
from ivr_app.cli.checkup.verdict import Verdict, fail, ok, warn
from routing.line import Channel, Line
from settings import Settings
from switchboard import account_of

CALLS = (
    ("voice_url", "A call comes in", "/voice/incoming", fail),
    ("voice_fallback_url", "Primary handler fails", "/voice/fallback", warn),
    ("status_callback", "Call status changes", "/voice/status", warn),
)
TEXTS = (("sms_url", "A message comes in", "/sms/incoming", warn),)

Points = Sequence[tuple[str, str, str, Callable[[str, str], Verdict]]]


def numbers(settings: Settings, lines: Sequence[Line]) -> Iterator[Verdict]:
    """The number that customers call, and the one that texts come from where that is a number."""
    telephone, ours = Telephone(account_of(settings)), settings.public_url
    for line in lines:
        sender = line.texts_from or line.number
        yield from _number(telephone, line.number, "voice", CALLS, ours)
        if Channel.SMS in line.paging.channels and sender.startswith("+"):
            yield from _number(telephone, sender, "sms", TEXTS, ours)


def _number(
    telephone: Telephone, number: str, ability: str, points: Points, ours: str
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
    wrong = list(_astray(check, found, points, ours))
    yield from wrong or [ok(check, f"is ours and points at {ours}")]


def _astray(check: str, found: Any, points: Points, ours: str) -> Iterator[Verdict]:
    for field, called, path, verdict in points:
        set_to, method = getattr(found, field), getattr(found, _method_of(field))
        if set_to != ours + path or method != "POST":
            yield verdict(check, f'set "{called}" ({field}) to POST {ours}{path}')


def _method_of(field: str) -> str:
    return f"{field.removesuffix('_url')}_method"
