"""Who says what about which incident away from the telephone, and what came of it.

The command line, the console and programs speak through here, so each is refused for the same
reasons.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from carrier import prompts
from routing import events as ev
from routing import incident_events
from routing.call import RequestProgress
from routing.decision import Case
from routing.incident import Incident, IncidentState
from routing.incidents import lifecycle
from routing.incidents.lifecycle import Move, why_not
from routing.incidents.text_commands import Verb, answer, no_call
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.oncall.policy import name_of
from service import premium as service_premium
from service.bootstrap import Services
from service.refusals import ActionRefusedError, IncidentNotFoundError, UnknownPersonError


@dataclass(frozen=True)
class IncidentActions:
    """An incident as it stands, its line, who speaks, and by which way."""

    services: Services
    line: Line
    matter: Case
    incident: Incident
    who: str
    how: Via

    @classmethod
    def of(cls, services: Services, number: int, who: str, how: Via) -> IncidentActions:
        """The incident of this number, spoken of by ``who``: an engineer, or the duty manager.

        Raises NoIncidentError and NobodyError.
        """
        matter = services.desk.book.matter_of_number(number)
        if matter is None or matter.incident is None:
            raise IncidentNotFoundError(number)
        line = services.desk.line_of(matter)
        return cls(services, line, matter, matter.incident, _check_person(line, who), how)

    def take(self) -> IncidentActions:
        """It is in the speaker's name from now on; nobody else is called for it."""
        if self.who == DUTY_MANAGER:
            raise self._not_now("taken_by_nobody")
        before = self.incident
        if before.state is not IncidentState.OPEN and before.acknowledged_by != self.who:
            taken = "taken" if before.state is IncidentState.ACKNOWLEDGED else f"is_{before.state}"
            raise self._not_now(taken, name_of(self.line, before.acknowledged_by))
        return self._happen(incident_events.TextedBack(before.key, self.who, self.how))

    def respond(self, reason: str = "") -> IncidentActions:
        """The customer has been given a qualified answer: the response clock stops."""
        return self._move(incident_events.Responded(self.incident.key, self.who, self.how, reason))

    def close(self, reason: str = "") -> IncidentActions:
        """The matter is done with."""
        return self._move(incident_events.Closed(self.incident.key, self.who, self.how, reason))

    def wait(self, what: str, reason: str = "", memo: str | None = None) -> IncidentActions:
        """``what`` was asked of the customer: the response clock is paused until it comes. Said
        again by the same ``memo``, an id, it is kept once."""
        key, memo = self.incident.key, memo or secrets.token_hex(16)
        return self._move(
            incident_events.WaitsForCustomer(key, self.who, self.how, what, memo, reason)
        )

    def resume(self, reason: str = "") -> IncidentActions:
        """What was asked of the customer has come: the response clock runs again."""
        return self._move(
            incident_events.CustomerReplied(self.incident.key, self.who, self.how, reason)
        )

    def reassign(self, to: str, reason: str = "") -> IncidentActions:
        """In the name of engineer ``to`` from now on, who is told."""
        if _check_person(self.line, to) == DUTY_MANAGER:
            raise self._not_now("taken_by_nobody")
        return self._move(
            incident_events.Reassigned(self.incident.key, to, self.who, self.how, reason)
        )

    def note(self, words: str, memo: str | None = None) -> IncidentActions:
        """Write ``words`` down, to be read in the story of the incident; once for each ``memo``,
        an id."""
        memo = memo or secrets.token_hex(16)
        return self._happen(
            incident_events.Noted(self.incident.key, self.who, self.how, words, memo)
        )

    def call(self) -> IncidentActions:
        """The speaker's telephone is rung; the key that takes it leads on to the customer."""
        refused = no_call(self.incident, self.who)
        if refused is not None:
            raise self._not_now(refused)
        return self._happen(incident_events.CallWanted(self.incident.key, self.who, self.how))

    def advance(self, to: RequestProgress, reason: str = "") -> IncidentActions:
        """A signature request has come so far; the customer is told."""
        refused = lifecycle.why_no_progress(self.incident, to)
        if refused is not None:
            raise self._not_now(refused)
        return self._happen(
            incident_events.RequestCame(self.incident.key, to, self.who, self.how, reason)
        )

    def count(self, reason: str, *, premium: bool) -> IncidentActions:
        """It counts as a premium incident after all, or no longer."""
        desk = self.services.desk
        return self._seen(
            service_premium.set_premium(desk, self.incident, self.who, reason, premium=premium)
        )

    def told(self, verb: Verb, language: str) -> str:
        """How the incident stands after this was said, in one sentence."""
        if verb is Verb.TAKE:
            has = name_of(self.line, self.incident.acknowledged_by)
            return prompts.text(language, "in_the_name", self._values(has))
        said = answer(verb, self.who, self.matter, self.line)
        return prompts.text(language, said.words, said.values)

    def _move(self, event: Move) -> IncidentActions:
        refused = why_not(self.incident, self.matter.call, type(event))
        if refused is not None:
            raise self._not_now(refused)
        return self._happen(event)

    def _happen(self, event: ev.IncidentEvent) -> IncidentActions:
        return self._seen(self.services.desk.happen(event))

    def _seen(self, after: Case) -> IncidentActions:
        return replace(self, matter=after, incident=after.incident or self.incident)

    def _not_now(self, words: str, name: str = "") -> ActionRefusedError:
        return ActionRefusedError(words, self._values(name))

    def _values(self, name: str) -> dict[str, str | int]:
        return {"number": self.incident.number, "name": name}


def _check_person(line: Line, who: str) -> str:
    """An engineer of the line or the duty manager."""
    known = (*(engineer.id for engineer in line.engineers), DUTY_MANAGER)
    if who not in known:
        raise UnknownPersonError(who, line, known)
    return who
