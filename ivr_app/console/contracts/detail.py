"""The file on one contract: who may call on it, what was used of it, and what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from config.checks import count_excess_contacts
from routing.call import Entitlement
from routing.caller.identify import contacts_now, standing
from routing.contracts import Contact, Contract
from routing.incident import Incident
from routing.line import Line
from routing.oncall.local_time import wall
from service.bootstrap import Services
from service.premium import PremiumYear, list_contract_years
from store.log.call_search import CallFilter, Numbered, search
from store.log.pages import IncidentLogFilter, find_incidents
from store.log.premium import counted_in
from store.people.audit import AuditLog, RecordedAudit
from store.people.contract_store import StoredContract

RECENT = 10
"""Calls, incidents and changes that are shown of a contract."""


@dataclass(frozen=True, slots=True)
class ContractDetail:
    """All that is known of a contract; ``year`` is the contract year that runs, ``counted`` are
    its incidents, ``crowded`` is what is odd about the number of its contacts."""

    line: Line
    kept: StoredContract
    worth: Entitlement
    today: dt.date
    year: PremiumYear
    counted: Sequence[Incident]
    calls: Sequence[Numbered]
    incidents: Sequence[Incident]
    deeds: Sequence[RecordedAudit]
    crowded: str | None

    @property
    def counting(self) -> Sequence[Contact]:
        """The contacts who still count."""
        return contacts_now(self.contract, self.today, None)

    @property
    def contract(self) -> Contract:
        """The contract itself."""
        return self.kept.contract


def find_contract_detail(board: Services, line: Line, kept: StoredContract) -> ContractDetail:
    """The file on this contract."""
    now, contract, engine = board.desk.clock(), kept.contract, board.engine
    today = wall(now, line.timezone).date()
    _, year = list_contract_years(board, line, contract, now)
    found, _ = find_incidents(engine, IncidentLogFilter(line.id, contract.number, limit=RECENT))
    return ContractDetail(
        line,
        kept,
        standing(contract, now, line.timezone),
        today,
        year,
        counted_in(engine, line.id, contract.number, year.begins),
        search(engine, CallFilter(line.id, contracts=(contract.number,)), size=RECENT).calls,
        found,
        AuditLog(engine).page(thing=("contract", f"{line.id}/{contract.number}"), size=RECENT),
        count_excess_contacts(contract, line, today),
    )
