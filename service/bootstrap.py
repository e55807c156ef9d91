"""Builds the services of one process from its settings."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from logging import WARNING
from pathlib import Path

from sqlalchemy import Engine

from carrier import twiml
from carrier.client import CarrierAccount
from carrier.company import COMPANIES, SIGNALWIRE, TELNYX, TWILIO, CarrierCompany, Proof
from carrier.prompts.sources import PromptsError
from carrier.signature import (
    SignatureCheck,
    WebhookProof,
    build_ed25519_check,
    read_public_key,
)
from carrier.urls import WebhookUrls
from config.holidays import build_holiday_check
from routing.call_service import CallService
from routing.ports import JobNotifier
from service import logging
from service.channels import find_set_up
from service.portal import PortalAccess, PortalProofs
from service.signed_urls import AcknowledgeLinks, RecordingUrls
from service.telemetry import start_telemetry, trace_statements
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
    company: CarrierCompany
    signature_check: WebhookProof
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
    start_telemetry(settings)
    notifier = RqJobNotifier(connect_fail_fast(settings.redis_url), settings.installation)
    return build_services(settings, notifier)


def build_services(
    settings: Settings, notifier: JobNotifier, clock: Callable[[], dt.datetime] = now
) -> Services:
    """Build the services; connects to neither the database nor Redis yet. Raises SettingsError."""
    use_prompts(settings.prompts_dir)
    company = find_company(settings)
    engine = open_engine(settings.database_url)
    trace_statements(engine)
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
        urls=WebhookUrls(settings.public_url, recording_urls.sign_id, company.retries),
        company=company,
        signature_check=build_signature_check(settings, clock),
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


def find_company(settings: Settings) -> CarrierCompany:
    """The telephone company of these settings. Raises SettingsError for a setting that it does not
    have, and for one that it cannot do without."""
    company = COMPANIES[settings.carrier]
    wrong = next(_find_wrong_settings(settings, company), None)
    if wrong is not None:
        raise SettingsError(wrong)
    return company


def _find_wrong_settings(settings: Settings, company: CarrierCompany) -> Iterator[str]:
    """Sentences about settings that do not go with the company."""
    name = company.name
    if company is TWILIO:
        if settings.carrier_signing_key:
            yield "CARRIER_SIGNING_KEY is of no use: Twilio signs with TWILIO_AUTH_TOKEN."
        return
    if not settings.carrier_signing_key:
        yield f"CARRIER_SIGNING_KEY is missing: {name} signs webhooks with it, not with the token."
    if settings.twilio_shared_key or settings.twilio_shared_key_previous:
        yield f"TWILIO_SHARED_KEY is of no use: {name} has no shared keys that sign with SHA-256."
    if settings.twilio_pci_mode == "on":
        yield f"TWILIO_PCI_MODE is wrong: {name} has no PCI mode, and may store keyed digits."
    if company is SIGNALWIRE and settings.twilio_api_url == TWILIO.api_url:
        yield f"TWILIO_API_URL is missing: that of {name} is like {company.api_url}."
    if company is TELNYX and settings.twilio_api_key:
        yield f"TWILIO_API_KEY is of no use: put the API key of {name} into TWILIO_AUTH_TOKEN."
    if company is TELNYX and not settings.carrier_application:
        yield f"CARRIER_APPLICATION is missing: {name} places calls for a TeXML application only."


def build_signature_check(
    settings: Settings, clock: Callable[[], dt.datetime] = now
) -> WebhookProof:
    """Build the check of the carrier's signatures. Raises SettingsError.

    A shared key switches the account's tokens off: a stolen token must open nothing. A previous
    key alone accepts both, for the change from tokens to a key.
    """
    company = COMPANIES[settings.carrier]
    given = _list_given(settings.carrier_signing_key, settings.carrier_signing_key_previous)
    if company.proof is Proof.ED25519:
        try:
            public = [read_public_key(one) for one in given]
        except ValueError as error:
            raise SettingsError(f"CARRIER_SIGNING_KEY is wrong: {error}.") from None
        return build_ed25519_check(public, settings.secret_key, clock)
    if company.proof is Proof.SIGNING_KEY:
        return SignatureCheck(settings.public_url, given, header=company.signature_header)
    keys = _list_given(settings.twilio_shared_key, settings.twilio_shared_key_previous)
    tokens = _list_given(settings.twilio_auth_token, settings.twilio_auth_token_previous)
    if settings.twilio_shared_key:
        tokens = []
    return SignatureCheck(settings.public_url, tokens, keys)


def _list_given(*secrets: str | None) -> list[str]:
    return [one for one in secrets if one]


def build_carrier_account(settings: Settings) -> CarrierAccount:
    """The credentials of our account at the carrier."""
    company, api_url = COMPANIES[settings.carrier], settings.twilio_api_url
    if api_url == TWILIO.api_url:
        api_url = company.api_url
    return CarrierAccount(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token,
        api_key=settings.twilio_api_key,
        api_secret=settings.twilio_api_secret,
        api_url=api_url,
        company=company,
        application=settings.carrier_application,
    )


def restrict_umask() -> None:
    """Deny other users access to new files and folders; the bits of the group stay as they are."""
    os.umask(os.umask(stat.S_IRWXG | stat.S_IRWXO) | stat.S_IRWXO)
