"""Whatever is added up, and whatever changes afterwards, figures are those of the whole log."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select, text, update

from routing.call import Call, CallOutcome
from routing.service_levels import ServiceFigures
from store.db.engine import reading, writing
from store.log.cases import write_call, write_incident
from store.log.service_levels import (
    AT_ONCE,
    SETTLED,
    ServiceFilter,
    combine_parts,
    compute_rollup,
    count_service,
    create_days,
    read_parts,
    store_rollup,
    update_rollups,
)
from store.tables.log import calls, daily_rollups, incidents, stale_days
from tests.store.cast import LINE
from tests.store.test_service_levels import call, ended, incident, opened

ZONES = ["Europe/Amsterdam", "UTC", "Pacific/Auckland"]
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
AFTER = START + 40 * DAY
ALL = ServiceFilter("main", START - 4 * DAY, AFTER)


@pytest.fixture
def line():
    return replace(LINE, id="main", timezone="Europe/Amsterdam")


def told(engine: Engine, asked: ServiceFilter) -> tuple[dict, dict]:
    """What the sums say and what the log says, at one moment."""
    with reading(engine) as connection:
        found = combine_parts(read_parts(connection, asked))
        direct = count_service(connection, asked)
    nothing = ServiceFigures()
    return (
        {level: one for level, one in found.items() if one != nothing},
        {level: one for level, one in direct.items() if one != nothing},
    )


def agree(engine: Engine, asked: ServiceFilter = ALL) -> dict:
    found, direct = told(engine, asked)
    assert found == direct
    return found


def settle(engine: Engine, line, now: dt.datetime = AFTER) -> None:
    """All days that are over at this moment are laid, and added up as soon as they may be."""
    create_days(engine, line, now)
    looks = 0
    while update_rollups(engine, line, now + SETTLED):
        looks += 1
        assert looks < 10, "what is added up is done"


def one_day(engine: Engine, number: int = 1, day: int = 3) -> Call:
    """A call that is over, and was lost after ten seconds."""
    start = START + day * DAY
    values = {"line": "main", "started_at": start, "ended_at": start + dt.timedelta(seconds=10)}
    with writing(engine) as connection:
        return write_call(connection, None, call(number, outcome=CallOutcome.ABANDONED, **values))


written = st.one_of(st.tuples(st.just("call"), ended()), st.tuples(st.just("incident"), opened()))
changed = st.one_of(
    written,
    st.tuples(st.just("change"), ended()),
    st.tuples(st.just("raise"), opened()),
    st.tuples(st.just("gone"), st.sampled_from([calls, incidents])),
    st.tuples(st.just("moved"), st.sampled_from(ZONES)),
    st.tuples(st.just("sum up"), st.integers(0, 41)),
)
logs = st.lists(written, min_size=1, max_size=8)
ADDED_UP = ("sum up", 41)
asked = st.tuples(st.integers(-3, 40), st.integers(0, 24), st.integers(1, 40)).map(
    lambda it: ServiceFilter(
        "main", START + it[0] * DAY + it[1] * dt.timedelta(hours=1), START + (it[0] + it[2]) * DAY
    )
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs, st.lists(changed, max_size=12), asked)
def test_sums_and_the_log_agree_whatever_happens_in_whatever_order(engine, line, first, then, some):
    with writing(engine) as connection:
        for table in (calls, incidents, daily_rollups, stale_days):
            connection.execute(delete(table))
    log: dict[str, list] = {"calls": [], "incidents": []}
    for number, (what, given_) in enumerate([*first, ADDED_UP, *then]):
        if what == "sum up":
            settle(engine, line, START + given_ * DAY)
        elif what == "moved":
            line = replace(line, timezone=given_)
        else:
            with writing(engine) as connection:
                happen(connection, log, number, (what, given_))
        agree(engine)
    agree(engine, replace(some, until=max(some.until, some.since + DAY)))


def happen(connection, log, number, happened) -> None:
    what, given_ = happened
    if what == "call":
        log["calls"].append(write_call(connection, None, call(number, **given_)))
    elif what == "incident":
        log["incidents"].append(write_incident(connection, None, incident(number, **given_)))
    elif what == "change" and log["calls"]:
        before = log["calls"].pop(0)
        given_ = given_ | {"started_at": before.started_at}
        log["calls"].append(write_call(connection, before, replace(before, **given_)))
    elif what == "raise" and log["incidents"]:
        before = log["incidents"].pop(0)
        log["incidents"].append(write_incident(connection, before, replace(before, **given_)))
    elif what == "gone" and log[given_.name]:
        (key,) = given_.primary_key.columns
        value = log[given_.name].pop()
        connection.execute(delete(given_).where(key == getattr(value, key.name)))


def test_days_that_are_over_are_read_from_their_sums_and_not_from_the_log(engine, line):
    one_day(engine)
    settle(engine, line)
    with writing(engine) as connection:
        connection.execute(update(daily_rollups).values(value=((None, ServiceFigures(calls=7)),)))
    found, _ = told(engine, ServiceFilter("main", START + 10 * DAY, START + 12 * DAY))
    assert found[None].calls == 7


def test_a_late_change_is_seen_at_once_and_added_up_at_the_next_look(engine, line):
    before = one_day(engine)
    settle(engine, line)
    assert agree(engine)[None].losses == 1
    with writing(engine) as connection:
        write_call(connection, before, replace(before, urgency=1))
    assert agree(engine) == {1: replace(ServiceFigures(), calls=1, abandoned={10: 1})}
    assert update_rollups(engine, line, AFTER + SETTLED) == 1
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(stale_days)) == 0
    agree(engine)


def test_what_changes_while_a_day_is_added_up_is_not_lost(engine, line):
    before = one_day(engine)
    settle(engine, line)
    with reading(engine) as connection:
        until = connection.scalar(
            select(daily_rollups.c.until).where(daily_rollups.c.until > before.started_at)
        )
    counted = compute_rollup(engine, "main", until)
    with writing(engine) as connection:
        write_call(connection, before, replace(before, urgency=2))
    assert store_rollup(engine, counted)
    assert list(agree(engine)) == [2], "the sum does not know of it, and is not believed"
    assert update_rollups(engine, line, AFTER + SETTLED) == 1
    assert list(agree(engine)) == [2]


def test_of_two_who_add_up_the_same_day_the_slower_writes_nothing(engine, line):
    before = one_day(engine)
    settle(engine, line)
    with reading(engine) as connection:
        until = connection.scalar(
            select(daily_rollups.c.until).where(daily_rollups.c.until > before.started_at)
        )
    slower = compute_rollup(engine, "main", until)
    with writing(engine) as connection:
        write_call(connection, before, replace(before, urgency=2))
    assert store_rollup(engine, compute_rollup(engine, "main", until))
    assert not store_rollup(engine, slower)
    assert list(agree(engine)) == [2]


def test_a_day_that_was_laid_just_now_waits_until_whoever_was_writing_is_done(engine, line):
    one_day(engine)
    assert update_rollups(engine, line, AFTER) == 0
    assert update_rollups(engine, line, AFTER + SETTLED - dt.timedelta(seconds=1)) == 0
    assert update_rollups(engine, line, AFTER + SETTLED) == AT_ONCE


def test_calls_that_are_let_go_are_in_no_figure_any_more(engine, line):
    one_day(engine)
    settle(engine, line)
    with writing(engine) as connection:
        connection.execute(delete(calls))
    assert agree(engine) == {}
    assert update_rollups(engine, line, AFTER + SETTLED) == 1
    assert agree(engine) == {}


def test_whatever_program_changes_the_log_its_figures_follow(engine, line):
    one_day(engine)
    settle(engine, line)
    with writing(engine) as connection:
        connection.execute(text("UPDATE calls SET outcome = 'rejected'"))
    assert agree(engine) == {None: ServiceFigures(calls=1)}
    settle(engine, line)
    with writing(engine) as connection:
        connection.execute(text("UPDATE calls SET line = 'other'"))
    assert agree(engine) == {}
    settle(engine, line)
    with writing(engine) as connection:
        connection.execute(text("UPDATE calls SET line = 'main'"))
    assert agree(engine) == {None: ServiceFigures(calls=1)}


def test_days_by_the_clocks_of_two_zones_count_no_call_twice(engine, line):
    one_day(engine)
    settle(engine, line)
    elsewhere = replace(line, timezone="Pacific/Auckland")
    with reading(engine) as connection:
        before = [row._asdict() for row in connection.execute(select(daily_rollups))]
    settle(engine, elsewhere)
    assert agree(engine)[None].losses == 1
    with writing(engine) as connection:
        connection.execute(daily_rollups.insert(), before)
    assert agree(engine)[None].losses == 1
    settle(engine, elsewhere)
    with reading(engine) as connection:
        assert connection.scalars(select(daily_rollups.c.timezone).distinct()).all() == [
            "Pacific/Auckland"
        ]


def test_what_changes_today_is_noted_nowhere(engine, line):
    one_day(engine)
    settle(engine, line)
    before = one_day(engine, 2, 41)
    with writing(engine) as connection:
        write_call(connection, before, replace(before, urgency=1))
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(stale_days)) == 0


def test_sums_name_nobody(engine, line):
    with writing(engine) as connection:
        start = START + 3 * DAY
        taken = {"started_at": start, "answered_at": start, "answered_by": "sanne"}
        write_call(connection, None, call(1, line="main", ended_at=start, **taken))
    settle(engine, line)
    with reading(engine) as connection:
        whole = " ".join(
            str(row) for row in connection.execute(text("SELECT * FROM daily_rollups"))
        )
    assert "'main'" in whole
    assert "sanne" not in whole
    assert f"{1:032}" not in whole


def test_the_days_of_one_person_are_counted_and_never_kept(engine, line):
    start = START + 3 * DAY
    taken = {"started_at": start, "answered_at": start + dt.timedelta(seconds=9)}
    with writing(engine) as connection:
        for number, who in enumerate(("sanne", "joris")):
            values = taken | {"answered_by": who, "ended_at": start + DAY / 24}
            write_call(connection, None, call(number, line="main", **values))
    settle(engine, line)
    assert agree(engine, replace(ALL, taker="sanne"))[None].calls == 1
