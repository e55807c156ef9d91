"""The watcher outside hears from us only while due work is on time."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Job, OfferEngineer
from settings import Settings
from store.db.engine import reading, writing
from store.log.retention import KEPT_FOR
from store.people.lines import apply_line
from store.tables import all_tables
from store.tables.log import daily_rollups
from store.tables.work import failed_pins, heartbeats
from tests.store.cast import LINE
from workers.context import make_context
from workers.maintenance import MAX_LATENESS, Maintenance


class Watcher(HTTPServer):
    pings = 0


class Hears(BaseHTTPRequestHandler):
    server: Watcher

    def do_GET(self) -> None:
        self.server.pings += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    server = Watcher(("127.0.0.1", 0), Hears)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_watcher_is_pinged_only_while_work_is_on_time(
    settings: Settings, watcher: Watcher
) -> None:
    url = f"http://127.0.0.1:{watcher.server_port}/"
    context = make_context(settings.model_copy(update={"heartbeat_url": url}))
    upkeep = Maintenance(context)
    upkeep.look()
    upkeep.look()
    assert watcher.pings == 1
    at = context.clock() - MAX_LATENESS - dt.timedelta(seconds=1)
    late = (Job(at, OfferEngineer("main", "sanne")),)
    call = Call("call-1", "CA1", "main", "", None, "nl", at)
    context.services.call_service.calls.save(Case(), Decision(Case(call), (), late), at)
    Maintenance(context).look()
    assert watcher.pings == 1
    context.services.engine.dispose()


def test_a_watcher_that_is_away_stops_nothing(settings: Settings) -> None:
    away = settings.model_copy(update={"heartbeat_url": "http://127.0.0.1:1/"})
    context = make_context(away)
    Maintenance(context).look()
    context.services.engine.dispose()


def test_the_lifeline_is_kept_fresh_and_survives_a_folder_that_cannot_be_written(
    settings: Settings,
) -> None:
    context = make_context(settings)
    apply_line(context.services.engine, LINE, [], context.clock())
    Maintenance(context).look()
    assert LINE.last_resort[0] in settings.fallback_file.read_text()
    nowhere = settings.model_copy(update={"fallback_file": settings.fallback_file / "below"})
    elsewhere = make_context(nowhere)
    Maintenance(elsewhere).look()
    context.services.engine.dispose()
    elsewhere.services.engine.dispose()


def test_days_that_are_over_are_laid_to_be_added_up(settings: Settings) -> None:
    context = make_context(settings)
    engine, start = context.services.engine, context.clock() - dt.timedelta(days=2)
    apply_line(engine, LINE, [], context.clock())
    call = Call("call-1", "CA1", LINE.id, "", None, "nl", start, ended_at=start)
    context.services.call_service.calls.save(Case(), Decision(Case(call), (), ()), start)
    Maintenance(context).look()
    with reading(engine) as connection:
        days = connection.execute(
            select(daily_rollups.c.line, daily_rollups.c.since, daily_rollups.c.until)
        ).all()
    assert [line for line, since, until in days if since <= start < until] == [LINE.id]
    engine.dispose()


def test_wrong_pins_are_forgotten_after_a_week(settings: Settings) -> None:
    context = make_context(settings)
    book, now = context.services.call_service.calls, context.clock()
    book.unverified_limits.record_failed_pin(["old"], now - KEPT_FOR - dt.timedelta(seconds=1))
    book.unverified_limits.record_failed_pin(["new"], now)
    Maintenance(context).look()
    with reading(context.services.engine) as connection:
        assert connection.scalars(select(failed_pins.c.subject)).all() == ["new"]
    context.services.engine.dispose()


def test_the_watcher_hears_nothing_while_nothing_can_be_written(
    settings: Settings, watcher: Watcher
) -> None:
    url = f"http://127.0.0.1:{watcher.server_port}/"
    context = make_context(settings.model_copy(update={"heartbeat_url": url}))
    with writing(context.services.engine) as connection:
        heartbeats.drop(connection)
    Maintenance(context).look()
    assert watcher.pings == 0
    all_tables().create_all(context.services.engine)
    Maintenance(context).look()
    assert watcher.pings == 1
    context.services.engine.dispose()
