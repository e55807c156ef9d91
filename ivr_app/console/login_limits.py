"""What opens the door: passwords, the second step, and how fast somebody may try."""

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
KNOWN = "known"
REMEMBERED = 180 * 24 * 3600
"""Seconds for which a browser in which somebody signed in is known as theirs."""

FROM_ONE_PLACE = Backoff(free=5, longest=60)
OF_ONE_NAME = Backoff(free=30, longest=8)
OF_ONE_ADDRESS = Backoff(free=60, longest=60)
SECOND = Backoff(free=5, longest=300)
"""Whoever comes to the second step has the password, so nobody else can make its owner wait."""


@dataclass(frozen=True)
class LoginLimits:
    """Made once, because comparing with a name that nobody has needs a hash of its own."""

    passwords: Passwords
    second: SecondStep
    throttle: GuessLimiter
    browsers: URLSafeTimedSerializer


def hang_on(app: Flask, board: Services) -> None:
    """Make them for this process; touches neither database nor Redis."""
    settings = board.settings
    app.extensions[EXTENSION] = LoginLimits(
        Passwords(settings.pin_pepper),
        SecondStep(board.engine, settings.secret_key),
        GuessLimiter(settings.redis_url, settings.installation),
        URLSafeTimedSerializer(app.secret_key or "", salt="known browser"),
    )


def keys() -> LoginLimits:
    """Those of this process."""
    found: LoginLimits = current_app.extensions[EXTENSION]
    return found


def counted(name: str) -> list[Counted]:
    """Whom a try at the door counts against. A browser in which this person has signed in before
    counts for itself: whoever guesses at a name elsewhere cannot make its owner wait."""
    who, address = folded(name), request.remote_addr or ""
    if known_here(who):
        return [(f"browser {request.cookies[KNOWN]}", FROM_ONE_PLACE)]
    return [
        (f"place {address} {who}", FROM_ONE_PLACE),
        (f"name {who}", OF_ONE_NAME),
        (f"address {address}", OF_ONE_ADDRESS),
    ]


def known_here(name: str) -> bool:
    """True when this person has signed in with this browser before."""
    try:
        known = keys().browsers.loads(request.cookies.get(KNOWN, ""), max_age=REMEMBERED)
    except BadData:
        return False
    return bool(known == name)


def remember(name: str, answer: Answer) -> Answer:
    """From now on this browser is known as one of theirs."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    value = keys().browsers.dumps(name)
    answer.set_cookie(
        KNOWN,
        *(value, REMEMBERED),
        path=ADDRESS,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return answer
