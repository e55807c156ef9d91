"""`provision`, `drill`, `fallback`, `backup`, `restore` and `doctor`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from carrier.account import (
    NumberWebhook,
    build_settings,
    find_changes,
    list_sms_webhooks,
    list_voice_webhooks,
)
from carrier.client import CarrierClient, NotDoneError, RefusedError, UnsureError
from carrier.company import CarrierCompany, Need
from carrier.fallback import FallbackPart
from ivr_app.cli.context import (
    LineCommand,
    Refusal,
    file_option,
    find_line,
    json_option,
    line_option,
    open_line,
    open_services,
    print_objects,
    print_table,
    read_line,
    ready_services,
)
from routing.line import Line
from routing.notify.replying import list_text_numbers
from service.bootstrap import build_carrier_account
from service.doctor import run_checks
from service.doctor.verdict import CheckResult, CheckState, fail
from service.drills import Drill, DrillError, LiveDrill
from service.fallback import StaticFallback, UploadError, build_documents, carrier_fallback_url
from settings import Settings, SettingsError
from store.db.backup import AHEAD, BackupError, back_up, list_unfinished
from store.db.backup import restore as put_back

KEYS = ("number", "setting", "old", "new")


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """The changes of one number: old and new value, by the carrier's name of the setting."""

    number: str
    sid: str
    changes: Mapping[str, tuple[str, str]]


@click.command("provision", cls=LineCommand, example="provision --yes")
@line_option
@click.option("--yes", is_flag=True, help="Change the numbers without asking.")
@json_option
def provision(line_id: str | None, yes: bool, as_json: bool) -> None:
    """Point the numbers of the lines at this host: calls, texts, status and fallback.

    With --json, nothing changes unless --yes is given.
    """
    services = ready_services()
    all_lines = services.lines.list_lines()
    lines: Sequence[Line] = [find_line(services.lines, line_id)]
    if line_id is None:
        lines = all_lines
    numbers = _numbers(lines, all_lines, services.settings)
    company = services.company
    if Need.NUMBERS in company.lacks:
        raise Refusal(_tell_by_hand(company, dict(numbers)))
    client = CarrierClient(build_carrier_account(services.settings))
    try:
        plans = [_plan(client, *one, company.retries) for one in numbers]
        if not as_json:
            _show(plans)
        todo = [plan for plan in plans if plan.changes]
        if todo and (yes or (not as_json and click.confirm("Change this at the carrier?"))):
            for plan in todo:
                client.configure_number(
                    plan.sid, {name: new for name, (_, new) in plan.changes.items()}
                )
        if as_json:
            print_objects(
                dict(zip(KEYS, row, strict=True)) | {"changed": yes} for row in _rows(plans)
            )
    except (RefusedError, NotDoneError, UnsureError) as error:
        raise Refusal(_why(error, services.settings)) from error
    finally:
        client.close()


def _numbers(
    lines: Sequence[Line], all_lines: Sequence[Line], settings: Settings
) -> Iterator[tuple[str, list[NumberWebhook]]]:
    """Each number with its webhooks: one number may take calls and texts."""
    found: dict[str, list[NumberWebhook]] = {}
    for line in lines:
        calls = list_voice_webhooks(
            settings.public_url, carrier_fallback_url(line, all_lines, settings)
        )
        found.setdefault(line.number, []).extend(calls)
        for number in list_text_numbers(line):
            found.setdefault(number, []).extend(list_sms_webhooks(settings.public_url))
    yield from found.items()


def _tell_by_hand(company: CarrierCompany, numbers: Mapping[str, Sequence[NumberWebhook]]) -> str:
    """What to set in the company's own pages, in its words."""
    calls = {
        one.field: f"{one.method} {one.address}" for all_of in numbers.values() for one in all_of
    }
    return "\n".join(
        (
            f"{company.lacks[Need.NUMBERS]}, so nothing was changed. In {company.console}, open "
            "Voice, then TeXML Applications, and set in the application of CARRIER_APPLICATION:",
            f"  Webhook URL: {calls['voice_url']}",
            f"  Webhook Failover URL: {calls['voice_fallback_url']}",
            f"  Call progress events URL: {calls['status_callback']}",
            f"Then assign the application to {', '.join(numbers)}.",
        )
    )


def _plan(
    client: CarrierClient, number: str, pointers: Sequence[NumberWebhook], retries: str
) -> NumberPlan:
    found = client.number(number)
    if found is None:
        raise Refusal(
            f"{number} does not belong to this carrier account: buy it there, or correct the "
            "line's file. Nothing was changed."
        )
    return NumberPlan(
        number, str(found.sid), find_changes(found, build_settings(pointers, retries))
    )


def _rows(plans: Sequence[NumberPlan]) -> list[tuple[str, str, str, str]]:
    return [(plan.number, name, *pair) for plan in plans for name, pair in plan.changes.items()]


def _show(plans: Sequence[NumberPlan]) -> None:
    for plan in plans:
        if not plan.changes:
            click.echo(f"{plan.number} needs no change.")
    if rows := _rows(plans):
        print_table(
            ("number", "setting", "now", "then"), [[cell or "-" for cell in row] for row in rows]
        )


def _why(error: Exception, settings: Settings) -> str:
    if isinstance(error, RefusedError):
        return f"The carrier refuses ({error.code}): see its console, and PUBLIC_URL."
    return f"{settings.twilio_api_url} does not answer ({error}): run this again."


# `drill`: a practice call through the whole line; with --wake it rings real phones.


@click.command("drill", cls=LineCommand, example="drill")
@line_option
@click.option("--wake", is_flag=True, help="Also ring and text the people on call.")
@click.option("--yes", is_flag=True, help="Do not ask before ringing them.")
@json_option
def drill(line_id: str | None, wake: bool, yes: bool, as_json: bool) -> None:
    """Place a practice call: identify, level 1, page, acknowledge. A failure exits with 1.

    The drill sends signed webhooks to PUBLIC_URL, as the carrier does, and pages a person that only
    drills have. With --wake, it rings and texts the people on call, who hear that it is a drill
    and press a key. With --json, --wake needs --yes.
    """
    services, line = open_line(line_id)
    steps = DrillSteps(as_json)
    hold: Callable[[], object] = Drill(services, line, steps.say).hold
    if wake:
        waking = LiveDrill(services, line, steps.say)
        _agree(list(waking.find_people().values()), yes, as_json)
        hold = waking.hold
    steps.begin(line.id)
    try:
        hold()
    except DrillError as failed:
        steps.say(f"FAILED: {failed}")
        raise Refusal(f"The drill of {line.id} failed: {failed}.") from None
    finally:
        if as_json:
            print_objects(steps.rows)
    if not as_json:
        click.echo(f"The drill of {line.id} passed.")


class DrillSteps:
    """The steps of a drill, each with the seconds since its beginning."""

    def __init__(self, as_json: bool) -> None:
        """No step yet."""
        self.rows: list[dict[str, object]] = []
        self._as_json = as_json

    def begin(self, line_id: str) -> None:
        """Start the clock of this line's drill."""
        self._line, self._began = line_id, time.monotonic()

    def say(self, step: str) -> None:
        """Record a step and print it at once."""
        seconds = round(time.monotonic() - self._began, 2)
        self.rows.append({"line": self._line, "step": step, "after_s": seconds})
        if not self._as_json:
            click.echo(f"{seconds:6.2f} s  {step}")


def _agree(names: list[str], yes: bool, as_json: bool) -> None:
    """Confirm a drill that rings engineers."""
    if not names:
        raise Refusal("Nobody is on call, so the drill would ring nobody.")
    if as_json and not yes:
        raise Refusal("With --json, --wake needs --yes.")
    who = ", ".join(names)
    if not as_json:
        click.echo(f"This drill now rings and texts: {who}.")
    if not yes and not click.confirm("Ring them?"):
        raise Refusal("Nobody was rung.")


# `fallback`: the static TwiML that reaches the engineers on call while no host answers.


PARTS = [part.value for part in FallbackPart]


@click.command("fallback", cls=LineCommand, example="fallback --document main")
@line_option
@file_option
@click.option("--at", "at", metavar="URL", help="The address, instead of FALLBACK_URL.")
@click.option(
    "--document",
    type=click.Choice([part.value for part in FallbackPart]),
    default="main",
    help="Default: main.",
)
@click.option("--put", "put_it", is_flag=True, help="Upload all documents to FALLBACK_PUT_URL.")
@json_option
def fallback(
    line_id: str | None, file: Path | None, at: str | None, document: str, **flags: bool
) -> None:
    """Print the static TwiML that rings the people on call, then the last resort.

    The main document needs the two others: the whisper, which asks for a key, and the join. The
    documents contain phone numbers: keep them private.
    """
    services = open_services()
    settings = services.settings
    if at is not None:
        settings = settings.model_copy(update={"fallback_url": at})
    line = read_line(file, line_id).line
    lines = [line]
    if file is None:
        lines = list(services.lines.list_lines())
    now = services.call_service.clock()
    found = build_documents(line, lines, settings, now)
    if flags["put_it"]:
        try:
            StaticFallback(services.engine, settings).put(line, found, now)
        except UploadError as closed:
            why = f"The documents could not be uploaded ({closed}): see FALLBACK_PUT_URL."
            raise Refusal(why) from None
    if flags["as_json"]:
        print_objects(
            {"line": one.line, "document": one.part, "address": one.read_at, "twiml": one.twiml}
            for one in found
        )
    else:
        click.echo(next(sheet.twiml for sheet in found if sheet.part == document))


# `backup` and `restore`: the whole line in one file, while calls continue.


@click.command("backup", cls=LineCommand, example="backup line.backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database, recordings included, to FILE while calls continue.

    FILE is replaced only by a complete copy. It contains personal data, but not SECRET_KEY and
    PIN_PEPPER: keep those elsewhere, because no PIN works without them.
    """
    services = ready_services()
    try:
        back_up(services.engine, file, services.call_service.clock(), CopyProgress())
    except (BackupError, OSError) as error:
        raise Refusal(f"No backup was made: {error}.") from None
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@click.command("restore", cls=LineCommand, example="restore line.backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill the empty database at DATABASE_URL from FILE and list what will continue.

    Start web, worker and clock afterwards: they continue with the jobs that were due.
    """
    services = open_services()
    try:
        put_back(services.engine, file, CopyProgress())
    except (BackupError, OSError) as error:
        raise Refusal(f"Nothing was restored: {error}.") from None
    numbers, undone = list_unfinished(services.engine)
    named = ", ".join(map(str, numbers)) or "none"
    click.echo(f"Restored. Incidents that are open and will be paged: {named}.")
    click.echo(f"Jobs to do: {undone}. Numbers of new incidents skip {AHEAD}.")


A_MINUTE = 60.0
BAR = 30
"""Signs of a bar."""


class CopyProgress:
    """Says how far a copy is: a bar on a terminal; elsewhere a line a minute."""

    def __init__(self) -> None:
        """Nothing is copied yet."""
        self._said_at = time.monotonic()
        self._complete = False

    def __call__(self, copied: int, whole: int) -> None:
        """``copied`` of ``whole`` bytes are there; ``whole`` is 0 when nobody knows it."""
        if self._complete:  # the copy is still checked
            return
        self._complete = copied == whole
        words = f"{copied:,} bytes"
        share = 0.0
        if whole:
            share = min(copied / whole, 1.0)
            words = f"{share:.0%} of {whole:,} bytes"
        if sys.stderr.isatty():
            bar = "#" * round(share * BAR)
            click.echo(f"\r{bar:<{BAR}} {words}", err=True, nl=self._complete)
        elif time.monotonic() - self._said_at >= A_MINUTE:
            self._said_at = time.monotonic()
            click.echo(words, err=True)


# `doctor`: whether the line works, and what to do if not.


@click.command("doctor", cls=LineCommand, example="doctor")
@json_option
def doctor(as_json: bool) -> None:
    """Check every part of the line. A line that would not work exits with 1."""
    failed = False
    for result in _run_checks():
        failed |= result.state is CheckState.FAIL
        if as_json:
            print_objects([asdict(result)])
        else:
            click.echo(f"{result.state:<4}  {result.check}: {result.message}")
    if failed:
        raise click.exceptions.Exit(1)


def _run_checks() -> Iterator[CheckResult]:
    try:
        services = open_services()
    except SettingsError as error:
        yield fail("settings", str(error))
        return
    yield from run_checks(services)
