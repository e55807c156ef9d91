"""What can be done with an incident on its page, and what each of these asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr_app.standing import Standing
from routing.course import progress
from routing.course.calling import no_call
from routing.course.states import Move, why_not
from routing.course.verbs import Verb
from routing.events import Closed, CustomerReplied, Reassigned, Responded, WaitsForCustomer
from routing.incident import State
from routing.letter import DUTY_MANAGER
from routing.premium import countable
from routing.request import Progress

Given = dict[str, str]
"""What the form brought, by the name of the field."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: the field it cannot do without, whether a reason is asked for, whether it
    can be done now, and how. ``tells`` chooses the sentence that says what came of it."""

    name: str
    tells: Verb
    do: Callable[[Standing, Given], Standing]
    can: Callable[[Standing], bool]
    needs: str | None = None
    reason: bool = True


def _takes(said: Standing) -> bool:
    return said.who != DUTY_MANAGER and said.incident.state is State.OPEN


def _calls(said: Standing) -> bool:
    return no_call(said.incident, said.who) is None


def _always(_: Standing) -> bool:
    return True


def _while(kind: type[Move]) -> Callable[[Standing], bool]:
    return lambda said: why_not(said.incident, said.matter.call, kind) is None


def _comes_to(to: Progress) -> Callable[[Standing], bool]:
    return lambda said: progress.why_not(said.incident, to) is None


def _counts(said: Standing) -> bool:
    return said.incident.premium


def _may_count(said: Standing) -> bool:
    return not said.incident.premium and countable(said.incident)


ACTIONS = (
    Action("take", Verb.TAKE, lambda said, _: said.take(), _takes, reason=False),
    Action("call", Verb.CALL, lambda said, _: said.call(), _calls, reason=False),
    Action("respond", Verb.RESPOND, lambda said, it: said.respond(it["reason"]), _while(Responded)),
    Action(
        "wait",
        Verb.WAIT,
        lambda said, it: said.wait(it["what"], it["reason"]),
        _while(WaitsForCustomer),
        needs="what",
    ),
    Action(
        "resume", Verb.RESUME, lambda said, it: said.resume(it["reason"]), _while(CustomerReplied)
    ),
    Action("close", Verb.CLOSE, lambda said, it: said.close(it["reason"]), _while(Closed)),
    Action(
        "reassign",
        Verb.TAKE,
        lambda said, it: said.reassign(it["to"], it["reason"]),
        _while(Reassigned),
        needs="to",
    ),
    Action(
        "note",
        Verb.NOTE,
        lambda said, it: said.note(it["words"]),
        _always,
        needs="words",
        reason=False,
    ),
    Action(
        "confirm",
        Verb.CONFIRM,
        lambda said, it: said.advance(Progress.CONFIRMED, it["reason"]),
        _comes_to(Progress.CONFIRMED),
    ),
    Action(
        "release",
        Verb.RELEASE,
        lambda said, it: said.advance(Progress.RELEASED, it["reason"]),
        _comes_to(Progress.RELEASED),
    ),
    Action(
        "standard",
        Verb.NOTE,
        lambda said, it: said.count(it["why"], premium=False),
        _counts,
        needs="why",
        reason=False,
    ),
    Action(
        "premium",
        Verb.NOTE,
        lambda said, it: said.count(it["why"], premium=True),
        _may_count,
        needs="why",
        reason=False,
    ),
)
"""In the order in which they are offered."""
