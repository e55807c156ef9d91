"""Signature requests wait in a row of their own, in every book."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.call import CallOutcome, DatabaseAge, RecognitionFault, SignatureRequest
from routing.decision import Case, Decision
from routing.incident import EscalationPhase, EscalationState, IncidentKind
from routing.ports import CallRepository
from tests.store.cast import NOW, call, incident

REQUEST = IncidentKind.SIGNATURE_REQUEST
HOUR = dt.timedelta(hours=1)


def waiting(number: int, kind: IncidentKind) -> Case:
    row = EscalationState(EscalationPhase.ROW)
    return Case(None, incident(number, kind=kind, urgency=3, queued_at=NOW, escalation=row))


def test_each_kind_has_its_row(book: CallRepository) -> None:
    for number, kind in ((1, REQUEST), (2, IncidentKind.INCIDENT), (3, REQUEST)):
        book.save(Case(), Decision(waiting(number, kind)), NOW)
    assert book.desk_queue.find_waiting("main", REQUEST) == ["incident-1", "incident-3"]
    assert book.desk_queue.find_waiting("main") == ["incident-2"]


def test_each_kind_has_talks_of_its_own(book: CallRepository) -> None:
    for number, kind in ((1, REQUEST), (2, IncidentKind.INCIDENT)):
        talked = replace(
            call(number),
            incident=f"incident-{number}",
            outcome=CallOutcome.CONNECTED,
            answered_at=NOW,
            ended_at=NOW + number * HOUR,
        )
        about = waiting(number, kind)
        book.save(Case(), Decision(replace(about, call=talked)), NOW)
    assert list(book.desk_queue.find_talks("main", NOW - HOUR, REQUEST)) == [HOUR]
    assert list(book.desk_queue.find_talks("main", NOW - HOUR)) == [2 * HOUR]


def test_a_request_comes_back_as_it_was(book: CallRepository) -> None:
    asked = SignatureRequest(RecognitionFault.FALSE_NEGATIVE, DatabaseAge.OLD)
    about = Case(None, incident(1, kind=REQUEST, request=asked))
    book.save(Case(), Decision(about), NOW)
    found = book.find_by_incident("incident-1")
    assert found is not None
    assert found.incident is not None
    assert (found.incident.kind, found.incident.request) == (REQUEST, asked)
