"""The forms of a contract: read as the file of rows is read, with a mistake beside each field."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator

from ivr_app.console.form import Form, Mistakes
from ivr_app.console.paper import as_on_paper
from ivr_app.console.wardrobe import t
from plan import times, words
from routing.contract import Contract, Plan

Name = Annotated[str, BeforeValidator(as_on_paper(words.name, "contracts.no_name"))]
Number = Annotated[str, BeforeValidator(as_on_paper(words.keyed, "contracts.no_number"))]
Day = Annotated[dt.date, BeforeValidator(as_on_paper(times.date, "contracts.no_day"))]
Bundle = Annotated[
    int, BeforeValidator(as_on_paper(words.whole(0, 100_000), "contracts.no_bundle"))
]


class Changed(Form):
    """A contract as somebody wants it; ``mark`` tells which one they were shown."""

    customer: Name
    plan: Plan = Plan.MSA_PLUS
    since: Day | None = None
    until: Day | None = None
    premium_incidents: Bundle = 12
    mark: str = ""

    def over(self, contract: Contract) -> Contract:
        """The contract with all of this."""
        return replace(contract, **self.model_dump(include=_OWN))


class Added(Changed):
    """A new contract; its number stays."""

    number: Number


class Ended(Form):
    """The last day on which it can be used."""

    until: Day
    mark: str = ""

    def over(self, contract: Contract) -> Contract:
        """The contract until then."""
        return replace(contract, until=self.until)


_OWN = {"customer", "plan", "since", "until", "premium_incidents"}


def filled(contract: Contract | None) -> dict[str, str]:
    """What stands in the fields at first."""
    if contract is None:
        return {"plan": Plan.MSA_PLUS.value, "premium_incidents": "12"}
    values = {name: getattr(contract, name) for name in ("number", *_OWN)}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def amiss(contract: Contract) -> Mistakes:
    """What is wrong with a contract although each of its fields is right."""
    if contract.since and contract.until and contract.until < contract.since:
        return {"until": t("contracts.ends_too_early")}
    return {}
