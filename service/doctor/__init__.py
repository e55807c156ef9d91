"""Runs the checks of ``doctor`` one after the other, each with a short time limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from routing.line import Line
from service.bootstrap import Services
from service.doctor.carrier import (
    check_account,
    check_account_limits,
    check_numbers,
    check_refused_numbers,
    check_signing,
)
from service.doctor.people import (
    check_dial_guard,
    check_drills,
    check_people,
    check_text_caps,
    check_untried_numbers,
)
from service.doctor.system import (
    check_backups,
    check_channels,
    check_disk,
    check_fallback_file,
    check_file_permissions,
    check_media_folder,
    check_outside_services,
    check_processes,
    check_recordings,
    check_static_fallback,
    check_web,
    check_webhooks,
    check_zone_data,
)
from service.doctor.verdict import CheckResult, CheckState, ok
from service.health import check_health
from store.work.metrics import Heartbeats


def run_checks(services: Services) -> Iterator[CheckResult]:
    """Run every check; skip the checks that need a part which is down."""
    yield ok("settings", "all there")
    condition, at = check_health(services), services.call_service.clock()
    yield from check_processes(condition)
    lines = services.lines.all_lines() if condition["ready"] else ()
    if condition["ready"]:
        yield from _check_database_content(services, lines, at)
    yield from check_disk(services)
    yield check_media_folder(services.recordings.files)
    yield check_file_permissions(services.settings)
    yield check_web(services.settings.public_url)
    reachable = check_account(services.settings)
    yield reachable
    if reachable.state is CheckState.OK:
        yield from check_numbers(services.settings, lines)
        yield from check_account_limits(services.settings, lines)
    yield from check_channels(services, lines)


def _check_database_content(
    services: Services, lines: Sequence[Line], at: dt.datetime
) -> Iterator[CheckResult]:
    """Run the checks that read the database."""
    yield from check_outside_services(Heartbeats(services.engine), at)
    yield from check_people(lines, at)
    yield from check_dial_guard(services, lines)
    yield from check_refused_numbers(services.engine, lines, at)
    yield from check_recordings(services.recordings, at)
    yield from check_untried_numbers(services.engine, lines)
    yield from check_text_caps(services.call_service, lines)
    yield check_fallback_file(services.settings.fallback_file, lines, at)
    yield from check_static_fallback(services, lines, at)
    yield from check_drills(services.engine, lines, at)
    yield check_backups(services.engine, at)
    yield check_zone_data(services.engine, at)
    yield check_signing(services.engine, services.settings, lines[0].timezone if lines else "UTC")
    yield from check_webhooks(services.engine, lines, at)
