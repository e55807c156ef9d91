"""Secret links: whoever has one may read one calendar, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from routing.line import Line


@dataclass(frozen=True, slots=True)
class Subject:
    """What a calendar is about: a schedule or an engineer of a line."""

    line: Line
    kind: Literal["schedule", "engineer"]
    id: str

    @property
    def name(self) -> str:
        """How people call it."""
        engineer = self.line.engineer(self.id) if self.kind == "engineer" else None
        return engineer.name if engineer else self.id


def subjects(line: Line) -> Iterator[Subject]:
    """Everything of a line that has a calendar."""
    yield from (Subject(line, "schedule", schedule.id) for schedule in line.schedules)
    yield from (Subject(line, "engineer", engineer.id) for engineer in line.engineers)


def token(key: str, subject: Subject) -> str:
    """The secret part of a link; it follows from the key, so nothing of it is kept."""
    what = json.dumps(["calendar", subject.line.id, subject.kind, subject.id])
    mac = hmac.new(key.encode(), what.encode(), hashlib.sha256)
    return urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def find(key: str, lines: Iterable[Line], given: str) -> Subject | None:
    """What this token opens, or None; takes as long for a good guess as for a bad one."""
    found = None
    for subject in (subject for line in lines for subject in subjects(line)):
        if hmac.compare_digest(token(key, subject).encode(), given.encode()):
            found = subject
    return found
