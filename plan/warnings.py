"""What is allowed in a file and yet probably not meant; a warning never stops anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from zoneinfo import ZoneInfo

from plan.findings import Finding
from plan.gaps import unattended
from plan.holidays import office
from plan.idle import idle
from plan.labour import overburdened
from plan.paper import Paper
from plan.reach import dear, misunderstood, shared, unpaged, unringable, unused
from plan.rounds import Remark
from routing.caller.identify import contacts_now
from routing.contract import Contract, Plan
from routing.line import Line


def warnings(paper: Paper, now: dt.datetime) -> tuple[Finding, ...]:
    """Everything odd in a file that was read, in order of lines; ``now`` is aware."""
    line, opening = paper.line, office(paper.line)
    today = now.astimezone(ZoneInfo(line.timezone)).date()
    remarks = chain(
        unattended(line, opening, now),
        idle(line, opening),
        unringable(line),
        dear(paper),
        shared(line),
        unpaged(line),
        unused(line),
        misunderstood(line),
        overburdened(line, opening, now),
        _samples(line),
        _contracts(paper, today),
        _languages(paper),
    )
    return tuple(sorted(Finding(paper.line_of(field), field, text) for field, text in remarks))


def crowded(contract: Contract, line: Line, today: dt.date) -> str | None:
    """What is odd about a contract with more contacts who still count than MSA Plus has."""
    count = len(contacts_now(contract, today, None))
    if contract.plan is not Plan.MSA_PLUS or count <= line.named_contacts:
        return None
    return f"has {count}, and MSA Plus has {line.named_contacts}"


def _samples(line: Line) -> Iterator[Remark]:
    if line.signature_desk and not line.signature_desk.samples_to:
        yield "signature_desk", "has no samples_to, so callers are not told where to send samples"


def _contracts(paper: Paper, today: dt.date) -> Iterator[Remark]:
    for index, contract in enumerate(paper.contracts):
        if contract.until and contract.until < today:
            yield f"contracts[{index}].valid.until", f"expired on {contract.until}"
        if not contract.contacts:
            yield f"contracts[{index}]", "has no contacts, so nobody can call on it"
        if many := crowded(contract, paper.line, today):
            yield f"contracts[{index}].contacts", many


def _languages(paper: Paper) -> Iterator[Remark]:
    for index, contract in enumerate(paper.contracts):
        for number, contact in enumerate(contract.contacts):
            if contact.language and contact.language not in paper.line.languages:
                field = f"contracts[{index}].contacts[{number}].language"
                yield field, f"is none of the line's; hears {paper.line.languages[0]}"
