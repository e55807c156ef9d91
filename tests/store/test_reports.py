"""The log says what was written, oldest first, in the fields that others rely on."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from routing.call import CallOutcome, Stage
from routing.decision import Case, Decision
from routing.incident import IncidentState
from routing.journal import JournalEntry, JournalEvent
from routing.page import LegState, PageResult
from store.log import reports
from store.log.call_repository import SqlCallRepository
from store.log.reports import Reports
from tests.store.cast import NOW, call, incident, leg, proven, text_page

SECOND = dt.timedelta(seconds=1)


def keep(engine: Engine, after: Case, before: Case = Case(), *notes: JournalEntry) -> Case:  # noqa: B008
    at = NOW + 10 * SECOND if notes else NOW
    return SqlCallRepository(engine).save(before, Decision(after, notes), at)[0]


def test_a_call_has_these_fields(engine: Engine) -> None:
    answered = replace(
        proven(call()),
        incident="incident-1",
        stage=Stage.ENDED,
        outcome=CallOutcome.CONNECTED,
        answered_by="sanne",
        answered_at=NOW + 42 * SECOND,
        ended_at=NOW + 90 * SECOND,
    )
    keep(engine, Case(answered, incident()))
    (row,) = Reports(engine).calls()
    assert json.loads(json.dumps(row)) == {
        "sid": "CA1",
        "line": "main",
        "from": "+31612345678",
        "contract": "100234",
        "contact": "Pieter Jansen",
        "verified": True,
        "language": "nl",
        "urgency": 1,
        "outcome": "connected",
        "answered_by": "sanne",
        "incident": 1001,
        "started_at": "2026-03-02T10:00:00.123456+00:00",
        "answered_at": "2026-03-02T10:00:42.123456+00:00",
        "ended_at": "2026-03-02T10:01:30.123456+00:00",
        "waited_s": 42.0,
    }


def test_a_call_that_lives_and_waits_has_no_end_no_outcome_and_no_waiting_time(
    engine: Engine,
) -> None:
    keep(engine, Case(call()))
    (row,) = Reports(engine).calls()
    assert [row[k] for k in ("outcome", "ended_at", "waited_s", "incident")] == [None] * 4
    assert row["verified"] is False


def test_an_incident_has_these_fields(engine: Engine) -> None:
    gone = replace(leg("leg-1"), state=LegState.ENDED, result=PageResult.NO_KEY)
    later = text_page("text-1", NOW + SECOND)
    kept = incident(
        calls=("CA1",),
        contract="100234",
        contact="Pieter Jansen",
        premium=True,
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by="joris",
        acknowledged_at=NOW + SECOND,
        pages=(later, gone),
    )
    keep(engine, Case(incident=kept))
    (row,) = Reports(engine).incidents()
    assert json.loads(json.dumps(row)) == {
        "id": 1001,
        "line": "main",
        "source": "phone",
        "contract": "100234",
        "plan": None,
        "contact": "Pieter Jansen",
        "kind": "incident",
        "urgency": 1,
        "premium": True,
        "over_quota": False,
        "verified": True,
        "state": "acknowledged",
        "acknowledged_by": "joris",
        "opened_at": "2026-03-02T10:00:00.123456+00:00",
        "acknowledged_at": "2026-03-02T10:00:01.123456+00:00",
        "respond_by": None,
        "clock": "none",
        "respond_by_unpaused": None,
        "left_s": None,
        "breached_at": None,
        "waiting_since": None,
        "waiting_for": None,
        "waiting_by": None,
        "responded_at": None,
        "responded_by": None,
        "closed_at": None,
        "closed_by": None,
        "request": None,
        "calls": ["CA1"],
        "pages": [
            {
                "at": "2026-03-02T10:00:00.123456+00:00",
                "engineer": "sanne",
                "channel": "call",
                "to": "+31612345601",
                "result": "no_key",
            },
            {
                "at": "2026-03-02T10:00:01.123456+00:00",
                "engineer": "sanne",
                "channel": "sms",
                "to": "+31612345601",
                "result": None,
            },
        ],
    }


def test_a_long_log_comes_whole_and_oldest_first(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "AT_ONCE", 3)
    for number in range(7):  # some begin at the same moment
        keep(engine, Case(call(number, at=NOW - number // 2 * SECOND), incident(number)))
    keep(engine, Case(replace(call(9), line="other"), incident(9, line="other")))
    sids = [row["sid"] for row in Reports(engine).calls("main")]
    assert sids == ["CA6", "CA4", "CA5", "CA2", "CA3", "CA0", "CA1"]
    assert [row["id"] for row in Reports(engine).incidents("main")] == list(range(1001, 1008))
    assert len(list(Reports(engine).calls())) == 8


def test_an_incident_and_its_call_show_the_same_timeline_with_reasons(engine: Engine) -> None:
    begun = keep(
        engine, Case(call()), Case(), JournalEntry(JournalEvent.ANSWERED, "a known number")
    )
    assert begun.call is not None
    joined = replace(begun.call, incident="incident-1")
    opened = Case(joined, incident(pages=(leg("leg-1", at=NOW + SECOND),)))
    keep(
        engine,
        opened,
        begun,
        JournalEntry(JournalEvent.CONFIRMED, "level 1"),
        JournalEntry(JournalEvent.RING, "on call", "leg-1"),
    )
    shown = Reports(engine).show("1001")
    assert shown == Reports(engine).show("CA1")
    assert shown is not None
    assert [(row["event"], row["reason"], row["engineer"]) for row in shown] == [
        ("page", None, "sanne"),
        ("answered", "a known number", None),
        ("confirmed", "level 1", None),
        ("ring", "on call", "sanne"),
    ]


def test_what_does_not_exist_is_not_shown(engine: Engine) -> None:
    for which in ("1001", "CA1", "", "²", "9" * 30):
        assert Reports(engine).show(which) is None
