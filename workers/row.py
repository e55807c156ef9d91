"""The desk's row is served: in its order, until nobody at the desk is free."""

from __future__ import annotations

from routing import errands as er
from routing import events as ev
from routing.hunting.row import free_now
from routing.incident import Kind
from routing.line import Line
from workers.bench import Bench


def serve(deed: er.ServeDesk, bench: Bench, attempt: int) -> None:
    """Serve each row of the line: those of the desk, and those of the specialists."""
    line = bench.desk.people.line(deed.line)
    if line is not None:
        for kind in Kind:
            _serve(line, kind, bench)


def _serve(line: Line, kind: Kind, bench: Bench) -> None:
    """Offer the free people to the first in the row, then to the next whom they may serve."""
    tried: set[str] = set()
    free = free_now(bench.desk.facts(line), kind)
    while free:
        waiting = [key for key in bench.desk.book.row(line.id, kind) if key not in tried]
        if not waiting:
            return
        tried.add(waiting[0])
        bench.desk.happen(ev.DeskTurn(waiting[0], free))
        still = free_now(bench.desk.facts(line), kind)
        free = tuple(person for person in free if person in still)
