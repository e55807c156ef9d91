"""The outpost: the line as static documents on another host, for when this one is gone."""

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
"""Put again even if nothing changed, so that a lost document is back and a closed door is seen."""

PLACEHOLDER_URL = "fallback.xml"
"""Stands for the address while nobody has said where the documents will be."""

SERVICE = "static fallback"
TIMEOUT = 3.0
"""Seconds for one document."""
TWIML_HEADERS = {"Content-Type": "text/xml; charset=utf-8"}


class UploadError(Exception):
    """The host outside did not take a document; says no address, which would open it to anybody."""


@dataclass(frozen=True, slots=True)
class FallbackDocument:
    """One document of one line: where it is put, where the carrier reads it, what it says."""

    line: str
    part: FallbackPart
    upload_url: str | None
    read_at: str
    twiml: str


def document_suffix(line: Line, lines: Sequence[Line]) -> tuple[str, ...]:
    """What tells the documents of lines apart: the only line, or main, needs nothing."""
    return () if line.id == "main" or len(lines) < 2 else (line.id,)


def document_url(settings: Settings, name: tuple[str, ...]) -> str:
    """Where the carrier reads a line's main document."""
    given = settings.fallback_url
    if given is None and settings.fallback_put_url is not None:
        parts = urlsplit(settings.fallback_put_url)
        host = parts.netloc.rpartition("@")[2]  # user and password are ours, to put with
        given = urlunsplit(parts._replace(netloc=host, query=""))
    return part_url(given or PLACEHOLDER_URL, *name)


def carrier_fallback_url(line: Line, lines: Sequence[Line], settings: Settings) -> str | None:
    """The document that the carrier's number falls back to, where FALLBACK_URL asks for that."""
    return document_url(settings, document_suffix(line, lines)) if settings.fallback_url else None


def build_documents(
    line: Line, lines: Sequence[Line], settings: Settings, now: dt.datetime
) -> list[FallbackDocument]:
    """The documents of a line for this moment, in the order in which they are put."""
    name, to = document_suffix(line, lines), settings.fallback_put_url
    at = document_url(settings, name)
    return [
        FallbackDocument(
            line=line.id,
            part=part,
            upload_url=part_url(to, *name, *_part_suffix(part)) if to else None,
            read_at=part_url(at, *_part_suffix(part)),
            twiml=twiml,
        )
        for part, twiml in render_documents(build_fallback_line(line, now), at).items()
    ]


def upload(some: Sequence[FallbackDocument]) -> None:
    """Put documents where the settings say; raises ClosedError."""
    for sheet in some:
        if sheet.upload_url is None:
            raise UploadError("FALLBACK_PUT_URL is not set")
        try:
            status = _upload_one(sheet.upload_url, sheet.twiml)
        except requests.RequestException as error:
            raise UploadError(type(error).__name__) from None
        if not 200 <= status < 300:
            raise UploadError(f"HTTP {status}")


def _upload_one(to: str, twiml: str) -> int:
    options = {"data": twiml.encode(), "headers": TWIML_HEADERS, "allow_redirects": False}
    with request(SERVICE, TIMEOUT, "PUT", to, **options) as answer:
        return answer.status_code


def hash_documents(some: Sequence[FallbackDocument]) -> str:
    """What tells two states of the documents apart."""
    whole = "\n".join(f"{sheet.upload_url} {sheet.twiml}" for sheet in some)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


class StaticFallback:
    """Remembers for all processes what was put last, and when; ``beats`` are shared by them."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Touches nothing yet."""
        self._beats, self._settings = Heartbeats(engine), settings

    def refresh(self, lines: Sequence[Line], now: dt.datetime) -> Iterator[str]:
        """Put what has changed or is old, and give back why a line's could not be put."""
        for line in lines:
            some = build_documents(line, lines, self._settings, now)
            if self.age(line, some, now) is not None:
                continue
            try:
                self.put(line, some, now)
            except UploadError as closed:
                yield f"{line.id}: {closed}"

    def put(self, line: Line, some: Sequence[FallbackDocument], now: dt.datetime) -> None:
        """Put a line's documents and remember it; raises ClosedError."""
        upload(some)
        self._beats.beat(_heartbeat_kind(line), hash_documents(some), now)

    def age(
        self,
        line: Line,
        some: Sequence[FallbackDocument],
        now: dt.datetime,
        most: dt.timedelta = REUPLOAD_AFTER,
    ) -> dt.timedelta | None:
        """How long ago these very documents were put; None when others were, or too long ago."""
        newest = self._beats.newest(_heartbeat_kind(line))
        if newest is None or newest[0] != hash_documents(some) or now - newest[1] >= most:
            return None
        return now - newest[1]


def _heartbeat_kind(line: Line) -> str:
    return f"fallback {line.id}"


def _part_suffix(part: FallbackPart) -> tuple[str, ...]:
    return () if part is FallbackPart.MAIN else (part.value,)


# The lifeline: whom `/voice/fallback` dials when neither database nor Redis can be asked.


WRITE_EVERY = 30.0
"""Seconds for which the file may be behind the schedule."""


def refresh_fallback_file(path: Path, lines: Iterable[Line], now: dt.datetime) -> None:
    """Write the file anew for this moment; raises OSError where it cannot be written."""
    write_fallback(path, [build_fallback_line(line, now) for line in lines])


def keep_fallback_file_fresh(path: Path, lines: Callable[[], Iterable[Line]]) -> None:
    """Write the file again every half minute, in a thread, for as long as the process lives."""

    def keep() -> None:
        while True:
            try:
                refresh_fallback_file(path, lines(), dt.datetime.now(dt.UTC))
            except Exception as error:  # the file of half a minute ago is better than none
                file.record_failure(error_cause(error))
            else:
                file.record_recovery()
            pause.wait(WRITE_EVERY)

    pause, file = Event(), Outage("lifeline not written")
    Thread(target=keep, name="lifeline", daemon=True).start()


def build_fallback_line(line: Line, now: dt.datetime) -> FallbackLine:
    """The phones of the people on call, in the order of the steps, and then the last resort."""
    rung = [one for step in line.escalation.steps for one in find_people_on_step(step, line, now)]
    phones = dict.fromkeys(phone for one in (*rung, LAST_RESORT) for phone in phones_of(line, one))
    return FallbackLine(line.number, line.name, line.languages[0], tuple(phones))


def find_people_on_step(step: Step, line: Line, now: dt.datetime) -> tuple[str, ...]:
    """Everybody of a step who is on call at a moment, whatever languages they speak."""
    found: dict[str, None] = {}
    for name in step.ring:
        schedule = line.schedule(name)
        found |= dict.fromkeys(
            on_call(schedule, now, build_office_hours(line)) if schedule else (name,)
        )
    return tuple(found)
