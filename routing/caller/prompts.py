"""The documents for the caller: each follows from the case and the line alone.

The same question twice therefore gets the same answer, however often the carrier asks. Questions
of one key are in `menus.py`, and what a caller hears on hold is in `hold.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from routing.call import Call, CallOutcome, Preamble, Stage
from routing.caller import hold, leaving, menus, news, signature_request
from routing.caller.questions import CallerView
from routing.contracts import coverage
from routing.contracts.plans import Door
from routing.incident import EscalationPhase
from routing.voice_document import (
    Act,
    AskDigits,
    Dial,
    Document,
    Enqueue,
    HangUp,
    Menu,
    Next,
    Pause,
    Record,
    Redirect,
    Say,
    Spoken,
    say,
)

INTRODUCTION_SECONDS = 15
MATTER_SECONDS = 20
MESSAGE_SECONDS = 180
STAY_SECONDS = 4
RESCUE_SECONDS = 25

RESCUES_TOLD = 8
"""The attempts at the last resort between those of which the caller is told, about a minute each.
"""

PLAN_REMARKS = (Preamble.NO_PHONE, Preamble.PLAN_HOURS)
"""The preambles that name the caller's plan."""

SPOKEN_REMARKS = frozenset(Preamble) - {
    Preamble.NONE,
    Preamble.WELCOME,
    Preamble.REPEAT,
    Preamble.SILENT,
    Preamble.CALLED_AGAIN,
    Preamble.KNOWS_UNRUNG,
    Preamble.RAISED,
}
"""The preambles that are a sentence of their own. The others change a sentence that follows."""


def build_caller_document(view: CallerView) -> Document:
    """The next document for the caller."""
    build = DOCUMENTS.get(view.call.stage, ask_for_key)
    return Document(view.call.language, build(view), slow=view.call.slow)


def ask_for_key(view: CallerView) -> tuple[Act, ...]:
    """A menu of one key. Silence asks the same address without a key."""
    call = view.call
    then = Next("call.key", call.id, call.turn)
    before, question = say_preamble(view), menus.MENUS[call.stage].say(view)
    hears = call.stage.value
    if call.pause:
        return (*before, Menu(question, then, hears=hears), Redirect(then))
    return (Menu((*before, *question), then, hears=hears), Redirect(then))


def say_preamble(view: CallerView) -> tuple[Spoken, ...]:
    """The sentence that comes before the question."""
    call, line = view.call, view.line
    if call.remark is Preamble.WELCOME:
        return (say("welcome", line=line.name_in(call.language)),)
    if call.remark in (Preamble.NOTHING_WAITS, Preamble.RUNG_ENOUGH):
        return (say("welcome", line=line.name_in(call.language)), say(call.remark.value))
    if call.pause:
        return say_pause(call.remark, call.pause)
    if call.remark in PLAN_REMARKS:
        return say_plan(view)
    if call.remark in SPOKEN_REMARKS:
        return (say(call.remark.value),)
    return ()


LONGEST_PAUSE = 4
"""Seconds of silence after which a caller might think that the line is dead."""


def say_pause(remark: Preamble, seconds: int) -> tuple[Spoken, ...]:
    """The sentence and the pause after it, with a word in the middle of a long one."""
    spoken: list[Spoken] = [say(remark.value)]
    while seconds > LONGEST_PAUSE:
        spoken += [Pause(LONGEST_PAUSE), say("one_moment")]
        seconds -= LONGEST_PAUSE
    return (*spoken, Pause(seconds))


def say_plan(view: CallerView) -> tuple[Spoken, ...]:
    """What the caller's plan does not include."""
    plan = coverage.plan_of_caller(view.line, view.call)
    if plan is None:
        return ()
    name = plan.name(view.call.language)
    if view.call.remark is Preamble.PLAN_HOURS:
        return (say("plan_hours", plan=name),)
    ways = "_".join(door for door in (Door.PORTAL, Door.EMAIL) if plan.allows(door))
    if not ways:  # the file was changed during the call
        return ()
    return (say(f"plan_without_phone_{ways}", plan=name),)


def ask_contract(view: CallerView) -> tuple[Act, ...]:
    """Ask for the contract number, with help after an error."""
    then = Next("call.contract", view.call.id, view.call.turn)
    if needs_help(view.call):
        return ask_digits(view, say("ask_contract_help"), then)
    return ask_digits(view, say("ask_contract"), then)


def ask_pin(view: CallerView) -> tuple[Act, ...]:
    """Ask for the PIN, with help after an error. The last digit ends it."""
    then, length = Next("call.pin", view.call.id, view.call.turn), view.line.pin.length
    if needs_help(view.call):
        return ask_digits(view, say("ask_pin_help", digits=length), then, length)
    asked = "ask_pin_meanwhile" if view.call.holds else "ask_pin"
    return ask_digits(view, say(asked), then, length)


def needs_help(call: Call) -> bool:
    """True after a silence or a wrong PIN."""
    return call.silences + call.tries > 0


def ask_digits(
    view: CallerView, question: Say, then: Next, digits: int | None = None
) -> tuple[Act, ...]:
    """Ask for a number. A pause comes before the question: no key skips it."""
    before = say_preamble(view)
    if view.call.pause:
        return (*before, AskDigits((question,), then, digits), Redirect(then))
    return (AskDigits((*before, question), then, digits), Redirect(then))


def record(view: CallerView, then: Next, seconds: int) -> Record:
    """Record the caller until a silence of the length that the file gives."""
    return Record(then, seconds, round(view.line.silence.total_seconds()))


def ask_name(view: CallerView) -> tuple[Act, ...]:
    """Ask for a spoken name and company. The sentence says what comes after it."""
    then = Next("call.introduced", view.call.id, view.call.turn)
    asked = say("ask_name_message" if view.call.unrung else "ask_name")
    return (asked, record(view, then, INTRODUCTION_SECONDS), Redirect(then))


def ask_matter(view: CallerView) -> tuple[Act, ...]:
    """Ask what is wrong, while people are rung."""
    then = Next("call.matter", view.call.id, view.call.turn)
    return (say("ask_matter"), record(view, then, MATTER_SECONDS), Redirect(then))


def ask_message(view: CallerView) -> tuple[Act, ...]:
    """Ask for a message."""
    then = Next("call.message", view.call.id, view.call.turn)
    return (*say_message_prompt(view), record(view, then, MESSAGE_SECONDS), Redirect(then))


def say_message_prompt(view: CallerView) -> tuple[Say, ...]:
    """The sentences that ask for a message, by what has become of the call so far."""
    call, incident = view.call, view.incident
    phase = EscalationPhase.QUIET
    if incident is not None:
        phase = incident.escalation.phase
        if call.remark is Preamble.RAISED:
            return (say("ask_message_raised", number=incident.number),)
        if signature_request.asks_about_file(call, incident):
            return signature_request.ask_about_file(call, incident, view.line)
    if call.told_later or phase is EscalationPhase.LATER:
        return (say("ask_message_later"),)
    if is_beside(view) and call.entitlement.verified:  # the line knows who speaks
        return (say("ask_message_later"),)
    if phase is EscalationPhase.ROW:
        return (say("ask_message_row"),)
    if call.parked_at is not None and phase is not EscalationPhase.QUIET:
        return (say("ask_message"),)
    if call.remark is Preamble.KNOWS_UNRUNG:
        return (say("ask_message_unrung"),)
    return (say("ask_message_only"),)


def is_beside(view: CallerView) -> bool:
    """True for a caller whose colleague is on the line about the incident."""
    return view.incident is not None and view.incident.call not in (None, view.call.id)


def enqueue(view: CallerView) -> tuple[Act, ...]:
    """Put the caller into their own queue."""
    call = view.call
    wait, then = Next("call.wait", call.id, call.turn), Next("call.left", call.id, call.turn)
    spoken = say_preamble(view)
    if not spoken and news.is_in_desk_queue(view.incident):
        spoken = (say("in_row"),)
    elif not spoken and not call.rescues:
        spoken = (say("parked"),)
    return (*spoken, Enqueue(call.queue, wait, then))


def ask_if_all(view: CallerView) -> tuple[Act, ...]:
    """Ask a caller who stays after a conversation whether this was all. Any key says no, and so
    does waiting."""
    stayed = Next("call.stayed", view.call.id, view.call.turn)
    spoken = (*news.say_what_ended(view.call, view.incident), say("was_this_all"))
    return (Menu(spoken, stayed, STAY_SECONDS), Redirect(stayed))


def dial_last_resort(view: CallerView) -> tuple[Act, ...]:
    """Dial the last resort from this document, number after number with each attempt."""
    call, line = view.call, view.line
    whisper, then = Next("call.rescue", call.id), Next("call.rescued", call.id, call.turn)
    dial = Dial(leaving.find_rescue_number(call, line), line.number, then, RESCUE_SECONDS, whisper)
    if call.rescues == 1:
        return (say("rescue"), dial)
    if call.rescues % RESCUES_TOLD == 0:
        return (say("rescue_on"), dial)
    return (dial,)  # the telephone is heard to ring


def take_leave(view: CallerView) -> tuple[Act, ...]:
    """The last sentence."""
    return (*say_farewell(view), HangUp())


def say_farewell(view: CallerView) -> tuple[Say, ...]:
    """The last sentence, by how the call counts."""
    call, incident = view.call, view.incident
    if call.rings_back is not None:
        return (say("rings_you_back"),)
    if call.fate is CallOutcome.REJECTED:
        return (say("heard_nothing"),)
    number = 0
    if incident is not None:
        number = incident.number
    if call.fate is CallOutcome.MESSAGE:
        return (say("message_farewell", number=number),)
    if call.fate is None and is_beside(view):
        return (say("called_again", number=number), say("goodbye"))
    if call.fate is not CallOutcome.REGISTERED or call.told_later:
        return (say("goodbye"),)
    registered = "registered"
    if call.remark is Preamble.CALLED_AGAIN:
        registered = "called_again"
    return (
        say(registered, number=number),
        *news.say_few_left(incident),
        say("registered_farewell"),
    )


def hang_up(view: CallerView) -> tuple[Act, ...]:
    """The call is over."""
    return (HangUp(),)


DOCUMENTS: dict[Stage, Callable[[CallerView], tuple[Act, ...]]] = {
    Stage.CONTRACT: ask_contract,
    Stage.PIN: ask_pin,
    Stage.INTRODUCE: ask_name,
    Stage.MATTER: ask_matter,
    Stage.MESSAGE: ask_message,
    Stage.WAITING: enqueue,
    Stage.BRIDGED: enqueue,
    Stage.RETURNING: ask_if_all,
    Stage.RESCUE: dial_last_resort,
    Stage.CALLBACK: hold.note_callback,
    Stage.FAREWELL: take_leave,
    Stage.ENDED: hang_up,
}
"""The document of each stage that is not a menu."""
