"""Tokens of programs and their rate limits, and requests that are done once by their
``Idempotency-Key``."""

from __future__ import annotations

import hashlib
import math
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ivr_app.api.problems import MEDIA_TYPE, ProblemError
from ivr_app.context import current_call_service, current_services
from store.people.api_tokens import IdempotencyKeys, IdempotentRequest, Token, TokenRight, Tokens

HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[!-~]{1,255}$"

REPLAYED_HEADER = "Idempotent-Replayed"


def run_once(perform: Callable[[], Response], sent: bytes) -> Response:
    """Perform a request, or repeat the response to an earlier one with the same key. Without a key
    every request is performed. ``sent`` is the body, or what identifies it."""
    key = request.headers.get(HEADER)
    if key is None:
        return perform()
    if not re.fullmatch(KEY_PATTERN, key):
        why = f"{HEADER} must be 1 to 255 visible ASCII characters."
        raise ProblemError(HTTPStatus.BAD_REQUEST, why)
    keys = IdempotencyKeys(current_services().engine)
    body = hashlib.sha256(sent).hexdigest()
    g.once = _record_id(key)
    before = keys.begin(g.once, body, current_call_service().clock())
    if before is not None:
        return _repeat_response(before, body)
    try:
        response = perform()
    except Exception:
        keys.forget(g.once)
        raise
    stored = g.pop("stored", None) or response.get_data(as_text=True)
    keys.end(g.once, response.status_code, stored, response.location)
    return response


def _find_seed() -> str:
    if "once" in g:
        return str(g.once)
    return secrets.token_hex(32)


def make_id(of: str) -> str:
    """The id of what this request creates: the same for the same key."""
    return hashlib.sha256(f"{of} {_find_seed()}".encode()).hexdigest()[:32]


def _repeat_response(before: IdempotentRequest, body: str) -> Response:
    if before.request_hash != body:
        why = f"This {HEADER} was used with another request."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, why, "key_reused")
    if before.status is None:
        why = "The same request is being performed."
        raise ProblemError(HTTPStatus.CONFLICT, why, "under_way", headers={"Retry-After": "1"})
    kind = MEDIA_TYPE
    if before.status < HTTPStatus.BAD_REQUEST:
        kind = "application/json"
    response = Response(before.response, before.status, {REPLAYED_HEADER: "true"}, mimetype=kind)
    if before.location is not None:
        response.headers["Location"] = before.location
    return response


def _record_id(key: str) -> str:
    who = current_token()
    parts = (who.name, who.created_at.isoformat(), request.method, request.path, key)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# The token of the program that sends a request, and how often it may send one. The headers are
# those of draft-ietf-httpapi-ratelimit-headers: X- headers mean another thing at each vendor.


TOKEN_LIMIT = RateLimitItemPerMinute(1200)
"""Requests of one token, in each web process."""
WRONG_TOKEN_LIMIT = RateLimitItemPerMinute(30)
"""Wrong tokens from one address, in each web process. They delay no valid token."""
NEVER_REFUSED = ("POST", "/incidents")
"""A customer may be in need: it is counted, and answered at any rate."""
LIMITER = "rate limits"
SCHEME = {"WWW-Authenticate": 'Bearer realm="/api/v1"'}
RATE_HEADERS = {
    "RateLimit-Policy": 'The limit that applies, as `"token";q=1200;w=60`: `q` requests in `w` '
    "seconds.",
    "RateLimit": 'What is left of it, as `"token";r=1187;t=41`: `r` requests in the next `t` '
    "seconds.",
}


@dataclass(frozen=True, slots=True)
class RateWindow:
    """A rate limit and whom it counts: a token, or an address that sends wrong ones."""

    policy: str
    limit: RateLimitItem
    key: str

    def hit(self) -> bool:
        """Count one; False if it is one too many."""
        return _limiter().hit(self.limit, self.policy, self.key)

    def refuse(self, why: str) -> ProblemError:
        """A 429 that says when to come again."""
        wait = {"Retry-After": str(self._count_seconds())}
        return ProblemError(HTTPStatus.TOO_MANY_REQUESTS, why, headers=wait)

    def render(self) -> dict[str, str]:
        """The headers that say what is left."""
        left, name = _limiter().get_window_stats(self.limit, self.policy, self.key), self.policy
        policy = f'"{name}";q={self.limit.amount};w={self.limit.get_expiry()}'
        state = f'"{name}";r={max(0, left.remaining)};t={self._count_seconds()}'
        return dict(zip(RATE_HEADERS, (policy, state), strict=True))

    def _count_seconds(self) -> int:
        """Whole seconds until the window begins again."""
        ends = _limiter().get_window_stats(self.limit, self.policy, self.key).reset_time
        return max(1, math.ceil(ends - time.time()))


def _limiter() -> FixedWindowRateLimiter:
    found: FixedWindowRateLimiter = current_app.extensions[LIMITER]
    return found


def register(app: Flask) -> None:
    """Register the rate limits, and their headers on every answer."""
    app.extensions[LIMITER] = FixedWindowRateLimiter(MemoryStorage())
    app.after_request(_add_rate_headers)


def _add_rate_headers(response: Response) -> Response:
    window = g.get("rate") or _count_wrong_tokens()
    response.headers.update(window.render())
    return response


def _count_wrong_tokens() -> RateWindow:
    return RateWindow("wrong-tokens", WRONG_TOKEN_LIMIT, request.remote_addr or "")


def authorize(right: TokenRight) -> None:
    """Check that the token of the request has this right. Raises ProblemError."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        why = "A token is needed: Authorization: Bearer line_…"
        raise ProblemError(HTTPStatus.UNAUTHORIZED, why, headers=SCHEME)
    found = Tokens(current_services().engine).find(given.token, current_call_service().clock())
    if found is None:
        raise _refuse_token()
    if not found.scope.covers(right):
        why = f"This token has the right to {found.scope}; the right to {right} is needed."
        raise ProblemError(HTTPStatus.FORBIDDEN, why)
    g.program = found
    g.rate = RateWindow("token", TOKEN_LIMIT, f"{found.name} {found.created_at.isoformat()}")
    if not g.rate.hit() and (request.method, request.path.rstrip("/")) != NEVER_REFUSED:
        raise g.rate.refuse("Too many requests of this token.")


def current_token() -> Token:
    """The token of this request."""
    found: Token = g.program
    return found


def _refuse_token() -> ProblemError:
    window = _count_wrong_tokens()
    if window.hit():
        return ProblemError(HTTPStatus.UNAUTHORIZED, "The token is invalid.", headers=SCHEME)
    return window.refuse("Too many invalid tokens.")
