"""Premium incidents: set on an incident, and counted by contract year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routing import events
from routing.call_service import CallService
from routing.contracts import Contract, PremiumBundle, contract_year
from routing.contracts.coverage import find_sold_incidents
from routing.contracts.premium import is_countable
from routing.decision import Case
from routing.incident import Incident
from routing.line import Line
from routing.oncall.local_time import wall
from service.bootstrap import Services
from service.refusals import ActionRefusedError
from store.log.premium import list_premium_years


@dataclass(frozen=True, slots=True)
class PremiumYear:
    """Premium incidents of one contract year; ``bundle`` is None once the contract is deleted."""

    contract: str
    customer: str | None
    begins: dt.date
    used: int
    bundle: PremiumBundle | None


def set_premium(
    desk: CallService, incident: Incident, who: str, reason: str, *, premium: bool
) -> Case:
    """Set whether an incident counts as premium. Raises ActionRefusedError."""
    if premium and not is_countable(incident):
        raise ActionRefusedError("cannot_count", {"number": incident.number, "name": ""})
    return desk.happen(events.PremiumSet(incident.key, premium, who, reason))


def list_years(services: Services, line: Line, number: str | None = None) -> Sequence[PremiumYear]:
    """The contract years with premium incidents, of one contract or of all."""
    return [_build_year(row) for row in list_premium_years(services.engine, line, number)]


def list_contract_years(
    services: Services, line: Line, contract: Contract, at: dt.datetime
) -> tuple[Sequence[PremiumYear], PremiumYear]:
    """The contract years with premium incidents and the current one, and the current one alone."""
    known = list_years(services, line, contract.number)
    begins = contract_year(contract.valid_from, wall(at, line.timezone).date())
    found = next((year for year in known if year.begins == begins), None)
    if found is not None:
        return known, found
    bundle = PremiumBundle(begins, find_sold_incidents(line, contract))
    fresh = PremiumYear(contract.number, contract.customer, begins, 0, bundle)
    return [*known, fresh], fresh


def _build_year(row: dict[str, Any]) -> PremiumYear:
    begins, used, bundle = row["contract_year"], row["used"], None
    if row["customer"] is not None:
        bundle = PremiumBundle(begins, row["premium_incidents"], used)
    return PremiumYear(row["contract"], row["customer"], begins, used, bundle)
