"""Reliefs: written once whoever plans, changed only by whoever read last, with all that follows."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from routing.decision import LostRaceError
from routing.jobs import AnnounceHandover, CheckHandover, Job
from routing.line import Channel, Handover, HandoverState
from routing.message import Message, Phrase
from routing.oncall.local_time import LocalMoment
from routing.ports import CallRepository, HandoverDecision
from store.log.call_repository import SqlCallRepository

NOW = dt.datetime(2026, 3, 9, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
WEEK = dt.timedelta(weeks=1)
DUE = AnnounceHandover("main", "primary", NOW, "joris")


def relief(name: str = "one", schedule: str = "primary", code: int = 47) -> Handover:
    return Handover(name, "main", schedule, NOW, "joris", ("sanne",), NOW + WEEK, code, told_at=NOW)


def letter(name: str = "one-sms") -> Message:
    until = Phrase("handover_until", (("until", LocalMoment(NOW + WEEK, "Europe/Amsterdam")),))
    values = (("until", (until,)), ("code", 47))
    place = (name, "main", NOW, "joris", Channel.SMS, "+31612345602")
    return Message(*place, "nl", "handover_calm", values)


def told(one: Handover) -> HandoverDecision:
    return HandoverDecision(
        one, (letter(f"{one.id}-sms"),), (Job(NOW + HOUR, CheckHandover(one.id)),)
    )


def test_a_handover_is_planned_once(book: CallRepository) -> None:
    errand = Job(NOW, DUE, DUE.name)
    assert len(book.plan_jobs([errand], NOW)) == 1
    assert not book.plan_jobs([errand], NOW)
    later = replace(DUE, at=NOW + HOUR)
    assert not book.plan_jobs([errand, Job(later.at, later, later.name)], NOW)  # none is due
    assert not book.plan_jobs([], NOW)


def test_a_relief_comes_with_its_letters_and_errands(book: CallRepository) -> None:
    assert len(book.handovers.add(told(relief()), NOW)) == 1
    assert book.handovers.find("one") == relief()
    assert book.messages.find("one-sms") == letter()
    assert book.handovers.find("none") is None


def test_of_one_handover_each_person_is_told_once(book: CallRepository) -> None:
    book.handovers.add(told(relief()), NOW)
    assert not book.handovers.add(told(relief("two", code=48)), NOW)
    assert book.handovers.find("two") is None
    assert book.messages.find("two-sms") is None


def test_a_code_that_waits_for_a_reply_is_given_to_nobody_twice(book: CallRepository) -> None:
    book.handovers.add(told(relief()), NOW)
    with pytest.raises(LostRaceError):
        book.handovers.add(told(relief("two", "secondary")), NOW)
    confirmed = replace(relief(), state=HandoverState.CONFIRMED)
    book.handovers.update(HandoverDecision(confirmed), NOW)
    assert book.handovers.add(told(relief("two", "secondary")), NOW)


def test_the_code_of_a_duty_that_is_over_is_free_again(book: CallRepository) -> None:
    book.handovers.add(told(relief()), NOW)
    assert book.handovers.add(told(relief("two", "secondary")), NOW + WEEK)


def test_whoever_read_before_somebody_else_wrote_reads_again(book: CallRepository) -> None:
    book.handovers.add(told(relief()), NOW)
    book.handovers.update(HandoverDecision(replace(relief(), state=HandoverState.CONFIRMED)), NOW)
    with pytest.raises(LostRaceError):
        book.handovers.update(
            HandoverDecision(replace(relief(), state=HandoverState.UNCONFIRMED)), NOW
        )
    kept = book.handovers.find("one")
    assert kept is not None
    assert (kept.state, kept.version) == (HandoverState.CONFIRMED, 1)


def test_reliefs_are_found_by_person_until_they_are_over_and_by_time(book: CallRepository) -> None:
    book.handovers.add(told(relief()), NOW)
    for_good = replace(relief("two", "secondary", 48), until=None)
    book.handovers.add(told(for_good), NOW)
    assert book.handovers.find_current("main", "joris", NOW) == [relief(), for_good]
    assert book.handovers.find_current("main", "joris", NOW + WEEK) == [for_good]
    assert book.handovers.find_current("main", "sanne", NOW) == []
    assert book.handovers.find_between("main", NOW, NOW + HOUR) == [relief(), for_good]
    assert book.handovers.find_between("main", NOW - HOUR, NOW) == []
    assert book.handovers.find_between("other", NOW, NOW + HOUR) == []


def test_of_many_who_plan_and_tell_at_once_one_does(engine: Engine, tmp_path: Path) -> None:
    due: list[str] = []
    together = threading.Barrier(4)

    def take_part(number: int) -> None:
        book = SqlCallRepository(engine)
        together.wait()
        due.extend(book.plan_jobs([Job(NOW, DUE, DUE.name)], NOW))
        try:
            due.extend(book.handovers.add(told(relief(f"r{number}", code=50 + number)), NOW))
        except LostRaceError:
            return

    processes = [threading.Thread(target=take_part, args=(n,)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(due) == 2
    assert len(SqlCallRepository(engine).handovers.find_between("main", NOW, NOW + HOUR)) == 1
