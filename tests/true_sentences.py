"""The state in which each sentence of the waiting room is true, in words that are not the line's,
and the state in which those of the whisper are.

The rules of `routing/caller/news.py` choose a sentence; this table says what must then be so. Unit
tests, the storm of random events and every story hold each document that a waiting caller hears
against it, and the stories what an engineer hears first. `tests/routing/test_whispers.py` has the
whole table of the whisper.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from carrier import prompts
from routing.call import Call, CallOutcome, Stage
from routing.escalation.queue_position import QueueEstimate
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.line import LAST_RESORT
from routing.page import LegState, Page
from routing.voice_document import Act, Document, Menu, Say

A_MINUTE = dt.timedelta(minutes=1)
NEAR = dt.timedelta(seconds=15)


@dataclass(frozen=True)
class Moment:
    """What is so when a sentence is said: the sentence's values are as they are spoken."""

    call: Call
    incident: Incident
    now: dt.datetime
    language: str
    place: QueueEstimate | None = None

    @property
    def ringing(self) -> list[Page]:
        """The telephones that the carrier was asked to ring, and that nobody has answered."""
        return [leg for leg in self.incident.pages if leg.state is LegState.RINGING]

    @property
    def people(self) -> set[str]:
        return {leg.engineer for leg in self.ringing}

    @property
    def newcomers(self) -> set[str]:
        """Who rings and was never rung about this before."""
        return {leg.engineer for leg in self.ringing if not leg.retried}

    @property
    def earlier(self) -> set[str]:
        """Who was rung about this before, or is being rung."""
        return set(self.incident.escalation.rung)

    @property
    def at_once(self) -> bool:
        """Whoever rings was among the first who were rung, all at the same moment."""
        began = self.incident.escalation.pass_began
        return all(leg.at == began and not leg.retried for leg in self.ringing)

    @property
    def holder(self) -> LegState | None:
        """What the person who has the call is doing."""
        return next((leg.state for leg in self.incident.pages if leg.live and leg.won), None)

    @property
    def silent(self) -> bool:
        """No telephone of an engineer rings, and nobody listens to the question."""
        waits = (LegState.PLACING, LegState.RINGING, LegState.LISTENING)
        return not any(leg.state in waits for leg in self.incident.pages)

    @property
    def busy(self) -> set[str]:
        """Who is waited for because another caller has them."""
        return {c.engineer for c in self.incident.escalation.candidates if c.wait_left(self.now)}

    @property
    def doing(self) -> EscalationPhase:
        return self.incident.escalation.phase

    @property
    def open(self) -> bool:
        return self.incident.state in (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)

    @property
    def acquainted(self) -> set[str | None]:
        talked = self.call.answered_by if self.call.answered_at else None
        return {talked, self.incident.acknowledged_by, self.incident.previous_engineer} - {None}

    def resumes_in(self) -> dt.timedelta:
        return (self.incident.escalation.resumes_at or self.now) - self.now

    def spoken(self, length: dt.timedelta) -> str:
        return prompts.format_duration(self.language, length)


Values = dict[str, str]
Truth = Callable[[Moment, Values], bool]
WAITS = (Stage.WAITING, Stage.BRIDGED)


def _minutes(m: Moment, v: Values) -> bool:
    waited = m.now - (m.call.parked_at or m.now)
    near = {round((waited + off) / A_MINUTE) for off in (-NEAR, NEAR, NEAR * 0)}
    right = [k for k in near if k and abs(waited - k * A_MINUTE) <= NEAR]
    return v["waited"] in [m.spoken(k * A_MINUTE) for k in right]


TRUE: dict[str, tuple[str, Truth]] = {
    "rings_first_one": (
        "one person's telephone rings, and nobody else was rung about this before it",
        lambda m, v: len(m.people) == 1 and (m.earlier <= m.people or m.at_once),
    ),
    "rings_first_many": (
        "the telephones of so many people ring, and nobody else was rung about this before",
        lambda m, v: len(m.people) == int(v["count"]) > 1 and (m.earlier <= m.people or m.at_once),
    ),
    "rings_next_one": (
        "one person's telephone rings for the first time, after another's",
        lambda m, v: len(m.newcomers) == 1 and bool(m.earlier - m.newcomers) and not m.at_once,
    ),
    "rings_next_many": (
        "the telephones of so many people ring for the first time, after another's",
        lambda m, v: len(m.newcomers) == int(v["count"]) > 1 and bool(m.earlier - m.newcomers),
    ),
    "rings_on": (
        "a telephone rings, of people who were rung before",
        lambda m, v: bool(m.people) and not m.newcomers and LAST_RESORT not in m.people,
    ),
    "rings_your_engineer": (
        "who rings is one engineer, who has the report or had it, or has talked with the caller",
        lambda m, v: len(m.people) == 1 and m.people <= m.acquainted,
    ),
    "rings_last_resort": (
        "a telephone of the last resort rings",
        lambda m, v: LAST_RESORT in m.people,
    ),
    "last_resort_busy": (
        "no telephone rings, because the last resort is on another call",
        lambda m, v: m.silent and LAST_RESORT in m.busy,
    ),
    "all_busy": (
        "no telephone rings, and all who were or would be rung, several, are on another call",
        lambda m, v: m.silent and len(m.busy) > 1 and m.earlier <= m.busy,
    ),
    "some_busy": (
        "no telephone rings, because somebody is on another call",
        lambda m, v: m.silent and bool(m.busy),
    ),
    "nobody_yet": (
        "nobody has it, no telephone rings, and the next pass begins within seconds",
        lambda m, v: (
            m.open and m.silent and m.holder is None and m.resumes_in().total_seconds() <= 15
        ),
    ),
    "resting": (
        "nobody has it, no telephone rings, and everybody is rung after the time that is said",
        lambda m, v: m.silent and m.holder is None and v["left"] == m.spoken(m.resumes_in()),
    ),
    "row_rings": (
        "a telephone at the desk rings",
        lambda m, v: bool(m.people) and m.incident.request is None and m.incident.urgency > 1,
    ),
    "row_rings_specialist": (
        "a specialist's telephone rings",
        lambda m, v: bool(m.people) and m.incident.request is not None,
    ),
    "taken_for_you": (
        "somebody pressed the key and is being connected",
        lambda m, v: m.holder in (LegState.CONNECTING, LegState.TALKING),
    ),
    "engineer_calls": (
        "whoever has it is calling the customer's number",
        lambda m, v: m.holder is LegState.CALLING,
    ),
    "engineer_decides": (
        "whoever has it is on the telephone with the line, saying what became of it",
        lambda m, v: m.holder in (LegState.CLOSING, LegState.DICTATING, LegState.OFFERED),
    ),
    "row_first": (
        "the caller is the first in the queue of the desk",
        lambda m, v: m.place is not None and m.place.number == 1,
    ),
    "row_place": (
        "the caller has that place in the queue of the desk",
        lambda m, v: m.place is not None and str(m.place.number) == v["place"],
    ),
    "row_wait": (
        "the estimate is that, and at most an hour",
        lambda m, v: (
            m.place is not None and m.place.wait is not None and m.spoken(m.place.wait) == v["wait"]
        ),
    ),
    "row_wait_long": (
        "the estimate is more than an hour",
        lambda m, v: (
            m.place is not None and m.place.wait is not None and m.place.wait > 60 * A_MINUTE
        ),
    ),
    "waited": ("the caller waits for that long, within fifteen seconds", _minutes),
    "waiting_keys": ("level 1 waits", lambda m, v: m.incident.urgency == 1),
    "row_keys": ("a lower level waits", lambda m, v: m.incident.urgency > 1),
    "hold_keys_again": ("the caller waits", lambda m, v: m.call.stage in WAITS),
    "request_stays": (
        "it is a request about a virus database, which stays when the caller goes",
        lambda m, v: m.incident.request is not None,
    ),
    "premium_left_none": ("none is left", lambda m, v: m.incident.few_left == 0),
    "premium_left_one": ("this is the last one", lambda m, v: m.incident.few_left == 1),
    "premium_left_many": ("so many", lambda m, v: str(m.incident.few_left) == v["left"]),
    "no_such_key": ("always", lambda m, v: True),
    "no_number": ("no number is known", lambda m, v: m.incident.dialled is None),
    "callback_noted": (
        "a callback is promised at level 1",
        lambda m, v: m.call.stage is Stage.CALLBACK and m.incident.urgency == 1,
    ),
    "row_callback_noted": (
        "a callback is promised at a lower level",
        lambda m, v: m.call.stage is Stage.CALLBACK and m.incident.urgency > 1,
    ),
}
"""Each sentence that a hold document may say, when it is true in words, and the test of that."""

WHISPERED: dict[str, tuple[str, Truth]] = {
    "whisper_priority": ("level 1", lambda m, v: m.incident.urgency == 1),
    "whisper_service_desk": ("a lower level", lambda m, v: m.incident.urgency > 1),
    "whisper_verified": ("a PIN was right", lambda m, v: m.incident.entitlement.verified),
    "whisper_unverified": ("no PIN was right", lambda m, v: not m.incident.entitlement.verified),
    "whisper_number_of": (
        "no PIN was right, and the caller's number belongs to this company",
        lambda m, v: (
            not m.incident.entitlement.verified and v["company"] == (m.call.number_of or "")
        ),
    ),
    "whisper_waits": (
        "the caller is on the line, for so long",
        lambda m, v: m.call.live and v["waited"] == m.spoken(m.now - (m.call.parked_at or m.now)),
    ),
    "whisper_gone": ("the caller has hung up", lambda m, v: not m.call.live),
    "whisper_wants_callback": (
        "the caller was promised a callback",
        lambda m, v: CallOutcome.CALLBACK in (m.call.outcome, m.call.fate),
    ),
}
"""The same for what an engineer hears before the key."""


@cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    spoken = prompts.read_spoken(language)
    made = {}
    for prompt in (*TRUE, *WHISPERED):
        plain = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(spoken[prompt]))
        made[prompt] = re.compile(plain)
    return made


def find_untrue(texts: list[str], moment: Moment) -> Iterator[str]:
    """The sentences of a document of the waiting room that are not true, and those that no rule
    knows. A text may be the words of several sentences: one of them has to be true."""
    for text in texts:
        found = _match(text, moment, TRUE)
        if True not in found.values():
            rules = [f"{prompt}: {TRUE[prompt][0]}" for prompt in found] or ["no rule knows it"]
            yield f"{text!r} ({'; '.join(rules)})"


def find_untrue_whispers(texts: list[str], moment: Moment) -> Iterator[str]:
    """The sentences of a whisper that the table knows, and that are not true."""
    for text in texts:
        found = _match(text, moment, WHISPERED)
        if found and True not in found.values():
            yield f"{text!r} ({'; '.join(WHISPERED[prompt][0] for prompt in found)})"


def _match(text: str, moment: Moment, rules: Mapping[str, tuple[str, Truth]]) -> dict[str, bool]:
    """The sentences that these words may be, and whether each is true."""
    made = _patterns(moment.language)
    found = {prompt: match for prompt in rules if (match := made[prompt].fullmatch(text))}
    return {prompt: rules[prompt][1](moment, match.groupdict()) for prompt, match in found.items()}


def say_texts(document: Document) -> list[str]:
    """The words of a document, those inside menus included."""
    spoken: list[Act] = []
    for act in document.acts:
        spoken += act.spoken if isinstance(act, Menu) else (act,)
    return [
        prompts.render_sentence(document.language, one.prompt, dict(one.values))
        for one in spoken
        if isinstance(one, Say)
    ]
