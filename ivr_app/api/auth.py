"""Tokens of programs, and requests that are done once by their ``Idempotency-Key``."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItemPerMinute
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
    keys.end(g.once, response.status_code, response.get_data(as_text=True), response.location)
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
        why = f"This {HEADER} was used with another body."
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
    parts = (who.name, who.created_at.isoformat(), request.path, key)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# The token of the program that sends a request.


WRONG_TOKEN_LIMIT = RateLimitItemPerMinute(30)
"""Wrong tokens from one address, in each web process. A valid token is never delayed."""
LIMITER = "wrong tokens"
SCHEME = {"WWW-Authenticate": 'Bearer realm="/api/v1"'}


def register(app: Flask) -> None:
    """Register the limit of wrong tokens."""
    app.extensions[LIMITER] = FixedWindowRateLimiter(MemoryStorage())


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


def current_token() -> Token:
    """The token of this request."""
    found: Token = g.program
    return found


def _refuse_token() -> ProblemError:
    limiter: FixedWindowRateLimiter = current_app.extensions[LIMITER]
    if limiter.hit(WRONG_TOKEN_LIMIT, request.remote_addr or ""):
        return ProblemError(HTTPStatus.UNAUTHORIZED, "The token is invalid.", headers=SCHEME)
    why = "Too many invalid tokens. Try again in a minute."
    return ProblemError(HTTPStatus.TOO_MANY_REQUESTS, why, headers={"Retry-After": "60"})
