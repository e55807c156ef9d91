"""The people of a story: they dial or pick up, listen, press keys, speak, talk and hang up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from devtools.calls.cast import ENGINEERS
from devtools.calls.hearing import CHARACTERS_A_SECOND, KEY, THINKS, seconds_to_speak
from devtools.calls.walk import WalkedLine
from devtools.phone_company.driver.handset import Handset
from routing.call import Stage
from routing.page import LegState
from tests.stories.stage import LINE


class Habit(StrEnum):
    """How a person answers a question."""

    TO_THE_END = "listens to the end"
    WHEN_NAMED = "presses once the key was named"
    BY_HEART = "knows it by heart"


TAKE, PASS_ON = "take", "pass on"
"""The keys that the line draws at random for each engineer's telephone."""

DIGITS = frozenset({"contract", "pin"})
"""Questions for a number, whose key is named as soon as the number is."""


@dataclass(frozen=True)
class Later:
    """An answer that is given so many seconds after the question was first asked."""

    after: float
    keys: str


Answer = str | float | Later | None
"""Keys, seconds of speech, keys for later, or silence."""

Answers = Mapping[str, Answer | tuple[Answer, ...]]


@dataclass(frozen=True, eq=False)
class Person:
    """Someone with a telephone, and what they answer to each question of the line.

    ``answers`` has what they do at each question: at a stage of a call, or at a state of an
    engineer's leg. A tuple is for a question that is asked again: one entry each time, then
    silence. ``calls`` are the seconds at which they dial the line. ``rings`` are the seconds that
    their telephone rings until they answer it (None: never), each time; the last entry stays. They
    end a talk after ``talks`` seconds with ``leaves``: a key, or nothing for hanging up.
    """

    number: str
    answers: Answers = field(default_factory=dict)
    calls: tuple[float, ...] = ()
    rings: tuple[float | None, ...] = ()
    talks: float | None = None
    leaves: str = ""
    holds: float | None = None  # hangs up after so many seconds of waiting
    phone: str = ""  # what the telephone does by itself: busy, mailbox, ...


@dataclass
class Question:
    """One question, from the moment at which it was asked."""

    name: str
    number: int  # the entry of the transcript that asks it
    at: dt.datetime
    asking: dict[str, Any]


class Holder:
    """A person with a handset at the ear: decides when to do what."""

    def __init__(self, line: WalkedLine, person: Person, handset: Handset, habit: Habit) -> None:
        """Pick up."""
        self.line, self.person, self.handset, self.habit = line, person, handset, habit
        self._question: Question | None = None
        self._times: dict[str, int] = {}
        self._first: dict[str, dt.datetime] = {}
        self._answer: Answer = None
        self._keys = ""
        self._next_key: dt.datetime | None = None
        self._joined: dt.datetime | None = None
        self._waits_since: dt.datetime | None = None

    def act(self) -> bool:
        """Do what is due now; True where something was done, so that there may be more."""
        now = self.line.now()
        if not self.handset.live:
            return False
        if self._next_key is None and (question := self._notice_question()) is not None:
            self._choose(question)
        if (leaves := self._leaves_at()) is not None and leaves <= now:
            self._leave()
            return True
        if (at := self.due()) is not None and at <= now:
            self._press_next(now)
            return True
        return False

    def due(self) -> dt.datetime | None:
        """When the person does something next, as far as is known now."""
        known = [self._answers_at(), self._leaves_at()]
        moments = [moment for moment in known if moment is not None]
        return min(moments, default=None) if self.handset.live else None

    # Talks and endings.

    def _leaves_at(self) -> dt.datetime | None:
        if self.handset.bridged_with:
            self._joined = self._joined or self.line.now()
            if self.person.talks is not None:
                return self._joined + dt.timedelta(seconds=self.person.talks)
            return None
        self._joined = None
        if self.person.holds is not None and self._waits_since is not None:
            return self._waits_since + dt.timedelta(seconds=self.person.holds)
        return None

    def _leave(self) -> None:
        if self.handset.bridged_with and self.person.leaves:
            self.line.press(self.handset, self.person.leaves)
        else:
            self.line.hang_up(self.handset)

    # Questions and answers.

    def _notice_question(self) -> Question | None:
        """The question that is asked now, where it was not asked before."""
        asking, transcript = self.handset.asking, self.handset.transcript
        if asking is None:
            self._question = None
            return None
        asked = [n for n, e in enumerate(transcript) if e["what"] in ("gather", "record")]
        number = asked[-1]
        if self._question is not None and self._question.number == number:
            return None
        at = dt.datetime.fromisoformat(transcript[number]["at"])
        self._question = Question(self._name(), number, at, asking)
        self._first.setdefault(self._question.name, at)
        if self._question.name == Stage.WAITING:
            self._waits_since = self._waits_since or at
        self._keys, self._next_key = "", None
        return self._question

    def _name(self) -> str:
        """What is asked: the stage of the call, or the state of the leg."""
        sid = self.handset.sid
        if self.line.database_away:  # only the whisper asks anything then
            return "whisper"
        matter = self.line.desk.calls.find_by_sid(sid)
        if matter is not None and matter.call is not None and matter.call.sid == sid:
            return str(matter.call.stage)
        page = next((page for page in self.line.pages() if page.sid == sid), None)
        if page is None:
            return "whisper" if self.person.number in ENGINEERS else "call_me"
        return "whisper" if page.state is LegState.LISTENING else str(page.state)

    def _choose(self, question: Question) -> None:
        name = question.name
        answers = self.person.answers.get(name)
        if isinstance(answers, tuple):
            times = self._times.get(name, 0)
            self._answer = answers[times] if times < len(answers) else None
            if not isinstance(self._answer, Later):
                self._times[name] = times + 1
        else:
            self._answer = answers
            if isinstance(answers, Later) and self._times.get(name):
                self._answer = None
        self._keys = self._keys_of(self._answer, question)

    def _keys_of(self, answer: Answer, question: Question) -> str:
        if isinstance(answer, Later):
            answer = answer.keys
        if not isinstance(answer, str):
            return ""
        if answer in (TAKE, PASS_ON):
            return self._drawn_key(answer, question)
        counted = question.asking.get("numDigits") == str(len(answer))
        ends_with_hash = question.asking.get("finishOnKey") == "#"
        begins_anew = answer.endswith(("*", "#"))
        return f"{answer}#" if ends_with_hash and not counted and not begins_anew else answer

    def _drawn_key(self, which: str, question: Question) -> str:
        """The key that takes the call or passes it on; the fallback has it in its address."""
        sid = self.handset.sid
        page = None
        if not self.line.database_away:
            page = next((page for page in self.line.pages() if page.sid == sid), None)
        if page is not None:
            return page.take_key if which == TAKE else page.pass_key
        return urlsplit(str(question.asking["action"])).path[-1]

    def _answers_at(self) -> dt.datetime | None:
        if self._next_key is not None:
            return self._next_key
        question, answer = self._question, self._answer
        if question is None or answer is None:
            return None
        if isinstance(answer, float | int):
            return question.at + dt.timedelta(seconds=THINKS)
        if isinstance(answer, Later):
            at_least = question.at + dt.timedelta(seconds=KEY)
            wanted = self._first[question.name] + dt.timedelta(seconds=answer.after)
            return max(at_least, wanted)
        if self.habit is Habit.BY_HEART:
            return question.at + dt.timedelta(seconds=KEY)
        named = self._named_at(question)
        return None if named is None else named + dt.timedelta(seconds=THINKS)

    def _press_next(self, now: dt.datetime) -> None:
        answer = self._answer
        if isinstance(answer, float | int):
            self._answer = None
            self.handset.speak(float(answer), "")
            self.line.settle()
            return
        if isinstance(answer, Later):
            name = self._question.name if self._question else ""
            self._times[name] = self._times.get(name, 0) + 1
            self._answer = answer.keys
        key, self._keys = self._keys[:1], self._keys[1:]
        if self._keys:
            self._next_key = now + dt.timedelta(seconds=KEY)
        else:
            self._answer, self._next_key = None, None
        if key:
            self.line.press(self.handset, key)

    def _named_at(self, question: Question) -> dt.datetime | None:
        """When the person knows what to press; None while it is not known yet."""
        wanted = self._prompts(question)
        said = [e for e in self.handset.transcript[question.number :] if e["what"] == "say"]
        if self.habit is Habit.WHEN_NAMED:
            for entry in said:
                at = dt.datetime.fromisoformat(entry["at"])
                place = find_key(entry["text"], self._keys)
                if question.name in DIGITS and entry["text"] == wanted[-1:][0]:
                    place = entry["text"].find(".") + 1
                if place is not None:
                    return at + dt.timedelta(seconds=place / CHARACTERS_A_SECOND)
        if len(said) < len(wanted):
            return None
        if not said:
            return question.at
        began = dt.datetime.fromisoformat(said[-1]["at"])
        return began + dt.timedelta(seconds=seconds_to_speak(said[-1]["text"]))

    def _prompts(self, question: Question) -> list[str]:
        """The sentences of the question, as its document has them."""
        before = [entry["what"] for entry in self.handset.transcript[: question.number]]
        pages = [place for place, what in enumerate(before) if what == "document"]
        earlier = before[pages[-1] if pages else 0 :].count("gather")
        for webhook in reversed(self.line.office.webhooks):
            body = webhook["body"] or ""
            if webhook["call"] == self.handset.sid and "<Gather" in body:
                asked = list(ElementTree.fromstring(body).iter("Gather"))  # noqa: S314 - ours
                spoken = asked[min(earlier, len(asked) - 1)].iter("Say")
                said = [" ".join("".join(one.itertext()).split()) for one in spoken]
                return [text for text in said if text]
        return []


def find_key(text: str, keys: str) -> int | None:
    """Where a sentence has named this key: behind its digit, where it stands alone and last."""
    key = keys.rstrip("#")
    places = [place for place, character in enumerate(text) if character == key]
    alone = [place for place in places if _stands_alone(text, place)]
    return alone[-1] + 1 if alone else None


def _stands_alone(text: str, place: int) -> bool:
    around = f"  {text}  "[place : place + 5]  # two characters on both sides
    return not any(one.isdigit() for one in around[:2] + around[3:])


class Crowd:
    """All people of a story, and the handsets that they hold."""

    def __init__(self, line: WalkedLine, people: tuple[Person, ...], habit: Habit) -> None:
        """Nobody has called yet."""
        self.line, self.people, self.habit = line, people, habit
        self.begins = line.now()
        self.holders: list[Holder] = []
        self._dialled = {person.number: 0 for person in people}
        self._answered: set[str] = set()
        for person in people:
            if person.phone:
                line.office.phone(person.number).behave(person.phone)

    def act(self) -> None:
        """Everybody does what is due now."""
        now = self.line.now()
        for person in self.people:
            if (at := self._dials_at(person)) is not None and at <= now:
                self._dialled[person.number] += 1
                self._hold(person, self.line.office.dial(person.number, LINE), self.habit)
            for handset, at in self._ringing(person):
                if at <= now:
                    self._answered.add(handset.sid)
                    picked = self.line.office.phone(person.number).answer()
                    self._hold(person, picked, Habit.TO_THE_END)
        while self._anybody_acted():
            continue

    def _anybody_acted(self) -> bool:
        acted = [holder.act() for holder in self.holders]
        return any(acted)

    def due(self) -> Iterator[dt.datetime]:
        """When somebody does something next."""
        for person in self.people:
            if (at := self._dials_at(person)) is not None:
                yield at
            yield from (at for _, at in self._ringing(person))
        for holder in self.holders:
            if (at := holder.due()) is not None:
                yield at

    def _hold(self, person: Person, handset: Handset, habit: Habit) -> None:
        self.holders.append(Holder(self.line, person, handset, habit))
        self.line.settle()

    def _dials_at(self, person: Person) -> dt.datetime | None:
        dialled = self._dialled[person.number]
        if dialled >= len(person.calls):
            return None
        return self.begins + dt.timedelta(seconds=person.calls[dialled])

    def _ringing(self, person: Person) -> Iterator[tuple[Handset, dt.datetime]]:
        """The ringing handset of this person, and when it is picked up."""
        if not person.rings:
            return
        for turn, handset in enumerate(self.line.office.phone(person.number).handsets):
            rings = person.rings[min(turn, len(person.rings) - 1)]
            call = handset._call
            if call.ringing and handset.sid not in self._answered and rings is not None:
                yield handset, call.created + dt.timedelta(seconds=rings)
