"""The same request twice, by its ``Idempotency-Key``: one effect, and the same answer again."""

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
"""What a key may look like."""

REPLAYED_HEADER = "Idempotent-Replayed"


def run_once(do: Callable[[], Response]) -> Response:
    """Do it, unless it was done before by this key; without a key it is done each time."""
    key = request.headers.get(HEADER)
    if key is None:
        return do()
    if not re.fullmatch(KEY_PATTERN, key):
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, f"{HEADER} must be 1 to 255 visible ASCII letters."
        )
    replays, body = (
        IdempotencyKeys(current_services().engine),
        hashlib.sha256(request.get_data()).hexdigest(),
    )
    g.once = _record_id(key)
    before = replays.begin(g.once, body, current_call_service().clock())
    if before is not None:
        return _replay(before, body)
    try:
        answer = do()
    except Exception:
        replays.forget(g.once)
        raise
    replays.end(g.once, answer.status_code, answer.get_data(as_text=True), answer.location)
    return answer


def idempotency_seed() -> str:
    """What ids of things made by this request are made of: the same for the same key."""
    return str(g.once) if "once" in g else secrets.token_hex(32)


def _replay(before: IdempotentRequest, body: str) -> Response:
    if before.request_hash != body:
        why = f"This {HEADER} came with something else before."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, why, "key_reused")
    if before.status is None:
        why = "This very request is being done at the moment."
        raise ProblemError(HTTPStatus.CONFLICT, why, "under_way", headers={"Retry-After": "1"})
    kind = "application/json" if before.status < HTTPStatus.BAD_REQUEST else MEDIA_TYPE
    answer = Response(before.response, before.status, {REPLAYED_HEADER: "true"}, mimetype=kind)
    if before.location is not None:
        answer.headers["Location"] = before.location
    return answer


def _record_id(key: str) -> str:
    who = current_token()
    parts = (who.name, who.created_at.isoformat(), request.path, key)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# Who asks: a program by its token, and no program too often by a wrong one.


WRONG_TOKEN_LIMIT = RateLimitItemPerMinute(30)
"""Wrong tokens from one address, in each web process; a right one is never kept waiting."""
LIMITER = "wrong tokens"
SCHEME = {"WWW-Authenticate": 'Bearer realm="/api/v1"'}


def register(app: Flask) -> None:
    """Remember wrong tokens."""
    app.extensions[LIMITER] = FixedWindowRateLimiter(MemoryStorage())


def authorize(may: TokenRight) -> None:
    """Go on for a program that may do this; raises Refused."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        why = "A token is needed: Authorization: Bearer line_…"
        raise ProblemError(HTTPStatus.UNAUTHORIZED, why, headers=SCHEME)
    found = Tokens(current_services().engine).find(given.token, current_call_service().clock())
    if found is None:
        raise _invalid_token()
    if not found.scope.covers(may):
        why = f"This token may {found.scope}; {may} is needed."
        raise ProblemError(HTTPStatus.FORBIDDEN, why)
    g.program = found


def current_token() -> Token:
    """The program that asks."""
    found: Token = g.program
    return found


def _invalid_token() -> ProblemError:
    limiter: FixedWindowRateLimiter = current_app.extensions[LIMITER]
    if limiter.hit(WRONG_TOKEN_LIMIT, request.remote_addr or ""):
        return ProblemError(HTTPStatus.UNAUTHORIZED, "This token opens nothing.", headers=SCHEME)
    why = "Too many invalid tokens. Try again in a minute."
    return ProblemError(HTTPStatus.TOO_MANY_REQUESTS, why, headers={"Retry-After": "60"})
