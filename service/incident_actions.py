"""Actions on incidents by console, API and command line.

The three share one set of rules and refusals.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from carrier import prompts
from routing import events
from routing.call import RequestProgress
from routing.decision import Case
from routing.incident import Incident, IncidentState
from routing.incidents import lifecycle, text_commands
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.oncall.policy import name_of
from service.bootstrap import Services
from service.premium import set_premium
from service.refusals import ActionRefusedError, IncidentNotFoundError, UnknownPersonError


@dataclass(frozen=True)
class IncidentActions:
    """An incident, its line, the person who acts, and the channel that they use."""

    services: Services
    line: Line
    case: Case
    incident: Incident
    who: str
    how: Via

    @classmethod
    def of(cls, services: Services, number: int, who: str, how: Via) -> IncidentActions:
        """The incident of this number, for ``who``: an engineer, or the duty manager.

        Raises IncidentNotFoundError and UnknownPersonError.
        """
        case = services.call_service.calls.find_by_number(number)
        if case is None or case.incident is None:
            raise IncidentNotFoundError(number)
        line = services.call_service.line_of(case)
        return cls(services, line, case, case.incident, _check_person(line, who), how)

    def take(self) -> IncidentActions:
        """Acknowledge the incident; nobody else is paged for it."""
        if self.who == DUTY_MANAGER:
            raise self._refuse("taken_by_nobody")
        before = self.incident
        if before.state is not IncidentState.OPEN and before.acknowledged_by != self.who:
            why = f"is_{before.state}"
            if before.state is IncidentState.ACKNOWLEDGED:
                why = "taken"
            raise self._refuse(why, name_of(self.line, before.acknowledged_by))
        return self._happen(events.AcknowledgedWithoutKey(before.key, self.who, self.how))

    def respond(self, reason: str = "") -> IncidentActions:
        """Record that the customer got a qualified answer: the response clock stops."""
        return self._move(events.Responded(self.incident.key, self.who, self.how, reason))

    def close(self, reason: str = "") -> IncidentActions:
        """Close the incident."""
        return self._move(events.Closed(self.incident.key, self.who, self.how, reason))

    def wait(self, what: str, reason: str = "", memo: str | None = None) -> IncidentActions:
        """Pause the response clock until the customer sends ``what``.

        ``memo`` is an idempotency key: a repeated request is stored once.
        """
        key, memo = self.incident.key, memo or secrets.token_hex(16)
        return self._move(events.WaitsForCustomer(key, self.who, self.how, what, memo, reason))

    def resume(self, reason: str = "") -> IncidentActions:
        """Record the customer's reply: the response clock runs again."""
        return self._move(events.CustomerReplied(self.incident.key, self.who, self.how, reason))

    def reassign(self, to: str, reason: str = "") -> IncidentActions:
        """Reassign the incident to engineer ``to``, who gets a message."""
        if _check_person(self.line, to) == DUTY_MANAGER:
            raise self._refuse("taken_by_nobody")
        return self._move(events.Reassigned(self.incident.key, to, self.who, self.how, reason))

    def note(self, words: str, memo: str | None = None) -> IncidentActions:
        """Add a note to the timeline; a repeated request with the same ``memo`` is stored once."""
        memo = memo or secrets.token_hex(16)
        return self._happen(events.Noted(self.incident.key, self.who, self.how, words, memo))

    def call(self) -> IncidentActions:
        """Ring the person who acts; their key connects them to the customer."""
        refused = text_commands.why_no_call(self.incident, self.who)
        if refused is not None:
            raise self._refuse(refused)
        return self._happen(events.CallWanted(self.incident.key, self.who, self.how))

    def advance(self, to: RequestProgress, reason: str = "") -> IncidentActions:
        """Advance a signature request; the customer gets a message."""
        refused = lifecycle.why_no_progress(self.incident, to)
        if refused is not None:
            raise self._refuse(refused)
        return self._happen(events.RequestCame(self.incident.key, to, self.who, self.how, reason))

    def count(self, reason: str, *, premium: bool) -> IncidentActions:
        """Set whether the incident counts as premium."""
        call_service = self.services.call_service
        return self._with_case(
            set_premium(call_service, self.incident, self.who, reason, premium=premium)
        )

    def describe(self, verb: text_commands.Verb, language: str) -> str:
        """The state of the incident after an action, in one sentence."""
        if verb is text_commands.Verb.TAKE:
            has = name_of(self.line, self.incident.acknowledged_by)
            return prompts.render_text(language, "in_the_name", self._values(has))
        answer = text_commands.answer(verb, self.who, self.case, self.line)
        return prompts.render_text(language, answer.words, answer.values)

    def _move(self, event: lifecycle.Move) -> IncidentActions:
        refused = lifecycle.why_not(self.incident, self.case.call, type(event))
        if refused is not None:
            raise self._refuse(refused)
        return self._happen(event)

    def _happen(self, event: events.IncidentEvent) -> IncidentActions:
        return self._with_case(self.services.call_service.happen(event))

    def _with_case(self, after: Case) -> IncidentActions:
        return replace(self, case=after, incident=after.incident or self.incident)

    def _refuse(self, key: str, name: str = "") -> ActionRefusedError:
        return ActionRefusedError(key, self._values(name))

    def _values(self, name: str) -> dict[str, str | int]:
        return {"number": self.incident.number, "name": name}


def _check_person(line: Line, who: str) -> str:
    """Check that ``who`` is an engineer of the line or the duty manager."""
    known = (*(engineer.id for engineer in line.engineers), DUTY_MANAGER)
    if who not in known:
        raise UnknownPersonError(who, line, known)
    return who
