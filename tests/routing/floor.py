"""The line without a network: the real desk and the real deeds, a book in memory, our own clock.

The fakes work: the locksmith compares plain strings (a contact's ``pin_hash`` is the PIN itself),
the exchange remembers which calls were placed, and errands wait until somebody does them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from carrier import twiml
from carrier.client import OutgoingCall, RecordingNotFoundError, RecordingStream, RefusedError
from carrier.urls import WebhookUrls
from routing import events
from routing.call import Call, Stage
from routing.call_service import CallService
from routing.caller.hold import HoldLoop, build_hold_document, is_unattended
from routing.caller.prompts import build_caller_document
from routing.caller.questions import CallerView
from routing.contracts import Contact, Contract
from routing.contracts.plans import OfficeTime
from routing.decision import Case
from routing.engineer.menus import build_leg_document
from routing.escalation.desk_queue import estimate_wait
from routing.incident import Incident
from routing.jobs import Job, Lease
from routing.line import (
    Channel,
    Engineer,
    Escalation,
    Hours,
    Line,
    Paging,
    Schedule,
    Shift,
    Step,
)
from routing.page import Page
from routing.recording import Recording, Sound
from routing.voice_document import Document, HangUp, Menu, Say
from service.channels.sender import Sender
from service.channels.sms import SmsSender
from store.log.recordings import RecordingStore
from store.memory.call_repository import MemoryCallRepository
from store.memory.lines import MemoryLineRepository
from store.work.jobs import JobEnd
from tests.true_sentences import Moment, find_untrue, say_texts
from workers.context import JobContext, NotYet
from workers.jobs import JOB_HANDLERS
from workers.letters import MailAddresses

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
NUMBER = "+31201234567"
PIETER = "+31612345678"
STRANGER = "+31687654321"
SANNE = "+31612345601"
SANNES_DESK = "+31208881101"
JORIS = "+31612345602"
LAST_RESORT = "+31207654321"
PIN = "4829130057"
WRONG_PIN = "918273645546"

ENGINEERS = (
    Engineer("sanne", "Sanne de Vries", (SANNE, SANNES_DESK)),
    Engineer("joris", "Joris Bakker", (JORIS,)),
)
LINE = Line(
    id="main",
    names=(("nl", "MSA Plus prioriteitslijn"), ("en", "MSA Plus priority line")),
    number=NUMBER,
    timezone="Europe/Amsterdam",
    languages=("nl", "en"),
    office_hours=(Hours(days=("mon", "tue"), start=dt.time(9), end=dt.time(18)),),
    last_resort=(LAST_RESORT,),
    engineers=ENGINEERS,
    schedules=(
        Schedule("primary", "Europe/Amsterdam", (Shift(people=("sanne",)),)),
        Schedule("secondary", "Europe/Amsterdam", (Shift(people=("joris",)),)),
        Schedule("empty", "Europe/Amsterdam"),
    ),
    escalation=Escalation((Step(("primary",)), Step(("secondary",))), repeat=2),
    paging=Paging((Channel.SMS,), dt.timedelta(minutes=5)),
    respond_within=((1, OfficeTime(dt.timedelta(hours=4), office=True)),),
)


def contract(number: str, name: str, phone: str, **changes: Any) -> Contract:
    contact = Contact(name, (phone,), PIN, "nl")
    known = Contract(number, f"Bedrijf {number}", "msa_plus", contacts=(contact,))
    return replace(known, **changes)


BAKERY = contract("100234", "Pieter Jansen", PIETER, customer="Bakkerij Jansen BV")
EXPIRED = contract("100240", "Willem de Boer", "+31612345680", valid_until=dt.date(2025, 12, 31))
TO_COME = contract("100241", "Ans Smit", "+31612345681", valid_from=dt.date(2026, 6, 1))
STANDARD = contract("100242", "Bob Vos", "+31612345682", plan="standard")
CONTRACTS = (BAKERY, EXPIRED, TO_COME, STANDARD)


def stepping(*steps: tuple[str, ...], seconds: float = 30, repeat: int = 1) -> Escalation:
    """An escalation of these steps."""
    lasts = dt.timedelta(seconds=seconds)
    return Escalation(tuple(Step(ring, lasts) for ring in steps), repeat)


class PlainLocksmith:
    """Compares plain strings."""

    def find(self, pin: str, contacts: Sequence[Contact]) -> Contact | None:
        return next((contact for contact in contacts if contact.pin_hash == pin), None)

    def mark(self, digits: str) -> str:
        return digits[::-1]


class Exchange:
    """A telephone company with nothing but a memory."""

    def __init__(self) -> None:
        self.placed: dict[str, OutgoingCall] = {}
        self.heards: dict[str, events.Heard] = {}
        self.refused: set[str] = set()
        self.texts: list[str] = []
        self.bodies: list[str] = []
        self.unready: set[str] = set()
        self.dropped: list[str] = []
        self.refuses_to_drop = ""

    def place(self, placing: OutgoingCall) -> str:
        if placing.to in self.refused:
            raise RefusedError("21211")
        sid = f"CL{len(self.placed)}"
        self.placed[sid] = placing
        self.heards[sid] = events.Heard.RINGING
        return sid

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        return next((s for s, p in self.placed.items() if p.to == to and self.lives(s)), None)

    def lives(self, sid: str) -> bool:
        return self.heards[sid] in (events.Heard.RINGING, events.Heard.ANSWERED)

    def cancel_call(self, sid: str) -> events.Heard:
        if self.read_status(sid) is events.Heard.RINGING:
            self.heards[sid] = events.Heard.CANCELED
        return self.heards[sid]

    def read_status(self, sid: str) -> events.Heard:
        if sid not in self.heards:
            raise RefusedError("20404")
        return self.heards[sid]

    def redirect(self, sid: str, url: str) -> None:
        pass

    def text(self, to: str, from_: str, body: str, status_url: str) -> str:
        self.texts.append(to)
        self.bodies.append(body)
        return f"SM{len(self.texts)}"

    def drop_queue(self, name: str) -> None:
        pass

    @contextmanager
    def fetch(self, url: str, sid: str) -> Iterator[RecordingStream]:
        if sid in self.unready or sid in self.dropped:
            raise RecordingNotFoundError
        yield RecordingStream("audio/x-wav", iter([url.encode()]))

    def drop_recording(self, sid: str) -> None:
        if self.refuses_to_drop:
            raise RefusedError(self.refuses_to_drop)
        self.dropped.append(sid)


class PlainShelf:
    """A shelf without files."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, recording_id: str, chunks: Iterable[bytes], content_type: str) -> Sound:
        data = self.files[recording_id] = b"".join(chunks)
        return Sound(len(data), data.hex(), content_type, None)

    def get(self, recording_id: str) -> bytes | None:
        return self.files.get(recording_id)

    def drop(self, recording_id: str) -> None:
        self.files.pop(recording_id, None)


class Bell:
    """Rings for nobody: the floor does the errands itself."""

    def notify(self, job_ids: Sequence[str]) -> None:
        pass


@dataclass(frozen=True)
class Witness(CallService):
    """The real desk, with a memory of what happened."""

    seen: list[events.Event] = field(default_factory=list)

    def happen(self, event: events.Event, finishes: Lease | None = None) -> Case:
        self.seen.append(event)
        return super().happen(event, finishes)


class Floor:
    """Everything there is to a line, on one thread and in no time."""

    def __init__(self, line: Line = LINE, **changes: Any) -> None:
        self.now = NOW
        self.draws = 0
        self.book = MemoryCallRepository()
        self.people = MemoryLineRepository(replace(line, **changes), CONTRACTS)
        self.exchange = Exchange()
        self.desk = Witness(
            self.book,
            self.people,
            PlainLocksmith(),
            Bell(),
            lambda: self.now,
            self._seed,
            lambda _: lambda _: False,
        )
        self.addresses = WebhookUrls("http://line.test")
        self.archive = RecordingStore(self.book.recordings, PlainShelf())  # type: ignore[arg-type]
        ways = {
            "carrier": self.exchange,
            "recording_fetcher": self.exchange,
            "recordings": self.archive,
        }
        senders = {Channel.SMS: SmsSender(self.exchange, self.addresses)}  # type: ignore[arg-type]
        self.job_context = JobContext(
            call_service=self.desk,
            urls=self.addresses,
            senders=senders,
            mail_addresses=MailAddresses("http://line.test", "a secret of the floor"),
            **ways,  # type: ignore[arg-type]
        )
        self.done: set[str] = set()

    def send_by(self, channel: Channel, sender: Sender) -> None:
        """From now on notices on this channel are sent by this sender."""
        self.job_context = replace(
            self.job_context, senders={**self.job_context.senders, channel: sender}
        )

    def _seed(self) -> bytes:
        """A fixed row of seeds, so that a test is the same each time."""
        self.draws += 1
        return self.draws.to_bytes(8, "big")

    # The line's own file

    @property
    def line(self) -> Line:
        return self.people.lines["main"]

    def apply(self, **changes: Any) -> None:
        """The duty manager changes the file."""
        self.people.lines["main"] = replace(self.line, **changes)

    # Due work

    def pending(self) -> dict[str, Job]:
        return {k: e for k, e in self.book.rows.jobs.items() if k not in self.done}

    def do(self, key: str, attempt: int = 1) -> None:
        self.done.add(key)
        deed = self.book.rows.jobs[key].command
        try:
            event = JOB_HANDLERS[type(deed)](deed, self.job_context, attempt)
            assert not isinstance(event, JobEnd)
            if event is not None:
                self.desk.happen(event)
        except NotYet as wait:
            self.book.rows.jobs[key] = replace(self.book.rows.jobs[key], due_at=wait.at)
            self.done.discard(key)

    def work(self) -> None:
        """Do all that is due by now."""
        while due := [(e.due_at, k) for k, e in self.pending().items() if e.due_at <= self.now]:
            self.do(min(due, key=lambda one: (one[0], int(one[1][1:])))[1])

    def advance(self, seconds: float) -> None:
        """Let time pass, from one errand to the next."""
        end = self.now + dt.timedelta(seconds=seconds)
        self.work()
        while moments := [e.due_at for e in self.pending().values() if e.due_at <= end]:
            self.now = min(moments)
            self.work()
        self.now = end

    # The caller

    def dial(self, shown: str = PIETER) -> str:
        """A customer dials; gives back our id of the call."""
        sid = f"CA{len(self.book.rows.calls)}"
        self.exchange.heards[sid] = events.Heard.ANSWERED
        call = self.desk.answer(sid, NUMBER, shown).case.call
        assert call is not None
        return call.id

    def critical(self, shown: str = PIETER) -> str:
        """Somebody calls, is identified as far as the number goes, and confirms level 1."""
        call = self.dial(shown)
        if self.call(call).stage is Stage.LANGUAGE:
            self.press(call, "1")
        if self.call(call).stage is Stage.CONTRACT:
            self.contract(call, "0")
        else:
            self.pin(call, PIN)
        self.something_new(call)
        self.press(call, "1")
        self.press(call, "1")
        self.say_matter(call, None)
        self.work()
        return call

    def say_matter(self, call: str, recording: str | None) -> None:
        """Say what is wrong, or nothing, if that is asked."""
        if self.call(call).stage is Stage.MATTER:
            self.desk.happen(events.MatterSaid(call, self.call(call).turn, recording))

    def something_new(self, call: str) -> None:
        """It is about none of the incidents that the contract has open."""
        if self.call(call).stage is Stage.ABOUT:
            self.press(call, "2")

    def press(self, call: str, key: str | None, turn: int | None = None) -> None:
        asked = self.call(call).turn if turn is None else turn
        self.desk.happen(events.Chose(call, asked, key))

    def contract(self, call: str, digits: str | None) -> None:
        self.desk.contract_keyed(call, self.call(call).turn, digits)

    def pin(self, call: str, digits: str | None) -> None:
        self.desk.pin_keyed(call, self.call(call).turn, digits)

    def wait_key(self, call: str, key: str) -> None:
        self.desk.happen(events.WaitingKey(call, self.call(call).turn, key))
        self.work()

    def left(
        self, call: str, how: events.Left = events.Left.BRIDGED, turn: int | None = None
    ) -> None:
        self.desk.happen(events.LeftQueue(call, how, turn))

    def stay(self, call: str) -> None:
        self.desk.happen(events.StayedOn(call, self.call(call).turn))
        self.work()

    def hang_up(self, call: str) -> None:
        self.exchange.heards[self.call(call).sid] = events.Heard.COMPLETED
        self.desk.happen(events.CallEnded(call))
        self.work()

    def call(self, call: str) -> Call:
        return self.book.rows.calls[call]

    def incident(self, call: str) -> Incident:
        found = self.book.find_by_call(call)
        assert found is not None
        assert found.incident is not None
        return found.incident

    def spoken(self, call: str) -> list[Recording]:
        """What was said for the incident of this call, the oldest first."""
        return list(self.book.recordings.find_all(self.incident(call).key))

    # The engineers

    def legs(self) -> list[Page]:
        return [page for _, page in self.book.rows.pages.values() if page.channel is Channel.CALL]

    def ringing(self) -> list[str]:
        """The numbers that ring now."""
        return sorted(leg.to for leg in self.legs() if leg.state in ("placing", "ringing"))

    def rings(self, number: str) -> int:
        """How often this number has been rung."""
        return sum(leg.to == number for leg in self.legs())

    def leg(self, number: str) -> Page:
        """The latest leg to this number."""
        return [leg for leg in self.legs() if leg.to == number][-1]

    def answer(self, number: str) -> Page:
        """Somebody or something picks up."""
        leg = self.leg(number)
        assert leg.sid is not None
        self.exchange.heards[leg.sid] = events.Heard.ANSWERED
        self.desk.happen(events.LegListens(leg.id, leg.sid))
        return self.leg(number)

    def key(self, number: str, key: str | None, turn: int | None = None) -> Page:
        leg = self.leg(number)
        self.desk.happen(events.LegKeyed(leg.id, leg.turn if turn is None else turn, key, leg.sid))
        self.work()
        return self.leg(number)

    def take(self, number: str) -> Page:
        return self.key(number, self.answer(number).take_key)

    def pass_on(self, number: str) -> Page:
        return self.key(number, self.answer(number).pass_key)

    def meet(self, number: str) -> Page:
        self.desk.happen(events.LegConnected(self.leg(number).id))
        return self.leg(number)

    def part(self, number: str, *, bridged: bool) -> Page:
        leg = self.leg(number)
        self.desk.happen(events.LegParted(leg.id, leg.turn, bridged))
        return self.leg(number)

    def drop(self, number: str, heard: events.Heard = events.Heard.COMPLETED) -> Page:
        """The carrier says that this leg is over."""
        leg = self.leg(number)
        self.exchange.heards[leg.sid or ""] = heard
        self.desk.happen(events.LegHeard(leg.id, heard, leg.sid))
        self.work()
        return self.leg(number)

    def talk(self, call: str, number: str = SANNE) -> Page:
        """This phone takes the call and is joined with the caller."""
        self.take(number)
        return self.meet(number)

    # What is heard

    def script(self, call: str) -> Document:
        matter = self.desk.call(call)
        assert matter.call is not None
        return build_caller_document(CallerView(matter.call, matter.incident, self.line))

    def room(
        self, call: str, loop: HoldLoop | None = None, *, answered_key: bool = False
    ) -> Document:
        """One turn of the waiting room, as the front door asks for it."""
        matter = self.desk.call(call)
        assert matter.incident is not None
        if not answered_key and is_unattended(matter.incident, self.now):
            matter = self.desk.happen(events.Unattended(call))
        assert matter.call is not None
        assert matter.incident is not None
        place = estimate_wait(self.desk.facts(self.desk.line_of(matter)), matter.incident)
        view = CallerView(matter.call, matter.incident, self.line)
        document = build_hold_document(view, self.now, place, loop, answered_key=answered_key)
        moment = Moment(matter.call, matter.incident, self.now, document.language, place)
        assert list(find_untrue(say_texts(document), moment)) == []
        return document

    def whisper(self, number: str) -> Document:
        leg = self.leg(number)
        return build_leg_document(leg, self.desk.leg(leg.id), self.line, self.now)

    def xml(self, document: Document) -> str:
        return twiml.render_twiml(document, self.addresses, now=self.now)

    def notes(self) -> list[str]:
        return [note.event for _, _, note in self.book.rows.journal]


def prompts(document: Document) -> list[str]:
    """The prompts of a document in their order, those inside menus included."""
    found = []
    for act in document.acts:
        inside = act.spoken if hasattr(act, "spoken") else (act,)
        found += [each.prompt for each in inside if isinstance(each, Say)]
    return found


def wrap_up(*call: str, premium: bool = True) -> list[str]:
    """The prompts of the wrap-up menu; ``call`` is the one that goes on with the customer."""
    standard = ["closing_standard"] if premium else []
    keys = ["closing_responded", "closing_hand_over", *standard, "closing_note", *call]
    return ["closing_incident", *keys, "or_hang_up"]


def asks(document: Document) -> bool:
    return any(isinstance(act, Menu) for act in document.acts)


def hangs_up(document: Document) -> bool:
    return isinstance(document.acts[-1], HangUp)
