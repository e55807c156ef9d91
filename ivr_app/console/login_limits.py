"""Passwords, two-factor codes, and rate limits of sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as Answer

from ivr_app.console import ADDRESS
from service.bootstrap import Services
from store.people.accounts import folded
from store.people.hashing import Passwords
from store.people.second_factor import SecondStep
from store.work.rate_limits import Backoff, Counted, GuessLimiter

EXTENSION = "keys"
BROWSER_COOKIE = "known"
BROWSER_SECONDS = 180 * 24 * 3600
"""Seconds for which a browser in which somebody signed in is known as theirs."""

BROWSER_BACKOFF = Backoff(free=5, longest=60)
NAME_BACKOFF = Backoff(free=30, longest=8)
ADDRESS_BACKOFF = Backoff(free=60, longest=60)
SECOND_FACTOR_BACKOFF = Backoff(free=5, longest=300)
"""Whoever comes to the second step has the password, so nobody else can make its owner wait."""


@dataclass(frozen=True)
class LoginLimits:
    """Created once per process: comparing with an unknown name needs a hash of its own."""

    passwords: Passwords
    second: SecondStep
    throttle: GuessLimiter
    browsers: URLSafeTimedSerializer


def register(app: Flask, board: Services) -> None:
    """Create the limits of this process; uses neither database nor Redis."""
    settings = board.settings
    app.extensions[EXTENSION] = LoginLimits(
        Passwords(settings.pin_pepper),
        SecondStep(board.engine, settings.secret_key),
        GuessLimiter(settings.redis_url, settings.installation),
        URLSafeTimedSerializer(app.secret_key or "", salt="known browser"),
    )


def current_limits() -> LoginLimits:
    """Return the limits of this process."""
    found: LoginLimits = current_app.extensions[EXTENSION]
    return found


def limit_keys(name: str) -> list[Counted]:
    """Whom a try at the door counts against. A browser in which this person has signed in before
    counts for itself: whoever guesses at a name elsewhere cannot make its owner wait."""
    who, address = folded(name), request.remote_addr or ""
    if is_known_browser(who):
        return [(f"browser {request.cookies[BROWSER_COOKIE]}", BROWSER_BACKOFF)]
    return [
        (f"place {address} {who}", BROWSER_BACKOFF),
        (f"name {who}", NAME_BACKOFF),
        (f"address {address}", ADDRESS_BACKOFF),
    ]


def is_known_browser(name: str) -> bool:
    """Return True if this user has signed in with this browser before."""
    try:
        known = current_limits().browsers.loads(
            request.cookies.get(BROWSER_COOKIE, ""), max_age=BROWSER_SECONDS
        )
    except BadData:
        return False
    return bool(known == name)


def remember_browser(name: str, answer: Answer) -> Answer:
    """Set the cookie that marks this browser as one of this user."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    value = current_limits().browsers.dumps(name)
    answer.set_cookie(
        BROWSER_COOKIE,
        *(value, BROWSER_SECONDS),
        path=ADDRESS,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return answer
