"""Webhooks while ten people look at Now, beside webhooks while nobody does, in turns."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape

import requests
from sqlalchemy import update

from devtools.bench.capacity import keep
from devtools.bench.figures import percentile
from devtools.bench.site import Site
from service.accounts import create_account
from service.bootstrap import now
from store.db.engine import writing
from store.people.accounts import Account, Role
from store.people.audit import AuditEntry
from store.tables.people import accounts

WATCHERS = 10
EVERY = 1.0
"""Seconds between two looks, as the page has it."""
RATE = 300
"""Calls a minute, ten webhooks each."""

_AGAIN = re.compile(r'hx-get="([^"]+/fresh[^"]*)"')
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_NAME = "mila"


@dataclass
class Watched:
    """How long each webhook took, in seconds: watched by nobody, and by ten; and each look."""

    alone: list[float] = field(default_factory=list)
    watched: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)

    def share(self, of: float = 0.99) -> float:
        """The percentile of the webhooks with ten watchers, as a multiple of that with none."""
        return percentile(self.watched, of) / percentile(self.alone, of)


def contest(site: Site, rounds: int) -> Watched:
    """Rounds of calls at one pace, each once with and once without people who look at Now."""
    found = Watched()
    sessions = _signed_in(site)
    keep(site, RATE)  # warms up, and does not count
    for _ in range(rounds):
        site.clear()
        found.alone += keep(site, RATE)
        site.clear()
        with _looking(site, sessions, found.looks):
            found.watched += keep(site, RATE)
    site.clear()
    return found


@contextmanager
def _looking(
    site: Site, sessions: Sequence[requests.Session], looks: list[float]
) -> Iterator[None]:
    over = threading.Event()
    began = time.monotonic()
    watchers = [
        threading.Thread(
            target=_look, args=(site, session, over, began + place * EVERY / WATCHERS, looks)
        )
        for place, session in enumerate(sessions)
    ]
    for watcher in watchers:
        watcher.start()
    try:
        yield
    finally:
        over.set()
        for watcher in watchers:
            watcher.join()


def _look(
    site: Site, session: requests.Session, over: threading.Event, at: float, looks: list[float]
) -> None:
    """Open the page, and look again as it does, with the mark of what was seen."""
    root = site.carrier.public_url
    again = "/console/"
    while not over.wait(max(0.0, at - time.monotonic())):
        began = time.perf_counter()
        by_itself = {"HX-Request": "true"} if "mark" in again else {}
        answer = session.get(root + again, headers=by_itself, timeout=30)
        looks.append(time.perf_counter() - began)
        answer.raise_for_status()
        if answer.status_code == 200:
            again = unescape(_found(_AGAIN, answer.text))
        at += EVERY


def _signed_in(site: Site) -> Sequence[requests.Session]:
    with site.services() as board:
        deed = AuditEntry(now(), "benchmark", "cli", "accounts.add")
        _, word = create_account(board, Account(0, _NAME, Role.VIEWER), deed)
        with writing(board.engine) as connection:
            connection.execute(update(accounts).values(password_once=False))
    return [_sign_in(site, word) for _ in range(WATCHERS)]


def _sign_in(site: Site, word: str) -> requests.Session:
    session, door = requests.Session(), f"{site.carrier.public_url}/console/sign_in/"
    token = _found(_TOKEN, session.get(door, timeout=30).text)
    form = {"csrf_token": token, "name": _NAME, "password": word}
    session.post(door, data=form, timeout=30).raise_for_status()
    return session


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise ValueError(f"the page is another one: {page[:200]}")
    return found[1]
