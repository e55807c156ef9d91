"""Overrides of swaps and calendars stand beside the file, and every process sees them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from routing.line import Channel, Override
from routing.message import Message
from store.log.call_repository import SqlCallRepository
from store.people.lines import SqlLineRepository, apply_line
from store.people.overrides import (
    CALENDAR,
    SWAP,
    OverrideChange,
    StoredOverride,
    amend,
    find_overrides,
)
from store.work.jobs import JobQueue
from tests.store.cast import LINE, NOW

DAY = dt.timedelta(days=1)
AWAY = StoredOverride(Override(NOW, NOW + DAY, remove="sanne"), CALENDAR, "uid-1", NOW)
TAKEN = StoredOverride(Override(NOW, NOW + DAY, "sanne", "joris"), SWAP, "swap-1", NOW)
(PRIMARY,) = LINE.schedules
WRITTEN = Override(NOW - DAY, NOW, remove="sanne")
WITH_ONE = replace(LINE, schedules=(replace(PRIMARY, overrides=(WRITTEN,)),))


def keep(engine: Engine, *kept: StoredOverride, at: dt.datetime = NOW) -> None:
    amend(engine, "main", "primary", at, lambda _, before: OverrideChange([*before, *kept]))


def found(people: SqlLineRepository) -> tuple[Override, ...]:
    line = people.find_line("main")
    assert line is not None
    assert people.list_lines() == [line]
    return line.schedules[0].overrides


def test_they_follow_those_of_the_file_and_swaps_come_first(engine: Engine) -> None:
    apply_line(engine, WITH_ONE, [], NOW)
    keep(engine, AWAY)
    keep(engine, TAKEN)
    assert found(SqlLineRepository(engine)) == (WRITTEN, TAKEN.override, AWAY.override)


def test_another_process_that_has_read_the_line_sees_them_at_once(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    other = SqlLineRepository(engine)
    assert found(other) == ()
    keep(engine, TAKEN, at=NOW + DAY)
    assert found(other) == (TAKEN.override,)
    assert other.read_changed_at("main") == NOW + DAY


def test_applying_a_file_leaves_them_alone(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    keep(engine, TAKEN)
    assert [*apply_line(engine, LINE, [], NOW).changes] == []
    assert [*apply_line(engine, WITH_ONE, [], NOW).changes] == ["schedule primary changed"]
    assert found(SqlLineRepository(engine)) == (WRITTEN, TAKEN.override)


def test_one_that_adds_somebody_who_left_is_not_used(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    keep(engine, TAKEN, AWAY)
    apply_line(engine, replace(LINE, engineers=LINE.engineers[:1]), [], NOW)
    assert found(SqlLineRepository(engine)) == (AWAY.override,)


def test_one_of_a_schedule_that_is_gone_waits_for_it_to_come_back(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    keep(engine, TAKEN)
    apply_line(engine, replace(LINE, schedules=(replace(PRIMARY, id="other"),)), [], NOW)
    assert found(SqlLineRepository(engine)) == ()
    apply_line(engine, LINE, [], NOW)
    assert found(SqlLineRepository(engine)) == (TAKEN.override,)


def test_what_is_decided_replaces_what_was_there(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    keep(engine, TAKEN)
    amend(engine, "main", "primary", NOW, lambda *_: OverrideChange([]))
    assert found(SqlLineRepository(engine)) == ()


def test_nothing_changes_when_the_decision_is_refused_or_the_same(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    keep(engine, TAKEN)
    keep(engine, at=NOW + DAY)

    def refuse(*_: object) -> OverrideChange:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        amend(engine, "main", "primary", NOW, refuse)
    with pytest.raises(LookupError, match="no schedule night"):
        amend(engine, "main", "night", NOW, lambda *_: OverrideChange([TAKEN]))
    people = SqlLineRepository(engine)
    assert found(people) == (TAKEN.override,)
    assert people.read_changed_at("main") == NOW


def test_who_loses_a_race_decides_again_on_what_is_there_now(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    seen = []

    def decide(_: object, before: Sequence[StoredOverride]) -> OverrideChange:
        if not seen:
            keep(engine, TAKEN)
        seen.append(list(before))
        return OverrideChange([*before, AWAY])

    amend(engine, "main", "primary", NOW, decide)
    assert seen == [[], [TAKEN]]
    assert found(SqlLineRepository(engine)) == (TAKEN.override, AWAY.override)


def test_letters_are_written_with_the_change_and_only_with_it(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    told = Message("l-1", "main", NOW, "joris", Channel.SMS, "+31612345602", "nl", "swap_taken")
    with_a_letter = OverrideChange([TAKEN], [told])
    (due,) = amend(engine, "main", "primary", NOW, lambda *_: with_a_letter)
    assert amend(engine, "main", "primary", NOW, lambda *_: with_a_letter) == []
    assert SqlCallRepository(engine).messages.find("l-1") == told
    (job,) = JobQueue(engine).claim(NOW + DAY)
    assert job.lease.job == due
    with pytest.raises(LookupError):
        amend(
            engine, "main", "night", NOW, lambda *_: OverrideChange([], [replace(told, id="l-2")])
        )
    assert SqlCallRepository(engine).messages.find("l-2") is None


def test_what_is_kept_can_be_read_by_schedule(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    assert find_overrides(engine, "main") == {}
    keep(engine, AWAY, TAKEN)
    assert find_overrides(engine, "main") == {"primary": [TAKEN, AWAY]}
