"""Reads ``line.yaml`` into a line and its contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from holidays import list_supported_countries
from phonenumbers import SUPPORTED_REGIONS

from config import contracts as config_contracts
from config import fields, plans, schedules
from config.fields import percent, yes_or_no
from config.reader import (
    SPOKEN,
    Entry,
    Fields,
    FileError,
    FileReading,
    Finding,
    Hasher,
    Items,
    Location,
    ReaderContext,
    Shape,
    WrongField,
    accepts,
    distinct,
    either,
    list_of,
    mapping,
    non_empty,
    one_or_list,
    read_yaml,
    record,
    shape_of,
    transformed,
    word,
)
from routing.contracts import Contract, OpenIdProvider
from routing.contracts.plans import list_default_plans
from routing.line import (
    EVERY_DAY,
    KINDS,
    PROMISED,
    CarrierLimits,
    Channel,
    ContactRule,
    DutyManager,
    Engineer,
    Holidays,
    Hours,
    IncidentHappening,
    Line,
    PinAlarm,
    PinRules,
    Retention,
    UnverifiedRates,
    Voice,
    Webhook,
    WebhookFormat,
)
from routing.notify.channels import CHANNELS
from routing.oncall.hours import LONGEST_QUIET, quiet_until
from routing.phone_numbers import normalise
from routing.recording import CARRIER_LANGUAGE, Transcription
from routing.service_levels import FigureRules
from routing.voice_document import SpeechRules

# Holidays.


def _read_country_or_days(entry: Entry, reading: FileReading) -> Holidays:
    """A country, or fields with days to add and to remove."""
    if isinstance(entry, Fields):
        return _read_corrected(entry, reading)
    return Holidays(_read_country(entry, reading))


@accepts("a country as two capitals, such as NL")
def _read_country(entry: Entry, reading: FileReading) -> str:
    text = word(entry, reading)
    if text not in list_supported_countries():
        raise WrongField("must be a country as two capitals, such as NL")
    return text


_read_corrected = record(
    Holidays, country=_read_country, add=list_of(fields.date), remove=list_of(fields.date)
)
_read_holidays = either(_read_country_or_days, _read_country, _read_corrected)


# The engineers: their phones, contact rules and quiet hours.


_ANY_MONDAY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def _build_rule(by: str, after: dt.timedelta = dt.timedelta(0)) -> ContactRule:
    return ContactRule(Channel(by), after)


def _check_channels_once(rules: tuple[ContactRule, ...]) -> tuple[ContactRule, ...]:
    if len({rule.by for rule in rules}) < len(rules):
        raise WrongField("names a channel twice; `again_after` says when a page is repeated")
    return rules


def _read_hours_or_days(entry: Entry, reading: FileReading) -> Hours:
    """Hours of every day, or hours with days as in office hours."""
    if isinstance(entry, Fields):
        return schedules.weekly(entry, reading)
    return Hours(EVERY_DAY, *fields.hours(entry, reading))


_read_quiet_hours = either(_read_hours_or_days, fields.hours, schedules.weekly)


def _check_quiet(quiet: tuple[Hours, ...]) -> tuple[Hours, ...]:
    somebody = Engineer("", "", (), quiet=quiet)
    if quiet_until(somebody, _ANY_MONDAY, "UTC") == _ANY_MONDAY + LONGEST_QUIET:
        raise WrongField("leaves no hour of the week in which they can be notified")
    return quiet


def _build_manager(
    phone: str | None = None, email: str | None = None, language: str | None = None
) -> DutyManager:
    if phone is None and email is None:
        raise WrongField("must have a phone or an email")
    return DutyManager(phone, email, language)


_rule_for_notices = record(_build_rule, by=fields.one_of(*CHANNELS), after=fields.wait)
duty_manager = record(
    _build_manager, phone=fields.other_phone, email=fields.email, language=fields.spoken
)
engineers = non_empty(
    distinct(
        "id",
        record(
            Engineer,
            id=fields.identifier,
            name=fields.name,
            phones=non_empty(one_or_list(fields.phone)),
            email=fields.email,
            languages=non_empty(list_of(fields.language)),
            contact=transformed(non_empty(one_or_list(_rule_for_notices)), _check_channels_once),
            quiet=transformed(non_empty(one_or_list(_read_quiet_hours)), _check_quiet),
        ),
    )
)


# Outgoing webhooks.


SCHEMES = ("https", "http")
_MAX_URL = 2000
_NEEDS_URL = "must be a complete web address, such as https://tickets.example.org/line"


@accepts("a complete web address, such as https://tickets.example.org/line")
def _read_url(entry: Entry, reading: FileReading) -> str:
    text = word(entry, reading)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # such as https://[, or a port that is no number
        raise WrongField(_NEEDS_URL) from None
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= _MAX_URL
    whole = parts.scheme in SCHEMES and parts.hostname and port != 0 and not parts.fragment
    if not plain or not whole:
        raise WrongField(_NEEDS_URL)
    if parts.username is not None:
        raise WrongField("must not contain a user: the signature identifies the sender")
    return text


def _check_once(on: tuple[IncidentHappening, ...]) -> tuple[IncidentHappening, ...]:
    if len(set(on)) < len(on):
        raise WrongField("names an event twice")
    return on


_secret = fields.matching(
    r"WEBHOOK_[A-Z0-9_]{1,56}",
    "the name of the environment variable with the secret, such as WEBHOOK_TICKETS",
)


def _check_format(hook: Webhook) -> Webhook:
    if hook.content and hook.format is not WebhookFormat.PRIORITY_LINE:
        raise WrongField("sends no content in this format: a chat gets what a text would say")
    address = urlsplit(hook.url)
    if hook.format is WebhookFormat.NTFY and (address.query or not address.path.strip("/")):
        raise WrongField("needs an address that ends with the topic, without ? and what follows")
    return hook


webhooks = distinct(
    "id",
    transformed(
        record(
            Webhook,
            id=fields.identifier,
            url=_read_url,
            secret=_secret,
            on=transformed(
                non_empty(one_or_list(fields.member_of(IncidentHappening))), _check_once
            ),
            content=fields.yes_or_no,
            format=fields.member_of(WebhookFormat),
        ),
        _check_format,
    ),
)


# OpenID providers of customers, for the portal.


openid = distinct(
    "id",
    record(
        OpenIdProvider,
        issuer=transformed(_read_url, lambda url: url.rstrip("/")),
        id=fields.identifier,
        client_id=fields.name,
        client_secret=fields.matching(
            r"OPENID_[A-Z0-9_]{1,57}",
            "the name of the environment variable with the secret, such as OPENID_JANSEN",
        ),
        unverified_emails=fields.yes_or_no,
    ),
)


@dataclass(frozen=True, slots=True)
class LineFile:
    """The content of a line file, and the line of each field."""

    line: Line
    contracts: tuple[Contract, ...]
    lines: Mapping[str, int]

    def line_of(self, field: str) -> int:
        """The line of a field such as ``schedules[0].id``, or of the nearest field around it."""
        while field not in self.lines:
            field = field[: max(field.rfind("."), field.rfind("["), 0)]
        return self.lines[field]


def read_line_file(path: Path, hasher: Hasher, spoken: tuple[str, ...] = SPOKEN) -> LineFile:
    """Read a line file. Raises FileError with all mistakes, and OSError."""
    source = path.read_bytes()
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise FileError([Finding(line, "file", "is not UTF-8; save it as UTF-8")]) from None
    return parse_line_file(text, hasher, spoken)


def parse_line_file(
    text: str,
    hasher: Hasher,
    spoken: tuple[str, ...] = SPOKEN,
    *,
    keeps_pins: bool = False,
) -> LineFile:
    """Read the text of a line file. Raises FileError with all mistakes, in order of lines.

    ``hasher`` hashes a PIN; it is called only while there is no mistake. ``spoken`` are the
    languages that have prompts. With ``keeps_pins`` a contact may have no PIN.
    """
    sheet = read_yaml(text)
    context = ReaderContext(hasher, spoken=spoken, keeps_pins=keeps_pins)
    reading = FileReading(prescan(sheet, context))
    sections = reading.attempt(_sections, sheet)
    if sections is None or reading.findings:
        raise FileError(reading.findings)
    heading, contracts = sections.pop("line"), sections.pop("contracts", ())
    sections["respond_within"] = sections.pop("urgency", PROMISED)
    sections |= sections.pop("message", {})
    named_contacts = heading.pop("named_contacts", None)
    sections["plans"] = plans.complete_plans(sections.get("plans"), named_contacts)
    heading = {"id": "main", "texts_from": heading["number"]} | heading
    heading["names"] = heading.pop("name")
    line = Line(**heading, **sections)
    found = LineFile(line, contracts, MappingProxyType(dict(_index_lines(sheet))))
    if line.transcribe is Transcription.CARRIER and CARRIER_LANGUAGE not in line.languages:
        why = "must be off or local: the carrier understands only English, and no caller speaks it"
        raise FileError([Finding(found.line_of("transcribe"), "transcribe", why)])
    return found


def _index_lines(entry: Entry) -> Iterator[tuple[str, int]]:
    yield entry.location.field, entry.location.line
    if isinstance(entry, Items):
        for item in entry.items:
            yield from _index_lines(item)
    if isinstance(entry, Fields):
        for _, value in entry.fields:
            yield from _index_lines(value)


# How the line sounds.


_music_file = fields.matching(
    r"music/[A-Za-z0-9_-]{1,60}\.(wav|mp3)",
    "a wav or mp3 file in the folder music of PROMPTS_DIR, such as music/hold.wav",
)
_voices = fields.by_language(
    record(
        Voice,
        voice=fields.matching(
            r"[A-Za-z0-9._-]{1,100}", "the carrier's name of a voice, such as Polly.Laura-Neural"
        ),
        rate=fields.speech_rate,
        language=fields.matching(
            r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", "the language of the voice, such as nl-BE"
        ),
    )
)

_heading = mapping(
    frozenset({"name", "number", "timezone", "languages", "office_hours", "last_resort"}),
    id=fields.identifier,
    name=fields.names,
    number=fields.phone,
    texts_from=fields.sender,
    country=fields.country,
    dial_countries=non_empty(one_or_list(fields.country)),
    timezone=fields.zone,
    languages=non_empty(one_or_list(fields.spoken)),
    office_hours=schedules.office_hours,
    holidays=_read_holidays,
    labour_rules=fields.one_of("NL"),
    named_contacts=fields.whole_number(1, 1000),
    last_resort=non_empty(one_or_list(fields.other_phone)),
)
_sections = mapping(
    frozenset({"line", "engineers", "schedules", "escalation"}),
    line=_heading,
    engineers=engineers,
    duty_manager=duty_manager,
    schedules=schedules.schedules,
    escalation=schedules.escalation,
    paging=schedules.paging,
    desk=schedules.step,
    signature_desk=schedules.signature_desk,
    routes=schedules.routes,
    urgency=schedules.promises,
    plans=plans.plans,
    pin=record(
        PinRules,
        length=fields.whole_number(fields.PIN_LENGTHS.start, fields.PIN_LENGTHS[-1]),
        attempts=fields.whole_number(1, 10),
        alarm=record(PinAlarm, per_contract=fields.rate, line=fields.rate),
        ask=fields.one_of("first", "while_ringing"),
    ),
    unverified_level_1=fields.one_of("ring", "message"),
    unverified=record(UnverifiedRates, per_caller=fields.rate, line=fields.rate),
    message=mapping(frozenset(), silence=fields.silence),
    matter=fields.yes_or_no,
    whisper=fields.one_of("full", "brief"),
    handover=schedules.handover,
    drill=schedules.drill,
    keep=record(Retention, **dict.fromkeys(KINDS, fields.kept)),
    figures=record(FigureRules, answer_within=fields.length, goal=percent, per_person=yes_or_no),
    webhooks=webhooks,
    openid=openid,
    voices=_voices,
    music=non_empty(one_or_list(_music_file)),
    transcribe=fields.member_of(Transcription),
    speech=record(SpeechRules, menus=yes_or_no),
    carrier=record(CarrierLimits, calls_per_second=fields.whole_number(1, 100)),
    contracts=config_contracts.contracts,
)


def describe_fields() -> Shape:
    """All that a line file may contain, as a JSON Schema without meanings."""
    return shape_of(_sections)


# The prescan: values that other fields need before they are read; mistakes are noted later.


DEFAULT_PLANS = tuple(plan.id for plan in list_default_plans())


def prescan(sheet: Entry, context: ReaderContext) -> ReaderContext:
    """The context with the id, country, number, zone, PIN length and ids of the file."""
    line, pin = _find_section(sheet, "line"), _find_section(sheet, "pin")
    country, pin_length = line.tidy_text("country"), context.pin_length
    if country not in SUPPORTED_REGIONS:
        country = context.country
    if pin.tidy_text("length") in map(str, fields.PIN_LENGTHS):
        pin_length = int(pin.tidy_text("length"))
    return replace(
        context,
        country=country,
        owner=(line.tidy_text("id") or "main",),
        number=normalise(line.tidy_text("number"), country) or context.number,
        timezone=fields.find_zone(line.tidy_text("timezone")) or context.timezone,
        pin_length=pin_length,
        engineers=frozenset(_find_ids(sheet, "engineers")),
        schedules=frozenset(_find_ids(sheet, "schedules")),
        plans=_find_ids(sheet, "plans") or DEFAULT_PLANS,
    )


def _find_section(sheet: Entry, name: str) -> Fields:
    if isinstance(sheet, Fields):
        found = sheet.get(name)
        if isinstance(found, Fields):
            return found
    return Fields(Location(1, ""), ())


def _find_ids(sheet: Entry, name: str) -> tuple[str, ...]:
    if not isinstance(sheet, Fields):
        return ()
    found = sheet.get(name)
    if not isinstance(found, Items):
        return ()
    ids = (item.tidy_text("id") for item in found.items if isinstance(item, Fields))
    return tuple(filter(None, ids))
