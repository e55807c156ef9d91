"""Checks of the account at the carrier: balance, countries, regions, numbers and signatures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import phonenumbers
from sqlalchemy import Engine

from carrier.account import (
    AccountLimits,
    NumberWebhook,
    find_region,
    list_sms_webhooks,
    list_voice_webhooks,
)
from carrier.client import CarrierClient, NotDoneError, RefusedError, UnsureError
from carrier.company import COMPANIES, TWILIO, Need, Proof, find_unmet_needs
from carrier.signature import ED25519, HMAC_SHA1, HMAC_SHA256
from routing.line import Channel, Line
from routing.notify.channels import channels_of
from routing.notify.replying import list_text_numbers
from routing.oncall.local_time import format_local
from service.bootstrap import build_carrier_account
from service.counters import SIGNATURES
from service.doctor.verdict import CheckResult, fail, ok, warn
from service.fallback import carrier_fallback_url
from settings import Settings
from store.log.callouts import find_refused_numbers
from store.work.metrics import Heartbeats

LOW_BALANCE = 20
"""Units of the account's currency; enough for some hours of calls."""


def check_account_limits(settings: Settings, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Check the balance, the permitted countries, the region and the logging of keyed digits."""
    limits, company = AccountLimits(build_carrier_account(settings)), COMPANIES[settings.carrier]
    try:
        yield from _check_balance(limits)
        if Need.TERMS in company.lacks:
            yield ok("countries", company.lacks[Need.TERMS])
        else:
            yield from _check_countries(limits, lines)
            yield from _check_regions(limits, settings, lines)
    except (NotDoneError, UnsureError) as error:
        yield warn("carrier terms", f"the carrier does not answer ({error}): try again")
    finally:
        limits.close()
    yield _check_keyed_digits(settings)


def _check_balance(limits: AccountLimits) -> Iterator[CheckResult]:
    left = limits.balance()
    if left is None:
        yield ok("balance", "this account or key may not read it: see the carrier's console")
    elif left.amount < LOW_BALANCE:
        low = f"only {left.amount:.2f} {left.currency} left"
        yield warn("balance", f"{low}: top it up, because without it no phone is rung")
    else:
        yield ok("balance", f"{left.amount:.2f} {left.currency} left")


def _check_countries(limits: AccountLimits, lines: Sequence[Line]) -> Iterator[CheckResult]:
    barred = [
        country for country in _find_phone_countries(lines) if limits.may_ring(country) is False
    ]
    for country in barred:
        cure = f"allow {country} in the carrier's geographic permissions"
        yield warn("countries", f"the account may not call numbers of {country}: {cure}")
    if not barred:
        yield ok("countries", "the account may call all countries of the lines")


def _check_regions(
    limits: AccountLimits, settings: Settings, lines: Sequence[Line]
) -> Iterator[CheckResult]:
    ours = find_region(settings.twilio_api_url)
    for line in lines:
        theirs = limits.region_of(line.number)
        if theirs is not None and theirs != ours:
            where = (
                f"calls to {line.number} are processed in {theirs}, but TWILIO_API_URL is {ours}"
            )
            yield warn("region", f"{where}: set it to the interface of {theirs}")


def _check_keyed_digits(settings: Settings) -> CheckResult:
    if settings.twilio_pci_mode == "on":
        return ok("keyed digits", "the carrier does not store them: TWILIO_PCI_MODE is on")
    company = COMPANIES[settings.carrier]
    if company is not TWILIO:
        known = f"{company.name} does not say for how long it keeps the digits of a caller"
        return warn("keyed digits", f"{known}: ask it, because PINs are among them")
    kept = "the carrier stores PINs and contract numbers in its logs for a month"
    return warn("keyed digits", f"{kept}: turn on its PCI mode, then set TWILIO_PCI_MODE=on")


def _find_phone_countries(lines: Sequence[Line]) -> list[str]:
    """The countries of the phones that the lines ring."""
    phones = {
        phone
        for line in lines
        for phone in (*line.last_resort, *(p for one in line.engineers for p in one.phones))
    }
    codes = {phonenumbers.region_code_for_number(phonenumbers.parse(phone)) for phone in phones}
    return sorted(code for code in codes if code)


# The numbers of the lines at the carrier: ownership, capabilities and webhooks.


PROVISION_COMMAND = "priority-line provision"


def check_numbers(settings: Settings, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Check the number that customers call, and the one that engineers text."""
    company, ours = COMPANIES[settings.carrier], settings.public_url
    if Need.NUMBERS in company.lacks:
        why = company.lacks[Need.NUMBERS]
        yield ok("numbers", f"are not looked at: {why}; {PROVISION_COMMAND} says what to set there")
        return
    client = CarrierClient(build_carrier_account(settings))
    texts = list_sms_webhooks(ours)
    for line in lines:
        calls = list_voice_webhooks(ours, carrier_fallback_url(line, lines, settings))
        yield from _check_number(client, line.number, "voice", calls, ours)
        if Channel.SMS in channels_of(line):
            for number in list_text_numbers(line)[:1]:
                yield from _check_number(client, number, "sms", texts, ours)


_MISSING = {"voice": fail, "sms": warn}
"""By capability: how bad it is that a number lacks it."""


def _check_number(
    client: CarrierClient, number: str, ability: str, points: Sequence[NumberWebhook], ours: str
) -> Iterator[CheckResult]:
    missing = _MISSING[ability]
    check = f"{ability}, {number}"
    try:
        found = client.number(number)
    except (RefusedError, NotDoneError, UnsureError) as error:
        yield warn(check, f"the carrier does not answer ({error}): try again")
        return
    if found is None:
        yield missing(check, "does not belong to this account: buy it, or correct the line's file")
        return
    if not (found.capabilities or {}).get(ability):
        yield missing(check, f"lacks the capability {ability}: use another number")
    astray = [
        _report_wrong_webhook(check, pointer) for pointer in points if not pointer.is_set_on(found)
    ]
    yield from astray or [ok(check, f"belongs to this account and points at {ours}")]


def _report_wrong_webhook(check: str, pointer: NumberWebhook) -> CheckResult:
    """Report a webhook that leads elsewhere; only that of calls stops the line."""
    to = f"{pointer.method} {pointer.address}"
    cure = f'set "{pointer.label}" ({pointer.field}) to {to}, or run {PROVISION_COMMAND}'
    if pointer.field == "voice_url":
        return fail(check, cure)
    return warn(check, cure)


# Signatures of the carrier's webhooks.


SIGNATURES_CHECK = "signatures"
ALGORITHM_NAMES = {
    HMAC_SHA1: "the account's token (SHA-1)",
    HMAC_SHA256: "a shared key (SHA-256)",
    ED25519: "its private key (Ed25519)",
}


def check_signing(engine: Engine, settings: Settings, zone: str) -> CheckResult:
    """Check how the newest accepted webhook was signed."""
    newest = Heartbeats(engine).newest(SIGNATURES)
    if newest is None:
        return ok(
            SIGNATURES_CHECK, f"no webhook has come yet; accepted: {_describe_accepted(settings)}"
        )
    algorithm, at = newest
    seen = f"the carrier signed with {ALGORITHM_NAMES[algorithm]} at {format_local(at, zone)}"
    if settings.twilio_shared_key and algorithm == HMAC_SHA1:
        cure = "only a shared key is accepted now: switch the carrier to it, or remove the key"
        return warn(SIGNATURES_CHECK, f"{seen}, before TWILIO_SHARED_KEY was set; {cure}")
    if settings.twilio_shared_key_previous and not settings.twilio_shared_key:
        cure = "once the carrier signs with the key, make it TWILIO_SHARED_KEY"
        return warn(SIGNATURES_CHECK, f"{seen}; the account's token still counts: {cure}")
    return ok(SIGNATURES_CHECK, f"{seen}; accepted: {_describe_accepted(settings)}")


def _describe_accepted(settings: Settings) -> str:
    proof = COMPANIES[settings.carrier].proof
    if proof is not Proof.ACCOUNT_TOKEN:
        return str(proof)
    if settings.twilio_shared_key:
        return ALGORITHM_NAMES[HMAC_SHA256]
    if settings.twilio_shared_key_previous:
        return f"{ALGORITHM_NAMES[HMAC_SHA256]} and {ALGORITHM_NAMES[HMAC_SHA1]}"
    return ALGORITHM_NAMES[HMAC_SHA1]


# Numbers of the line's file that the carrier refused to ring.


REFUSALS_CHECK = "numbers refused"
LOOK_BACK = dt.timedelta(days=30)


def check_refused_numbers(
    engine: Engine, lines: Sequence[Line], at: dt.datetime
) -> Iterator[CheckResult]:
    """Report refusals of the last 30 days for numbers that are still in the file."""
    found = [verdict for line in lines for verdict in _find_refused_numbers(engine, line, at)]
    yield from found or [ok(REFUSALS_CHECK, "none in the last 30 days")]


def _find_refused_numbers(engine: Engine, line: Line, at: dt.datetime) -> Iterator[CheckResult]:
    written = {*line.last_resort, *(phone for one in line.engineers for phone in one.phones)}
    for one in find_refused_numbers(engine, line.id, at - LOOK_BACK):
        if one.number in written:
            when = format_local(one.at, line.timezone)
            number = f"{one.number} of {one.engineer}"
            if one.channel is Channel.SMS:
                number = f"a text to {number}"
            cure = "correct it in the line's file, or allow its country at the carrier"
            refusal = f"{number} was refused by the carrier with {one.code}"
            yield warn(REFUSALS_CHECK, f"{refusal} on {when}: {cure}")


# What the lines need of the telephone company.


COMPANY_CHECK = "telephone company"


def check_company(settings: Settings, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Check that the company can do what the lines need, and say how well it was tried."""
    company = COMPANIES[settings.carrier]
    unmet = [
        fail(COMPANY_CHECK, f"line {line.id}, {field}: {sentence}")
        for line in lines
        for field, sentence in find_unmet_needs(line, company)
    ]
    yield from unmet
    if company is not TWILIO and not unmet:
        tried = f"{company.name} was tried against its documents only: make calls of every kind"
        yield warn(COMPANY_CHECK, f"{tried} before you rely on it (docs/configure/carriers.md)")


# The account at the carrier.


ACCOUNT_CHECK = "carrier account"
ACTIVE_STATE = "active"


def check_account(settings: Settings) -> CheckResult:
    """Check that the carrier accepts our credentials and that the account is active."""
    account = build_carrier_account(settings)
    try:
        state = CarrierClient(account).account()
    except RefusedError as error:
        wrong = f"is refused ({error.code}): check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
        return fail(ACCOUNT_CHECK, wrong)
    except (NotDoneError, UnsureError) as error:
        return fail(ACCOUNT_CHECK, f"{account.api_url} does not answer ({error}): try again")
    if state != ACTIVE_STATE:
        return fail(
            ACCOUNT_CHECK, f"is {state}, not {ACTIVE_STATE}: the carrier's console says why"
        )
    return ok(ACCOUNT_CHECK, f"is {state}")
