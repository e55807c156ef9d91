"""Reads what an event is about: a call with its incident, or an incident with its latest call."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from routing.call import Call
from routing.incident import Incident
from routing.ports import Matter
from store.pages import with_pages
from store.tables import calls, incidents, pages

_CALL_OF_ID = select(calls.c.value).where(calls.c.id == bindparam("id"))
_CALL_OF_SID = select(calls.c.value).where(calls.c.sid == bindparam("sid"))
_INCIDENT = select(incidents.c.value).where(incidents.c.key == bindparam("key"))
LARGEST = 2**31 - 1
"""Databases refuse to look for more."""

_INCIDENT_OF_NUMBER = select(incidents.c.key).where(incidents.c.number == bindparam("number"))
_INCIDENT_OF_PAGE = select(pages.c.incident).where(pages.c.id == bindparam("id"))


def of_call(connection: Connection, call_id: str) -> Matter | None:
    """The call of our id, with its incident if it has one."""
    return _with_incident(connection, connection.scalar(_CALL_OF_ID, {"id": call_id}))


def of_sid(connection: Connection, sid: str) -> Matter | None:
    """The same, found by the carrier's id of the call."""
    return _with_incident(connection, connection.scalar(_CALL_OF_SID, {"sid": sid}))


def of_incident(connection: Connection, key: str, page_id: str = "") -> Matter | None:
    """The incident with its live pages, that page included, and its latest call."""
    incident = _incident(connection, key, page_id)
    if incident is None:
        return None
    call = connection.scalar(_CALL_OF_ID, {"id": incident.call}) if incident.call else None
    return Matter(call, incident)


def of_number(connection: Connection, number: int) -> Matter | None:
    """The same, found by the number that people say; what they say may be beyond any number."""
    if number > LARGEST:
        return None
    key = connection.scalar(_INCIDENT_OF_NUMBER, {"number": number})
    return None if key is None else of_incident(connection, key)


def of_leg(connection: Connection, page_id: str) -> Matter | None:
    """The incident of this page, that page included even when ended, and its latest call."""
    key = connection.scalar(_INCIDENT_OF_PAGE, {"id": page_id})
    return None if key is None else of_incident(connection, key, page_id)


def _with_incident(connection: Connection, call: Call | None) -> Matter | None:
    if call is None:
        return None
    return Matter(call, _incident(connection, call.incident) if call.incident else None)


def _incident(connection: Connection, key: str, page_id: str = "") -> Incident | None:
    bare = connection.scalar(_INCIDENT, {"key": key})
    return None if bare is None else with_pages(connection, bare, page_id)
