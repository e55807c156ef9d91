"""What holds when all has come to rest, whatever happened: nothing that was said is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Engine, select

from routing.call import Call, CallOutcome
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.journal import JournalEvent
from store.db.engine import reading
from store.log.cases import find_by_incident
from store.tables.log import calls, incidents, journal, recordings
from store.tables.work import jobs

LOOKED_AFTER = (
    EscalationPhase.BREATH,
    EscalationPhase.RESTING,
    EscalationPhase.ROW,
    EscalationPhase.LATER,
)
RUNG = (EscalationPhase.STEPS, EscalationPhase.LAST_RESORT)


def untruths(engine: Engine) -> Iterator[str]:
    """What is wrong with the log, or with what is still to be done; nothing should be."""
    with reading(engine) as connection:
        known: list[Incident] = list(connection.scalars(select(incidents.c.value)))
        called: list[Call] = list(connection.scalars(select(calls.c.value)))
        said = connection.scalars(select(recordings.c.incident)).all()
        opened = connection.execute(
            select(journal.c.incident, journal.c.reason).where(
                journal.c.event == JournalEvent.OPENED
            )
        ).all()
        undone = connection.scalars(select(jobs.c.command).where(jobs.c.done_at.is_(None))).all()
        rung = set(being_rung(connection, known))
    keys = {incident.key for incident in known}
    yield from (f"a recording of incident {key}, which is none" for key in said if key not in keys)
    reasons = {row.incident for row in opened if row.reason}
    due = {(deed.incident, deed.mark) for deed in undone if deed.kind == "continue_escalation"}
    for incident in known:
        if incident.key not in reasons:
            yield f"{incident.number} was opened for no reason"
        if incident.state is IncidentState.OPEN:
            yield from forgotten(incident, incident.key in rung, due)
        elif incident.acknowledged_by is None and incident.state is IncidentState.ACKNOWLEDGED:
            yield f"{incident.number} is acknowledged by nobody"
    for call in called:
        yield from _untold(call, {i.key: i for i in known})


def being_rung(connection: Connection, known: Iterable[Incident]) -> Iterator[str]:
    """The keys of those for which a telephone may be ringing."""
    for incident in known:
        matter = find_by_incident(connection, incident.key)
        if matter is not None and matter.incident is not None and matter.incident.legs():
            yield incident.key


def forgotten(incident: Incident, rings: bool, due: set[tuple[str, int]]) -> Iterator[str]:
    """Why an open incident is paged no more; ``due`` is what the hunts will look at again."""
    doing, looked_after = incident.escalation.phase, (incident.key, incident.escalation.mark) in due
    if doing in LOOKED_AFTER and not looked_after:
        yield f"{incident.number} is {doing}, and nobody will look at it again"
    if doing in RUNG and not rings and not looked_after:
        yield f"{incident.number} is {doing}, and nobody is rung for it"
    if doing is EscalationPhase.OVER:
        yield f"{incident.number} is open, and nobody is sought for it"


def _untold(call: Call, known: dict[str, Incident]) -> Iterator[str]:
    if call.incident is not None and call.sid not in known[call.incident].calls:
        yield f"{call.sid} is about an incident that does not know of it"
    if (call.ended_at is None) != (call.outcome is None):
        yield f"{call.sid} ended at {call.ended_at} and became {call.outcome}"
    if call.outcome is CallOutcome.CONNECTED and call.answered_by is None:
        yield f"{call.sid} was connected with nobody"
    promised = (CallOutcome.MESSAGE, CallOutcome.CALLBACK, CallOutcome.REGISTERED)
    if call.outcome in promised and call.incident is None and call.rings_back is None:
        yield f"{call.sid} was promised {call.outcome} and left no incident"
