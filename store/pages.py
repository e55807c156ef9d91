"""The pages of an incident: rows of their own, of which the value holds only the live ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from routing.incident import Incident, Page
from routing.line import LAST_RESORT
from store.tables import pages


def with_pages(
    connection: Connection, found: Iterable[Incident], also: str | None = None
) -> list[Incident]:
    """These incidents with their live pages, and with page ``also`` even when it has ended."""
    bare = {incident.key: incident for incident in found}
    wanted: ColumnElement[bool] = pages.c.live
    if also is not None:
        wanted = or_(pages.c.live, pages.c.id == also)
    rows = connection.execute(
        select(pages.c.incident, pages.c.value)
        .where(pages.c.incident.in_(bare), wanted)
        .order_by(pages.c.at, pages.c.id)
    ).all()
    return [
        replace(incident, pages=tuple(row.value for row in rows if row.incident == key))
        for key, incident in bare.items()
    ]


def write_pages(connection: Connection, before: Incident | None, after: Incident) -> None:
    """Write the pages that changed, ended ones first: whoever ends one leg may begin the next."""
    known = before.pages if before is not None else ()
    for page in sorted((p for p in after.pages if p not in known), key=lambda p: p.live):
        _put(connection, after, page)


def _put(connection: Connection, incident: Incident, page: Page) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {
        "id": page.id,
        "incident": incident.key,
        "line": incident.line,
        "engineer": page.engineer,
        "live_engineer": page.engineer if page.live and page.engineer != LAST_RESORT else None,
        "channel": page.channel,
        "at": page.at,
        "live": page.live,
        "value": page,
    }
    connection.execute(
        insert(pages).values(row).on_conflict_do_update(index_elements=["id"], set_=row)
    )
