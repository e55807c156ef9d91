"""`incident`: what becomes of one incident, said at the command line."""

from __future__ import annotations

import click

from ivr_app.cli.printout import json_wanted
from ivr_app.cli.refusal import Task
from ivr_app.cli.standing import say
from routing.course.verbs import Verb
from routing.request import Progress

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
    say(by, Verb.TAKE, lambda said: said.take(), as_json=as_json)


@incident.command("respond", cls=Task)
@by_option
@reason_option
@json_wanted
def respond(by: str | None, reason: str, as_json: bool) -> None:
    """The customer has been given a qualified answer: the response clock stops."""
    say(by, Verb.RESPOND, lambda said: said.respond(reason), as_json=as_json)


@incident.command("close", cls=Task)
@by_option
@reason_option
@json_wanted
def close(by: str | None, reason: str, as_json: bool) -> None:
    """The matter is done with."""
    say(by, Verb.CLOSE, lambda said: said.close(reason), as_json=as_json)


@incident.command("wait", cls=Task)
@click.argument("what")
@by_option
@reason_option
@json_wanted
def wait(what: str, by: str | None, reason: str, as_json: bool) -> None:
    """WHAT was asked of the customer: the response clock is paused until it comes."""
    say(by, Verb.WAIT, lambda said: said.wait(what, reason), as_json=as_json)


@incident.command("resume", cls=Task)
@by_option
@reason_option
@json_wanted
def resume(by: str | None, reason: str, as_json: bool) -> None:
    """What was asked of the customer has come: the response clock runs again."""
    say(by, Verb.RESUME, lambda said: said.resume(reason), as_json=as_json)


@incident.command("confirm", cls=Task)
@by_option
@reason_option
@json_wanted
def confirm(by: str | None, reason: str, as_json: bool) -> None:
    """A signature request: the customer is right, and is told that an update will follow."""
    say(by, Verb.CONFIRM, lambda said: said.advance(Progress.CONFIRMED, reason), as_json=as_json)


@incident.command("release", cls=Task)
@by_option
@reason_option
@json_wanted
def release(by: str | None, reason: str, as_json: bool) -> None:
    """A signature request: the update can be had; the customer and all who asked are told."""
    say(by, Verb.RELEASE, lambda said: said.advance(Progress.RELEASED, reason), as_json=as_json)


@incident.command("call", cls=Task)
@by_option
@json_wanted
def call(by: str | None, as_json: bool) -> None:
    """Ring the telephone of --by, who has it; the key that takes it leads on to the customer."""
    say(by, Verb.CALL, lambda said: said.call(), as_json=as_json)


@incident.command("note", cls=Task)
@click.argument("words")
@by_option
@json_wanted
def note(words: str, by: str | None, as_json: bool) -> None:
    """Write WORDS down, to be read in the story of the incident."""
    say(by, Verb.NOTE, lambda said: said.note(words), as_json=as_json)


@incident.command("reassign", cls=Task)
@click.option("--to", required=True, help="The engineer who has it from now on.")
@by_option
@reason_option
@json_wanted
def reassign(to: str, by: str | None, reason: str, as_json: bool) -> None:
    """Put it in the name of another engineer, who is told."""
    say(by, Verb.TAKE, lambda said: said.reassign(to, reason), as_json=as_json)
