"""Pages of lists."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from devtools.phone_company.rest.errors import RestError

_MOST = 1000
_T = TypeVar("_T")


def stamp(moment: datetime | None) -> str | None:
    """Write a time the way this interface does."""
    return None if moment is None else format_datetime(moment.replace(microsecond=0))


def page_of(
    request: web.Request, key: str, items: Iterable[_T], show: Callable[[_T], dict[str, Any]]
) -> web.Response:
    """Answer with the page of a list that was asked for."""
    everything = list(items)
    size = min(_MOST, max(1, whole(request.query.get("PageSize"), 50)))
    page = whole(request.query.get("Page"), 0)
    start = page * size
    some = everything[start : start + size]
    more = start + size < len(everything)
    body = {
        key: [show(item) for item in some],
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(0, len(some) - 1),
        "uri": request.path_qs,
        "first_page_uri": _at(request, 0, size),
        "next_page_uri": _at(request, page + 1, size) if more else None,
        "previous_page_uri": _at(request, page - 1, size) if page else None,
    }
    return web.json_response(body)


def whole(given: str | None, default: int) -> int:
    """Return a whole number; anything else is refused."""
    if given is None or given == "":
        return default
    if not given.isdigit():
        raise RestError(400, 20001, f"{given!r} is not a whole number")
    return int(given)


def in_period(request: web.Request, name: str, moment: datetime | None) -> bool:
    """Tell whether a time passes the filters `name`, `name<` and `name>`."""
    query = request.query
    for suffix in ("", "<", ">"):
        given = query.get(name + suffix)
        if not given:
            continue
        if moment is None:
            return False
        limit = _moment(given)
        whole_day = len(given) == 10
        have = moment.date() if whole_day else moment.replace(microsecond=0)
        want = limit.date() if whole_day else limit
        if not {"": have == want, "<": have <= want, ">": have >= want}[suffix]:
            return False
    return True


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise RestError(400, 20001, f"{given!r} is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _at(request: web.Request, page: int, size: int) -> str:
    query = {k: v for k, v in request.query.items() if k not in ("Page", "PageSize", "PageToken")}
    query |= {"PageSize": str(size), "Page": str(page)}
    return f"{request.path}?{urlencode(query)}"
