"""Whom an event of a calendar is about: found by name, id or e-mail address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from plan.ics import Component, Property
from plan.reading import Wrong
from routing.line import Engineer, Line
from routing.names import name_key


def named(event: Component, line: Line) -> str:
    """The id of the one engineer of an event; raises Wrong when there is none or there are more.

    The summary counts before those who are invited, and those before the one who invites.
    """
    rounds = (
        _in_words(name_key(event.text("SUMMARY")), line.engineers),
        _by_mail(event.all("ATTENDEE"), line.engineers),
        _by_mail(event.all("ORGANIZER"), line.engineers),
    )
    for found in rounds:
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise Wrong(f"may be about {' or '.join(sorted(found))}; name one person only")
    raise Wrong("names no engineer of this line, by name, id or e-mail address")


def _in_words(words: str, engineers: Iterable[Engineer]) -> set[str]:
    """Whole names and addresses first: what they take up is not read as a first name again."""
    found = set()
    exact = ((word, e.id) for e in engineers for word in (e.email, e.name) if word)
    for word, engineer in sorted(exact, key=lambda pair: -len(pair[0])):
        shorter = _without(word, words)
        if shorter != words:
            words = shorter
            found.add(engineer)
    return found | {e.id for e in engineers if any(_without(w, words) != words for w in _short(e))}


def _short(engineer: Engineer) -> Iterator[str]:
    yield engineer.id
    yield engineer.name.split()[0]


def _without(word: str, words: str) -> str:
    return re.sub(rf"(?<![\w@]){re.escape(name_key(word))}(?![\w@])", " ", words)


def _by_mail(people: Iterable[Property], engineers: Iterable[Engineer]) -> set[str]:
    mails = {one.value.strip().casefold().removeprefix("mailto:") for one in people}
    return {e.id for e in engineers if e.email and e.email.casefold() in mails}
