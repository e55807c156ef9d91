"""Runs drills: a made-up call through the whole line, with or without real telephones.

``Drill`` plays the carrier and the engineer, so nobody is rung. ``LiveDrill`` rings everybody of
the escalation once, step after step. A real incident comes first: a live drill does not begin
during one, and ends when one begins.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from carrier.webhook_client import NoAnswerError, WebhookClient, find_bridge_url, find_gather_url
from routing import events
from routing.contracts import Contact, Contract
from routing.decision import Case
from routing.drill import (
    COMPANY,
    LISTENS_FOR,
    PERSON,
    PHONE,
    drill_number,
    make_drill_line,
    make_waking_line,
    waking_number,
)
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.line import Line
from routing.message import Via
from routing.notify.messages import News, build_manager_messages
from routing.oncall.policy import find_people, name_of, phones_of
from routing.page import LegState, Page
from service.bootstrap import Services
from store.people.hashing import Argon2PinVerifier
from store.work.drills import add_drill_contract, list_answers, remove_drill_contract

# The made-up call: its caller is identified, reports level 1, waits and hangs up. Signed webhooks
# go to PUBLIC_URL as the carrier would send them. A temporary contract exists for the time of
# the call and opens nothing else.


MAX_ANSWERS = 12
"""The questions that a caller answers at most before somebody is rung."""


class DrillError(Exception):
    """A drill failed; the message says at which step, and how."""


@dataclass
class DrillCall:
    """One call to the line of a drill; ``number`` is a word that no telephone can dial."""

    services: Services
    line: Line
    number: str
    say: Callable[[str], None]
    sid: str = field(default_factory=lambda: f"{PHONE}-{secrets.token_hex(8)}")
    result: str = ""
    """The reason that the journal keeps at the end."""

    @property
    def carrier(self) -> WebhookClient:
        """Sends the webhooks of this call."""
        return WebhookClient(self.services.signature_check, self.sid, self.number)

    @property
    def case(self) -> Case:
        """The case of the call; raises DrillError when the log has none."""
        case = self.services.call_service.calls.find_by_sid(self.sid)
        if case is None:
            raise DrillError("the call is not in the log")
        return case

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Put the caller in the queue; afterwards end the call and close its incident."""
        settings, pin = self.services.settings, random_digits(self.line.pin.length)
        hashed = Argon2PinVerifier(settings.pin_pepper).hash(pin, "drill")
        contact = Contact(COMPANY, (), hashed)
        contract = Contract(random_digits(6), COMPANY, self.line.plans[0].id, contacts=(contact,))
        add_drill_contract(self.services.engine, self.line.id, contract)
        try:
            self._identify(contract.number, pin)
            yield
        finally:
            remove_drill_contract(self.services.engine, self.line.id, contract)
            self._end()

    def _identify(self, number: str, pin: str) -> None:
        address = f"{self.services.settings.public_url}/voice/incoming"
        heard = self.carrier.ask(address, CallStatus="ringing")
        for _ in range(MAX_ANSWERS):
            if "<Enqueue" in heard:
                self.say("identified, level 1, waiting")
                return
            url = find_gather_url(heard)
            if url is None:
                raise DrillError("the caller was asked nothing and was not put in the queue")
            answers_by_question = {"contract": number, "pin": pin}
            keys = next((k for q, k in answers_by_question.items() if f"/{q}/" in url), "1")
            heard = self.carrier.ask(url, Digits=keys)
        raise DrillError(f"after {MAX_ANSWERS} answers the caller was still not put in the queue")

    def _end(self) -> None:
        service = self.services.call_service
        case = service.calls.find_by_sid(self.sid)
        if case is None or case.call is None:
            return
        after = service.happen(events.CallEnded(case.call.id))
        if after.incident is not None:
            service.happen(events.Responded(after.incident.key, PERSON, Via.CALL, self.result))
            service.happen(events.Closed(after.incident.key, PERSON, Via.CALL))


def random_digits(count: int) -> str:
    """This many random digits."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


# A drill without telephones: signed webhooks go to PUBLIC_URL, a worker or a clock pages, and a
# key acknowledges. Only the carrier is left out, so nobody's telephone rings.


MAX_TRIES = 150


def pause() -> None:
    """Give the other processes time to work."""
    time.sleep(0.2)


@dataclass
class Drill:
    """One drill of one line; ``wait`` pauses while other processes work."""

    services: Services
    line: Line
    say: Callable[[str], None]
    wait: Callable[[], None] = pause
    tries: int = MAX_TRIES

    def hold(self) -> None:
        """Run the drill up to the acknowledgement; on a failure, alert and raise DrillError."""
        call = DrillCall(
            self.services, make_drill_line(self.line), drill_number(self.line), self.say
        )
        try:
            with call.waiting():
                self._acknowledge(call, self._page(call))
        except (DrillError, NoAnswerError) as failed:
            report_failure(self.services, self.line)
            raise DrillError(str(failed)) from None

    def _page(self, call: DrillCall) -> Page:
        """Wait until a worker or the clock has placed a call to an engineer."""
        for _ in range(self.tries):
            page = _find_placed_page(call.case.incident)
            if page is not None:
                self.say("paged")
                return page
            self.wait()
        raise DrillError("nobody was paged in time: see the logs of worker and clock")

    def _acknowledge(self, call: DrillCall, page: Page) -> None:
        whisper = self.services.urls.leg_url(page.id)
        heard = call.carrier.ask(whisper, CallSid=page.sid or "", CallStatus="in-progress")
        key_url = find_gather_url(heard)
        if key_url is None:
            raise DrillError("the engineer who was paged was not asked for a key")
        heard = call.carrier.ask(key_url, CallSid=page.sid or "", Digits=page.take_key)
        incident = call.case.incident
        if incident is None or incident.acknowledged_by != PERSON:
            raise DrillError("a key was pressed, but the incident is not acknowledged")
        self.say(f"acknowledged: incident {incident.number}")
        bridge_url = find_bridge_url(heard)
        if bridge_url is None:
            raise DrillError("the engineer who took the call was not connected with the caller")
        call.carrier.ask(bridge_url)
        self.say("connected with the caller")
        status_url = self.services.urls.leg_status_url(page.id)
        call.carrier.ask(status_url, CallSid=page.sid or "", CallStatus="completed")


def _find_placed_page(incident: Incident | None) -> Page | None:
    """The first page whose call the carrier has placed."""
    if incident is None:
        return None
    placed = (p for p in incident.legs() if p.state is LegState.RINGING or p.sid is not None)
    return next(placed, None)


def report_failure(services: Services, line: Line) -> None:
    """Tell the duty manager of the real line that a drill failed."""
    facts = services.call_service.facts(line)
    language = line.duty_manager.language if line.duty_manager else None
    named = line.name_in(language or line.languages[0])
    messages = build_manager_messages(facts, News("drill_failed", (("line", named),)))
    due = services.call_service.calls.messages.send(messages, facts.now)
    services.call_service.notifier.notify(due)


GRACE = dt.timedelta(minutes=2)
"""The time that worker and carrier may need on top of the ringing."""


@dataclass
class LiveDrill:
    """A drill that rings the engineers of one line; ``wait`` pauses while they answer."""

    services: Services
    line: Line
    say: Callable[[str], None]
    wait: Callable[[], None] = pause

    def find_people(self) -> dict[str, str]:
        """The names of the engineers that it would ring now, by id, in the order of the steps."""
        line = make_waking_line(self.line)
        facts, language = self.services.call_service.facts(line), line.languages[0]
        steps = line.escalation.steps
        found = (person for step in steps for person in find_people(step, facts, language))
        return {person: name_of(line, person) for person in found}

    def hold(self) -> dict[str, dt.timedelta | None]:
        """Ring everybody; returns how soon each answered, or None. Raises DrillError."""
        self._stop_for_real_incident()
        number = waking_number(self.line)
        call = DrillCall(self.services, make_waking_line(self.line), number, self.say)
        try:
            with call.waiting():
                answered = self._wait_for_answers(call)
                call.result = "; ".join(_describe_answer(*one) for one in answered.items())
                if not any(answered.values()):
                    raise DrillError("nobody answered")
                return answered
        except RealIncidentError:
            raise
        except (DrillError, NoAnswerError) as failed:
            report_failure(self.services, self.line)
            raise DrillError(str(failed)) from None

    def _wait_for_answers(self, call: DrillCall) -> dict[str, dt.timedelta | None]:
        """Report each answer as it comes; at the end also who did not answer."""
        clock = self.services.call_service.clock
        until, reported = clock() + self._max_duration(), set[str]()
        while (incident := call.case.incident) is not None and not _is_over(incident):
            self._stop_for_real_incident()
            if clock() > until:
                raise DrillError(
                    "the ringing did not end in time: see the logs of worker and clock"
                )
            self.wait()
            self._report(reported, self._read_answers(call))
        found = self._read_answers(call)
        self._report(reported, found)
        for person, after in found.items():
            if after is None:
                self.say(_describe_answer(person, None))
        return found

    def _read_answers(self, call: DrillCall) -> dict[str, dt.timedelta | None]:
        incident = call.case.incident
        if incident is None:
            return {}
        return list_answers(self.services.engine, incident.key)

    def _report(self, reported: set[str], found: dict[str, dt.timedelta | None]) -> None:
        for person, after in found.items():
            if after is not None and person not in reported:
                reported.add(person)
                self.say(_describe_answer(person, after))

    def _max_duration(self) -> dt.timedelta:
        """The longest that the ringing can take: one telephone after the other."""
        phones = sum(len(phones_of(self.line, person)) for person in self.find_people())
        longest = max(step.ring_for for step in self.line.escalation.steps)
        return phones * longest + LISTENS_FOR + GRACE

    def _stop_for_real_incident(self) -> None:
        if self.services.call_service.calls.find_escalating(self.line.id):
            raise RealIncidentError("a real incident is being paged and comes first")


class RealIncidentError(DrillError):
    """A real incident stopped the drill, which is no fault of the line."""


def _is_over(incident: Incident) -> bool:
    if incident.state is IncidentState.CLOSED:
        return True
    ended = incident.escalation.phase in (EscalationPhase.RESTING, EscalationPhase.OVER)
    return ended and not incident.legs()


def _describe_answer(person: str, after: dt.timedelta | None) -> str:
    if after is None:
        return f"{person} did not answer"
    return f"{person} answered after {after.total_seconds():.0f} s"
