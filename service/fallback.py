"""The two fallbacks of a line: a file on this host, and static TwiML documents on another."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit, urlunsplit

import requests
from sqlalchemy import Engine

from carrier.fallback import FallbackLine, FallbackPart, part_url, render_documents, write_fallback
from carrier.outbound import request
from config.holidays import build_office_hours
from routing.line import LAST_RESORT, Line, Step
from routing.oncall.policy import phones_of
from routing.oncall.rota import on_call
from service.logging import Outage, error_cause
from settings import Settings
from store.work.metrics import Heartbeats

REUPLOAD_AFTER = dt.timedelta(minutes=10)
"""Upload again after this time even if nothing changed, to restore a lost document."""

PLACEHOLDER_URL = "fallback.xml"
"""The address while no setting says where the documents are."""

SERVICE = "static fallback"
TIMEOUT = 3.0
"""Seconds for one document."""
TWIML_HEADERS = {"Content-Type": "text/xml; charset=utf-8"}


class UploadError(Exception):
    """The other host did not accept a document; the message hides the address, which is secret."""


@dataclass(frozen=True, slots=True)
class FallbackDocument:
    """One document of one line: its upload URL, the URL that the carrier reads, and its TwiML."""

    line: str
    part: FallbackPart
    upload_url: str | None
    read_at: str
    twiml: str


def document_suffix(line: Line, lines: Sequence[Line]) -> tuple[str, ...]:
    """The part of a document's name that tells lines apart; empty for main and for an only line."""
    if line.id == "main" or len(lines) < 2:
        return ()
    return (line.id,)


def document_url(settings: Settings, name: tuple[str, ...]) -> str:
    """The URL at which the carrier reads the main document of a line."""
    given = settings.fallback_url
    if given is None and settings.fallback_put_url is not None:
        parts = urlsplit(settings.fallback_put_url)
        host = parts.netloc.rpartition("@")[2]  # user and password are ours, to put with
        given = urlunsplit(parts._replace(netloc=host, query=""))
    return part_url(given or PLACEHOLDER_URL, *name)


def carrier_fallback_url(line: Line, lines: Sequence[Line], settings: Settings) -> str | None:
    """The fallback URL to set on the carrier's number; None without FALLBACK_URL."""
    if settings.fallback_url is None:
        return None
    return document_url(settings, document_suffix(line, lines))


def build_documents(
    line: Line, lines: Sequence[Line], settings: Settings, now: dt.datetime
) -> list[FallbackDocument]:
    """The documents of a line for this moment, in upload order."""
    name = document_suffix(line, lines)
    main_url = document_url(settings, name)
    rendered = render_documents(build_fallback_line(line, now), main_url)
    return [
        FallbackDocument(
            line=line.id,
            part=part,
            upload_url=_build_upload_url(settings, name, part),
            read_at=part_url(main_url, *_part_suffix(part)),
            twiml=twiml,
        )
        for part, twiml in rendered.items()
    ]


def _build_upload_url(settings: Settings, name: tuple[str, ...], part: FallbackPart) -> str | None:
    if settings.fallback_put_url is None:
        return None
    return part_url(settings.fallback_put_url, *name, *_part_suffix(part))


def upload(documents: Sequence[FallbackDocument]) -> None:
    """Upload documents; raises UploadError."""
    for document in documents:
        if document.upload_url is None:
            raise UploadError("FALLBACK_PUT_URL is not set")
        try:
            status = _upload_one(document.upload_url, document.twiml)
        except requests.RequestException as error:
            raise UploadError(type(error).__name__) from None
        if not 200 <= status < 300:
            raise UploadError(f"HTTP {status}")


def _upload_one(to: str, twiml: str) -> int:
    options = {"data": twiml.encode(), "headers": TWIML_HEADERS, "allow_redirects": False}
    with request(SERVICE, TIMEOUT, "PUT", to, **options) as answer:
        return answer.status_code


def hash_documents(documents: Sequence[FallbackDocument]) -> str:
    """A hash that changes when the documents change."""
    whole = "\n".join(f"{document.upload_url} {document.twiml}" for document in documents)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


class StaticFallback:
    """Uploads the documents; heartbeats tell all processes what was uploaded last, and when."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Connects to nothing yet."""
        self._beats, self._settings = Heartbeats(engine), settings

    def refresh(self, lines: Sequence[Line], now: dt.datetime) -> Iterator[str]:
        """Upload what has changed or is old; yields a sentence for each line that failed."""
        for line in lines:
            documents = build_documents(line, lines, self._settings, now)
            if self.age(line, documents, now) is not None:
                continue
            try:
                self.put(line, documents, now)
            except UploadError as closed:
                yield f"{line.id}: {closed}"

    def put(self, line: Line, documents: Sequence[FallbackDocument], now: dt.datetime) -> None:
        """Upload the documents of a line and record it; raises UploadError."""
        upload(documents)
        self._beats.beat(_heartbeat_kind(line), hash_documents(documents), now)

    def age(
        self,
        line: Line,
        documents: Sequence[FallbackDocument],
        now: dt.datetime,
        most: dt.timedelta = REUPLOAD_AFTER,
    ) -> dt.timedelta | None:
        """The age of the upload of these documents; None if it was of others, or too long ago."""
        newest = self._beats.newest(_heartbeat_kind(line))
        if newest is None or newest[0] != hash_documents(documents) or now - newest[1] >= most:
            return None
        return now - newest[1]


def _heartbeat_kind(line: Line) -> str:
    return f"fallback {line.id}"


def _part_suffix(part: FallbackPart) -> tuple[str, ...]:
    if part is FallbackPart.MAIN:
        return ()
    return (part.value,)


# The fallback file: whom `/voice/fallback` dials when neither database nor Redis answers.


WRITE_EVERY = 30.0
"""Seconds between two writes of the file."""


def refresh_fallback_file(path: Path, lines: Iterable[Line], now: dt.datetime) -> None:
    """Write the file for this moment; raises OSError."""
    write_fallback(path, [build_fallback_line(line, now) for line in lines])


def keep_fallback_file_fresh(path: Path, lines: Callable[[], Iterable[Line]]) -> None:
    """Write the file every half minute, in a thread that lives as long as the process."""

    def keep() -> None:
        while True:
            try:
                refresh_fallback_file(path, lines(), dt.datetime.now(dt.UTC))
            except Exception as error:  # the file of half a minute ago is better than none
                file.record_failure(error_cause(error))
            else:
                file.record_recovery()
            pause.wait(WRITE_EVERY)

    pause, file = Event(), Outage("fallback file not written")
    Thread(target=keep, name="fallback file", daemon=True).start()


def build_fallback_line(line: Line, now: dt.datetime) -> FallbackLine:
    """The phones of the engineers on call, in the order of the steps, then the last resort."""
    rung = [one for step in line.escalation.steps for one in find_people_on_step(step, line, now)]
    phones = dict.fromkeys(phone for one in (*rung, LAST_RESORT) for phone in phones_of(line, one))
    language = line.languages[0]
    return FallbackLine(line.number, line.name, language, tuple(phones), line.voice_in(language))


def find_people_on_step(step: Step, line: Line, now: dt.datetime) -> tuple[str, ...]:
    """The engineers of a step who are on call at a moment, whatever languages they speak."""
    found: dict[str, None] = {}
    for name in step.ring:
        schedule = line.schedule(name)
        people: Iterable[str] = (name,)
        if schedule is not None:
            people = on_call(schedule, now, build_office_hours(line))
        found |= dict.fromkeys(people)
    return tuple(found)
