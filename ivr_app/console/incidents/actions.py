"""What can be done with an incident on its page, and what each of these asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from ivr_app.console import audit_entry, current_viewer, language, may, t
from routing.call import RequestProgress
from routing.contracts.premium import countable
from routing.events import Closed, CustomerReplied, Reassigned, Responded, WaitsForCustomer
from routing.incident import IncidentState
from routing.incidents import lifecycle
from routing.incidents.lifecycle import Move, why_not
from routing.incidents.text_commands import Verb, no_call
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from service.bootstrap import Services
from service.incident_actions import IncidentActions
from service.refusals import ActionRefusedError, UnknownPersonError
from store.people.accounts import Role
from store.people.audit import audited

Given = dict[str, str]
"""What the form brought, by the name of the field."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: the field it cannot do without, whether a reason is asked for, whether it
    can be done now, and how. ``tells`` chooses the sentence that says what came of it."""

    name: str
    tells: Verb
    do: Callable[[IncidentActions, Given], IncidentActions]
    can: Callable[[IncidentActions], bool]
    needs: str | None = None
    reason: bool = True


def _can_take(said: IncidentActions) -> bool:
    return said.who != DUTY_MANAGER and said.incident.state is IncidentState.OPEN


def _can_call(said: IncidentActions) -> bool:
    return no_call(said.incident, said.who) is None


def _can_always(_: IncidentActions) -> bool:
    return True


def _can_move(kind: type[Move]) -> Callable[[IncidentActions], bool]:
    return lambda said: why_not(said.incident, said.matter.call, kind) is None


def _can_progress(to: RequestProgress) -> Callable[[IncidentActions], bool]:
    return lambda said: lifecycle.why_no_progress(said.incident, to) is None


def _can_uncount(said: IncidentActions) -> bool:
    return said.incident.premium


def _can_count(said: IncidentActions) -> bool:
    return not said.incident.premium and countable(said.incident)


ACTIONS = (
    Action("take", Verb.TAKE, lambda said, _: said.take(), _can_take, reason=False),
    Action("call", Verb.CALL, lambda said, _: said.call(), _can_call, reason=False),
    Action(
        "respond", Verb.RESPOND, lambda said, it: said.respond(it["reason"]), _can_move(Responded)
    ),
    Action(
        "wait",
        Verb.WAIT,
        lambda said, it: said.wait(it["what"], it["reason"]),
        _can_move(WaitsForCustomer),
        needs="what",
    ),
    Action(
        "resume",
        Verb.RESUME,
        lambda said, it: said.resume(it["reason"]),
        _can_move(CustomerReplied),
    ),
    Action("close", Verb.CLOSE, lambda said, it: said.close(it["reason"]), _can_move(Closed)),
    Action(
        "reassign",
        Verb.TAKE,
        lambda said, it: said.reassign(it["to"], it["reason"]),
        _can_move(Reassigned),
        needs="to",
    ),
    Action(
        "note",
        Verb.NOTE,
        lambda said, it: said.note(it["words"]),
        _can_always,
        needs="words",
        reason=False,
    ),
    Action(
        "confirm",
        Verb.CONFIRM,
        lambda said, it: said.advance(RequestProgress.CONFIRMED, it["reason"]),
        _can_progress(RequestProgress.CONFIRMED),
    ),
    Action(
        "release",
        Verb.RELEASE,
        lambda said, it: said.advance(RequestProgress.RELEASED, it["reason"]),
        _can_progress(RequestProgress.RELEASED),
    ),
    Action(
        "standard",
        Verb.NOTE,
        lambda said, it: said.count(it["why"], premium=False),
        _can_uncount,
        needs="why",
        reason=False,
    ),
    Action(
        "premium",
        Verb.NOTE,
        lambda said, it: said.count(it["why"], premium=True),
        _can_count,
        needs="why",
        reason=False,
    ),
)
"""In the order in which they are offered."""


# Something is done with an incident: from the form to the sentence that says what came of it.


LONGEST_TEXT = 2000
"""Characters of a note or a reason."""

FIELDS = ("reason", "what", "to", "words", "why")
SILENT_ACTIONS = ("standard", "premium")

Outcome = tuple[str, str]
"""A sentence and its tone."""


def find_action(name: str) -> Action | None:
    """The action of this name."""
    return next((one for one in ACTIONS if one.name == name), None)


def list_actions(said: IncidentActions) -> list[Action]:
    """What can be done with the incident as it stands, by whoever looks."""
    return [one for one in ACTIONS if one.can(said)]


def perform_action(board: Services, number: int, action: Action) -> Outcome:
    """Do it, and say what came of it."""
    given = {name: request.form.get(name, "").strip()[:LONGEST_TEXT] for name in FIELDS}
    if action.needs is not None and not given[action.needs]:
        return t(f"incidents.missing.{action.needs}"), "bad"
    said = open_incident_actions(board, number)
    if said is None:
        return t("incidents.nobody"), "bad"
    try:
        return _perform(said, action, given), "good"
    except ActionRefusedError as error:
        return error.sentence(language()), "bad"
    except UnknownPersonError:
        return t("incidents.no_such_engineer"), "bad"


def open_incident_actions(board: Services, number: int) -> IncidentActions | None:
    """The incident spoken of by whoever is signed in; None for whoever may only look.

    Raises NoIncidentError."""
    matter = board.desk.book.matter_of_number(number)
    who = acting_engineer(board.desk.line_of(matter)) if matter is not None else None
    return None if who is None else IncidentActions.of(board, number, who, Via.CONSOLE)


def _perform(said: IncidentActions, action: Action, given: Given) -> str:
    told = audit_entry(f"incidents.{action.name}").on("incident", str(said.incident.number))
    with audited(told):
        after = action.do(said, given)
    if action.name in SILENT_ACTIONS:
        return t(f"incidents.done.{action.name}", number=said.incident.number)
    return after.told(action.tells, language())


# In whose name somebody signed in speaks of incidents.


def acting_engineer(line: Line) -> str | None:
    """The engineer whose account it is; a manager who is none speaks as the duty manager. None
    for whoever can only look, or belongs to another line."""
    account = current_viewer().account
    if account.engineer is not None and account.line in (None, line.id):
        return account.engineer if line.engineer(account.engineer) else None
    return DUTY_MANAGER if may(Role.MANAGER) else None
