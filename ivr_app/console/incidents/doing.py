"""Something is done with an incident: from the form to the sentence that says what came of it."""

from __future__ import annotations

from flask import request

from ivr_app.console.incidents.acting import acting
from ivr_app.console.incidents.actions import ACTIONS, Action, Given
from ivr_app.console.viewer import deed, language
from ivr_app.console.wardrobe import t
from ivr_app.objections import NobodyError, NotNowError
from ivr_app.standing import Standing
from routing.memo import How
from store.staff.audit import audited
from switchboard import Switchboard

LONGEST = 2000
"""Characters of a note or a reason."""

FIELDS = ("reason", "what", "to", "words", "why")
UNTOLD = ("standard", "premium")

Told = tuple[str, str]
"""A sentence and its tone."""


def action_of(name: str) -> Action | None:
    """The action of this name."""
    return next((one for one in ACTIONS if one.name == name), None)


def offered(said: Standing) -> list[Action]:
    """What can be done with the incident as it stands, by whoever looks."""
    return [one for one in ACTIONS if one.can(said)]


def do(board: Switchboard, number: int, action: Action) -> Told:
    """Do it, and say what came of it."""
    given = {name: request.form.get(name, "").strip()[:LONGEST] for name in FIELDS}
    if action.needs is not None and not given[action.needs]:
        return t(f"incidents.missing.{action.needs}"), "bad"
    said = standing(board, number)
    if said is None:
        return t("incidents.nobody"), "bad"
    try:
        return _done(said, action, given), "good"
    except NotNowError as error:
        return error.sentence(language()), "bad"
    except NobodyError:
        return t("incidents.no_such_engineer"), "bad"


def standing(board: Switchboard, number: int) -> Standing | None:
    """The incident spoken of by whoever is signed in; None for whoever may only look.

    Raises NoIncidentError."""
    matter = board.desk.book.matter_of_number(number)
    who = acting(board.desk.line_of(matter)) if matter is not None else None
    return None if who is None else Standing.of(board, number, who, How.CONSOLE)


def _done(said: Standing, action: Action, given: Given) -> str:
    told = deed(f"incidents.{action.name}").on("incident", str(said.incident.number))
    with audited(told):
        after = action.do(said, given)
    if action.name in UNTOLD:
        return t(f"incidents.done.{action.name}", number=said.incident.number)
    return after.told(action.tells, language())
