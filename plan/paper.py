"""The whole line on paper: reads ``line.yaml`` into a line and its contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from plan import accounts, duty, hooks, people, steps, times, words
from plan.answers import percent, yes_or_no
from plan.findings import Finding, PaperError
from plan.foreknowledge import foreknow
from plan.forms import fields, one_or_many, record, some
from plan.holidays import read_holidays
from plan.reading import SPOKEN, Hasher, Reading, Terms
from plan.sheet import Entry, Fields, Items, read_sheet
from routing.contract import Contract
from routing.line import (
    PROMISED,
    CarrierLimits,
    FigureRules,
    Line,
    PinAlarm,
    PinRules,
    Retention,
    UnverifiedRates,
)
from routing.retention import KINDS


@dataclass(frozen=True, slots=True)
class Paper:
    """What a file says, and on which of its lines each field stands."""

    line: Line
    contracts: tuple[Contract, ...]
    lines: Mapping[str, int]

    def line_of(self, field: str) -> int:
        """The line of a field such as ``schedules[0].id``, or of the nearest one around it."""
        while field not in self.lines:
            field = field[: max(field.rfind("."), field.rfind("["), 0)]
        return self.lines[field]


def read_file(path: Path, hasher: Hasher, spoken: tuple[str, ...] = SPOKEN) -> Paper:
    """The line of a file; PaperError with every mistake in it, OSError when it cannot be opened."""
    source = path.read_bytes()
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise PaperError([Finding(line, "file", "is not UTF-8; save it as UTF-8")]) from None
    return read_paper(text, hasher, spoken)


def read_paper(text: str, hasher: Hasher, spoken: tuple[str, ...] = SPOKEN) -> Paper:
    """The line of a text; PaperError with every mistake, in order of lines.

    ``hasher`` makes of a PIN what is kept of it, and is asked only while nothing is wrong;
    ``spoken`` are the languages for which there are prompts.
    """
    sheet = read_sheet(text)
    reading = Reading(foreknow(sheet, Terms(hasher, spoken=spoken)))
    sections = reading.attempt(_sections, sheet)
    if sections is None or reading.findings:
        raise PaperError(reading.findings)
    heading, contracts = sections.pop("line"), sections.pop("contracts", ())
    sections["respond_within"] = sections.pop("urgency", PROMISED)
    heading = {"id": "main", "texts_from": heading["number"]} | heading
    line = Line(**heading, **sections)
    return Paper(line, contracts, MappingProxyType(dict(_lines(sheet))))


def _lines(entry: Entry) -> Iterator[tuple[str, int]]:
    yield entry.mark.field, entry.mark.line
    inner = entry.items if isinstance(entry, Items) else ()
    for part in (v for _, v in entry.fields) if isinstance(entry, Fields) else inner:
        yield from _lines(part)


_heading = fields(
    frozenset({"name", "number", "timezone", "languages", "office_hours", "last_resort"}),
    id=words.identifier,
    name=words.name,
    number=words.phone,
    texts_from=words.sender,
    country=words.country,
    dial_countries=some(one_or_many(words.country)),
    timezone=words.zone,
    languages=some(one_or_many(words.spoken)),
    office_hours=duty.office_hours,
    holidays=read_holidays,
    labour_rules=words.among("NL"),
    named_contacts=words.whole(1, 1000),
    last_resort=some(one_or_many(words.other_phone)),
)
_sections = fields(
    frozenset({"line", "engineers", "schedules", "escalation"}),
    line=_heading,
    engineers=people.engineers,
    duty_manager=people.duty_manager,
    schedules=duty.schedules,
    escalation=steps.escalation,
    paging=steps.paging,
    desk=steps.step,
    signature_desk=steps.signature_desk,
    routes=steps.routes,
    urgency=steps.promises,
    pin=record(
        PinRules,
        length=words.whole(words.PIN_LENGTHS.start, words.PIN_LENGTHS[-1]),
        attempts=words.whole(1, 10),
        alarm=record(PinAlarm, per_contract=times.rate, line=times.rate),
    ),
    unverified_level_1=words.among("ring", "message"),
    unverified=record(UnverifiedRates, per_caller=times.rate, line=times.rate),
    whisper=words.among("full", "brief"),
    handover=steps.handover,
    drill=steps.drill,
    keep=record(Retention, **dict.fromkeys(KINDS, times.kept)),
    figures=record(FigureRules, answer_within=times.length, goal=percent, per_person=yes_or_no),
    webhooks=hooks.webhooks,
    carrier=record(CarrierLimits, calls_per_second=words.whole(1, 100)),
    contracts=accounts.contracts,
)
