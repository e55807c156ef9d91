"""Builds the services of one process from its settings."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from logging import WARNING
from pathlib import Path

from sqlalchemy import Engine

from carrier import twiml
from carrier.client import CarrierAccount
from carrier.prompts.sources import PromptsError
from carrier.signature import SignatureCheck
from carrier.urls import WebhookUrls
from config.holidays import build_holiday_check
from routing.call_service import CallService
from routing.ports import JobNotifier
from service import logging
from service.channels import find_set_up
from service.portal import PortalAccess, PortalProofs
from service.signed_urls import AcknowledgeLinks, RecordingUrls
from settings import Settings, SettingsError, read_settings
from store.db.engine import open_engine
from store.log.call_repository import SqlCallRepository
from store.log.recordings import MediaFiles, RecordingStore
from store.people.hashing import Argon2PinVerifier
from store.people.lines import SqlLineRepository
from store.work.redis_client import RqJobNotifier, connect_fail_fast


def now() -> dt.datetime:
    """The current time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def count_cores() -> int:
    """The processor cores that this process may use, or all where only Linux could say it."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


@dataclass(frozen=True)
class Services:
    """The services of one process; ``lines`` caches the lines, so each process needs only one."""

    settings: Settings
    engine: Engine
    lines: SqlLineRepository
    call_service: CallService
    urls: WebhookUrls
    signature_check: SignatureCheck
    recording_urls: RecordingUrls
    acknowledge_links: AcknowledgeLinks
    recordings: RecordingStore
    portal: PortalAccess


def start_services(settings: Settings | None = None) -> Services:
    """Prepare this process, for the web or a command, and build its services.

    Raises SettingsError.
    """
    settings = settings or read_settings()
    restrict_umask()
    logging.start_logging(WARNING)
    notifier = RqJobNotifier(connect_fail_fast(settings.redis_url), settings.installation)
    return build_services(settings, notifier)


def build_services(
    settings: Settings, notifier: JobNotifier, clock: Callable[[], dt.datetime] = now
) -> Services:
    """Build the services; connects to neither the database nor Redis yet. Raises SettingsError."""
    use_prompts(settings.prompts_dir)
    engine = open_engine(settings.database_url)
    calls, lines = SqlCallRepository(engine), SqlLineRepository(engine)
    call_service = CallService(
        calls=calls,
        lines=lines,
        pins=Argon2PinVerifier(settings.pin_pepper),
        notifier=notifier,
        clock=clock,
        seed=lambda: secrets.token_bytes(32),
        calendar=build_holiday_check,
        channels=find_set_up(settings),
        on_saved=logging.log_decision,
    )
    recording_urls = RecordingUrls(settings.secret_key)
    return Services(
        settings=settings,
        engine=engine,
        lines=lines,
        call_service=call_service,
        urls=WebhookUrls(settings.public_url, recording_urls.sign_id),
        signature_check=build_signature_check(settings),
        recording_urls=recording_urls,
        acknowledge_links=AcknowledgeLinks(settings.public_url, settings.secret_key),
        recordings=RecordingStore(calls.recordings, MediaFiles(settings.media_dir)),
        portal=PortalAccess(engine, lines, PortalProofs(settings.secret_key), settings.public_url),
    )


def use_prompts(folder: Path | None) -> None:
    """Use the operator's own prompts in this process. Raises SettingsError."""
    try:
        twiml.use_prompts(folder)
    except PromptsError as error:
        raise SettingsError(f"PROMPTS_DIR cannot be used: {error}.") from None


def build_signature_check(settings: Settings) -> SignatureCheck:
    """Build the check of the carrier's signatures.

    A shared key switches the account's tokens off: a stolen token must open nothing. A previous
    key alone accepts both, for the change from tokens to a key.
    """
    keys = [settings.twilio_shared_key, settings.twilio_shared_key_previous]
    tokens = [settings.twilio_auth_token, settings.twilio_auth_token_previous]
    if settings.twilio_shared_key:
        tokens = []
    return SignatureCheck(
        settings.public_url, [one for one in tokens if one], [one for one in keys if one]
    )


def build_carrier_account(settings: Settings) -> CarrierAccount:
    """The credentials of our account at the carrier."""
    return CarrierAccount(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token,
        api_key=settings.twilio_api_key,
        api_secret=settings.twilio_api_secret,
        api_url=settings.twilio_api_url,
    )


def restrict_umask() -> None:
    """Deny other users access to new files and folders; the bits of the group stay as they are."""
    os.umask(os.umask(stat.S_IRWXG | stat.S_IRWXO) | stat.S_IRWXO)
