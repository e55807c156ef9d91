"""What becomes of an incident, said by a program for somebody: refused as anybody would be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pydantic import Field

from ivr_app.api.asking import Id, Reason, Words
from ivr_app.api.incidents import row_of
from ivr_app.api.log_shapes import IncidentRow
from ivr_app.api.operation import Answer, Asked, Room
from ivr_app.api.program import program
from ivr_app.api.repeats import seed
from ivr_app.standing import Standing
from ivr_app.switch import board, desk
from routing.letter import DUTY_MANAGER
from routing.memo import How
from routing.request import Progress
from store.staff.audit import Deed, audited

room = Room("course")


class By(Asked):
    """Who says so."""

    by: Id = Field(DUTY_MANAGER, description="An engineer's id, or duty_manager.")


class Because(By):
    """Who says so, and why."""

    reason: Reason = Field("", description="Kept in the journal.")


class Take(Asked):
    """Who takes it."""

    by: Id = Field(description="An engineer's id.")


class Note(By):
    """What is written down."""

    words: Words


class Wait(Because):
    """What was asked of the customer."""

    what: Words


class Reassign(Because):
    """Who has it from now on."""

    to: Id = Field(description="An engineer's id.")


@room.post("/incidents/<int:number>/take", IncidentRow, Take)
def take(said: Take, number: int) -> Answer:
    """In this engineer's name; nobody else is called for it."""
    with _said("take", number, said.by) as incident:
        incident.take()
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/respond", IncidentRow, Because)
def respond(said: Because, number: int) -> Answer:
    """The customer has a qualified answer: the response clock stops."""
    with _said("respond", number, said.by) as incident:
        incident.respond(said.reason)
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/close", IncidentRow, Because)
def close(said: Because, number: int) -> Answer:
    """The matter is done with; only after a response."""
    with _said("close", number, said.by) as incident:
        incident.close(said.reason)
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/wait", IncidentRow, Wait)
def wait(said: Wait, number: int) -> Answer:
    """More was asked of the customer: the clock is paused until it comes."""
    with _said("wait", number, said.by) as incident:
        incident.wait(said.what, said.reason, _memo())
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/resume", IncidentRow, Because)
def resume(said: Because, number: int) -> Answer:
    """What was asked for has come: the clock runs again."""
    with _said("resume", number, said.by) as incident:
        incident.resume(said.reason)
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/reassign", IncidentRow, Reassign)
def reassign(said: Reassign, number: int) -> Answer:
    """In another engineer's name, who is told."""
    with _said("reassign", number, said.by) as incident:
        incident.reassign(said.to, said.reason)
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/notes", IncidentRow, Note)
def note(said: Note, number: int) -> Answer:
    """Written down, to be read in the timeline."""
    with _said("note", number, said.by) as incident:
        incident.note(said.words, _memo())
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/confirm", IncidentRow, Because)
def confirm(said: Because, number: int) -> Answer:
    """A signature request: the customer is right, and is told so."""
    with _said("confirm", number, said.by) as incident:
        incident.advance(Progress.CONFIRMED, said.reason)
    return Answer(row_of(number))


@room.post("/incidents/<int:number>/release", IncidentRow, Because)
def release(said: Because, number: int) -> Answer:
    """A signature request: the update can be had; the customer and whoever asked are told."""
    with _said("release", number, said.by) as incident:
        incident.advance(Progress.RELEASED, said.reason)
    return Answer(row_of(number))


@contextmanager
def _said(word: str, number: int, by: str) -> Iterator[Standing]:
    """The incident as one engineer or the duty manager may change it; the audit log has it."""
    now = desk().clock()
    deed = Deed(now, program().name, "api", f"incidents.{word}", "incident", str(number))
    with audited(replace(deed, after={"by": by})):
        yield Standing.of(board(), number, by, How.API)


def _memo() -> str:
    return hashlib.sha256(f"memo {seed()}".encode()).hexdigest()[:32]
