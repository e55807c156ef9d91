"""A ``line.yaml`` and the database: applied, compared, warned about, and written back. The command
line and the API do it here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from carrier.company import COMPANIES, find_unmet_needs
from carrier.prompts import find_music, own_prompts
from carrier.prompts.sources import find_prompt_warnings
from config.checks import find_warnings, why_no_effect
from config.contracts import KEPT_PIN
from config.holidays import build_office_hours
from config.line import LineFile
from config.reader import FileError, Finding
from config.staffing import find_unattended_steps
from routing.contracts import Contact, Contract
from routing.line import Schedule
from routing.names import name_key
from routing.oncall.hours import OfficeHours
from service import fallback
from service.bootstrap import Services
from store.people.lines import AppliedLine, ApplyTerms, StoredLine, apply_line
from store.people.overrides import StoredOverride, apply_overrides, find_overrides


@dataclass(frozen=True, slots=True)
class FileEffect:
    """What applying a file changed, or would change, and the warnings about it."""

    applied: AppliedLine
    warnings: tuple[Finding, ...]


def apply_file(
    services: Services, read: LineFile, at: dt.datetime, terms: ApplyTerms
) -> FileEffect:
    """Make the database match the file, or with ``terms.dry_run`` say what would change. Raises
    FileError, ClashError and StaleLineError, having changed nothing."""
    refuse_unmet_needs(read, services.settings.carrier)
    applied = apply_line(services.engine, read.line, read.contracts, at, terms)
    kept = find_overrides(services.engine, read.line.id)
    found = (*find_warnings(read, at), *find_override_warnings(read, kept, at))
    return FileEffect(applied, (*found, *find_sound_warnings(read)))


def refuse_unmet_needs(read: LineFile, carrier: str | None) -> None:
    """Raise FileError for what the telephone company cannot do."""
    if carrier is None or carrier not in COMPANIES:
        return  # Twilio, which lacks nothing; a wrong name stops every process
    unmet = find_unmet_needs(read.line, COMPANIES[carrier])
    found = [Finding(read.line_of(field), field, sentence) for field, sentence in unmet]
    if found:
        raise FileError(found)


def refresh_fallback(services: Services, at: dt.datetime) -> str | None:
    """Write the file that answers calls without a database; why it cannot be written, or None."""
    path = services.settings.fallback_file
    try:
        fallback.refresh_fallback_file(path, services.lines.list_lines(), at)
    except OSError as error:
        return f"The line is applied, but FALLBACK_FILE {path} cannot be written: {error.strerror}."
    return None


def fill_in_pins(read: LineFile, stored: StoredLine | None) -> LineFile:
    """The file with the stored PIN of each contact that it gives none. Raises FileError for a
    contact who is not stored. PINs are not compared: a refusal would say what a stored one is."""
    known: dict[tuple[str, str], Contact] = {}
    for contract in stored.contracts if stored else ():
        known |= {(contract.number, name_key(one.name)): one for one in contract.contacts}
    missing: list[Finding] = []
    filled = []
    for place, contract in enumerate(read.contracts):
        contacts = tuple(_fill_in(contract, each, known) for each in contract.contacts)
        for number, each in enumerate(contacts):
            if each.pin_hash == KEPT_PIN:
                field = f"contracts[{place}].contacts[{number}]"
                missing.append(Finding(read.line_of(field), field, _NO_PIN))
        filled.append(replace(contract, contacts=contacts))
    if missing:
        raise FileError(missing)
    return replace(read, contracts=tuple(filled))


_NO_PIN = "must have either pin or pin_hash: no contact with this name is stored"


def _fill_in(
    contract: Contract, contact: Contact, known: Mapping[tuple[str, str], Contact]
) -> Contact:
    stored = known.get((contract.number, name_key(contact.name)))
    if contact.pin_hash != KEPT_PIN or stored is None:
        return contact
    return replace(contact, pin_hash=stored.pin_hash)


def find_sound_warnings(read: LineFile) -> Iterator[Finding]:
    """Warnings about the prompts of PROMPTS_DIR, and about music that is not there."""
    for place, file in enumerate(read.line.music):
        if find_music(file) is None:
            field = f"music[{place}]"
            text = "is not in PROMPTS_DIR, so it is not played; without any, our own music is"
            yield Finding(read.line_of(field), field, text)
    for file, text in find_prompt_warnings(own_prompts()):
        yield Finding(IN_PROMPTS, file, text)


IN_PROMPTS = 0
"""The line of a finding that is not in the line's file, but in PROMPTS_DIR."""


# Warnings about a file together with the swaps and absences of the database.


UNDO = "priority-line swaps undo"


def find_override_warnings(
    read: LineFile, kept: Mapping[str, Sequence[StoredOverride]], now: dt.datetime
) -> tuple[Finding, ...]:
    """Gaps that the file alone does not have, and swaps that no longer change anything."""
    line, opening = read.line, build_office_hours(read.line)
    alone = set(find_unattended_steps(line, opening, now))
    whole = find_unattended_steps(apply_overrides(line, kept), opening, now)
    warnings = [
        (field, f"with the swaps and absences of the database, {text}")
        for field, text in whole
        if (field, text) not in alone
    ]
    known = frozenset(engineer.id for engineer in line.engineers)
    for number, schedule in enumerate(line.schedules):
        ours = [k for k in kept.get(schedule.id, ()) if k.by_hand and k.override.end > now]
        found = _find_useless_swaps(schedule, ours, known, opening)
        warnings += [(f"schedules[{number}]", text) for text in dict.fromkeys(found)]
    return tuple(sorted(Finding(read.line_of(field), field, text) for field, text in warnings))


def _find_useless_swaps(
    schedule: Schedule, swaps: Sequence[StoredOverride], known: frozenset[str], office: OfficeHours
) -> Iterator[str]:
    counted = schedule
    for kept in swaps:
        cure = f"undo it with {UNDO} {kept.uid}"
        if kept.override.add is not None and kept.override.add not in known:
            yield f"swap {kept.uid} is ignored: {kept.override.add} is not an engineer; {cure}"
            continue
        counted = replace(counted, overrides=(*counted.overrides, kept.override))
        why = why_no_effect(counted, len(counted.overrides) - 1, office)
        if why is not None:
            yield f"swap {kept.uid} no longer has an effect: {why}; {cure}"
