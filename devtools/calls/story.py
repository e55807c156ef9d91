"""One story: who calls, who answers, and on which line. ``walk`` plays it and counts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from devtools.calls.cast import ENGINEERS, NAMES, paper
from devtools.calls.hearing import Heard, Listener
from devtools.calls.people import Crowd, Habit, Person
from devtools.calls.walk import NIGHT, WalkedLine, open_line
from devtools.phone_company.calls import Call

LULL = 8.0
"""A story ends when no call has lived for so many seconds."""

AT_MOST = 900.0

CAUSES = ("calls", "presses", "ends", "talks")
"""What stands first where something else happens at the same moment."""


def nothing(line: WalkedLine, wait: Callable[[], None]) -> None:
    """The story begins with a call."""


@dataclass(frozen=True, eq=False)
class Story:
    """A call that is worth hearing.

    The figures are those of the first person, and of the ``leg`` of theirs that has this number;
    where no telephone ``rings`` for them, those of the whole call.
    ``changes`` are pieces of the file of the line and what stands there instead. ``before`` happens
    as the story begins. ``until`` ends a story that would go on, and in one that
    ``waits_long`` no sentence may be heard three times. One that
    ``draws`` has keys by lot, which are written down as 7.
    """

    id: str
    title: str
    people: tuple[Person, ...]
    begins: dt.datetime = NIGHT
    changes: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[WalkedLine, Callable[[], None]], None] = nothing
    until: float = AT_MOST
    leg: int = 0
    rings: bool = True
    waits_long: bool = False
    draws: bool = False
    kind: type[WalkedLine] = WalkedLine
    habits: tuple[Habit, ...] = (Habit.TO_THE_END,)


@dataclass(frozen=True)
class Moment:
    """One line of a transcript."""

    at: float
    who: str
    does: str
    what: str = ""


@dataclass
class Walked:
    """A story that was played in one language, by people with one habit."""

    story: Story
    language: str
    habit: Habit
    legs: list[Heard]
    moments: list[Moment]
    rung: list[float]

    @property
    def caller(self) -> Heard:
        """The leg that the story is about."""
        number = self.story.people[0].number
        own = [leg for leg in self.legs if leg.number == number]
        dialled = [leg for leg in own if leg.calls]
        return (dialled or own)[self.story.leg]

    @property
    def rings_at(self) -> float | None:
        """When the first telephone was asked to ring after this person had called, and for them."""
        if not self.story.rings:
            return None
        later = [at for at in self.rung if at >= self.caller.begins]
        return min(later, default=None)


def walk(story: Story, language: str, other: str, habit: Habit = Habit.TO_THE_END) -> Walked:
    """Play a story to its end."""
    words = paper(language, other)
    for before, after in story.changes.items():
        if before not in words:
            raise ValueError(f"{story.id}: the line has no {before!r}")
        words = words.replace(before, after)
    opened = (words, story.begins, story.kind)
    with TemporaryDirectory() as folder, open_line(Path(folder), *opened) as line:
        crowd = Crowd(line, story.people, habit)
        play = Play(line, crowd, story.until)
        story.before(line, play.step)
        while play.goes_on():
            play.step()
        return _write_down(story, language, habit, line)


class Play:
    """Moves time on from one moment at which somebody or something acts to the next."""

    def __init__(self, line: WalkedLine, crowd: Crowd, until: float) -> None:
        """Nothing has happened."""
        self._line, self._crowd = line, crowd
        self._begins = self._lived = line.now()
        self._until = self._begins + dt.timedelta(seconds=until)

    def goes_on(self) -> bool:
        """True while a call lives, or somebody will call."""
        now = self._line.now()
        if any(not call.over for call in self._line.office.legs) or any(self._crowd.due()):
            self._lived = now
        return now < self._until and (now - self._lived).total_seconds() < LULL

    def step(self) -> None:
        """Let everybody act, and let time pass until something happens."""
        self._crowd.act()
        now = self._line.now()
        ahead = [(moment - now) for moment in self._crowd.due()]
        pauses = [*ahead, *self._line.pauses(), dt.timedelta(seconds=LULL), self._until - now]
        pause = max(min(pauses), dt.timedelta())
        self._line.office.advance(pause.total_seconds())
        self._line.settle()


def _write_down(story: Story, language: str, habit: Habit, line: WalkedLine) -> Walked:
    calls = [call for call in line.office.legs if call.transcript]
    legs = [_hear(call, line, story.begins) for call in calls]
    outgoing = [call for call in line.office.legs if call.direction != "inbound"]
    rung = [(call.created - story.begins).total_seconds() for call in outgoing]
    moments = [moment for leg in legs for moment in _moments_of(leg)]
    moments += _comings_and_goings(line, story.begins)
    if story.draws:
        moments = [_hide_key(moment) for moment in moments]
    moments.sort(key=lambda moment: (round(moment.at, 3), moment.does not in CAUSES))
    return Walked(story, language, habit, legs, moments, rung)


def _hide_key(moment: Moment) -> Moment:
    """A drill and the documents without a database draw random keys for each call: the one that
    takes the call is 7 here, and the one that passes it on is 3."""
    if moment.who not in [NAMES[number] for number in ENGINEERS]:
        return moment
    keys = iter("73")
    return replace(moment, what=re.sub(r"\b[1-9]\b", lambda _: next(keys, "3"), moment.what))


def _hear(call: Call, line: WalkedLine, since: dt.datetime) -> Heard:
    ends = call.ended or line.now()
    begins = (call.answered or ends) - since
    heard = Heard(call.customer, call.direction == "inbound", begins.total_seconds())
    heard.ends = (ends - since).total_seconds()
    dials = [other.created for other in line.office.legs if other.parent == call.sid]
    return Listener(heard, since, dials).read(call.transcript)


def _moments_of(leg: Heard) -> Iterator[Moment]:
    """What one telephone heard and did."""
    who = NAMES.get(leg.number, leg.number)
    for spoken in leg.spoken:
        broken = "" if spoken.heard == spoken.text else " —"
        yield Moment(spoken.begins, who, "hears", f"{spoken.heard}{broken}")
    for at, does, what in leg.acts:
        yield Moment(at, who, does, what)


def _comings_and_goings(line: WalkedLine, since: dt.datetime) -> Iterator[Moment]:
    """Who calls, whose telephone rings, who is gone, and every text."""
    for call in line.office.legs:
        who = NAMES.get(call.customer, call.customer)
        began = "calls" if call.direction == "inbound" else "rings"
        yield Moment((call.created - since).total_seconds(), who, began)
        if call.ended is not None:
            how = "hangs up" if call.status == "completed" else call.status
            yield Moment((call.ended - since).total_seconds(), who, "ends", how)
    for text in line.office.texts:
        who = NAMES.get(text.to, text.to)
        yield Moment((text.created - since).total_seconds(), who, "text", text.body)
