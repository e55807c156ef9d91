"""Performs the line's documents to one telephone, act after act."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from devtools.simulation.company import Company
from devtools.simulation.dialling import dialling
from devtools.simulation.people import prompts
from devtools.simulation.phone import FailedError, GoneError, LeaveError, Side, ToldError
from devtools.simulation.said import Said
from devtools.simulation.waiting import meeting, waiting
from devtools.simulation.world import Process
from routing import voice_document
from routing.voice_document import Document, Next

SENTENCE = 3.0
MUSIC = 20.0

Step = tuple[Next, Said]
Reading = Generator[float, None, Step | None]


class Person(Protocol):
    """Whoever holds the telephone, or the machine that answered it."""

    def key(self, menu: voice_document.Menu) -> tuple[float, str | None]:
        """After how many seconds which key is pressed, if any."""

    def digits(self, asked: voice_document.AskDigits) -> tuple[float, str | None]:
        """After how many seconds which digits are keyed, if any."""

    def speaks(self) -> float:
        """For how many seconds something is said into a recording; 0 for silence."""


class Handset:
    """One telephone under way through documents."""

    def __init__(self, company: Company, side: Side, person: Person) -> None:
        """In the hands of this person."""
        self.company, self.side, self.person = company, side, person

    def perform(self, to: Next, said: Said) -> Generator[float, None, None]:
        """From this first question on, until a document ends."""
        step: Step | None = (to, said)
        while step is not None:
            asked, _ = step
            try:
                document = yield from self.company.ask(self.side, *step)
                step = yield from self.read(document)
            except ToldError as told:
                step = (told.to, self.said())
            except FailedError:
                fallback = self.side.fallback_of(asked)
                self.side.failed = asked == fallback
                step = None if self.side.failed else (fallback, self.said())

    def said(self, **given: object) -> Said:
        """What comes with every question of this telephone."""
        return Said(sid=self.side.sid, number=self.side.number, **given)  # type: ignore[arg-type]

    def read(self, document: Document) -> Reading:
        """Perform acts in order; the first that leads elsewhere ends the document."""
        for act in document.acts:
            match act:
                case voice_document.Say() | voice_document.Play():
                    yield SENTENCE
                case voice_document.Music():
                    yield MUSIC
                case voice_document.Pause():
                    yield act.seconds
                case voice_document.Menu() | voice_document.AskDigits():
                    if (step := (yield from self.question(act))) is not None:
                        return step
                case voice_document.Record():
                    if (step := (yield from self.record(act))) is not None:
                        return step
                case voice_document.Redirect():
                    return act.to, self.said()
                case voice_document.LeaveQueue():
                    raise LeaveError
                case voice_document.HangUp():
                    return None
                case _:
                    return (yield from self.elsewhere(act))
        return None

    def question(self, act: voice_document.Menu | voice_document.AskDigits) -> Reading:
        """Speak, and take keys at any moment of it."""
        if not self.side.parked:
            self.side.questions += 1
            self.company.asked(self.side)
        music = sum(isinstance(one, voice_document.Music) for one in act.spoken)
        whole = SENTENCE * (len(act.spoken) - music) + MUSIC * music + act.seconds
        person = self.person
        after, keyed = (
            person.key(act) if isinstance(act, voice_document.Menu) else person.digits(act)
        )
        if keyed is None or after >= whole:
            yield whole
            return None
        yield after
        self.pressed(act, keyed)
        return act.then, self.said(key=keyed)

    def pressed(self, act: voice_document.Menu | voice_document.AskDigits, keyed: str) -> None:
        """Remember which leg, or which number of a document, pressed the key that takes it."""
        heard = prompts(act)
        asked = heard.get("whisper_keys") or heard.get("rescue_whisper") or {}
        if asked.get("take") in (keyed, str(keyed)):
            self.company.pressed.add(self.side.leg or self.side.number)
        if heard.get("call_me_now", {}).get("key") == keyed:
            self.company.pressed.add(self.side.sid)

    def record(self, act: voice_document.Record) -> Reading:
        """What is said is kept by the carrier, even if hanging up ends it; silence goes on."""
        if self.side.leg is None:
            self.side.questions = 0
        spoken = self.person.speaks()
        try:
            yield spoken + 5
        except (GoneError, ToldError):
            if spoken:
                self.recorded(act)
            raise
        return self.recorded(act) if spoken else None

    def recorded(self, act: voice_document.Record) -> Step:
        """The carrier tells of a recording by itself, too."""
        recording = f"http://carrier/{self.company.sid('RE')}"
        step = (act.then, self.said(recording=recording))
        status = self.company.told("a recording", lambda: self.company.door.answer(*step))
        Process(self.company.world, status)
        return step

    def elsewhere(self, act: voice_document.Act) -> Reading:
        """Whatever ends with a question of its own, asked even when this side has gone."""
        then: Next = act.then  # type: ignore[union-attr]
        self.side.questions = 0
        try:
            match act:
                case voice_document.Enqueue():
                    said = self.said(left=(yield from waiting(self, act)))
                case voice_document.BridgeQueue():
                    said = self.said(joined=(yield from meeting(self, act)))
                case voice_document.Dial():
                    said = self.said(joined=(yield from dialling(self, act)))
                case _:
                    raise TypeError(f"no telephone can do {type(act).__name__}")
        except GoneError:
            last = self.company.in_background(self.side, then, self.said(gone=True, joined=True))
            Process(self.company.world, last)
            raise
        return then, said
