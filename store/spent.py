"""Contract years whose incidents were let go: how many counted, and which places were given."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from routing.incident import Incident
from store.tables import spent


def remember(connection: Connection, incident: Incident) -> None:
    """Keep what this incident counts for in its contract year, before its row is deleted."""
    if incident.counted is None:
        return
    year = (
        spent.c.line == incident.line,
        spent.c.contract == incident.contract,
        spent.c.contract_year == incident.counted.year,
    )
    known = connection.execute(select(spent).where(*year).with_for_update()).first()
    used = int(incident.premium) + (known.used if known else 0)
    places = max(incident.counted.place, known.places if known else 0)
    if known:
        connection.execute(update(spent).where(*year).values(used=used, places=places))
        return
    row = {"line": incident.line, "contract": incident.contract, "used": used, "places": places}
    connection.execute(insert(spent), row | {"contract_year": incident.counted.year})
