"""Which incidents the address asks for, and the address of the older ones."""

from __future__ import annotations

from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from ivr_app.console.promises import Promise, promise
from ivr_app.whole_numbers import whole_number
from plan.holidays import office
from routing.incident import Incident, State
from routing.line import Line
from store.listing import WantedIncidents, find_incidents
from store.present import present
from switchboard import Switchboard

WAITING, ALL = "waiting", "all"
"""What is asked for when nothing else is: whatever waits for an answer; and everything."""

CHOICES = (WAITING, State.RESPONDED.value, State.CLOSED.value, ALL)
SHOWN = 50


def found(
    board: Switchboard, line: Line, args: MultiDict[str, str]
) -> tuple[list[Promise], int | None]:
    """The incidents asked for, newest first, and the number that the older ones come before."""
    incidents, older = _asked_for(board, line, args)
    hours, now = office(line), board.desk.clock()
    return [promise(line, hours, incident, now) for incident in incidents], older


def chosen(args: MultiDict[str, str]) -> str:
    """Which of the choices holds; with a contract asked for, everything of it."""
    state = args.get("state", "")
    if state in CHOICES:
        return state
    return ALL if args.get("contract", "").strip() else WAITING


def onward(args: MultiDict[str, str], older: int | None) -> str | None:
    """The address of the older ones, or None where there are none."""
    if older is None:
        return None
    asked: dict[str, Any] = {**args.to_dict(), "before": older}
    return url_for("incidents.show", **asked)


def _asked_for(
    board: Switchboard, line: Line, args: MultiDict[str, str]
) -> tuple[list[Incident], int | None]:
    state, contract = chosen(args), args.get("contract", "").strip() or None
    if state == WAITING and contract is None:
        waiting = present(board.engine, line.id).incidents
        return sorted(waiting, key=lambda one: one.number, reverse=True), None
    wanted = WantedIncidents(
        line=line.id,
        contract=contract,
        state=State(state) if state in (State.RESPONDED, State.CLOSED) else None,
        after=args.get("before", type=whole_number),
        limit=SHOWN,
    )
    return find_incidents(board.engine, wanted)
