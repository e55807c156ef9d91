"""`calendars` and `vcard`: secret calendar links, imported absences, and contact cards."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from config.absences import Absence, CalendarEntry, read_entries
from config.holidays import build_office_hours
from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    Refusal,
    build_audit_entry,
    file_argument,
    find_line,
    find_schedule,
    json_option,
    line_option,
    open_line,
    print_objects,
    print_table,
    ready_services,
)
from routing.line import Line, Override, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import format_local
from routing.oncall.rota import Segment, segments
from service.bootstrap import Services, now
from service.calendar_feed import Span, find_oncall_spans, render_vcard
from service.signed_urls import build_feed_token, list_subjects
from store.people.audit import audit_writes
from store.people.calendar_links import ENGINEER, SCHEDULE, read_generations, withdraw_link
from store.people.overrides import CALENDAR, OverrideChange, StoredOverride, amend, apply_overrides

# The import of absences: the overrides that it adds, changes and removes, and its warnings.


A_DAY = dt.timedelta(days=1)
LOOKS_AHEAD = dt.timedelta(days=3653)
"""How far ahead an import looks for times at which nobody is on call."""


@dataclass(frozen=True, slots=True)
class AbsenceChange:
    """The effect on one event: added, changed, unchanged or removed."""

    uid: str
    change: str
    absences: tuple[Absence, ...]


@dataclass(frozen=True, slots=True)
class AbsenceImport:
    """An import at one moment; ``replace`` removes future events that the file no longer has."""

    entries: tuple[CalendarEntry, ...]
    replace: bool
    at: dt.datetime

    def merge(
        self, kept: Sequence[StoredOverride]
    ) -> tuple[tuple[StoredOverride, ...], tuple[AbsenceChange, ...]]:
        """The overrides after the import, and the changes; past overrides stay as they are."""
        others = [k for k in kept if k.origin != CALENDAR or k.override.end <= self.at]
        coming = [k for k in kept if k not in others]
        before, changes = _by_uid(coming), []
        for uid, absences in self._after(before).items():
            old = before.get(uid, ())
            changes.append(AbsenceChange(uid, _change(old, absences), absences or old))
        merged = [*others, *self._rows(changes, coming)]
        return tuple(merged), tuple(c for c in changes if c.absences)

    def _after(self, before: Mapping[str, tuple[Absence, ...]]) -> dict[str, tuple[Absence, ...]]:
        """The absences of each event; an unreadable event stays as it is."""
        after = {uid: () if self.replace else absences for uid, absences in before.items()}
        for entry in self.entries:
            after[entry.uid] = before.get(entry.uid, ()) if entry.wrong else entry.absences
        return after

    def _rows(
        self, changes: Iterable[AbsenceChange], coming: Sequence[StoredOverride]
    ) -> Iterator[StoredOverride]:
        """The overrides that stay, in their order, and then the new ones."""
        wanted = {
            (change.uid, Override(a.start, a.end, remove=a.engineer)): None
            for change in changes
            if change.change != "removed"
            for a in change.absences
        }
        for kept in coming:
            if (kept.uid, kept.override) in wanted:
                del wanted[kept.uid, kept.override]
                yield kept
        yield from (StoredOverride(override, CALENDAR, uid, self.at) for uid, override in wanted)


class Outlook:
    """A schedule during the absences. Each segment is computed once, however many absences it has,
    and none later than LOOKS_AHEAD."""

    def __init__(
        self,
        changes: Iterable[AbsenceChange],
        schedule: Schedule,
        office: OfficeHours,
        now: dt.datetime,
    ) -> None:
        """``schedule`` includes the overrides of the absences."""
        self._schedule, self._office = schedule, office
        self._bare = replace(schedule, overrides=())
        latest = now + LOOKS_AHEAD
        coming = (a for c in changes if c.change in ("added", "changed") for a in c.absences)
        self._absences = sorted(
            replace(one, end=min(one.end, latest)) for one in coming if one.start < latest
        )
        self._segments = [
            segment
            for start, end in _joined(self._absences)
            for segment in segments(schedule, start, end, office)
        ]

    def all_the_same(self, line: Line) -> set[str]:
        """Sentences about engineers who are on call despite an absence."""
        found = set()
        for absence in self._absences:
            engineer = line.engineer(absence.engineer)
            who = engineer.name if engineer else absence.engineer
            for start, end in self._runs(absence, _holds(absence.engineer)):
                found.add(f"{who} is on call anyway {self._when(start, end)}")
        return found

    def left_empty(self) -> set[str]:
        """Sentences about times at which an absence leaves nobody on call."""
        found = set()
        for absence in self._absences:
            for gap in self._runs(absence, lambda segment: not segment.on_call):
                usual = find_oncall_spans(absence.engineer, self._bare, gap, self._office)
                found |= {f"nobody is on call {self._when(*one)}" for one in usual}
        return found

    def _runs(self, absence: Absence, wanted: Callable[[Segment], bool]) -> Iterator[Span]:
        """The parts of an absence whose segments are ``wanted``; adjacent parts are joined."""
        first = bisect_right(self._segments, absence.start, key=attrgetter("end"))
        run: Span | None = None
        for segment in islice(self._segments, first, None):
            if segment.start >= absence.end:
                break
            if not wanted(segment):
                continue
            span = max(segment.start, absence.start), min(segment.end, absence.end)
            if run is not None and run[1] == span[0]:
                run = run[0], span[1]
                continue
            if run is not None:
                yield run
            run = span
        if run is not None:
            yield run

    def _when(self, start: dt.datetime, end: dt.datetime) -> str:
        zone = self._schedule.timezone
        since, until = (format_local(at, zone, "minutes") for at in (start, end))
        return f"in {self._schedule.id} from {since} to {until}"


def _holds(engineer: str) -> Callable[[Segment], bool]:
    return lambda segment: engineer in segment.on_call


def _joined(absences: Iterable[Absence]) -> Iterator[Span]:
    """The times of the absences in order; those within a day of each other are joined."""
    held: Span | None = None
    for one in absences:
        if held is not None and one.start <= held[1] + A_DAY:
            held = held[0], max(held[1], one.end)
            continue
        if held is not None:
            yield held
        held = one.start, one.end
    if held is not None:
        yield held


def _by_uid(kept: Iterable[StoredOverride]) -> dict[str, tuple[Absence, ...]]:
    found: dict[str, list[Absence]] = defaultdict(list)
    for one in kept:
        override = one.override
        found[one.uid].append(Absence(override.start, override.end, override.remove or ""))
    return {uid: tuple(sorted(absences)) for uid, absences in found.items()}


def _change(before: tuple[Absence, ...], after: tuple[Absence, ...]) -> str:
    if before == after:
        return "unchanged"
    if not before:
        return "added"
    return "changed" if after else "removed"


MOST_WARNINGS = 20
TOLD = ("added", "changed", "unchanged", "removed")


@click.group("calendars", cls=LineCommandGroup, example="calendars", invoke_without_command=True)
@line_option
@json_option
@click.pass_context
def calendars(context: click.Context, line_id: str | None, as_json: bool) -> None:
    """Print the secret calendar links. Anyone who has a link can read its calendar."""
    if context.invoked_subcommand is not None:
        return
    services = ready_services()
    rows = list(_links(services, find_line(services.lines, line_id)))
    if as_json:
        print_objects(rows)
        return
    print_table(("kind", "id", "link"), ((row["kind"], row["id"], row["calendar"]) for row in rows))
    click.echo("For a contact card of the line, end an engineer's link with .vcf instead of .ics.")


def _links(services: Services, line: Line) -> Iterator[dict[str, str]]:
    for subject in list_subjects(line, read_generations(services.engine)):
        secret = build_feed_token(services.settings.secret_key, subject)
        link = f"{services.settings.public_url}/calendar/{secret}"
        row = {"line": line.id, "kind": subject.kind, "id": subject.id, "calendar": f"{link}.ics"}
        yield row | ({"contact": f"{link}.vcf"} if subject.kind == "engineer" else {})


class LeavesEmptyError(Exception):
    """The import would leave times without anybody on call that the operator has not accepted."""

    def __init__(self, times: set[str]) -> None:
        """``times`` are sentences."""
        super().__init__("; ".join(sorted(times)))
        self.times = times


@calendars.command("withdraw", cls=LineCommand, example="calendars withdraw primary")
@click.argument("id_", metavar="ID")
@line_option
def withdraw(id_: str, line_id: str | None) -> None:
    """Replace the link of schedule or engineer ID; the old link stops working."""
    services, line = open_line(line_id)
    kind = SCHEDULE if line.schedule(id_) is not None else ENGINEER
    if kind == ENGINEER and line.engineer(id_) is None:
        raise Refusal(f"Line {line.id} has no schedule or engineer {id_}.")
    told = build_audit_entry("calendars.withdraw").on(kind, f"{line.id} {id_}")
    with audit_writes(told):
        withdraw_link(services.engine, line.id, kind, id_, now())
    click.echo(f"The old link of {kind} {id_} no longer works. The new one:")
    links = {row["id"]: row["calendar"] for row in _links(services, line) if row["kind"] == kind}
    click.echo(links[id_])


@dataclass(frozen=True)
class ScheduleImport:
    """The import of a file into one schedule."""

    services: Services
    line: Line
    schedule: Schedule
    intake: AbsenceImport

    def take(self, agreed: Callable[[set[str]], bool]) -> tuple[AbsenceChange, ...]:
        """Write the overrides and return the changes. ``agreed`` must accept the times at which
        nobody would be on call; otherwise nothing is written."""
        accepted: set[str] = set()
        while True:
            try:
                return self._write(accepted)
            except LeavesEmptyError as error:
                if not agreed(error.times):
                    raise Refusal("Nothing was imported.") from error
                accepted |= error.times

    def _write(self, accepted: set[str]) -> tuple[AbsenceChange, ...]:
        said: list[tuple[AbsenceChange, ...]] = []

        def decide(schedule: Schedule, kept: Sequence[StoredOverride]) -> OverrideChange:
            merged, changes = self.intake.merge(kept)
            line = replace(self.line, schedules=(schedule,))
            after = apply_overrides(line, {schedule.id: _in_order(merged)}).schedules[0]
            outlook = Outlook(changes, after, build_office_hours(self.line), self.intake.at)
            if empty := outlook.left_empty() - accepted:
                raise LeavesEmptyError(empty)
            said.append(changes)
            return OverrideChange(merged)

        amend(self.services.engine, self.line.id, self.schedule.id, self.intake.at, decide)
        return said[-1]


def _in_order(kept: Iterable[StoredOverride]) -> list[StoredOverride]:
    """Sort by precedence: swaps and overrides by hand come first."""
    return sorted(kept, key=lambda one: not one.by_hand)


def _warn_of(warnings: set[str]) -> None:
    for warning in sorted(warnings)[:MOST_WARNINGS]:
        click.echo(f"warning: {warning}", err=True)
    if (more := len(warnings) - MOST_WARNINGS) > 0:
        click.echo(f"warning: and {more} more", err=True)


def _agreed(times: set[str]) -> bool:
    _warn_of(times)
    try:
        return click.confirm("Import these absences anyway?", err=True)
    except click.Abort:  # nobody is there to answer
        click.echo("No answer; --yes imports them without asking.", err=True)
        return False


def _unasked(times: set[str]) -> bool:
    _warn_of(times)
    return True


@calendars.command(
    "import", cls=LineCommand, example="calendars import absences.ics --schedule primary"
)
@file_argument
@click.option("--schedule", "schedule_id", required=True)
@line_option
@click.option(
    "--replace", "instead", is_flag=True, help="Remove imported absences that FILE no longer has."
)
@click.option("--yes", is_flag=True, help="Do not ask, even if nobody is left on call.")
@json_option
def take_in(  # noqa: PLR0913  each is a word of the command
    file: Path, schedule_id: str, line_id: str | None, instead: bool, yes: bool, as_json: bool
) -> None:
    """Take the engineers of the events in FILE off call.

    An event that cannot be read is named, and the others are imported.
    """
    (services, line), at = open_line(line_id), now()
    schedule = find_schedule(line, schedule_id)
    try:
        entries = tuple(read_entries(file.read_bytes(), line, schedule.timezone, at))
    except ValueError as error:
        raise Refusal(f"{file} is not a readable calendar: {error}.") from error
    intake = AbsenceImport(entries, instead, at)
    changes = ScheduleImport(services, line, schedule, intake).take(_unasked if yes else _agreed)
    _tell(changes, entries, schedule, as_json=as_json)
    _warn(services, line, changes, schedule.id)
    wrong = [entry for entry in entries if entry.wrong]
    for entry in wrong:
        click.echo(f"{entry.words}: {entry.wrong}", err=True)
    if wrong:
        raise Refusal(f"Mistakes: {len(wrong)}; these events were not imported.")


def _tell(
    changes: Iterable[AbsenceChange],
    entries: Iterable[CalendarEntry],
    schedule: Schedule,
    *,
    as_json: bool,
) -> None:
    words = {entry.uid: entry.words for entry in entries}
    count = Counter(change.change for change in changes)
    for change in (change for change in changes if change.change != "unchanged"):
        if as_json:
            print_objects(_rows(change, schedule))
            continue
        first, more = change.absences[0], len(change.absences) - 1
        since, until = (
            format_local(t, schedule.timezone, "minutes") for t in (first.start, first.end)
        )
        what = f"{change.change}: {first.engineer} off {since} to {until}"
        again = f", and {more} more" if more else ""
        click.echo(f"{what}{again} ({words.get(change.uid, 'no longer in the file')})")
    if not as_json:
        for why, number in sorted(Counter(entry.free for entry in entries if entry.free).items()):
            click.echo(f"left: {number} that {why}")
        said = ", ".join(f"{count[word]} {word}" for word in TOLD if count[word])
        click.echo(f"schedule {schedule.id}: events {said or 'none'}")


def _rows(change: AbsenceChange, schedule: Schedule) -> Iterator[dict[str, str]]:
    here = ZoneInfo(schedule.timezone)
    for absence in change.absences:
        yield {
            "schedule": schedule.id,
            "uid": change.uid,
            "change": change.change,
            "engineer": absence.engineer,
            "start": absence.start.astimezone(here).isoformat(),
            "end": absence.end.astimezone(here).isoformat(),
        }


def _warn(
    services: Services, line: Line, changes: Iterable[AbsenceChange], schedule_id: str
) -> None:
    current = services.lines.line(line.id) or line
    schedule = find_schedule(current, schedule_id)
    outlook = Outlook(changes, schedule, build_office_hours(current), now())
    _warn_of(outlook.all_the_same(current))


# `vcard`: the line as a contact, which phones let ring at night.


@click.command("vcard", cls=LineCommand, example="vcard")
@line_option
@json_option
def vcard(line_id: str | None, as_json: bool) -> None:
    """Print the numbers that call and text engineers, as contact cards."""
    people = ready_services().lines
    first = find_line(people, line_id)
    for line in [first] if line_id else people.all_lines():
        text = render_vcard(line, line.languages[0])
        if as_json:
            print_objects([{"line": line.id, "vcard": text}])
        else:
            click.echo(text.encode(), nl=False)
