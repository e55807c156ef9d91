"""The desk's row is served: in its order, until nobody at the desk is free."""

from __future__ import annotations

from routing import errands as er
from routing import events as ev
from routing.engineer.row import anybody_free
from workers.bench import Bench


def serve(deed: er.ServeDesk, bench: Bench, attempt: int) -> None:
    """Offer the free people to the first in the row, then to the next whom they may serve."""
    line = bench.desk.people.line(deed.line)
    tried: set[str] = set()
    while line is not None and anybody_free(bench.desk.facts(line)):
        waiting = [key for key in bench.desk.book.row(line.id) if key not in tried]
        if not waiting:
            return
        tried.add(waiting[0])
        bench.desk.happen(ev.DeskTurn(waiting[0]))
