"""Actions on incidents by console, API and command line, and incidents that they enter.

The three share one set of rules and refusals.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from carrier import prompts
from routing import events
from routing.call import RequestProgress
from routing.call_service import lodge
from routing.caller.identify import build_identity, find_contacts, find_entitlement
from routing.contracts import Contact, Contract
from routing.correspondence import AnswerEffect
from routing.decision import Case
from routing.draft import DecisionDraft
from routing.events import Lodged
from routing.incident import Incident, IncidentState
from routing.incidents import lifecycle, merging, text_commands
from routing.line import Line
from routing.message import DUTY_MANAGER, Via
from routing.names import name_key
from routing.notify import customer
from routing.oncall.local_time import wall
from routing.oncall.policy import name_of
from service.bootstrap import Services
from service.premium import set_premium
from service.refusals import (
    ActionRefusedError,
    IncidentNotFoundError,
    LodgingRefusedError,
    UnknownPersonError,
)


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """What is written to the customer. ``id`` is that of the message: a repeated request sends it
    once. ``files`` are ids of uploads."""

    words: str
    id: str
    effect: AnswerEffect = AnswerEffect.NOTHING
    files: tuple[str, ...] = ()


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
        return cls(services, line, case, case.incident, check_person(line, who), how)

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
        if check_person(self.line, to) == DUTY_MANAGER:
            raise self._refuse("taken_by_nobody")
        return self._move(events.Reassigned(self.incident.key, to, self.who, self.how, reason))

    def note(self, words: str, memo: str | None = None) -> IncidentActions:
        """Add a note to the timeline; a repeated request with the same ``memo`` is stored once."""
        memo = memo or secrets.token_hex(16)
        return self._happen(events.Noted(self.incident.key, self.who, self.how, words, memo))

    def answer(self, answer: CustomerAnswer) -> IncidentActions:
        """Write to the customer. A question pauses the response clock until they reply, and a
        qualified response stops it."""
        refused = self.why_no_answer(answer.effect) or self.why_unread(files=bool(answer.files))
        if refused is not None:
            raise self._refuse(refused)
        correspondence = self.services.call_service.calls.correspondence
        if correspondence.find_message(answer.id) is None:
            check_files(self.services, self.line.id, self.incident.contract, answer.files)
        return self._happen(
            events.AnsweredCustomer(
                self.incident.key,
                answer.id,
                self.who,
                self.how,
                answer.words,
                answer.files,
                responds=answer.effect is AnswerEffect.RESPONDS,
                asks=answer.effect is AnswerEffect.ASKS,
            )
        )

    def why_no_answer(self, effect: AnswerEffect) -> str | None:
        """The key of the sentence that says why no answer of this effect is possible now."""
        if effect is AnswerEffect.RESPONDS:
            return lifecycle.why_not(self.incident, self.case.call, events.Responded)
        if effect is AnswerEffect.ASKS:
            return lifecycle.why_not(self.incident, self.case.call, events.WaitsForCustomer)
        if self.incident.merged_into is not None:
            return "is_closed"
        return None

    def why_unread(self, *, files: bool = False) -> str | None:
        """The key of the sentence that says why the customer could not read an answer."""
        facts = self.services.call_service.facts(self.line)
        draft = DecisionDraft(facts, self.case.call, self.incident)
        return customer.why_not_readable(draft, files=files)

    def render_refusal(self, key: str, language: str) -> str:
        """The sentence of a reason why not."""
        return self._refuse(key).render(language)

    def merge(self, into: int, reason: str = "") -> IncidentActions:
        """Merge the incident into the one of this number, which goes on for both.

        Raises IncidentNotFoundError.
        """
        other = self.find_other(into)
        refused = self.why_no_merge(other)
        if refused is not None:
            raise refused
        key = self.incident.key
        return self._happen(events.Merged(key, _get_key(other), self.who, self.how, reason))

    def find_other(self, number: int) -> Case:
        """The incident of another number, with its call. Raises IncidentNotFoundError."""
        case = self.services.call_service.calls.find_by_number(number)
        if case is None or case.incident is None:
            raise IncidentNotFoundError(number)
        return case

    def why_no_merge(self, into: Case) -> ActionRefusedError | None:
        """Why the incident cannot go on as this one now; None when it can."""
        refused = merging.why_not_merged(self.case, into)
        if refused is None:
            return None
        return self._refuse(refused)

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


def _get_key(case: Case) -> str:
    if case.incident is None:
        return ""
    return case.incident.key


def check_person(line: Line, who: str) -> str:
    """Check that ``who`` is an engineer of the line or the duty manager."""
    known = (*(engineer.id for engineer in line.engineers), DUTY_MANAGER)
    if who not in known:
        raise UnknownPersonError(who, line, known)
    return who


# A matter that staff or a program enter for a customer.


def identify_customer(
    services: Services, event: Lodged, contract: str, contact: str | None, language: str | None
) -> Lodged:
    """The matter in the name of a contact of a contract: the one with this name, or the first that
    is current. ``language`` is the one that was asked for. Raises LodgingRefusedError."""
    line = _find_line(services, event)
    known = services.lines.find_contract(line.id, contract)
    if known is None:
        raise LodgingRefusedError("no_contract", contract=contract, line=line.id)
    found = _find_contact(services, line, known, contact, event.phone)
    now = services.call_service.clock()
    entitlement = find_entitlement(known, line, now)
    return replace(
        event,
        entitlement=entitlement,
        identity=build_identity(known, found, entitlement, line),
        language=choose_language(line, language or found.language),
    )


def choose_language(line: Line, wanted: str | None) -> str:
    """The wanted language, if the line speaks it; else the first of the line."""
    if wanted in line.languages:
        return wanted
    return line.languages[0]


def _find_line(services: Services, event: Lodged) -> Line:
    """The line of a matter, which its caller has found before."""
    line = services.lines.find_line(event.line)
    if line is None:
        raise LodgingRefusedError("no_contract", contract="", line=event.line)
    return line


def _find_contact(
    services: Services, line: Line, contract: Contract, wanted: str | None, phone: str | None
) -> Contact:
    today = wall(services.call_service.clock(), line.timezone).date()
    found = find_contacts(contract, today, phone)
    if wanted is not None:
        found = [contact for contact in found if name_key(contact.name) == name_key(wanted)]
    if not found:
        raise LodgingRefusedError("no_contact", contract=contract.number)
    return found[0]


def lodge_entered(services: Services, event: Lodged) -> Case:
    """Lodge what was entered. The same key gives the same incident. Raises LodgingRefusedError if a
    file cannot belong to it."""
    contract = None
    if event.identity is not None:
        contract = event.identity.contract
    if services.call_service.calls.find_by_incident(event.key) is None:
        check_files(services, event.line, contract, event.files)
    return lodge(services.call_service, event)


def check_files(services: Services, line: str, contract: str | None, ids: Sequence[str]) -> None:
    """Check that the uploads of these ids may be attached to an incident of this line and contract.
    Raises LodgingRefusedError."""
    for file_id in ids:
        found = services.call_service.calls.correspondence.find_file(file_id)
        if found is None or found.line != line or found.contract not in (None, contract):
            raise LodgingRefusedError("no_file", file=file_id)
        if found.incident is not None:
            raise LodgingRefusedError("file_used", file=file_id)
