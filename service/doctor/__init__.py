"""Runs the checks of ``doctor`` one after the other, each with a short time limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from routing.line import Line
from service.bootstrap import Services
from service.doctor import carrier, people, system
from service.doctor.verdict import CheckResult, CheckState, ok
from service.health import check_health
from store.work.metrics import Heartbeats


def run_checks(services: Services) -> Iterator[CheckResult]:
    """Run every check; skip the checks that need a part which is down."""
    settings, at = services.settings, services.call_service.clock()
    yield ok("settings", "are complete")
    yield system.check_keys(settings)
    health = check_health(services)
    yield from system.check_processes(health)
    lines: Sequence[Line] = ()
    if health["ready"]:
        lines = services.lines.list_lines()
        yield from _check_database_content(services, lines, at)
    yield from system.check_disk(services)
    yield system.check_media_folder(services.recordings.files)
    yield system.check_file_permissions(settings)
    yield system.check_web(settings.public_url)
    yield from carrier.check_company(settings, lines)
    account = carrier.check_account(settings)
    yield account
    if account.state is CheckState.OK:
        yield from carrier.check_numbers(settings, lines)
        yield from carrier.check_account_limits(settings, lines)
    yield from system.check_channels(services, lines)


def _check_database_content(
    services: Services, lines: Sequence[Line], at: dt.datetime
) -> Iterator[CheckResult]:
    """Run the checks that read the database."""
    engine, settings = services.engine, services.settings
    yield from system.check_outside_services(Heartbeats(engine), at)
    yield from people.check_people(lines, at)
    yield from people.check_dial_guard(services, lines)
    yield from carrier.check_refused_numbers(engine, lines, at)
    yield from system.check_recordings(services.recordings, at)
    yield from system.check_transcription(settings, lines)
    yield from people.check_untried_numbers(engine, lines)
    yield from people.check_text_caps(services.call_service, lines)
    yield from people.check_customer_mail(services, lines)
    yield from people.check_portal(services, lines)
    yield system.check_fallback_file(settings.fallback_file, lines, at)
    yield from system.check_static_fallback(services, lines, at)
    yield from people.check_drills(engine, lines, at)
    yield system.check_backups(engine, at)
    yield system.check_zone_data(engine, at)
    yield carrier.check_signing(engine, settings, next((one.timezone for one in lines), "UTC"))
    yield from system.check_webhooks(engine, lines, at)
    yield from system.check_mailbox(services, at)
