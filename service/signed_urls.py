"""Secret links: whoever has one may read one calendar, and nothing else."""

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
from store.people.calendar_links import key_of

SubjectKind = Literal["schedule", "engineer"]


@dataclass(frozen=True, slots=True)
class CalendarSubject:
    """What a calendar is about: a schedule or an engineer of a line."""

    line: Line
    kind: SubjectKind
    id: str
    generation: int = 0
    """How often its link was withdrawn."""

    @property
    def name(self) -> str:
        """How people call it."""
        engineer = self.line.engineer(self.id) if self.kind == "engineer" else None
        return engineer.name if engineer else self.id


def list_subjects(line: Line, generations: Mapping[str, int]) -> Iterator[CalendarSubject]:
    """Everything of a line that has a calendar."""
    for schedule in line.schedules:
        yield build_subject(line, "schedule", schedule.id, generations)
    for engineer in line.engineers:
        yield build_subject(line, "engineer", engineer.id, generations)


def build_subject(
    line: Line, kind: SubjectKind, id_: str, generations: Mapping[str, int]
) -> CalendarSubject:
    """One of them, with the link that is good now."""
    return CalendarSubject(line, kind, id_, generations.get(key_of(line.id, kind, id_), 0))


def build_feed_token(key: str, subject: CalendarSubject) -> str:
    """The secret part of a link; it follows from the key, so nothing of it is kept."""
    what: list[str | int] = ["calendar", subject.line.id, subject.kind, subject.id]
    if subject.generation:
        what.append(subject.generation)
    mac = hmac.new(key.encode(), json.dumps(what).encode(), hashlib.sha256)
    return urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def find_subject(
    key: str, lines: Iterable[Line], generations: Mapping[str, int], given: str
) -> CalendarSubject | None:
    """What this token opens, or None; takes as long for a good guess as for a bad one."""
    found = None
    for subject in (subject for line in lines for subject in list_subjects(line, generations)):
        if hmac.compare_digest(build_feed_token(key, subject).encode(), given.encode()):
            found = subject
    return found


# Signed links: whoever has one may acknowledge one incident as one person, or play one sound.


LINK_LIFETIME = dt.timedelta(hours=24)
"""After so long a text in an old telephone opens nothing."""

RECORDING_LIFETIME = dt.timedelta(hours=1)
"""The carrier writes the addresses of our documents down; an old one plays nothing."""


@dataclass(frozen=True, slots=True)
class AcknowledgeLinks:
    """The token is short, because it stands in a text: number, person, hour of its end, seal."""

    public_url: str
    secret_key: str = field(repr=False)

    def of(self, number: int, engineer: str, now: dt.datetime) -> str:
        """The address at which this person acknowledges the incident of this number."""
        ends = int((now + LINK_LIFETIME).timestamp()) // 3600 + 1
        token = self._signer.sign(f"{number}.{ends:x}.{engineer}").decode()
        return f"{self.public_url}/ack/{token}"

    def read(self, token: str, now: dt.datetime) -> tuple[int, str] | None:
        """The number and the person, or None when the seal does not hold or the time is over."""
        try:
            number, ends, engineer = self._signer.unsign(token).decode().split(".", 2)
        except (BadSignature, ValueError):
            return None
        return (int(number), engineer) if now.timestamp() < int(ends, 16) * 3600 else None

    @property
    def _signer(self) -> Signer:
        return Signer(self.secret_key, salt="acknowledge")


@dataclass(frozen=True, slots=True)
class RecordingUrls:
    """Addresses of recordings that open by themselves, for as long as a document is played."""

    secret_key: str = field(repr=False)

    def sign_id(self, recording_id: str) -> str:
        """The id as it stands in an address."""
        return self._signer.sign(recording_id).decode()

    def read(self, token: str) -> str | None:
        """The id, or None when the seal does not hold or the hour is over."""
        try:
            return self._signer.unsign(
                token, max_age=int(RECORDING_LIFETIME.total_seconds())
            ).decode()
        except BadSignature:
            return None

    @property
    def _signer(self) -> TimestampSigner:
        return TimestampSigner(self.secret_key, salt="sound")
