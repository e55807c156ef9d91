"""Whoever looks at the console: their account, language and clock, and what they do there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

from flask import g, has_request_context, request, session
from flask_login import current_user

from ivr_app.console.words import LANGUAGES
from ivr_app.switch import board, desk
from routing.line import Line
from store.staff.account import Account, Role
from store.staff.audit import Deed
from store.staff.sittings import Limits, Sittings

NOWHERE = "Europe/Amsterdam"
"""The clock before any line is applied."""


@dataclass(frozen=True)
class Viewer:
    """Somebody signed in; what Flask-Login asks of a person."""

    account: Account
    key: str
    sitting: str
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What their session holds: the key of the sitting, not their name."""
        return self.key


def viewer() -> Viewer:
    """Whoever is signed in; only for addresses that need a role."""
    return cast(Viewer, current_user)


def signed_in() -> Viewer | None:
    """Whoever is signed in, or None at the door."""
    known = has_request_context() and current_user.is_authenticated
    return cast(Viewer, current_user) if known else None


def may(role: Role | str) -> bool:
    """True when whoever looks may do what this role may."""
    person = signed_in()
    return person is not None and person.account.role.covers(Role(role))


def language() -> str:
    """The language of the page: as the account says, then the browser's choice, then its wish;
    found out once for each request, as every sentence asks."""
    if "language" not in g:
        g.language = _language()
    found: str = g.language
    return found


def zone() -> ZoneInfo:
    """Whose clock times are told by: the account's, or else the line's; likewise once."""
    if "zone" not in g:
        g.zone = _zone()
    found: ZoneInfo = g.zone
    return found


def lines() -> list[Line]:
    """Every line there is, by id; read once for each request."""
    if "lines" not in g:
        g.lines = list(board().people.all_lines())
    found: list[Line] = g.lines
    return found


def line() -> Line | None:
    """The line that is looked at: the first of those wished for that there is, or any."""
    known = {one.id: one for one in lines()}
    found = next((known[wish] for wish in wishes() if wish in known), None)
    return found or next(iter(known.values()), None)


def wishes() -> tuple[str | None, ...]:
    """The lines wished for, by id: the one asked for, the one chosen before, ours, the first."""
    person = signed_in()
    own = person.account.line if person is not None else None
    return request.args.get("line"), session.get("line"), own, "main"


def deed(word: str) -> Deed:
    """What whoever looks is about to do, for the audit log: ``page.verb``."""
    person = viewer()
    return Deed(desk().clock(), person.account.name, "console", word, sitting=person.sitting)


def sittings() -> Sittings:
    """Where people are signed in."""
    settings = board().settings
    idle = dt.timedelta(hours=settings.console_idle_hours)
    return Sittings(board().engine, Limits(idle, dt.timedelta(days=settings.console_days)))


def _language() -> str:
    person = signed_in()
    wanted = person.account.language if person else None
    chosen = wanted or session.get("language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "nl"


def _zone() -> ZoneInfo:
    person = signed_in()
    if person is not None and person.account.zone:
        return ZoneInfo(person.account.zone)
    first = line()
    return ZoneInfo(first.timezone if first else NOWHERE)
