"""What a caller hears on hold: what is being done, the time waited, the keys, and music.

Each loop is one document, and ends with the address of the next. That address says what was heard
so far, so that a loop says only what is new. `news.py` chooses what is true, and `waiting.py` has
what the keys do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from routing.call import Preamble, Stage
from routing.caller import menus, news
from routing.caller.questions import CallerView
from routing.escalation.queue_position import QueueEstimate
from routing.incident import Incident
from routing.page import LegState
from routing.voice_document import (
    Act,
    Document,
    HangUp,
    LeaveQueue,
    Menu,
    Music,
    Next,
    Redirect,
    Say,
    Spoken,
    Value,
    say,
)

A_MINUTE = dt.timedelta(minutes=1)

BEGINS = dt.timedelta(seconds=20)
"""A caller who asks for the first loop after this time has heard one before: the carrier starts
over after a message, or after a connection that failed."""

EARLY, LATE = dt.timedelta(seconds=10), dt.timedelta(seconds=12)
"""How far from the minute the time waited may be said. One loop is shorter than the two."""

SAME_AFTER = 7
"""A sentence is not repeated within so many minutes: it is heard twice in twelve at most."""

KEYS_EVERY = 3
"""The loops between those in which the keys may be said."""

REMIND_AFTER = 3
"""The minutes between the keys and the sentence that says how to hear them again."""

TOO_LATE = dt.timedelta(seconds=15)
TOO_LATE_IN_QUEUE = dt.timedelta(minutes=1)
"""The delay that is too late in the desk queue: a hiccup should cost no caller the position."""

LONGEST_COUNT = 6
"""Digits of a count in the address of a loop."""

SPOKEN_ONCE = (Preamble.NO_SUCH_KEY, Preamble.NO_NUMBER)


@dataclass(frozen=True, slots=True)
class HoldLoop:
    """The number of the loop, from 1, and what was said in which minute of the wait, the latest
    last. A sentence with a value in it is named with the value."""

    number: int = 1
    said: tuple[tuple[str, int], ...] = ()

    def minute_of(self, name: str) -> int | None:
        """The minute in which this sentence was last said, with whatever value."""
        found = [minute for known, minute in self.said if known.partition("-")[0] == name]
        return next(iter(found), None)

    def last_of(self, names: Iterable[str]) -> str:
        """Which of these sentences was said last, with its value."""
        found = [known for known, _ in self.said if known.partition("-")[0] in names]
        return next(reversed(found), "")

    def add(self, name: str, minute: int) -> HoldLoop:
        """The same loop, with one more sentence said."""
        kept = [one for one in self.said if one[0].partition("-")[0] != name.partition("-")[0]]
        return replace(self, said=(*kept, (name, minute)))

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query of the address that continues here."""
        said = "~".join(f"{name}.{minute}" for name, minute in self.said)
        return (("loop", str(self.number)), ("said", said))


def read_loop(query: Mapping[str, str]) -> HoldLoop:
    """The loop that an address continues. An address without a query, or with one that is not
    ours, is the first one."""
    try:
        number = _read_count(query.get("loop", "1"))
        parts = [one.partition(".") for one in query.get("said", "").split("~") if one]
        said = tuple((name, _read_count(minute)) for name, _, minute in parts)
        return HoldLoop(max(number, 1), said)
    except ValueError:
        return HoldLoop()


def _read_count(text: str) -> int:
    """A count of loops or minutes. Raises ValueError."""
    if len(text) > LONGEST_COUNT:
        raise ValueError("nobody waits that long")
    return int(text)


def build_hold_document(
    view: CallerView,
    now: dt.datetime,
    estimate: QueueEstimate | None = None,
    loop: HoldLoop | None = None,
    *,
    answered_key: bool = False,
) -> Document:
    """One loop of the hold document."""
    call, incident = view.call, view.incident
    acts: tuple[Act, ...]
    if incident is not None and call.stage in (Stage.WAITING, Stage.BRIDGED):
        writer = LoopWriter(view, incident, now, loop or HoldLoop())
        acts = writer.write(estimate, answered_key=answered_key)
    elif call.stage is Stage.CALLBACK:
        acts = note_callback(view)
    elif call.stage is Stage.ENDED:
        acts = (HangUp(),)
    else:
        acts = (LeaveQueue(),)
    return Document(call.language, acts, slow=call.slow)


class LoopWriter:
    """Writes one loop, and remembers what it says for the next."""

    def __init__(
        self, view: CallerView, incident: Incident, now: dt.datetime, loop: HoldLoop
    ) -> None:
        self.view, self.incident, self.now = view, incident, now
        self.waited = max(now - (view.call.parked_at or now), dt.timedelta(0))
        self.minute = self.waited // A_MINUTE
        self.begins = now - (view.call.on_hold_since or now) < BEGINS
        if loop == HoldLoop():
            if not self.begins:
                loop = HoldLoop(2)
            loop = loop.add(view.call.remark.value, self.minute)  # was said on the way here
        self.loop = loop
        self.spoken: list[Spoken] = []

    def write(self, estimate: QueueEstimate | None, *, answered_key: bool) -> tuple[Act, ...]:
        """What is new, the keys where they are due, and music. A key stops any of it."""
        music = Music(self.loop.number - 1)
        winner = self.incident.winner()
        if winner is not None:
            self.say_changed(news.say_who_has_it(winner))
            return (*self.spoken, music, Redirect(self.continue_at("call.wait")))
        self.say_all(estimate, answered_key=answered_key)
        spoken = (*self.spoken, music)
        key = Menu(spoken, self.continue_at("call.wait_key"), seconds=1)
        return (key, Redirect(self.continue_at("call.wait")))

    def continue_at(self, name: str) -> Next:
        """The address of the next loop, or of a key in this one."""
        call, after = self.view.call, replace(self.loop, number=self.loop.number + 1)
        return Next(name, call.id, call.turn, after.query)

    def say_all(self, estimate: QueueEstimate | None, *, answered_key: bool) -> None:
        """Say the news, the time waited, and the keys. A key that leads nowhere, or asks for them,
        is answered with all of it."""
        remark = self.view.call.remark
        if answered_key and remark in SPOKEN_ONCE:
            self.spoken.append(say(remark.value))
        for one in news.say_position(self.incident, estimate):
            self.say_place(one)
        progress = news.say_progress(self.view.call, self.incident, self.now)
        if progress is not None:
            self.say_changed(progress, always=answered_key)
        told = self.say_minute()
        refused = answered_key and remark is Preamble.NO_NUMBER  # names the key that is left
        if not refused and (answered_key or not told):
            self.say_keys(always=answered_key)
        few_left = news.say_few_left(self.incident)
        if few_left and self.loop.minute_of("premium_left") is None and self.begins:
            self.spoken.extend(few_left)
            self.loop = self.loop.add("premium_left", self.minute)

    def say_changed(self, sentence: Say, *, always: bool = False) -> None:
        """Say the news if it is another than was last said, and was not said a moment ago."""
        name = sentence.prompt
        before = self.loop.last_of(news.PROGRESS)
        changed = before != name and not news.is_less(name, before)
        if always or (changed and self.may_repeat(name)):
            self.spoken.append(sentence)
            self.loop = self.loop.add(name, self.minute)

    def say_place(self, sentence: Say) -> None:
        """Say the queue position, or the estimate, if it has changed."""
        name = "-".join((sentence.prompt, *(_name_value(value) for _, value in sentence.values)))
        kind = next(kind for kind in (news.POSITIONS, news.ESTIMATES) if sentence.prompt in kind)
        if self.loop.last_of(kind) != name:
            self.spoken.append(sentence)
            self.loop = self.loop.add(name, self.minute)

    def may_repeat(self, name: str) -> bool:
        """True for a sentence that was not said for some minutes."""
        before = self.loop.minute_of(name)
        return before is None or self.minute - before >= SAME_AFTER

    def say_minute(self) -> bool:
        """Say the time waited, once on each minute, later on each hour."""
        minute = round(self.waited / A_MINUTE)
        off = self.waited - minute * A_MINUTE
        told = self.loop.minute_of("waited")
        if minute < 1 or not -EARLY <= off <= LATE or (told is not None and told >= minute):
            return False
        if minute > 60 and minute % 60:
            return False
        self.spoken.append(say("waited", waited=minute * A_MINUTE))
        self.loop = self.loop.add("waited", minute)
        return True

    def say_keys(self, *, always: bool) -> None:
        """Say the keys, or between those how to hear them again."""
        if not always and self.loop.number % KEYS_EVERY != 1:
            return
        if always or self.may_repeat("keys"):
            self.spoken.extend(menus.MENUS[Stage.WAITING].say(self.view))
            if self.incident.urgency > 1 and self.incident.request is not None:
                self.spoken.append(say("request_stays"))
            self.loop = self.loop.add("keys", self.minute)
            return
        since = self.minute - (self.loop.minute_of("keys") or 0)
        again = self.loop.number == 1 + KEYS_EVERY or since >= REMIND_AFTER
        if again and self.may_repeat("hold_keys_again"):
            self.spoken.append(say("hold_keys_again"))
            self.loop = self.loop.add("hold_keys_again", self.minute)


def _name_value(value: Value) -> str:
    """A value as it stands in the name of a sentence: a whole number of minutes, or a count."""
    if isinstance(value, dt.timedelta):
        return str(value // A_MINUTE)
    return str(value)


def is_unattended(incident: Incident, now: dt.datetime) -> bool:
    """True when a job of this incident is so late that the workers do not seem to act."""
    legs, escalation = incident.legs(), incident.escalation
    placing = [leg.put_off or leg.at for leg in legs if leg.state is LegState.PLACING]
    ringing = [leg.rings_until for leg in legs if leg.state is LegState.RINGING]
    due = [*placing, *(at for at in (*ringing, escalation.resumes_at) if at is not None)]
    busy = [c.until for c in escalation.candidates if c.until]
    if busy and not legs:
        due.append(max(busy))
    patience = TOO_LATE
    if news.is_in_desk_queue(incident):
        patience = TOO_LATE_IN_QUEUE
    return incident.winner() is None and any(now - at > patience for at in due)


def note_callback(view: CallerView) -> tuple[Act, ...]:
    """Confirm the callback, and hang up."""
    return (say_callback(view.incident), HangUp())


def say_callback(incident: Incident | None) -> Say:
    """The sentence for a caller who is to be called back."""
    if incident is None:
        return say("callback_noted", number=0)
    if incident.urgency > 1:
        return say("row_callback_noted", number=incident.number)
    return say("callback_noted", number=incident.number)
