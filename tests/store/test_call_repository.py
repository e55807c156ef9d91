"""The promises of the book, kept alike in memory, in SQLite and in PostgreSQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from routing.decision import Case, Decision, LostRaceError
from routing.escalation.queue_position import turn_key
from routing.incident import (
    UNRANKED,
    EscalationPhase,
    EscalationState,
    Incident,
    IncidentState,
)
from routing.jobs import EndRing, Job, Ring
from routing.journal import JournalEntry, JournalEvent
from routing.line import Channel
from routing.page import CustomerLeg, Page
from routing.ports import CallRepository
from tests.store.cast import NOW, call, ended, incident, leg, proven

MINUTE = dt.timedelta(minutes=1)


def keep(book: CallRepository, after: Case, before: Case = Case()) -> Case:  # noqa: B008
    saved, _ = book.save(before, Decision(after), NOW)
    return saved


def test_a_call_is_found_by_our_id_and_by_the_carriers(book: CallRepository) -> None:
    saved = keep(book, Case(proven(call())))
    assert saved.call is not None
    assert saved.call.version == 1
    assert book.find_by_call("call-1") == saved
    assert book.find_by_sid("CA1") == saved


def test_what_is_not_known_is_none(book: CallRepository) -> None:
    assert book.find_by_call("nobody") is None
    assert book.find_by_sid("CA9") is None
    assert book.find_by_page("nothing") is None
    assert book.find_by_incident("nothing") is None


def test_a_call_comes_with_its_incident_and_an_incident_with_its_latest_call(
    book: CallRepository,
) -> None:
    caller = replace(call(), incident="incident-1")
    saved = keep(book, Case(caller, incident(call="call-1", pages=(leg("leg-1"),))))
    assert book.find_by_call("call-1") == saved
    assert book.find_by_incident("incident-1") == saved
    assert book.find_by_page("leg-1") == saved


def test_a_decision_begins_a_new_call_for_an_incident_that_had_another(
    book: CallRepository,
) -> None:
    rung = CustomerLeg(1, NOW, "Pieter Jansen", "+31612345678", "nl", answered_at=NOW, sid="CL1")
    before = keep(book, Case(call(), incident(call="call-1", customer_leg=rung)))
    assert before.incident is not None
    assert before.incident.customer_leg == rung
    begun = replace(call(), id="call-2", sid="CL1", incident="incident-1", called_out=True)
    after = keep(book, Case(begun, replace(before.incident, call="call-2")), before)
    assert book.find_by_sid("CL1") == after == book.find_by_incident("incident-1")
    earlier = book.find_by_call("call-1")
    assert earlier is not None
    assert earlier.call == before.call
    with pytest.raises(LostRaceError):
        keep(book, Case(begun, replace(before.incident, call="call-2")), before)


def test_incidents_are_numbered_from_1001(book: CallRepository) -> None:
    numbers = [keep(book, Case(incident=incident(n))).incident for n in (1, 2, 3)]
    assert [i.number for i in numbers if i] == [1001, 1002, 1003]
    second = book.find_by_number(1002)
    assert second is not None
    assert second.incident == numbers[1]
    assert book.find_by_number(1004) is None
    assert book.find_by_number(10**20) is None


def test_ended_pages_are_left_out_unless_asked_for_by_id(book: CallRepository) -> None:
    opened = keep(book, Case(incident=incident(pages=(leg("leg-1"), leg("leg-2", "joris")))))
    assert opened.incident is not None
    over = replace(opened.incident, pages=opened.incident.pages_with(ended(leg("leg-1"))))
    keep(book, Case(incident=over), opened)
    assert pages_of(book.find_by_incident("incident-1")) == ["leg-2"]
    assert pages_of(book.find_by_page("leg-1")) == ["leg-1", "leg-2"]


def pages_of(matter: Case | None) -> list[str]:
    assert matter is not None
    assert matter.incident is not None
    return [page.id for page in matter.incident.pages]


def test_whoever_decided_on_an_older_value_has_lost_the_race(book: CallRepository) -> None:
    first = keep(book, Case(call(), incident()))
    assert first.call is not None
    assert first.incident is not None
    keep(book, Case(replace(first.call, turn=1), first.incident), first)
    with pytest.raises(LostRaceError):
        keep(book, Case(replace(first.call, turn=2), first.incident), first)
    with pytest.raises(LostRaceError):  # the call it rests on has changed, though it writes another
        keep(book, Case(first.call, replace(first.incident, urgency=2)), first)


def test_a_lost_race_writes_nothing(book: CallRepository) -> None:
    first = keep(book, Case(call(), incident()))
    assert first.incident is not None
    later = replace(first.incident, urgency=2)
    keep(book, Case(first.call, later), first)
    moved = Case(replace(first.call, turn=9) if first.call else None, later)
    with pytest.raises(LostRaceError):
        notes = (JournalEntry(JournalEvent.RING, "on call"),)
        book.save(first, Decision(moved, notes, (Job(NOW, Ring("leg")),)), NOW)
    assert book.find_by_call("call-1") == Case(first.call)


def test_a_second_call_of_the_same_sid_has_lost_the_race(book: CallRepository) -> None:
    keep(book, Case(call()))
    with pytest.raises(LostRaceError):
        keep(book, Case(replace(call(2), sid="CA1")))


def test_an_engineer_has_one_live_leg_whatever_the_number_of_incidents(
    book: CallRepository,
) -> None:
    first = keep(book, Case(incident=incident(1, pages=(leg("leg-1"),))))
    assert book.find_busy("main") == {"sanne"}
    with pytest.raises(LostRaceError):
        keep(book, Case(incident=incident(2, pages=(leg("leg-2"),))))
    assert first.incident is not None
    keep(
        book,
        Case(
            incident=replace(first.incident, pages=first.incident.pages_with(ended(leg("leg-1"))))
        ),
        first,
    )
    assert book.find_busy("main") == frozenset()
    keep(book, Case(incident=incident(2, pages=(leg("leg-2"),))))


def test_a_leg_may_begin_in_the_decision_that_ends_the_one_before(book: CallRepository) -> None:
    first = keep(book, Case(incident=incident(pages=(leg("leg-1"),))))
    assert first.incident is not None
    moved = replace(first.incident, pages=(leg("leg-2"), ended(leg("leg-1"))))
    keep(book, Case(incident=moved), first)
    assert pages_of(book.find_by_incident("incident-1")) == ["leg-2"]


def test_each_number_of_the_last_resort_has_one_leg_at_a_time(book: CallRepository) -> None:
    first, second = "+31207654321", "+31207654322"
    for number, phone in ((1, first), (2, second)):
        pages = (replace(leg(f"leg-{number}", "last_resort"), to=phone),)
        keep(book, Case(incident=incident(number, pages=pages)))
    held = {f"last_resort {first}", f"last_resort {second}"}
    assert book.find_busy("main") == held
    assert book.find_busy("main", "incident-1") == {f"last_resort {second}"}
    assert book.find_held("main", "incident-1", "").busy == {f"last_resort {second}"}
    third = (replace(leg("leg-3", "last_resort"), to=first),)
    with pytest.raises(LostRaceError):
        keep(book, Case(incident=incident(3, pages=third)))


def test_only_errands_that_are_due_ring_the_bell(book: CallRepository) -> None:
    errands = (Job(NOW, Ring("leg-1")), Job(NOW + MINUTE, EndRing("leg-1")))
    _, due = book.save(Case(), Decision(Case(call()), (), errands), NOW)
    assert len(due) == 1


def test_hunted_incidents_come_by_level_then_plan_then_age(book: CallRepository) -> None:
    for number, urgency, rank, minutes in (
        (1, 2, 1, 0),
        (2, 1, 2, 5),
        (3, 1, 2, 1),
        (4, 1, UNRANKED, -9),
        (5, 1, 10, -5),
    ):
        at = NOW + minutes * MINUTE
        keep(
            book,
            Case(
                incident=incident(number, urgency=urgency, rank=rank, opened_at=at),
            ),
        )
    for number, doing in ((6, EscalationPhase.QUIET), (7, EscalationPhase.OVER)):
        keep(book, Case(incident=incident(number, escalation=EscalationState(doing))))
    keep(book, Case(incident=incident(8, line="other")))
    assert book.find_escalating("main") == [f"incident-{n}" for n in (3, 2, 5, 4, 1)]


def test_those_that_missed_somebody_come_in_the_same_order(book: CallRepository) -> None:
    rows = ((1, 2, ("sanne",)), (2, 1, ("joris", "sanne")), (3, 1, ("joris", "sannes")), (4, 1, ()))
    for number, urgency, missed in rows:
        hunt = EscalationState(EscalationPhase.STEPS, missed=missed)
        keep(book, Case(incident=incident(number, urgency=urgency, escalation=hunt)))
    over = EscalationState(EscalationPhase.OVER, missed=("sanne",))
    keep(book, Case(incident=incident(5, escalation=over)))
    assert book.find_escalating_without("main", "sanne") == ["incident-2", "incident-1"]
    assert book.find_escalating_without("main", "ruud") == []


def test_those_are_wanted_whom_a_hunt_misses_whose_turn_comes_before(book: CallRepository) -> None:
    rows = (
        (1, 1, EscalationPhase.STEPS, ("sanne", "joris")),
        (2, 2, EscalationPhase.RESTING, ("milan",)),
        (3, 1, EscalationPhase.OVER, ("noor",)),
        (4, 2, EscalationPhase.BREATH, ()),
    )
    for number, rank, doing, missed in rows:
        hunt = EscalationState(doing, missed=missed)
        keep(book, Case(incident=incident(number, rank=rank, escalation=hunt)))
    turns = [turn_key(book.find_by_incident(f"incident-{n}").incident) for n in (1, 2, 4)]
    wanted = [book.find_held("main", "", turn).wanted for turn in turns]
    assert wanted == [set(), {"sanne", "joris"}, {"sanne", "joris", "milan"}]
    assert book.find_held("other", "", turns[-1]).wanted == frozenset()


def test_open_incidents_come_oldest_first_with_their_pages(book: CallRepository) -> None:
    def at(minutes: int, number: int, state: IncidentState) -> Incident:
        return incident(number, state=state, opened_at=NOW + minutes * MINUTE)

    keep(book, Case(incident=replace(at(5, 1, IncidentState.OPEN), pages=(leg("leg-1"),))))
    keep(book, Case(incident=at(1, 2, IncidentState.ACKNOWLEDGED)))
    keep(book, Case(incident=at(0, 3, IncidentState.RESPONDED)))
    found = book.find_open("main")
    assert [i.key for i in found] == ["incident-2", "incident-1"]
    assert [page.id for page in found[1].pages] == ["leg-1"]


def test_the_key_that_took_the_previous_leg_is_remembered(book: CallRepository) -> None:
    assert book.find_pages_to("main", "sanne", NOW).last_leg is None
    older = ended(leg("leg-1", at=NOW - MINUTE, take_key="3"))
    keep(book, Case(incident=incident(pages=(leg("leg-2", take_key="8"), older))))
    last = book.find_pages_to("main", "sanne", NOW).last_leg
    assert last is not None
    assert last.take_key == "8"


def test_a_decision_that_changes_nothing_writes_nothing(book: CallRepository) -> None:
    saved = keep(book, Case(call()))
    again, due = book.save(saved, Decision(saved), NOW)
    assert again == saved
    assert not due


def test_notices_are_the_texts_and_mails_of_one_person_newest_first(book: CallRepository) -> None:
    def told(page: str, minutes: int, channel: Channel, who: str = "sanne") -> Page:
        return Page(page, NOW + minutes * MINUTE, who, channel, "somewhere")

    first = (told("old", -5, Channel.SMS), told("text", 0, Channel.SMS), leg("leg-1"))
    keep(book, Case(incident=incident(1, pages=first)))
    second = (told("mail", 1, Channel.EMAIL), told("other", 1, Channel.SMS, "joris"))
    keep(book, Case(incident=incident(2, pages=second)))
    found = book.find_pages_to("main", "sanne", NOW)
    assert found.last_leg == leg("leg-1")
    assert [(key, page.id) for key, page in found.notices] == [
        ("incident-2", "mail"),
        ("incident-1", "text"),
    ]
    assert book.find_pages_to("other", "sanne", NOW).notices == []
