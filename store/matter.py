"""Reads what an event is about: a call with its incident, or an incident with its latest call."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select

from routing.incident import Incident
from routing.ports import Matter
from store.pages import with_pages
from store.tables import calls, incidents, pages


def of_call(connection: Connection, which: ColumnElement[bool]) -> Matter | None:
    """The call for which this holds, with its incident if it has one."""
    call = connection.scalar(select(calls.c.value).where(which))
    if call is None:
        return None
    return Matter(call, _incident(connection, call.incident) if call.incident else None)


def of_incident(connection: Connection, key: str) -> Matter | None:
    """The incident with its live pages, and its latest call."""
    return _with_latest_call(connection, _incident(connection, key))


def of_leg(connection: Connection, page_id: str) -> Matter | None:
    """The incident of this page, that page included even when ended, and its latest call."""
    key = connection.scalar(select(pages.c.incident).where(pages.c.id == page_id))
    if key is None:
        return None
    return _with_latest_call(connection, _incident(connection, key, page_id))


def _incident(connection: Connection, key: str, page_id: str | None = None) -> Incident | None:
    bare = connection.scalars(select(incidents.c.value).where(incidents.c.key == key)).all()
    return next(iter(with_pages(connection, bare, page_id)), None)


def _with_latest_call(connection: Connection, incident: Incident | None) -> Matter | None:
    if incident is None:
        return None
    latest = select(calls.c.value).where(calls.c.id == incident.call)
    return Matter(connection.scalar(latest) if incident.call else None, incident)
