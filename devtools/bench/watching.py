"""Webhooks while ten people look at Now, beside webhooks while nobody does, in turns."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from html import unescape

import requests
from sqlalchemy import update

from devtools.bench.capacity import keep
from devtools.bench.figures import Figure, divide, percentile
from devtools.bench.load import Speaker
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
"""Calls a minute, eleven webhooks each."""

_AGAIN = re.compile(r'hx-get="([^"]+/fresh[^"]*)"')
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_NAME = "mila"


def measure(site: Site, rounds: int, seconds: float) -> list[Figure]:
    """Rounds of calls at one pace, each with and without people who look at Now."""
    cookies = _sign_in_all(site)
    keep(site, RATE, seconds)  # warms up, and does not count
    alone, watched, looks = [], [], []
    for _ in range(rounds):
        site.clear()
        alone.append(keep(site, RATE, seconds))
        site.clear()
        seen: list[float] = []
        watched.append(keep(site, RATE, seconds, _watch_all(site, cookies, seconds, seen)))
        looks.append(seen)
    site.clear()
    found = []
    for share in (0.5, 0.99):
        p = f"p{share * 100:.0f}"
        before = [percentile(taken, share) * 1000 for taken in alone]
        after = [percentile(taken, share) * 1000 for taken in watched]
        refreshed = [percentile(seen, share) * 1000 for seen in looks]
        found += [
            Figure(f"webhooks without browsers, {p}", before, "ms"),
            Figure(f"webhooks with {WATCHERS} browsers, {p}", after, "ms"),
            Figure(f"with browsers, compared with none, {p}", divide(after, before)),
            Figure(f"refresh of Now, {p}", refreshed, "ms"),
        ]
    return found


def _watch_all(
    site: Site, cookies: Sequence[str], seconds: float, seen: list[float]
) -> list[Speaker]:
    began = time.perf_counter()
    return [
        _watch(site, cookie, (began + place * EVERY / WATCHERS, began + seconds), seen)
        for place, cookie in enumerate(cookies)
    ]


def _watch(site: Site, cookie: str, time_span: tuple[float, float], seen: list[float]) -> Speaker:
    """Open the page, and look again as it does, with the mark of what was seen."""
    at, end = time_span
    again, by_itself = "/console/", ""
    while at < end:
        answer = yield at, _get(site, again, f"Cookie: {cookie}\r\n{by_itself}")
        seen.append(answer.seconds)
        if answer.status >= 400:
            raise ValueError(f"Now answers {answer.status}")
        if answer.status == 200:
            again = unescape(_find(_AGAIN, answer.body))
            by_itself = "HX-Request: true\r\n"
        at += EVERY


def _get(site: Site, path: str, headers: str) -> bytes:
    host = site.carrier.public_url.removeprefix("http://")
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode()


def _sign_in_all(site: Site) -> Sequence[str]:
    with site.services() as board:
        deed = AuditEntry(now(), "benchmark", "cli", "accounts.add")
        _, word = create_account(board, Account(0, _NAME, Role.VIEWER), deed)
        with writing(board.engine) as connection:
            connection.execute(update(accounts).values(password_once=False))
    return [_sign_in(site, word) for _ in range(WATCHERS)]


def _sign_in(site: Site, word: str) -> str:
    """The cookie of a session."""
    session, door = requests.Session(), f"{site.carrier.public_url}/console/sign_in/"
    token = _find(_TOKEN, session.get(door, timeout=30).text)
    form = {"csrf_token": token, "name": _NAME, "password": word}
    session.post(door, data=form, timeout=30).raise_for_status()
    return "; ".join(f"{name}={value}" for name, value in session.cookies.items())


def _find(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise ValueError(f"the page is another one: {page[:200]}")
    return found[1]
