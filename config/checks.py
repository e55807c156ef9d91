"""Warnings about a valid line file. A warning never stops anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Protocol
from zoneinfo import ZoneInfo

from config.holidays import build_office_hours
from config.line import LineFile
from config.reader import Finding
from config.staffing import (
    Remark,
    check_rest_days,
    desk_steps,
    escalation_steps,
    find_unattended_steps,
    list_people,
    list_rung_people,
)
from routing.caller.identify import find_contacts
from routing.contracts import Contract
from routing.contracts.plans import CoveredHours
from routing.line import Channel, Line, Schedule
from routing.notify.channels import CHANNELS, channels_of, rules_of
from routing.notify.replying import can_receive_texts, takes_replies
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import instant
from routing.oncall.rota import segments
from routing.phone_numbers import takes_texts, why_not_rung
from routing.recording import CARRIER_LANGUAGE, Transcription


def check_phones(line: Line) -> Iterator[Remark]:
    """Warn about valid numbers that cannot be rung."""
    for index, engineer in enumerate(line.engineers):
        for number, phone in enumerate(engineer.phones):
            why = why_not_rung(phone)
            if phone == line.number:
                why = "the line's own number"
            if why:
                yield f"engineers[{index}].phones[{number}]", f"cannot be rung: it is {why}"
    for number, phone in enumerate(line.last_resort):
        if why := why_not_rung(phone):
            yield f"line.last_resort[{number}]", f"cannot be rung: it is {why}"


def check_costs(line_file: LineFile) -> Iterator[Remark]:
    """Warn about expensive and foreign numbers, which only line.yaml may contain."""
    for field, number in _list_numbers(line_file):
        why = line_file.line.why_not_ordinary(number)
        if why is not None and why_not_rung(number) is None:
            yield field, f"is {why}: it is dialled anyway and may be expensive"


def _list_numbers(line_file: LineFile) -> Iterator[tuple[str, str]]:
    line = line_file.line
    for index, engineer in enumerate(line.engineers):
        for place, phone in enumerate(engineer.phones):
            yield f"engineers[{index}].phones[{place}]", phone
    for place, phone in enumerate(line.last_resort):
        yield f"line.last_resort[{place}]", phone
    if line.duty_manager and line.duty_manager.phone:
        yield "duty_manager.phone", line.duty_manager.phone
    for index, contract in enumerate(line_file.contracts):
        for person, contact in enumerate(contract.contacts):
            for phone in contact.phones:
                yield f"contracts[{index}].contacts[{person}]", phone


def check_shared_phones(line: Line) -> Iterator[Remark]:
    """Warn about phones of two engineers: a call or text from there counts as the first one's."""
    owners: dict[str, str] = {}
    for index, engineer in enumerate(line.engineers):
        for number, phone in enumerate(engineer.phones):
            owner = owners.setdefault(phone, engineer.id)
            if owner != engineer.id:
                shared = f"is also a phone of {owner}: it rings once for both"
                text = f"{shared}, and a call from it counts as {owner}'s"
                yield f"engineers[{index}].phones[{number}]", text


def check_paging(line: Line) -> Iterator[Remark]:
    """Warn about pages that cannot reach an engineer."""
    texts = Channel.SMS in channels_of(line)
    if texts and line.texts_from.startswith("+") and not takes_texts(line.texts_from):
        yield "line.texts_from", "cannot send texts, and pages are sent as texts"
    if texts and not takes_replies(line):
        yield "line.texts_from", _describe_sender(line)
    for index, engineer in enumerate(line.engineers):
        for channel in (CHANNELS[rule.by] for rule in rules_of(line, engineer)):
            if not channel.addresses(engineer):
                yield f"engineers[{index}].{channel.field}", channel.no_address


def _describe_sender(line: Line) -> str:
    """The effect of a sender name on replies."""
    if can_receive_texts(line):
        return f"is a name, which takes no replies: pages say to text {line.number} instead"
    return (
        f"is a name, which takes no replies, and {line.number} takes no texts: pages say to call"
        " it, and a handover is confirmed in the console"
    )


def check_unused(line: Line) -> Iterator[Remark]:
    """Warn about engineers who are never rung, and schedules without a step."""
    steps = [step for _, step in (*escalation_steps(line), *desk_steps(line))]
    rung = {one for step in steps for one in step.ring}
    duty = rung.union(*(list_people(schedule) for schedule in line.schedules))
    for index, engineer in enumerate(line.engineers):
        if engineer.id not in duty:
            yield f"engineers[{index}]", f"{engineer.id} is in no schedule and no step"
    for index, schedule in enumerate(line.schedules):
        if schedule.id not in rung:
            yield f"schedules[{index}]", f"{schedule.id} is used by no step"


def check_languages(line: Line) -> Iterator[Remark]:
    """Warn about steps in which nobody speaks a language of the line."""
    spoken = {e.id: set(e.languages or line.languages) for e in line.engineers}
    for field, step in (*escalation_steps(line), *desk_steps(line)):
        people = list_rung_people(step, line)
        if people and not any(spoken[one].intersection(line.languages) for one in people):
            yield field, f"nobody in it speaks {' or '.join(line.languages)}"


def check_names(line: Line) -> Iterator[Remark]:
    """Warn about languages in which the line has no name, so that a foreign one is said."""
    named = dict(line.names)
    for language in line.languages:
        if language not in named:
            yield "line.name", f"has no name in {language}; {line.name_in(language)} is said there"


def check_plans(line: Line) -> Iterator[Remark]:
    """Warn about promises of a plan that count at hours at which the plan does not include them."""
    for number, plan in enumerate(line.plans):
        level = plan.level(1)
        if level is None or level.hours is CoveredHours.ALWAYS or level.respond_within is None:
            continue
        if not level.respond_within.office:
            name = plan.name(line.languages[0])
            outside = f"counts at night too, when {name} does not include level 1"
            yield f"plans[{number}].levels.1.respond_within", f"{outside}; write office hours"


# Overrides and replacements without effect, and the one to change instead.


class OverrideWindow(Protocol):
    """An override or replacement: it applies from one moment to another."""

    @property
    def start(self) -> dt.datetime:
        """The local time at which it begins."""

    @property
    def end(self) -> dt.datetime:
        """The local time at which it ends."""


def check_overrides(line: Line, office: OfficeHours) -> Iterator[Remark]:
    """Warn about overrides and replacements that change nothing, with the reason."""
    for number, schedule in enumerate(line.schedules):
        for field, why in _check_schedule(schedule, office):
            yield f"schedules[{number}].{field}", f"does nothing: {why}"


def why_no_effect(schedule: Schedule, index: int, office: OfficeHours) -> str | None:
    """The reason why this override changes nothing; None if it has an effect."""
    override = schedule.overrides[index]
    before = replace(schedule, overrides=schedule.overrides[:index])
    after = replace(schedule, overrides=schedule.overrides[: index + 1])
    if not _is_same_duty(before, after, override, office):
        return None
    return _explain_no_effect(schedule, index)


def _check_schedule(schedule: Schedule, office: OfficeHours) -> Iterator[Remark]:
    for index in range(len(schedule.overrides)):
        if (why := why_no_effect(schedule, index, office)) is not None:
            yield f"overrides[{index}]", why
    for index, instead in enumerate(schedule.instead):
        before = replace(schedule, instead=schedule.instead[:index])
        after = replace(schedule, instead=schedule.instead[: index + 1])
        if _is_same_duty(before, after, instead, office):
            yield f"instead[{index}]", "the same people are on call without it"


def _is_same_duty(
    before: Schedule, after: Schedule, window: OverrideWindow, office: OfficeHours
) -> bool:
    start, end = _to_instants(before, window)
    return list(segments(before, start, end, office)) == list(segments(after, start, end, office))


def _explain_no_effect(schedule: Schedule, index: int) -> str:
    override = schedule.overrides[index]
    for number, instead in enumerate(schedule.instead):
        if _overlap(schedule, override, instead):
            return f"instead[{number}] counts for that time; change that one"
    if override.remove is None:
        return f"{override.add} is on call then anyway"
    others = [
        (number, other)
        for number, other in enumerate(schedule.overrides)
        if number != index and _overlap(schedule, override, other)
    ]
    for number, other in others:
        if number < index and other.remove == override.remove:
            return f"overrides[{number}] already removes {override.remove}; change that one"
    for number, other in others:
        if other.add == override.remove:
            return f"{other.add} is on call then only through overrides[{number}]; change that one"
    return f"{override.remove} is not on call then"


def _overlap(schedule: Schedule, one: OverrideWindow, other: OverrideWindow) -> bool:
    (start, end), (since, until) = _to_instants(schedule, one), _to_instants(schedule, other)
    return max(start, since) < min(end, until)


def _to_instants(schedule: Schedule, window: OverrideWindow) -> tuple[dt.datetime, dt.datetime]:
    return instant(window.start, schedule.timezone), instant(window.end, schedule.timezone)


# All warnings of a file.


def check_transcription(line: Line) -> Iterator[Remark]:
    """Warn about callers whose words the carrier does not understand."""
    others = [language for language in line.languages if language != CARRIER_LANGUAGE]
    if line.transcribe is Transcription.CARRIER and others:
        text = f"carrier understands American English only: no words of callers in {others[0]}"
        yield "transcribe", text


def find_warnings(line_file: LineFile, now: dt.datetime) -> tuple[Finding, ...]:
    """All warnings about a file, in order of lines; ``now`` has a time zone."""
    line, opening = line_file.line, build_office_hours(line_file.line)
    today = now.astimezone(ZoneInfo(line.timezone)).date()
    remarks = chain(
        find_unattended_steps(line, opening, now),
        check_overrides(line, opening),
        check_phones(line),
        check_costs(line_file),
        check_shared_phones(line),
        check_paging(line),
        check_transcription(line),
        check_unused(line),
        check_languages(line),
        check_names(line),
        check_plans(line),
        check_rest_days(line, opening, now),
        _check_samples(line),
        _check_contracts(line_file, today),
        _check_contact_languages(line_file),
    )
    return tuple(sorted(Finding(line_file.line_of(field), field, text) for field, text in remarks))


def count_excess_contacts(contract: Contract, line: Line, today: dt.date) -> str | None:
    """A warning if a contract has more current contacts than its plan includes, else None."""
    plan, count = line.plan(contract.plan), len(find_contacts(contract, today, None))
    if plan.named_contacts is None or count <= plan.named_contacts:
        return None
    return f"has {count} contacts; {plan.name('en')} includes {plan.named_contacts}"


def _check_samples(line: Line) -> Iterator[Remark]:
    if line.signature_desk and not line.signature_desk.samples_to:
        yield "signature_desk", "has no samples_to, so callers are not told where to send samples"


def _check_contracts(line_file: LineFile, today: dt.date) -> Iterator[Remark]:
    for index, contract in enumerate(line_file.contracts):
        if contract.valid_until and contract.valid_until < today:
            yield f"contracts[{index}].valid.until", f"expired on {contract.valid_until}"
        if not contract.contacts:
            yield f"contracts[{index}]", "has no contacts, so nobody can call on it"
        if contract.openid and contract.openid not in {one.id for one in line_file.line.openid}:
            yield f"contracts[{index}].openid", "is no id of openid, so nobody signs in with it"
        if many := count_excess_contacts(contract, line_file.line, today):
            yield f"contracts[{index}].contacts", many


def _check_contact_languages(line_file: LineFile) -> Iterator[Remark]:
    for index, contract in enumerate(line_file.contracts):
        for number, contact in enumerate(contract.contacts):
            if contact.language and contact.language not in line_file.line.languages:
                field = f"contracts[{index}].contacts[{number}].language"
                heard = line_file.line.languages[0]
                yield field, f"is not a language of the line; the contact hears {heard}"
