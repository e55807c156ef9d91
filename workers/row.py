"""The desks' rows are served: in their common order, until nobody at a desk is free."""

from __future__ import annotations

from routing import errands as er
from routing import events as ev
from routing.hunting.row import free_now
from routing.line import Line
from workers.bench import Bench


def serve(deed: er.ServeDesk, bench: Bench, attempt: int) -> None:
    """Serve everybody who waits on the line, at the desk or for the specialists: somebody who
    does both goes to the first of them all."""
    line = bench.desk.people.line(deed.line)
    if line is not None:
        _serve(line, bench)


def _serve(line: Line, bench: Bench) -> None:
    """Offer the free people to the first of those who wait, then to the next they may serve."""
    tried: set[str] = set()
    free = free_now(bench.desk.facts(line))
    while free:
        waiting = [key for key in bench.desk.book.row(line.id, None) if key not in tried]
        if not waiting:
            return
        tried.add(waiting[0])
        bench.desk.happen(ev.DeskTurn(waiting[0], free))
        still = free_now(bench.desk.facts(line))
        free = tuple(person for person in free if person in still)
