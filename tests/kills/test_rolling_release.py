"""A new release: every process is replaced while calls go on, and nobody notices."""

from __future__ import annotations

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select

from store.log.reports import Reports
from store.tables.log import pages
from store.tables.work import jobs
from tests.kills.fleet import FIRST, SECOND, Fleet
from tests.kills.line_processes import at_work, until
from tests.stories.conftest import PAPER

pytestmark = pytest.mark.timeout(240)  # a dozen processes begin, on a machine that may be busy
LATER = dt.timedelta(seconds=3)
"""What is due so much later overtakes only what was left behind by a process that has ended."""

BETWEEN_CALLS = 1.0  # seconds in which the processes that begin have the machine to themselves


@pytest.fixture
def fleet(tmp_path, database_url):
    with at_work(tmp_path, PAPER, database_url, Fleet) as fleet:
        yield fleet


def test_every_process_is_replaced_while_calls_go_on_and_nothing_fails_or_is_done_twice(fleet):
    with ThreadPoolExecutor(1) as operator:
        for half in (FIRST, SECOND):
            replaced = operator.submit(fleet.replace, half)
            while not replaced.done():
                fleet.conversation()
                wait([replaced], BETWEEN_CALLS)
            replaced.result()
    until(lambda: all_ended(fleet, fleet.calls), "every call is written down")
    fleet.office.idle()
    rows = list(Reports(fleet.engine).calls())
    assert {(row["outcome"], row["answered_by"]) for row in rows} == {("connected", "sanne")}
    assert troubles(fleet.office.webhooks) == []
    assert [r for r in fleet.office.requests if r["status"] >= 400] == []
    assert placed(fleet, "Calls") == kept(fleet, "call")
    assert placed(fleet, "Messages") == kept(fleet, "sms")
    assert overtaken(fleet) == []


def all_ended(fleet, count):
    rows = list(Reports(fleet.engine).calls())
    return len(rows) == count and all(row["ended_at"] for row in rows)


def troubles(webhooks):
    """Without a status is what the company itself took back, as whoever waited had left."""
    return [w for w in webhooks if w["error"] or (w["status"] or 200) >= 300]


def placed(fleet, what):
    asked = [r for r in fleet.office.requests if r["method"] == "POST"]
    return len([r for r in asked if r["path"].endswith(f"/{what}.json")])


def kept(fleet, channel):
    with fleet.engine.connect() as connection:
        written = connection.scalars(select(pages.c.value).where(pages.c.channel == channel))
        return len([page for page in written if page.sid is not None])


def overtaken(fleet):
    """Jobs that were done after one that was due much later; a slow machine is slow for all."""
    done = select(jobs).where(jobs.c.done_at.is_not(None)).order_by(jobs.c.due_at)
    with fleet.engine.connect() as connection:
        rows = connection.execute(done).all()
    pairs = itertools.combinations(rows, 2)
    return [a.command for a, b in pairs if b.due_at - a.due_at > LATER and b.done_at < a.done_at]
