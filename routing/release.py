"""A release, as it is told to every contact who asked to hear of it: MSA Plus before standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing import customer
from routing.chance import Chance
from routing.draft import Facts
from routing.incident import Incident
from routing.letter import CONTACT, Letter
from routing.names import name_key
from routing.subscribers import Subscriber
from routing.written.ways import Way

LOOK_AGAIN = dt.timedelta(seconds=10)
"""How often it is seen whether the letters to MSA Plus have gone out."""

AT_LATEST = dt.timedelta(minutes=15)
"""After this the others are told, whatever keeps a letter from going out."""


def waits_until(incident: Incident, now: dt.datetime, *, letters_wait: bool) -> dt.datetime | None:
    """When to look again before contacts of plan standard are told; None when they may be told."""
    released_at = incident.request.released_at if incident.request else None
    latest = (released_at or now) + AT_LATEST
    return min(now + LOOK_AGAIN, latest) if letters_wait and now < latest else None


def letters_to(
    facts: Facts, incident: Incident, subscribers: Sequence[Subscriber]
) -> Sequence[Letter]:
    """A letter to each of them who can be written to; the customer has had one."""
    had = (incident.contract, name_key(incident.contact or ""))
    others = (one for one in subscribers if (one.contract, name_key(one.contact.name)) != had)
    found = ((one, customer.way_of(facts, one.contact)) for one in others)
    return [_letter(facts, incident, one, way) for one, way in found if way is not None]


def _letter(facts: Facts, incident: Incident, one: Subscriber, way: Way) -> Letter:
    """Its id is the same whoever writes it, and however often: nobody is told twice."""
    languages = facts.line.languages
    return Letter(
        Chance(b"once").token(f"release {incident.key} {one.contract} {one.contact.name}"),
        incident.line,
        facts.now,
        CONTACT,
        *way,
        customer.language_for(one.contact, languages, languages[0]),
        "release_news",
        (),
        incident.key,
    )
