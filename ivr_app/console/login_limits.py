"""Passwords, two-factor codes, and rate limits of sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request

from ivr_app.web import find_known_browser
from service.bootstrap import Services
from store.people.accounts import fold_name
from store.people.hashing import Passwords
from store.people.second_factor import SecondStep
from store.work.rate_limits import Backoff, Counted, GuessLimiter

EXTENSION = "login_limits"
BROWSER_BACKOFF = Backoff(free=5, longest=60)
NAME_BACKOFF = Backoff(free=30, longest=8)
ADDRESS_BACKOFF = Backoff(free=60, longest=60)
SECOND_FACTOR_BACKOFF = Backoff(free=5, longest=300)
"""The second step follows the password, so nobody else can lock out the user."""


@dataclass(frozen=True)
class LoginLimits:
    """One per process, because the hash for unknown names is slow to make."""

    passwords: Passwords
    second: SecondStep
    throttle: GuessLimiter


def register(app: Flask, services: Services) -> None:
    """Create the limits of this process; uses neither database nor Redis."""
    settings = services.settings
    app.extensions[EXTENSION] = LoginLimits(
        Passwords(settings.pin_pepper),
        SecondStep(services.engine, settings.secret_key),
        GuessLimiter(settings.redis_url, settings.installation),
    )


def current_limits() -> LoginLimits:
    """Return the limits of this process."""
    found: LoginLimits = current_app.extensions[EXTENSION]
    return found


def list_login_counters(name: str) -> list[Counted]:
    """Return the counters of a sign-in attempt. A browser in which this user has signed in before
    has a counter of its own, so that somebody who guesses elsewhere cannot lock out the user."""
    who, address = fold_name(name), request.remote_addr or ""
    browser = find_known_browser(who)
    if browser is not None:
        return [(f"browser {browser}", BROWSER_BACKOFF)]
    return [
        (f"place {address} {who}", BROWSER_BACKOFF),
        (f"name {who}", NAME_BACKOFF),
        (f"address {address}", ADDRESS_BACKOFF),
    ]
