"""Which address of a person works: by the results of earlier pages, and by the daily cap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from routing.facts import DecisionFacts
from routing.line import Channel, Engineer
from routing.notify.channels import CHANNELS, Address, NotificationChannel, Person, rules_of
from routing.page import Page, PageResult

LOST = (PageResult.FAILED, PageResult.UNDELIVERED)
"""Refused by the carrier (STOP is error 21610), or not delivered."""

UNKNOWN = (None, PageResult.CANCELED)
"""Under way, or never sent: neither shows whether the address works."""


def works(facts: DecisionFacts, channel: NotificationChannel, engineer: Engineer) -> bool:
    """True if an address receives messages and the last message to it was not lost."""
    if not facts.can_send(channel.id):
        return False
    return any(not is_lost(facts, engineer.id, to) for to in channel.addresses(engineer))


def choose_address(facts: DecisionFacts, channel: NotificationChannel, engineer: Engineer) -> str:
    """The first address whose last message was not lost; if all were lost, the first one."""
    addresses = channel.attempts(engineer)
    usable = (to for to in addresses if not is_lost(facts, engineer.id, to))
    return next(usable, addresses[0])


def is_lost(facts: DecisionFacts, person: str, to: str) -> bool:
    """Whether the latest page to this address whose result is known was lost."""
    ended = (p for _, p in facts.notices(person) if p.to == to and p.result not in UNKNOWN)
    last = next(ended, None)
    return last is not None and last.result in LOST


def find_address(facts: DecisionFacts, engineer: Engineer) -> Address:
    """The first of an engineer's channels that works; if none does, the first that has an address.

    The engineer's own rules come first, then the other channels.
    """
    wanted = [rule.by for rule in rules_of(facts.line, engineer)]
    for channel in map(CHANNELS.__getitem__, dict.fromkeys((*wanted, *CHANNELS))):
        if works(facts, channel, engineer):
            return Address(channel.id, choose_address(facts, channel, engineer))
    first = next(channel for channel in CHANNELS.values() if channel.attempts(engineer))
    return Address(first.id, choose_address(facts, first, engineer))


def find_addresses(facts: DecisionFacts, engineer: Engineer) -> Iterator[Address]:
    """One address on each of an engineer's channels that works, or else the one to try."""
    wanted = {rule.by for rule in rules_of(facts.line, engineer)}
    used = [CHANNELS[channel] for channel in CHANNELS if channel in wanted]
    working = [channel for channel in used if works(facts, channel, engineer)]
    for channel in working:
        yield Address(channel.id, choose_address(facts, channel, engineer))
    if not working:
        yield find_address(facts, engineer)


def list_addresses(facts: DecisionFacts, person: Person) -> Iterator[Address]:
    """Every address of a person on the channels that this installation can send on."""
    for channel in CHANNELS.values():
        if facts.can_send(channel.id):
            yield from (Address(channel.id, to) for to in channel.addresses(person))


# How many pages an engineer has received on a channel within a day.


def is_capped(
    facts: DecisionFacts, channel: NotificationChannel, person: str, unsaved: Iterable[Page] = ()
) -> bool:
    """True if this engineer receives no more pages on the channel today."""
    cap = channel.daily_cap(facts.line)
    return cap is not None and _count_pages(facts, channel.id, person, unsaved) >= cap


def texts_left(facts: DecisionFacts, person: str) -> int:
    """How many text messages this engineer may still receive today; never more than the cap."""
    return facts.line.paging.daily_cap - _count_pages(facts, Channel.SMS, person, ())


def list_sent(person: str, pages: Iterable[Page]) -> list[Page]:
    """The written pages of this person that were or may still be sent, each once."""
    theirs = {p.id: p for p in pages if p.engineer == person and p.channel is not Channel.CALL}
    return [page for page in theirs.values() if page.result is not PageResult.CANCELED]


def _count_pages(
    facts: DecisionFacts, channel: Channel, person: str, unsaved: Iterable[Page]
) -> int:
    saved = (page for _, page in facts.notices(person))
    pages = list_sent(person, (*saved, *unsaved))
    return sum(page.channel is channel for page in pages)
