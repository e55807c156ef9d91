"""`incident`: what becomes of one incident, said at the command line."""

from __future__ import annotations

import secrets

import click

from ivr_app.cli.printout import json_wanted
from ivr_app.cli.refusal import Refusal, Task
from ivr_app.cli.standing import Standing, person
from routing import events as ev
from routing.course.verbs import Verb
from routing.incident import State
from routing.letter import DUTY_MANAGER
from routing.memo import How
from routing.request import Progress
from routing.schedule.escalation import name_of

by_option = click.option("--by", help="An engineer, or duty_manager. Default: who is logged in.")
reason_option = click.option("--reason", default="", help="Why; it is kept in the journal.")


@click.group("incident")
@click.argument("number", metavar="ID", type=int)
def incident(number: int) -> None:
    """Say what became of incident ID."""


@incident.command("take", cls=Task)
@by_option
@json_wanted
def take(by: str | None, as_json: bool) -> None:
    """It is in the name of --by from now on; nobody else is called for it."""
    said = Standing.here(by)
    if said.who == DUTY_MANAGER:
        raise Refusal("An incident is taken by an engineer: name one with --by.")
    before = said.incident
    if before.state is not State.OPEN and before.acknowledged_by != said.who:
        taken = "taken" if before.state is State.ACKNOWLEDGED else f"is_{before.state}"
        raise Refusal(said.sentence(taken, name_of(said.line, before.acknowledged_by)))
    said.happen(Verb.TAKE, ev.TextedBack(before.key, said.who, How.COMMAND), as_json=as_json)


@incident.command("respond", cls=Task)
@by_option
@reason_option
@json_wanted
def respond(by: str | None, reason: str, as_json: bool) -> None:
    """The customer has been given a qualified answer: the response clock stops."""
    said = Standing.here(by)
    event = ev.Responded(said.incident.key, said.who, How.COMMAND, reason)
    said.move(Verb.RESPOND, event, as_json=as_json)


@incident.command("close", cls=Task)
@by_option
@reason_option
@json_wanted
def close(by: str | None, reason: str, as_json: bool) -> None:
    """The matter is done with."""
    said = Standing.here(by)
    event = ev.Closed(said.incident.key, said.who, How.COMMAND, reason)
    said.move(Verb.CLOSE, event, as_json=as_json)


@incident.command("wait", cls=Task)
@click.argument("what")
@by_option
@reason_option
@json_wanted
def wait(what: str, by: str | None, reason: str, as_json: bool) -> None:
    """WHAT was asked of the customer: the response clock is paused until it comes."""
    said, memo = Standing.here(by), secrets.token_hex(16)
    event = ev.WaitsForCustomer(said.incident.key, said.who, How.COMMAND, what, memo, reason)
    said.move(Verb.WAIT, event, as_json=as_json)


@incident.command("resume", cls=Task)
@by_option
@reason_option
@json_wanted
def resume(by: str | None, reason: str, as_json: bool) -> None:
    """What was asked of the customer has come: the response clock runs again."""
    said = Standing.here(by)
    event = ev.CustomerReplied(said.incident.key, said.who, How.COMMAND, reason)
    said.move(Verb.RESUME, event, as_json=as_json)


@incident.command("confirm", cls=Task)
@by_option
@reason_option
@json_wanted
def confirm(by: str | None, reason: str, as_json: bool) -> None:
    """A signature request: the customer is right, and is told that an update will follow."""
    Standing.here(by).advance(Verb.CONFIRM, Progress.CONFIRMED, reason, as_json=as_json)


@incident.command("release", cls=Task)
@by_option
@reason_option
@json_wanted
def release(by: str | None, reason: str, as_json: bool) -> None:
    """A signature request: the update can be had; the customer and all who asked are told."""
    Standing.here(by).advance(Verb.RELEASE, Progress.RELEASED, reason, as_json=as_json)


@incident.command("note", cls=Task)
@click.argument("words")
@by_option
@json_wanted
def note(words: str, by: str | None, as_json: bool) -> None:
    """Write WORDS down, to be read in the story of the incident."""
    said, memo = Standing.here(by), secrets.token_hex(16)
    event = ev.Noted(said.incident.key, said.who, How.COMMAND, words, memo)
    said.happen(Verb.NOTE, event, as_json=as_json)


@incident.command("reassign", cls=Task)
@click.option("--to", required=True, help="The engineer who has it from now on.")
@by_option
@reason_option
@json_wanted
def reassign(to: str, by: str | None, reason: str, as_json: bool) -> None:
    """Put it in the name of another engineer, who is told."""
    said = Standing.here(by)
    if person(said.line, to) == DUTY_MANAGER:
        raise Refusal("An incident is in the name of an engineer.")
    event = ev.Reassigned(said.incident.key, to, said.who, How.COMMAND, reason)
    said.move(Verb.TAKE, event, as_json=as_json)
