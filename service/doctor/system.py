"""Checks of the installation, from its processes and disk to its public address."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

import requests
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from carrier.client import CarrierClient
from carrier.fallback import UNKNOWN_LINE, read_fallback
from carrier.outbound import request
from routing.line import Channel, Line
from routing.notify.channels import channels_of
from routing.recording import Recording, RecordingState, Transcription
from service.bootstrap import Services, build_carrier_account
from service.channels import SENDERS, build_senders
from service.channels.sender import DeliveryError, Sender
from service.doctor.verdict import CheckResult, fail, ok, warn
from service.fallback import StaticFallback, build_documents, build_fallback_line
from service.health import (
    LOW_DISK_BYTES,
    MAILBOX_BEAT,
    MIGRATE_COMMAND,
    Health,
    ServerState,
    find_data_folders,
    find_resting,
    find_zone_data,
    free_bytes,
)
from service.speech import build_transcriber
from service.webhook_requests import SecretError, check_secret
from settings import Settings, find_file_with_secrets
from settings.checks import MAKE_KEY
from store.db.backup import last_backup
from store.log.received_mails import MailState, ReceivedMails
from store.log.recordings import MediaFiles, RecordingStore
from store.work.metrics import Heartbeats
from store.work.webhooks import WebhookLog

FRESH_SECONDS = 10.0
"""Seconds; a process sends a heartbeat every two."""

LATE_SECONDS = 5.0
"""Seconds that a job may be overdue before ``doctor`` warns."""


def check_processes(condition: Health) -> Iterator[CheckResult]:
    """Report the health of database, Redis, worker and clock."""
    yield _check_database(condition["database"])
    if condition["redis"] is ServerState.OK:
        yield ok("redis", "accepts writes")
    else:
        yield warn(
            "redis",
            "is away or accepts no writes, so workers look in the database instead: "
            "check REDIS_URL (is it a replica, is its disk full?)",
        )
    if not condition["ready"]:
        return
    if _is_fresh(condition["worker_seen_s"]):
        yield ok("worker", "is running")
    else:
        yield warn("worker", "sends no heartbeat: start the worker of the Procfile")
    if _is_fresh(condition["clock_seen_s"]):
        yield ok("clock", "is running")
    else:
        yield fail("clock", "sends no heartbeat: start the clock of the Procfile")
    yield _check_due_jobs(condition["oldest_due_s"])


def _check_database(state: ServerState) -> CheckResult:
    match state:
        case ServerState.OK:
            return ok("database", "answers, and its schema is up to date")
        case ServerState.AWAY:
            return fail("database", "does not answer: check DATABASE_URL, and that it runs")
        case ServerState.NOT_WRITABLE:
            return fail("database", "is read-only: is its disk full, or is it a standby?")
        case ServerState.NOT_MIGRATED:
            return fail("database", f"its schema is out of date: run {MIGRATE_COMMAND}")
        case _:
            assert_never(state)


def _is_fresh(seconds: float | None) -> bool:
    return seconds is not None and seconds < FRESH_SECONDS


def _check_due_jobs(seconds: float | None) -> CheckResult:
    if seconds is None or seconds < LATE_SECONDS:
        return ok("due work", "nothing is overdue")
    return warn("due work", f"the oldest is {seconds:.0f} s overdue: see the log of the workers")


# The two fallbacks: the file on this host, and the documents on another.


FALLBACK_FILE_CHECK = "fallback file"
STATIC_FALLBACK_CHECK = "static fallback"
MAX_UPLOAD_AGE = dt.timedelta(minutes=30)


def check_fallback_file(path: Path, lines: Sequence[Line], at: dt.datetime) -> CheckResult:
    """Check that the file exists and names the engineers on call now."""
    found = list(read_fallback(path))
    if found == [UNKNOWN_LINE]:
        return warn(
            FALLBACK_FILE_CHECK,
            f"{path} is missing or broken: run priority-line apply line.yaml",
        )
    if found != [build_fallback_line(line, at) for line in lines]:
        return warn(
            FALLBACK_FILE_CHECK,
            f"{path} does not ring the engineers on call now: run priority-line apply line.yaml",
        )
    return ok(FALLBACK_FILE_CHECK, f"{path} rings the engineers on call now, then the last resort")


def check_static_fallback(
    services: Services, lines: Sequence[Line], at: dt.datetime
) -> Iterator[CheckResult]:
    """Check that another host has the current documents, and their age."""
    settings = services.settings
    if settings.fallback_put_url is None:
        off = "is off: without FALLBACK_PUT_URL no other host answers while this one is away"
        yield ok(STATIC_FALLBACK_CHECK, off)
        return
    post = StaticFallback(services.engine, settings)
    for line in lines:
        age = post.age(line, build_documents(line, lines, settings, at), at, MAX_UPLOAD_AGE)
        if age is None:
            late = f"has not had the engineers on call now for {_format_minutes(MAX_UPLOAD_AGE)}"
            yield warn(
                STATIC_FALLBACK_CHECK, f"{line.id}: {late}: run priority-line fallback --put"
            )
        else:
            yield ok(
                STATIC_FALLBACK_CHECK,
                f"{line.id}: rings the engineers on call now; uploaded {_format_minutes(age)} ago",
            )


def _format_minutes(length: dt.timedelta) -> str:
    return f"{length // dt.timedelta(minutes=1)} min"


# Recordings: where they are stored, and those that are not stored yet.


RECORDINGS_CHECK = "recordings"
RECORDING_GRACE = dt.timedelta(hours=1)


def check_media_folder(media: MediaFiles) -> CheckResult:
    """Check that recordings can be stored on this host."""
    try:
        free = media.free_bytes()
    except OSError as error:
        why = f"{media.folder} is not writable ({error.strerror})"
        return warn("media", f"{why}, so recordings stay at the carrier: see MEDIA_DIR")
    left = f"{free / 1e9:.1f} GB are free in {media.folder}"
    if free < LOW_DISK_BYTES:
        return warn("media", f"only {left}: free some, or recordings stay at the carrier")
    return ok("media", left)


def check_recordings(store: RecordingStore, at: dt.datetime) -> Iterator[CheckResult]:
    """Report recordings not fetched within an hour, or stored and not deleted at the carrier."""
    late = store.recordings.find_unsettled(at - RECORDING_GRACE)
    waiting = [recording for recording in late if recording.state is RecordingState.WAITING]
    if waiting:
        yield warn(
            RECORDINGS_CHECK,
            f"{_describe_recordings(waiting, at)} not fetched: see the log of the workers",
        )
    if doubled := [recording for recording in late if recording.state is RecordingState.KEPT]:
        yield warn(
            RECORDINGS_CHECK,
            f"{_describe_recordings(doubled, at)} stored, but not deleted at the carrier: "
            "see the log of the workers",
        )
    if not late:
        yield ok(RECORDINGS_CHECK, "none has been waiting for more than an hour")


def _describe_recordings(recordings: Sequence[Recording], at: dt.datetime) -> str:
    hours = int((at - recordings[0].made_at) / dt.timedelta(hours=1))
    return f"{len(recordings)}, the oldest {hours} h old:"


TRANSCRIPTION_CHECK = "transcription"


def check_transcription(settings: Settings, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Load the model of each language whose recordings this machine should turn into words."""
    wanted = {
        language
        for line in lines
        if line.transcribe is Transcription.LOCAL
        for language in line.languages
    }
    if not wanted:
        return
    transcriber = build_transcriber(settings)
    if transcriber is None:
        why = "a line has `transcribe: local`, and SPEECH_ENGINE is not set on this machine"
        yield warn(TRANSCRIPTION_CHECK, f"{why}: recordings get no words unless a worker has it")
        return
    faults = {language: transcriber.find_fault(language) for language in sorted(wanted)}
    for language, fault in faults.items():
        if fault is not None:
            yield warn(TRANSCRIPTION_CHECK, f"{language}: {fault}: these recordings get no words")
    if good := [language for language, fault in faults.items() if fault is None]:
        yield ok(TRANSCRIPTION_CHECK, f"{transcriber.engine} understands {', '.join(good)}")


# Outgoing webhooks.


WEBHOOKS_CHECK = "webhooks"
WEBHOOK_LATE_AFTER = dt.timedelta(minutes=5)
GIVEN_UP_WINDOW = dt.timedelta(days=1)
SEE_WEBHOOKS = "see priority-line webhooks"


def check_webhooks(engine: Engine, lines: Sequence[Line], at: dt.datetime) -> Iterator[CheckResult]:
    """Check the secret of each webhook, and that deliveries are on time."""
    for line in lines:
        if line.webhooks:
            yield from list(_find_webhook_problems(engine, line, at)) or [
                ok(WEBHOOKS_CHECK, f"{line.id}: no delivery is late")
            ]


def _find_webhook_problems(engine: Engine, line: Line, at: dt.datetime) -> Iterator[CheckResult]:
    for hook in line.webhooks:
        try:
            check_secret(hook)
        except SecretError as error:
            yield warn(WEBHOOKS_CHECK, f"{line.id}, {hook.id}: {error}, so nothing is sent")
    outbox = WebhookLog(engine)
    lost, since = (
        outbox.count_given_up(line.id, at - GIVEN_UP_WINDOW),
        outbox.find_oldest_waiting(line.id),
    )
    if lost:
        yield warn(
            WEBHOOKS_CHECK,
            f"{line.id}: {lost} given up in the last day: {SEE_WEBHOOKS}, then webhooks again",
        )
    if since is not None and at - since > WEBHOOK_LATE_AFTER:
        yield warn(
            WEBHOOKS_CHECK,
            f"{line.id}: a delivery waits since {since:%Y-%m-%d %H:%M} UTC: {SEE_WEBHOOKS}",
        )


# Mails from customers.


MAILBOX_CHECK = "mailbox"
MAILBOX_SILENT_AFTER = dt.timedelta(minutes=3)
MAIL_LATE_AFTER = dt.timedelta(minutes=5)
MAIL_WINDOW = dt.timedelta(days=1)
LEFT_TO_PEOPLE = (MailState.HELD, MailState.UNREADABLE)


def check_mailbox(services: Services, at: dt.datetime) -> Iterator[CheckResult]:
    """Check that mails come in, that their senders can be proven, and that none waits."""
    if services.settings.mailbox_address is None:
        yield ok(MAILBOX_CHECK, "is off: neither MAILBOX_URL nor MAIL_FORM_KEY is set")
        return
    yield from list(_find_mail_problems(services, at)) or [
        ok(MAILBOX_CHECK, f"mails to {services.settings.mailbox_address} come in")
    ]


def _find_mail_problems(services: Services, at: dt.datetime) -> Iterator[CheckResult]:
    settings, mails = services.settings, ReceivedMails(services.engine)
    if settings.mail_form_key is not None and settings.mail_form_trusts is None:
        yield warn(MAILBOX_CHECK, "senders by the form are unverified: set MAIL_FORM_TRUSTS")
    if settings.mailbox_url is not None:
        if settings.mailbox_trusts is None:
            yield warn(MAILBOX_CHECK, "every sender is unverified: set MAILBOX_TRUSTS")
        seen = Heartbeats(services.engine).last(MAILBOX_BEAT)
        if seen is None or at - seen > MAILBOX_SILENT_AFTER:
            yield warn(MAILBOX_CHECK, "is not read: see MAILBOX_URL, and the log of the clock")
    waiting, since = mails.count_waiting()
    if since is not None and at - since > MAIL_LATE_AFTER:
        yield warn(MAILBOX_CHECK, f"{waiting} mails wait to be read: see the log of the clock")
    states = mails.count_by_state(at - MAIL_WINDOW)
    if left := sum(states.get(state, 0) for state in LEFT_TO_PEOPLE):
        yield warn(MAILBOX_CHECK, f"{left} mails of the last day wait for people: see the console")


# Free disk space.


DISK_CHECK = "disk"
NO_DISK_BYTES = 1000 * 1000
"""Bytes; the next few calls use up less."""


def check_disk(services: Services) -> Iterator[CheckResult]:
    """Check the folders of the database and the fallback file."""
    for part, folder in find_data_folders(services).items():
        if part != "messages":
            yield _check_folder(part, str(folder), free_bytes(folder))


def _check_folder(part: str, folder: str, left: int) -> CheckResult:
    free = f"{left / 1e9:.1f} GB are free in {folder}, where the {part} is"
    if left < NO_DISK_BYTES:
        return fail(DISK_CHECK, f"{free}: nothing can be written; free some now")
    if left < LOW_DISK_BYTES:
        return warn(DISK_CHECK, f"only {free}: free some before it is full")
    return ok(DISK_CHECK, free)


# Backups.


BACKUPS_CHECK = "backup"
MAX_BACKUP_AGE = dt.timedelta(days=2)
BACKUP_COMMAND = "priority-line backup FILE"


def check_backups(engine: Engine, at: dt.datetime) -> CheckResult:
    """Check the age of the last backup; an installation with backups of its own gets no warning."""
    last = last_backup(engine)
    if last is None:
        return ok(
            BACKUPS_CHECK,
            f"{BACKUP_COMMAND} made none: check that your own backups can be restored",
        )
    age = at - last
    if age > MAX_BACKUP_AGE:
        return warn(
            BACKUPS_CHECK,
            f"the last was made {age.days} days ago: run {BACKUP_COMMAND} and find out why",
        )
    return ok(BACKUPS_CHECK, f"the last was made {age.total_seconds() / 3600:.0f} h ago")


# The channels that notices are sent on.


def check_channels(services: Services, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Check that each channel is set up where a line needs it, and that its service accepts us."""
    settings = services.settings
    telephone = CarrierClient(build_carrier_account(settings))
    senders = build_senders(settings, telephone, services.urls)
    for channel, kind in SENDERS.items():
        if channel in senders:
            yield from _probe(senders[channel])
        else:
            yield _report_off(channel, kind, lines)


def _probe(sender: Sender) -> Iterator[CheckResult]:
    try:
        how = sender.probe()
    except DeliveryError as error:
        yield warn(sender.check, f"{error}; see {sender.setting}")
        return
    if how:
        yield ok(sender.check, how)


def _report_off(channel: Channel, kind: type[Sender], lines: Sequence[Line]) -> CheckResult:
    needed = [line.id for line in lines if channel in channels_of(line)]
    if needed:
        cure = f"set {kind.setting}"
        return warn(kind.check, f"is off, and line {needed[0]} sends {kind.check}: {cure}")
    return ok(kind.check, f"is off: {kind.setting} is not set, and no line needs it")


# File permissions.


def check_file_permissions(settings: Settings) -> CheckResult:
    """Check the database file, the fallback file and the recordings, which hold personal data, and
    a `.env` with secrets."""
    kept = [settings.fallback_file, settings.media_dir]
    database = make_url(settings.database_url)
    if database.get_backend_name() == "sqlite" and database.database:
        kept.append(Path(database.database))
    if (secrets := find_file_with_secrets()) is not None:
        kept.append(secrets)
    bare = [path for path in kept if _is_open(path, stat.S_IROTH)]
    bare = [path for path in bare if _is_open(path.parent, stat.S_IXOTH)]  # it need not be listed
    if bare:
        named = " ".join(str(path) for path in bare)
        return warn("files", f"any user of this host can read them: run chmod o= {named}")
    return ok("files", "other users of this host cannot read them")


def _is_open(path: Path, to_others: int) -> bool:
    """True when a file or folder has this permission for any user of the host; False when it does
    not exist."""
    try:
        return bool(path.stat().st_mode & to_others)
    except OSError:
        return False


# Keys.


SHORTEST_SAFE_KEY = 32


def check_keys(settings: Settings) -> CheckResult:
    """Check the keys that protect PINs from a person who has only the database."""
    keys = {"SECRET_KEY": settings.secret_key, "PIN_PEPPER": settings.pin_pepper}
    short = [name for name, key in keys.items() if len(key) < SHORTEST_SAFE_KEY]
    if not short:
        return ok("keys", "are long enough to protect PINs and links")
    return warn(
        "keys",
        f"{' and '.join(short)}: fewer than {SHORTEST_SAFE_KEY} characters can be guessed by a "
        f"person who has the database, and then every PIN; {MAKE_KEY}",
    )


# Time zone data.


def check_zone_data(engine: Engine, now: dt.datetime) -> CheckResult:
    """Check that all hosts use the same zone data."""
    known = find_zone_data(Heartbeats(engine), now)
    if len(known) == 1:
        return ok("zone data", f"tzdata {next(iter(known))} on every host")
    versions = "; ".join(f"{each} on {', '.join(sorted(known[each]))}" for each in sorted(known))
    return warn(
        "zone data",
        f"hosts differ, so they may compute different schedules: {versions}; install one release",
    )


# The public address.


WEB_TIMEOUT = 3.0


def check_web(public_url: str) -> CheckResult:
    """Request our own public URL; it may be reachable from outside even if it is not from here."""
    try:
        with request("our own address", WEB_TIMEOUT, "GET", f"{public_url}/healthz") as answer:
            status = answer.status_code
    except requests.RequestException:
        return warn("web", f"PUBLIC_URL {public_url} does not answer from here")
    if status != requests.codes.ok:
        return warn("web", f"another program answers at PUBLIC_URL {public_url}")
    return ok("web", f"answers at {public_url}")


# Outside services with an open circuit breaker.


def check_outside_services(beats: Heartbeats, now: dt.datetime) -> Iterator[CheckResult]:
    """Report the services that repeatedly ran into their deadline."""
    slow = find_resting(beats, now)
    for service in slow:
        yield warn("services", f"{service} does not answer in time, so it is asked less often")
    if not slow:
        yield ok("services", "all answer in time")
