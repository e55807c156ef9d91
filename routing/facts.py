"""The facts of one decision: the time, the line and the log, read as they are asked for."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

from routing.caller.identify import find_contacts
from routing.contracts import Contact, Contract, PremiumBundle, contract_year, coverage
from routing.contracts.plans import Plan
from routing.correspondence import IncidentFile
from routing.decision import Case, EngineerPages, HeldPeople, Notices
from routing.escalation.queue_position import turn_key
from routing.incident import Incident, IncidentKind, IncidentState
from routing.line import Channel, Line
from routing.message import UNRUNG, Message
from routing.names import name_key
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import wall
from routing.oncall.rota import on_call
from routing.page import Page
from routing.ports import CallRepository, LineRepository


@dataclass(frozen=True, slots=True)
class SeededRandom:
    """Random values: the same seed and label always give the same value."""

    seed: bytes

    def _drawn(self, label: str) -> bytes:
        return hashlib.blake2b(label.encode(), key=self.seed[:64], digest_size=16).digest()

    def token(self, label: str) -> str:
        """An id of 32 hexadecimal digits, which nobody can guess without the seed."""
        return self._drawn(label).hex()

    def digit(self, label: str, but: str = "") -> str:
        """A digit from 1 to 9 that does not occur in ``but``."""
        choices = [d for d in "123456789" if d not in but]
        return choices[int.from_bytes(self._drawn(label), "big") % len(choices)]

    def number(self, label: str, among: Sequence[int]) -> int:
        """One of these numbers."""
        return among[int.from_bytes(self._drawn(label), "big") % len(among)]


Ask = TypeVar("Ask", bound=Callable[..., Any])


def memoize(ask: Ask) -> Ask:
    """Look up once what one decision asks twice: facts of one moment do not change."""

    @wraps(ask)
    def known(facts: DecisionFacts, *about: object) -> Any:
        question = (ask.__name__, *about)
        if question not in facts.known:
            facts.known[question] = ask(facts, *about)
        return facts.known[question]

    return cast(Ask, known)


QUIET_NOTICE = dt.timedelta(minutes=15)
A_SHIFT = dt.timedelta(hours=8)
A_DAY = dt.timedelta(days=1)

ASKED_ABOUT = 3
"""The most incidents that a caller is asked about: as many as a listener remembers."""

RESPONDED_FOR = dt.timedelta(days=14)
"""How long after its acknowledgement a caller is still asked about a responded incident."""


@dataclass(frozen=True)
class DecisionFacts:
    """The facts of one moment. Asking reads, and changes nothing."""

    now: dt.datetime
    line: Line
    chance: SeededRandom
    office: OfficeHours
    calls: CallRepository
    lines: LineRepository
    channels: frozenset[Channel] = frozenset(Channel)
    known: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @memoize
    def on_call(self, schedule_id: str) -> tuple[str, ...]:
        """Who is on call on this schedule now."""
        schedule = self.line.schedule(schedule_id)
        if schedule is None:
            return ()
        return on_call(schedule, self.now, self.office)

    def open_incidents(self) -> Sequence[Incident]:
        """The open and acknowledged incidents of the line, oldest first."""
        return self.calls.find_open(self.line.id)

    def unclosed(self, contract: str) -> Sequence[Incident]:
        """The incidents about which this contract may call again: those without a response first,
        and each group newest first."""
        found = self.calls.find_unclosed(self.line.id, contract, ASKED_ABOUT)
        old = self.now - RESPONDED_FOR
        return [
            incident
            for incident in found
            if incident.state is not IncidentState.RESPONDED
            or (incident.acknowledged_at or incident.opened_at) >= old
        ]

    def case(self, incident: str) -> Case | None:
        """The incident of this key, with its latest call."""
        return self.calls.find_by_incident(incident)

    @memoize
    def busy(self, but: str) -> frozenset[str]:
        """Engineers, and numbers of the last resort, that have a live leg for another incident."""
        return self.calls.find_busy(self.line.id, but)

    def held(self, incident: Incident) -> HeldPeople:
        """Who is not rung for this incident."""
        return self._held(incident.key, turn_key(incident))

    @memoize
    def _held(self, but: str, turn: str) -> HeldPeople:
        return self.calls.find_held(self.line.id, but, turn)

    def last_leg(self, engineer: str) -> Page | None:
        """This engineer's latest leg, live or ended."""
        return self._pages_to(engineer).last_leg

    def notices(self, engineer: str) -> Notices:
        """The texts and mails of the last 24 hours to this engineer, newest first."""
        return self._pages_to(engineer).notices

    @memoize
    def _pages_to(self, engineer: str) -> EngineerPages:
        return self.calls.find_pages_to(self.line.id, engineer, self.now - A_DAY)

    def desk_queue(self, kind: IncidentKind) -> Sequence[str]:
        """Keys of the incidents of this kind that wait for their desk, in the order of service."""
        return self.calls.desk_queue.find_waiting(self.line.id, kind)

    def desk_talks(self, kind: IncidentKind) -> Sequence[dt.timedelta]:
        """The durations of the latest conversations at the desk, for the estimate of the wait."""
        return self.calls.desk_queue.find_talks(self.line.id, self.now - A_SHIFT, kind)

    def contact(self, contract: str | None, name: str | None) -> Contact | None:
        """The current contact of this name. None when the caller is not identified."""
        known = self.contract(contract or "")
        if known is None or not name:
            return None
        today, key = wall(self.now, self.line.timezone).date(), name_key(name)
        current = find_contacts(known, today, None)
        return next((contact for contact in current if name_key(contact.name) == key), None)

    @memoize
    def contract(self, number: str) -> Contract | None:
        """The contract of this number, with all its contacts."""
        return self.lines.find_contract(self.line.id, number)

    @property
    def office_open(self) -> bool:
        """True in office hours."""
        return self._is_office_open()

    @memoize
    def _is_office_open(self) -> bool:
        return self.office.is_open(self.now)

    def plan_of(self, incident: Incident) -> Plan | None:
        """The plan by which an incident is served; None without a contract in force."""
        return coverage.plan_of(self.line, incident)

    def desk_is_open(self, incident: Incident) -> bool:
        """True while a desk serves this incident: in office hours, or always by its plan."""
        return self.office_open or coverage.is_covered_always(self.line, incident)

    def desk_opens(
        self, incident: Incident, after: dt.timedelta = dt.timedelta(0)
    ) -> dt.datetime | None:
        """When a desk serves this incident next, ``after`` this time from now; None for never."""
        if coverage.is_covered_always(self.line, incident):
            return self.now + after
        return self.office_opens(after)

    def office_opens(self, after: dt.timedelta = dt.timedelta(0)) -> dt.datetime | None:
        """When the office is open next, ``after`` this time from now. None if it never opens."""
        return self.office.opens(self.now + after)

    def can_send(self, channel: Channel) -> bool:
        """True if this installation is set up to send on the channel."""
        return channel in self.channels

    def of_the_file(self, number: str) -> bool:
        """True for a number in the line's file, or one that an engineer added."""
        ours = (*self.line.last_resort, *(p for e in self.line.engineers for p in e.phones))
        return number in ours or self._is_file_phone(number)

    @memoize
    def _is_file_phone(self, number: str) -> bool:
        return self.lines.is_file_phone(self.line.id, number)

    def why_not_dialled(self, number: str) -> str | None:
        """Why the line does not dial this number of a customer, or None when it does."""
        why = self.line.why_not_ordinary(number)
        if why is None or self.of_the_file(number):
            return None
        return why

    def has_recording(self, incident: str, url: str) -> bool:
        """True when this incident already has this recording of the carrier."""
        return any(recording.url == url for recording in self.calls.recordings.find_all(incident))

    def unverified_allowed(self, caller: str | None) -> bool:
        """True while neither this caller nor the line has reached the limit of unverified calls."""
        rates = self.line.unverified
        by_caller, _ = self._count_rung(caller, rates.per_caller.per)
        _, by_line = self._count_rung(None, rates.line.per)
        of_nobody = caller is None  # withheld callers are many; one must not use up all their calls
        few = of_nobody or by_caller < rates.per_caller.count
        return few and by_line < rates.line.count

    @memoize
    def _count_rung(self, caller: str | None, within: dt.timedelta) -> tuple[int, int]:
        return self.calls.unverified_limits.count_rung(self.line.id, caller, self.now - within)

    def wrong_pins(self, subject: str, within: dt.timedelta) -> int:
        """How many wrong PINs counted against this subject within this time."""
        return self.calls.unverified_limits.count_failed_pins(subject, self.now - within)

    def quiet_notice_at(self) -> dt.datetime | None:
        """When the latest notice about calls that rang nobody was sent, if in the last fifteen
        minutes."""
        since = self.now - QUIET_NOTICE
        page = self.calls.unverified_limits.find_quiet_notice(self.line.id, since)
        times = [message.at for message in self.messages_with(UNRUNG, since)]
        if page is not None:
            times.append(page)
        return max(times, default=None)

    def messages_with(self, words: str, since: dt.datetime) -> Sequence[Message]:
        """The messages of the line with these words since, about no single incident."""
        return self.calls.messages.find_general(self.line.id, words, since)

    def bundle(self, contract: str, opened_at: dt.datetime) -> PremiumBundle | None:
        """The premium incidents of the contract year of this moment, in the line's zone."""
        known = self.contract(contract)
        if known is None:
            return None
        year = contract_year(known.valid_from, wall(opened_at, self.line.timezone).date())
        used, places = self.calls.count_premium(self.line.id, contract, year)
        sold = coverage.find_sold_incidents(self.line, known)
        return PremiumBundle(year, sold, used, places)

    def is_message_sent(self, message_id: str) -> bool:
        """True when a message of this id to somebody of the line is written already."""
        return self.calls.messages.find(message_id) is not None

    def message_exists(self, message_id: str) -> bool:
        """True when a customer message of this id exists, about any incident."""
        return self.calls.correspondence.find_message(message_id) is not None

    def file(self, file_id: str) -> IncidentFile | None:
        """The file of this id, attached or not."""
        return self.calls.correspondence.find_file(file_id)

    def note_exists(self, note: str) -> bool:
        """True when a note of this id exists, on any incident."""
        return self.calls.notes.exists(note)
