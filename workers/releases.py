"""A release is told: to contacts of MSA Plus first, and to the others once those have been sent.

Letters are written some at a time, each once: a worker that is killed leaves nobody out, and the
next one tells nobody twice.
"""

from __future__ import annotations

import structlog

from routing import errands as er
from routing.contract import Plan
from routing.incident import Incident
from routing.line import Line
from routing.release import letters_to, waits_until
from routing.schedule.wallclock import wall
from workers.bench import Bench
from workers.pace import NotYet

_log = structlog.get_logger("releases")


def tell(deed: er.TellRelease, bench: Bench, attempt: int) -> None:
    """Write to everybody of this plan who asked; those of plan standard come after."""
    book, now = bench.desk.book, bench.desk.clock()
    matter = book.matter_of_incident(deed.incident)
    if matter is None or matter.incident is None:
        return
    if deed.plan is Plan.STANDARD:
        waits = book.letters_wait(deed.incident)
        until = waits_until(matter.incident, now, letters_wait=waits)
        if until is not None:
            raise NotYet(until)
    written = _write(matter.incident, bench.desk.line_of(matter), deed.plan, bench)
    _log.info("release told", incident=matter.incident.number, plan=deed.plan, letters=written)
    if deed.plan is Plan.MSA_PLUS:
        others = er.TellRelease(deed.incident, Plan.STANDARD)
        bench.desk.bell.ring(book.plan([er.Errand(now, others, others.name)], now))


def _write(incident: Incident, line: Line, plan: Plan, bench: Bench) -> int:
    """Write the letters, some at a time; gives back how many."""
    desk, facts = bench.desk, bench.desk.facts(line)
    today = wall(facts.now, line.timezone).date()
    written, last = 0, 0
    while found := desk.people.subscribers(line.id, plan, today, last):
        bench.hold_on()
        letters = letters_to(facts, incident, found)
        desk.bell.ring(desk.book.write(letters, facts.now))
        written, last = written + len(letters), found[-1].id
    return written
