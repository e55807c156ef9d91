"""The JSON body of a request to the back office."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web


async def body_of(request: web.Request) -> dict[str, Any]:
    """Return the body as an object; none is an empty one."""
    raw = await request.text()
    try:
        body = json.loads(raw or "{}")
    except ValueError:
        raise web.HTTPBadRequest(text="The body is not JSON") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The body is not an object")
    return body


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a wrong value into an answer that says so."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise web.HTTPBadRequest(text=str(error)) from None
