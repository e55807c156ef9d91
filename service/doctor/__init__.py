"""The doctor's round: every part of the line, one after the other, none waited for long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from routing.line import Line
from service.bootstrap import Services
from service.doctor.carrier import account, numbers, refusals, signing, terms
from service.doctor.people import capped, dialled, drills, people, untried
from service.doctor.system import (
    backups,
    disk,
    files,
    mail,
    outside,
    processes,
    programs,
    recordings,
    services,
    shelf,
    spare,
    web,
    zones,
)
from service.doctor.verdict import CheckResult, CheckState, ok
from service.health import condition_of
from service.mailer import mailer_of
from store.work.metrics import Heartbeats


def checkup(board: Services) -> Iterator[CheckResult]:
    """Look at everything that can be looked at; what needs a missing part is left out."""
    yield ok("settings", "all there")
    condition, at = condition_of(board), board.desk.clock()
    yield from processes(condition)
    lines = board.people.all_lines() if condition["ready"] else ()
    if condition["ready"]:
        yield from _kept(board, lines, at)
    yield from disk(board)
    yield shelf(board.archive.shelf)
    yield files(board.settings)
    yield web(board.settings.public_url)
    reachable = account(board.settings)
    yield reachable
    if reachable.state is CheckState.OK:
        yield from numbers(board.settings, lines)
        yield from terms(board.settings, lines)
    yield mail(mailer_of(board.settings), lines)


def _kept(board: Services, lines: Sequence[Line], at: dt.datetime) -> Iterator[CheckResult]:
    """What the database knows."""
    yield from services(Heartbeats(board.engine), at)
    yield from people(lines, at)
    yield from dialled(board, lines)
    yield from refusals(board.engine, lines, at)
    yield from recordings(board.archive, at)
    yield from untried(board.engine, lines)
    yield from capped(board.desk, lines)
    yield spare(board.settings.fallback_file, lines, at)
    yield from outside(board, lines, at)
    yield from drills(board.engine, lines, at)
    yield backups(board.engine, at)
    yield zones(board.engine, at)
    yield signing(board.engine, board.settings, lines[0].timezone if lines else "UTC")
    yield from programs(board.engine, lines, at)
