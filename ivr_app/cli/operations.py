"""`provision`: the numbers of the lines point at this host, after saying what that changes."""

from __future__ import annotations

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
from carrier.fallback import FallbackPart
from ivr_app.cli.context import (
    Refusal,
    Task,
    account,
    file_option,
    json_wanted,
    line_of,
    line_option,
    objects,
    open_services,
    ready_services,
    table,
)
from routing.line import Line
from routing.notify.replying import numbers_for_texts
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
    """What is to be changed at one number: old and new, by the carrier's name of the setting."""

    number: str
    sid: str
    changes: Mapping[str, tuple[str, str]]


@click.command("provision", cls=Task, example="provision --yes")
@line_option
@click.option("--yes", is_flag=True, help="Change the numbers without asking.")
@json_wanted
def provision(line_id: str | None, yes: bool, as_json: bool) -> None:
    """Point the numbers of the lines at this host: calls, texts, status and fallback.

    With --json, nothing changes unless --yes is given.
    """
    services = ready_services()
    people = services.lines
    first, everybody = line_of(people, line_id), people.all_lines()
    lines = [first] if line_id else everybody
    telephone = CarrierClient(build_carrier_account(services.settings))
    try:
        plans = [_plan(telephone, *one) for one in _numbers(lines, everybody, services.settings)]
        if not as_json:
            _show(plans)
        todo = [plan for plan in plans if plan.changes]
        if todo and (yes or (not as_json and click.confirm("Change this at the carrier?"))):
            for plan in todo:
                telephone.configure_number(
                    plan.sid, {name: new for name, (_, new) in plan.changes.items()}
                )
        if as_json:
            objects(dict(zip(KEYS, row, strict=True)) | {"changed": yes} for row in _rows(plans))
    except (RefusedError, NotDoneError, UnsureError) as error:
        raise Refusal(_why(error, services.settings)) from error
    finally:
        telephone.close()


def _numbers(
    lines: Sequence[Line], everybody: Sequence[Line], settings: Settings
) -> Iterator[tuple[str, list[NumberWebhook]]]:
    """Each number with all that it is for: one may take the calls and the texts."""
    found: dict[str, list[NumberWebhook]] = {}
    for line in lines:
        calls = list_voice_webhooks(
            settings.public_url, carrier_fallback_url(line, everybody, settings)
        )
        found.setdefault(line.number, []).extend(calls)
        for number in numbers_for_texts(line):
            found.setdefault(number, []).extend(list_sms_webhooks(settings.public_url))
    yield from found.items()


def _plan(telephone: CarrierClient, number: str, pointers: Sequence[NumberWebhook]) -> NumberPlan:
    found = telephone.number(number)
    if found is None:
        raise Refusal(
            f"{number} is no number of this carrier account: buy it there, or correct the line's "
            "file. Nothing was changed."
        )
    return NumberPlan(number, str(found.sid), find_changes(found, build_settings(pointers)))


def _rows(plans: Sequence[NumberPlan]) -> list[tuple[str, str, str, str]]:
    return [(plan.number, name, *pair) for plan in plans for name, pair in plan.changes.items()]


def _show(plans: Sequence[NumberPlan]) -> None:
    for plan in plans:
        if not plan.changes:
            click.echo(f"{plan.number} is as it should be.")
    if rows := _rows(plans):
        table(("number", "setting", "now", "then"), [[cell or "-" for cell in row] for row in rows])


def _why(error: Exception, settings: Settings) -> str:
    if isinstance(error, RefusedError):
        return f"The carrier refuses ({error.code}): see its console, and PUBLIC_URL."
    return f"{settings.twilio_api_url} cannot be asked ({error}); run this again."


# `drill`: a made-up call through the whole line, which wakes nobody unless asked to.


@click.command("drill", cls=Task, example="drill")
@line_option
@click.option("--wake", is_flag=True, help="Also ring and text the people on call.")
@click.option("--yes", is_flag=True, help="Do not ask before ringing them.")
@json_wanted
def drill(line_id: str | None, wake: bool, yes: bool, as_json: bool) -> None:
    """Place a practice call: identify, level 1, page, acknowledge. A failure exits with 1.

    The drill sends signed webhooks to PUBLIC_URL, as the carrier does, and pages a person that only
    drills have. With --wake, it rings and texts the people on call, who hear that it is a drill
    and press a key. With --json, --wake needs --yes.
    """
    services, told = ready_services(), ProvisionStep(as_json)
    line = line_of(services.lines, line_id)
    hold: Callable[[], object] = Drill(services, line, told.say).hold
    if wake:
        waking = LiveDrill(services, line, told.say)
        _agree(list(waking.find_people().values()), yes, as_json)
        hold = waking.hold
    told.begin(line.id)
    try:
        hold()
    except DrillError as failed:
        told.say(f"FAILED: {failed}")
        raise Refusal(f"The drill of {line.id} failed: {failed}.") from None
    finally:
        if as_json:
            objects(told.rows)
    if not as_json:
        click.echo(f"The drill of {line.id} passed.")


class ProvisionStep:
    """What is said of each step, and how many seconds after the beginning."""

    def __init__(self, as_json: bool) -> None:
        """Nothing yet."""
        self.rows: list[dict[str, object]] = []
        self._as_json = as_json

    def begin(self, line_id: str) -> None:
        """The drill of this line begins."""
        self._line, self._began = line_id, time.monotonic()

    def say(self, step: str) -> None:
        """One step, printed at once."""
        seconds = round(time.monotonic() - self._began, 2)
        self.rows.append({"line": self._line, "step": step, "after_s": seconds})
        if not self._as_json:
            click.echo(f"{seconds:6.2f} s  {step}")


def _agree(names: list[str], yes: bool, as_json: bool) -> None:
    """Nobody is woken by mistake."""
    if not names:
        raise Refusal("Nobody is on call, so there is nobody to wake.")
    if as_json and not yes:
        raise Refusal("With --json people are woken only where --yes is given too.")
    who = ", ".join(names)
    if not as_json:
        click.echo(f"This drill rings and texts, now: {who}.")
    if not yes and not click.confirm("Wake them?"):
        raise Refusal("Nobody was woken.")


# `fallback`: the static TwiML that reaches the people on call without anything of ours.


PARTS = [part.value for part in FallbackPart]


@click.command("fallback", cls=Task, example="fallback --document main")
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
@json_wanted
def fallback(
    line_id: str | None, file: Path | None, at: str | None, document: str, **flags: bool
) -> None:
    """Print the static TwiML that rings the people on call, then the last resort.

    The main document needs the two others: the whisper, which asks for a key, and the join. The
    documents contain phone numbers: keep them private.
    """
    services = open_services()
    settings = services.settings.model_copy(update={"fallback_url": at} if at else {})
    line = account(file, line_id).line
    lines = [line] if file else services.lines.all_lines()
    now = services.call_service.clock()
    found = build_documents(line, lines, settings, now)
    if flags["put_it"]:
        try:
            StaticFallback(services.engine, settings).put(line, found, now)
        except UploadError as closed:
            why = f"The documents could not be put ({closed}): see FALLBACK_PUT_URL."
            raise Refusal(why) from None
    if flags["as_json"]:
        objects(
            {"line": one.line, "document": one.part, "address": one.read_at, "twiml": one.twiml}
            for one in found
        )
    else:
        click.echo(next(sheet.twiml for sheet in found if sheet.part == document))


# `backup` and `restore`: the whole line in one file, while calls go on, and back from it.


@click.command("backup", cls=Task, example="backup line.backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database, recordings included, to FILE while calls continue.

    FILE is replaced only by a complete copy. It contains personal data, but not SECRET_KEY and
    PIN_PEPPER: keep those elsewhere, because no PIN works without them.
    """
    services = ready_services()
    try:
        back_up(services.engine, file, services.call_service.clock())
    except (BackupError, OSError) as error:
        raise Refusal(f"No backup was made: {error}.") from None
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@click.command("restore", cls=Task, example="restore line.backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill the empty database at DATABASE_URL from FILE and list what will continue.

    Start web, worker and clock afterwards: they continue with the jobs that were due.
    """
    services = open_services()
    try:
        put_back(services.engine, file)
    except (BackupError, OSError) as error:
        raise Refusal(f"Nothing was restored: {error}.") from None
    numbers, undone = list_unfinished(services.engine)
    named = ", ".join(map(str, numbers)) or "none"
    click.echo(f"Restored. Incidents that are open and will be paged: {named}.")
    click.echo(f"Steps undone: {undone}. New incidents are numbered {AHEAD} further on.")


# `doctor`: whether the line would work, and what to do where it would not.


@click.command("doctor", cls=Task, example="doctor")
@json_wanted
def doctor(as_json: bool) -> None:
    """Check every part of the line. A line that would not work exits with 1."""
    failed = False
    for verdict in _round():
        failed |= verdict.state is CheckState.FAIL
        if as_json:
            objects([asdict(verdict)])
        else:
            click.echo(f"{verdict.state:<4}  {verdict.check}: {verdict.message}")
    if failed:
        raise click.exceptions.Exit(1)


def _round() -> Iterator[CheckResult]:
    try:
        services = open_services()
    except SettingsError as error:
        yield fail("settings", str(error))
        return
    yield from run_checks(services)
