"""The file on one contract: who may call on it, what was used of it, and what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from config.checks import crowded
from routing.call import Standing
from routing.caller.identify import contacts_now, standing
from routing.contract import Contact, Contract
from routing.incident import Incident
from routing.line import Line
from routing.oncall.local_time import wall
from service.bootstrap import Switchboard
from service.premium import Year, years_of
from store.log.call_search import Asked, Numbered, search
from store.log.pages import WantedIncidents, find_incidents
from store.log.premium import counted_in
from store.people.audit import Audit, Entry
from store.people.contract_store import Kept

RECENT = 10
"""Calls, incidents and changes that are shown of a contract."""


@dataclass(frozen=True, slots=True)
class File:
    """All that is known of a contract; ``year`` is the contract year that runs, ``counted`` are
    its incidents, ``crowded`` is what is odd about the number of its contacts."""

    line: Line
    kept: Kept
    worth: Standing
    today: dt.date
    year: Year
    counted: Sequence[Incident]
    calls: Sequence[Numbered]
    incidents: Sequence[Incident]
    deeds: Sequence[Entry]
    crowded: str | None

    @property
    def counting(self) -> Sequence[Contact]:
        """The contacts who still count."""
        return contacts_now(self.contract, self.today, None)

    @property
    def contract(self) -> Contract:
        """The contract itself."""
        return self.kept.contract


def file_of(board: Switchboard, line: Line, kept: Kept) -> File:
    """The file on this contract."""
    now, contract, engine = board.desk.clock(), kept.contract, board.engine
    today = wall(now, line.timezone).date()
    _, year = years_of(board, line, contract, now)
    found, _ = find_incidents(engine, WantedIncidents(line.id, contract.number, limit=RECENT))
    return File(
        line,
        kept,
        standing(contract, now, line.timezone),
        today,
        year,
        counted_in(engine, line.id, contract.number, year.begins),
        search(engine, Asked(line.id, contracts=(contract.number,)), size=RECENT).calls,
        found,
        Audit(engine).page(thing=("contract", f"{line.id}/{contract.number}"), size=RECENT),
        crowded(contract, line, today),
    )
