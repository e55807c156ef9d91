"""Who asks: a program by its token, and no program too often by a wrong one."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, current_app, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ivr_app.api.problems import Refused
from ivr_app.switch import board, desk
from store.tokens import May, Token, Tokens

WRONG = RateLimitItemPerMinute(30)
"""Wrong tokens from one address, in each web process; a right one is never kept waiting."""
LIMITER = "wrong tokens"
SCHEME = {"WWW-Authenticate": 'Bearer realm="/api/v1"'}


def open_to(app: Flask) -> None:
    """Remember wrong tokens."""
    app.extensions[LIMITER] = FixedWindowRateLimiter(MemoryStorage())


def admit(may: May) -> None:
    """Go on for a program that may do this; raises Refused."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        why = "A token is needed: Authorization: Bearer line_…"
        raise Refused(HTTPStatus.UNAUTHORIZED, why, headers=SCHEME)
    found = Tokens(board().engine).find(given.token, desk().clock())
    if found is None:
        raise _unknown()
    if not found.may.covers(may):
        why = f"This token may {found.may}; {may} is needed."
        raise Refused(HTTPStatus.FORBIDDEN, why)
    g.program = found


def program() -> Token:
    """The program that asks."""
    found: Token = g.program
    return found


def _unknown() -> Refused:
    limiter: FixedWindowRateLimiter = current_app.extensions[LIMITER]
    if limiter.hit(WRONG, request.remote_addr or ""):
        return Refused(HTTPStatus.UNAUTHORIZED, "This token opens nothing.", headers=SCHEME)
    why = "Too many wrong tokens: wait a minute."
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, why, headers={"Retry-After": "60"})
