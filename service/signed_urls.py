"""Signed links: to a calendar feed, to acknowledge an incident, and to play a recording.

Each link opens one thing and needs no sign-in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from itsdangerous import BadSignature, Signer, TimestampSigner

from routing.line import Line
from store.people.calendar_links import hash_subject

SubjectKind = Literal["schedule", "engineer"]


@dataclass(frozen=True, slots=True)
class CalendarSubject:
    """The subject of a calendar: a schedule or an engineer of a line."""

    line: Line
    kind: SubjectKind
    id: str
    generation: int = 0
    """How often its link was revoked."""

    @property
    def name(self) -> str:
        """The display name."""
        if self.kind == "engineer":
            engineer = self.line.engineer(self.id)
            if engineer is not None:
                return engineer.name
        return self.id


def list_subjects(line: Line, generations: Mapping[str, int]) -> Iterator[CalendarSubject]:
    """All subjects of a line: its schedules and its engineers."""
    for schedule in line.schedules:
        yield build_subject(line, "schedule", schedule.id, generations)
    for engineer in line.engineers:
        yield build_subject(line, "engineer", engineer.id, generations)


def build_subject(
    line: Line, kind: SubjectKind, id_: str, generations: Mapping[str, int]
) -> CalendarSubject:
    """One subject, with the current generation of its link."""
    return CalendarSubject(line, kind, id_, generations.get(hash_subject(line.id, kind, id_), 0))


def build_feed_token(key: str, subject: CalendarSubject) -> str:
    """The secret part of a link, derived from the key, so that it is not stored."""
    what: list[str | int] = ["calendar", subject.line.id, subject.kind, subject.id]
    if subject.generation:
        what.append(subject.generation)
    mac = hmac.new(key.encode(), json.dumps(what).encode(), hashlib.sha256)
    return urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def find_subject(
    key: str, lines: Iterable[Line], generations: Mapping[str, int], given: str
) -> CalendarSubject | None:
    """The subject of a token, or None; in constant time for right and wrong tokens."""
    found = None
    for subject in (subject for line in lines for subject in list_subjects(line, generations)):
        if hmac.compare_digest(build_feed_token(key, subject).encode(), given.encode()):
            found = subject
    return found


# Links to acknowledge an incident and to play a recording.


LINK_LIFETIME = dt.timedelta(hours=24)
"""The lifetime of an acknowledge link."""

RECORDING_LIFETIME = dt.timedelta(hours=1)
"""The lifetime of a recording's URL, because the carrier logs the URLs of our documents."""


def _short_digest(data: bytes = b"") -> hashlib.blake2b:
    """96 bits, which nobody guesses at a web server: the link and its text fit in one segment."""
    return hashlib.blake2b(data, digest_size=12)


@dataclass(frozen=True, slots=True)
class AcknowledgeLinks:
    """Links of a text; the token is short: number, hour of expiry, engineer, signature."""

    public_url: str
    secret_key: str = field(repr=False)

    def of(self, number: int, engineer: str, now: dt.datetime) -> str:
        """The URL at which this engineer acknowledges the incident of this number."""
        ends = int((now + LINK_LIFETIME).timestamp()) // 3600 + 1
        token = self._signer.sign(f"{number}.{ends:x}.{engineer}").decode()
        return f"{self.public_url}/ack/{token}"

    def read(self, token: str, now: dt.datetime) -> tuple[int, str] | None:
        """The incident number and the engineer; None for a wrong signature or an expired token."""
        try:
            number, ends, engineer = self._signer.unsign(token).decode().split(".", 2)
        except (BadSignature, ValueError):
            return None
        if now.timestamp() >= int(ends, 16) * 3600:
            return None
        return int(number), engineer

    @property
    def _signer(self) -> Signer:
        return Signer(self.secret_key, salt="acknowledge", digest_method=_short_digest)


@dataclass(frozen=True, slots=True)
class RecordingUrls:
    """Signed ids of recordings, valid for as long as a document is played."""

    secret_key: str = field(repr=False)

    def sign_id(self, recording_id: str) -> str:
        """The signed id, for a URL."""
        return self._signer.sign(recording_id).decode()

    def read(self, token: str) -> str | None:
        """The id; None for a wrong signature or an expired token."""
        try:
            return self._signer.unsign(
                token, max_age=int(RECORDING_LIFETIME.total_seconds())
            ).decode()
        except BadSignature:
            return None

    @property
    def _signer(self) -> TimestampSigner:
        return TimestampSigner(self.secret_key, salt="sound")
