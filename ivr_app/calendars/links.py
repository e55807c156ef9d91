"""Secret links: whoever has one may read one calendar, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from routing.line import Line
from store.calendar_links import key_of

Kind = Literal["schedule", "engineer"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a calendar is about: a schedule or an engineer of a line."""

    line: Line
    kind: Kind
    id: str
    generation: int = 0
    """How often its link was withdrawn."""

    @property
    def name(self) -> str:
        """How people call it."""
        engineer = self.line.engineer(self.id) if self.kind == "engineer" else None
        return engineer.name if engineer else self.id


def subjects(line: Line, generations: Mapping[str, int]) -> Iterator[Subject]:
    """Everything of a line that has a calendar."""
    for schedule in line.schedules:
        yield subject_of(line, "schedule", schedule.id, generations)
    for engineer in line.engineers:
        yield subject_of(line, "engineer", engineer.id, generations)


def subject_of(line: Line, kind: Kind, id_: str, generations: Mapping[str, int]) -> Subject:
    """One of them, with the link that is good now."""
    return Subject(line, kind, id_, generations.get(key_of(line.id, kind, id_), 0))


def token(key: str, subject: Subject) -> str:
    """The secret part of a link; it follows from the key, so nothing of it is kept."""
    what: list[str | int] = ["calendar", subject.line.id, subject.kind, subject.id]
    if subject.generation:
        what.append(subject.generation)
    mac = hmac.new(key.encode(), json.dumps(what).encode(), hashlib.sha256)
    return urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def find(
    key: str, lines: Iterable[Line], generations: Mapping[str, int], given: str
) -> Subject | None:
    """What this token opens, or None; takes as long for a good guess as for a bad one."""
    found = None
    for subject in (subject for line in lines for subject in subjects(line, generations)):
        if hmac.compare_digest(token(key, subject).encode(), given.encode()):
            found = subject
    return found
