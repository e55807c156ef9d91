"""The pages of an incident: rows of their own, of which the value holds only the live ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from routing.incident import Incident, Page
from routing.line import Channel
from store.columns import Moment
from store.tables import pages

_WANTED = (
    select(pages.c.value)
    .where(pages.c.incident == bindparam("key"), or_(pages.c.live, pages.c.id == bindparam("also")))
    .order_by(pages.c.at, pages.c.id)
)

_LEGS = select(pages.c.value).where(
    pages.c.line == bindparam("line"), pages.c.engineer == bindparam("engineer")
)
LAST_LEG = _LEGS.where(pages.c.channel == Channel.CALL).order_by(pages.c.at.desc()).limit(1)
NOTICES = (
    _LEGS.add_columns(pages.c.incident)
    .where(pages.c.at >= bindparam("since", type_=Moment), pages.c.channel != Channel.CALL)
    .order_by(pages.c.at.desc(), pages.c.id.desc())
)
BUSY = select(pages.c.live_engineer).where(
    pages.c.line == bindparam("line"),
    pages.c.live_engineer.is_not(None),
    pages.c.incident != bindparam("but"),
)


def with_pages(connection: Connection, incident: Incident, also: str = "") -> Incident:
    """The incident with its live pages, and with page ``also`` even when it has ended."""
    found = connection.scalars(_WANTED, {"key": incident.key, "also": also})
    return replace(incident, pages=tuple(found))


def write_pages(connection: Connection, before: Incident | None, after: Incident) -> None:
    """Write the pages that changed, ended ones first: whoever ends one leg may begin the next."""
    known = {page.id: page for page in before.pages} if before is not None else {}
    changed = [page for page in after.pages if known.get(page.id) != page]
    if not changed:
        return
    changed.sort(key=lambda page: page.live)
    connection.execute(_PUT[connection.dialect.name], [_row(after, page) for page in changed])


def _row(incident: Incident, page: Page) -> dict[str, Any]:
    return {
        "id": page.id,
        "incident": incident.key,
        "line": incident.line,
        "engineer": page.engineer,
        "live_engineer": page.holds if page.live else None,
        "channel": page.channel,
        "at": page.at,
        "live": page.live,
        "value": page,
    }


def _put(dialect: Any) -> Any:
    """Insert a page, or put it in the place of its older self."""
    put = dialect.insert(pages)
    return put.on_conflict_do_update(index_elements=["id"], set_=dict(put.excluded))


_PUT = {"sqlite": _put(sqlite), "postgresql": _put(postgresql)}
"""Made once: to build a statement takes longer than to run it."""
