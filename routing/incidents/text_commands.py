"""The commands in an engineer's text: a number takes an incident; a word after it does more.

Unknown words are a note and take nothing: the text "1042 kan ik niet" must not end the ringing of
everybody else. The answer says so. Words go to the customer only after "klant:", "customer:",
"Kunde:" or "client:": "1042 klant neemt niet op" is a remark among colleagues. A number counts only
if it names an incident that the sender may take; any other number is one of the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.call import Call, RequestProgress
from routing.decision import Case
from routing.events import (
    AcknowledgedWithoutKey,
    AnsweredCustomer,
    CallWanted,
    Closed,
    CustomerReplied,
    IncidentEvent,
    Noted,
    RequestCame,
    Responded,
    WaitsForCustomer,
)
from routing.incident import ClockState, Incident, IncidentState
from routing.incidents.lifecycle import describe_progress, why_not
from routing.line import Line
from routing.message import Via
from routing.names import THUMBS, has_words, unify_spelling
from routing.notify.text_codes import is_unproven, lacks_proof
from routing.oncall.policy import name_of


class Verb(StrEnum):
    """What a text does with an incident."""

    TAKE = "take"
    RESPOND = "respond"
    WAIT = "wait"
    RESUME = "resume"
    CLOSE = "close"
    CONFIRM = "confirm"
    RELEASE = "release"
    CALL = "call"
    ANSWER = "answer"
    NOTE = "note"
    NOT_SENT = "not_sent"  # a note that begins as an answer to the customer would
    NOTHING = "nothing"  # a picture, a blank, a full stop


class CarrierWord(StrEnum):
    """The words that the carrier itself answers."""

    STOP = "stop"
    START = "start"
    HELP = "help"


STOP = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
START = frozenset(["start", "unstop"])
HELP = frozenset(["help", "info"])
"""Words that the carrier answers: STOP makes it drop our texts, START undoes that."""


WORDS = {
    "klaar": Verb.RESPOND,
    "beantwoord": Verb.RESPOND,
    "afgehandeld": Verb.RESPOND,
    "done": Verb.RESPOND,
    "responded": Verb.RESPOND,
    "fertig": Verb.RESPOND,
    "erledigt": Verb.RESPOND,
    "beantwortet": Verb.RESPOND,
    "fait": Verb.RESPOND,
    "terminé": Verb.RESPOND,
    "termine": Verb.RESPOND,
    "répondu": Verb.RESPOND,
    "repondu": Verb.RESPOND,
    "wacht": Verb.WAIT,
    "wait": Verb.WAIT,
    "wartet": Verb.WAIT,
    "attend": Verb.WAIT,
    "verder": Verb.RESUME,
    "resume": Verb.RESUME,
    "weiter": Verb.RESUME,
    "reprend": Verb.RESUME,
    "reprendre": Verb.RESUME,
    "dicht": Verb.CLOSE,
    "sluit": Verb.CLOSE,
    "close": Verb.CLOSE,
    "closed": Verb.CLOSE,
    "geschlossen": Verb.CLOSE,
    "schließen": Verb.CLOSE,
    "schliessen": Verb.CLOSE,
    "clos": Verb.CLOSE,
    "fermer": Verb.CLOSE,
    "fermé": Verb.CLOSE,
    "ferme": Verb.CLOSE,
    "bel": Verb.CALL,
    "call": Verb.CALL,
    "anrufen": Verb.CALL,
    "appeler": Verb.CALL,
    "appelle": Verb.CALL,
    "bevestigd": Verb.CONFIRM,
    "bevestig": Verb.CONFIRM,
    "confirm": Verb.CONFIRM,
    "confirmed": Verb.CONFIRM,
    "bestätigt": Verb.CONFIRM,
    "bestätigen": Verb.CONFIRM,
    "confirmé": Verb.CONFIRM,
    "confirme": Verb.CONFIRM,
    "vrijgegeven": Verb.RELEASE,
    "vrij": Verb.RELEASE,
    "release": Verb.RELEASE,
    "released": Verb.RELEASE,
    "freigegeben": Verb.RELEASE,
    "publié": Verb.RELEASE,
    "publie": Verb.RELEASE,
}

HAVE_WORDS = (Verb.WAIT, Verb.ANSWER)
"""Commands with words of their own, in which a figure is no code."""

YES = frozenset(
    (
        *("ok", "oke", "oké", "okee", "okay", "k", "ja", "jawel", "jep", "yes", "yep", "yeah"),
        *("j", "y", "akkoord", "prima", "goed", "roger", "neem", "aan", "aannemen"),
        *("aangenomen", "accepteer", "geaccepteerd", "pak", "doe", "take", "taken", "took"),
        *("accept", "accepted", "ack", "acked", "acknowledge", "acknowledged", "got", "mine"),
        *("jawohl", "übernehme", "nehme", "annehmen", "angenommen", "verstanden"),
        *("oui", "d'accord", "entendu", "j'accepte", "accepte", "accepter", "accepté"),
    )
)
"""Words that take an incident, with its number or without."""

ADDS_NOTHING = frozenset(
    (
        *("ik", "hem", "het", "'m", "die", "dit", "op", "is", "wordt", "geregeld"),
        *("incident", "nummer", "nr", "number", "i", "i'll", "ill", "i've", "i'm", "it"),
        *("this", "that", "one", "have", "will", "on", "me"),
        *("ich", "ihn", "vorfall", "nummer", "l'incident", "numéro"),
    )
)
"""Words that add nothing to a yes or to a number: "I'll take it 1042"."""


_TO_CUSTOMER = re.compile(
    r"(?:aan (?:de )?|to (?:the )?|an (?:den )?|au )?(?:klant|customer|kunden?|client)(?![\w'])"
    r"\s*(:?)\s*(.*)",
    re.IGNORECASE,
)
"""What begins an answer to the customer. Only the colon makes it one."""

_GAP = r"[\s:;,.\-]*"
_FIRST_NUMBER = re.compile(rf"#?([0-9]{{1,10}})(?![0-9]){_GAP}")
_WORD_THEN_NUMBER = re.compile(rf"([^\W\d_]+)[\s:,]+#?([0-9]{{1,10}})(?![0-9]){_GAP}")
_ANY_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,10}(?![0-9])")
_REACTION = re.compile(rf'(?:liked|[{THUMBS}] (?:to|op|bij)) "', re.IGNORECASE)
_CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_TOKEN = re.compile(rf'[{THUMBS}]|[^\s.,:;!#"{THUMBS}-]+')
_MOST_CHARACTERS = 160
_MOST_NUMBERS = 8
"""The part of a text in which numbers are looked for."""

Codes = Mapping[int, str | None]
"""The incidents that the sender may take: number to the code in the texts about it."""


@dataclass(frozen=True, slots=True)
class TextCommand:
    """A text as a command. ``number`` is None when it names no incident. ``code`` is the code that
    proves that the sender has read our text."""

    verb: Verb
    number: int | None = None
    words: str = ""
    code: str | None = None


def find_numbers(text: str) -> list[int]:
    """The first numbers of a text. Each may name an incident."""
    found = _ANY_NUMBER.findall(unify_spelling(text)[:_MOST_CHARACTERS])
    return list(dict.fromkeys(int(number) for number in found))[:_MOST_NUMBERS]


def find_first_number(text: str) -> int | None:
    """The number that a text begins with, or that follows a command's word at its beginning."""
    commands = _find_commands(unify_spelling(text).strip("\"' "))
    return next((number for number, _ in commands), None)


def find_carrier_word(text: str) -> CarrierWord | None:
    """The word of a text that the carrier itself answers, such as STOP."""
    word = unify_spelling(text).strip(" .,!\"'").casefold()
    return next((kind for kind, words in _CARRIER_WORDS if word in words), None)


def read(text: str, codes: Codes) -> TextCommand:
    """Read a text whose sender may take these incidents. Never raises."""
    said = unify_spelling(text).strip("\"' ")
    if not has_words(said):
        return TextCommand(Verb.NOTHING)
    if _REACTION.match(said):
        liked = _find_known(said, codes)
        if liked is None:
            return TextCommand(Verb.NOTHING)
        return TextCommand(Verb.TAKE, liked)
    for number, words in _find_commands(said):
        meant = _read_numbered(number, words, codes)
        if meant is not None:
            return meant
    return _read_loose(said, codes)


@dataclass(frozen=True, slots=True)
class CommandSource:
    """The text or mail with a command. ``id`` is the carrier's, or derived from the Message-ID, so
    that a repeated one stores one note."""

    id: str
    how: Via = Via.TEXT


def make_event(
    reply: TextCommand, incident: str, engineer: str, text: CommandSource
) -> IncidentEvent:
    """The event of a command."""
    how, text_id = text.how, text.id
    match reply.verb:
        case Verb.TAKE:
            return AcknowledgedWithoutKey(incident, engineer, how)
        case Verb.RESPOND:
            return Responded(incident, engineer, how)
        case Verb.WAIT:
            return WaitsForCustomer(incident, engineer, how, reply.words, text_id)
        case Verb.RESUME:
            return CustomerReplied(incident, engineer, how)
        case Verb.CLOSE:
            return Closed(incident, engineer, how)
        case Verb.CONFIRM:
            return RequestCame(incident, RequestProgress.CONFIRMED, engineer, how)
        case Verb.RELEASE:
            return RequestCame(incident, RequestProgress.RELEASED, engineer, how)
        case Verb.CALL:
            return CallWanted(incident, engineer, how)
        case Verb.ANSWER:
            return AnsweredCustomer(incident, text_id, engineer, how, reply.words)
        case Verb.NOTE | Verb.NOT_SENT:
            return Noted(incident, engineer, how, reply.words, text_id)
        case Verb.NOTHING:
            raise ValueError("a text without words is no event")


_CARRIER_WORDS = ((CarrierWord.STOP, STOP), (CarrierWord.START, START), (CarrierWord.HELP, HELP))


def _find_commands(said: str) -> list[tuple[int, str]]:
    """A number at the beginning, or after a command's word, with the other words."""
    first = _FIRST_NUMBER.match(said)
    if first is not None:
        return [(int(first[1]), said[first.end() :].strip())]
    turned = _WORD_THEN_NUMBER.match(said)
    if turned is not None and turned[1].casefold() in (*WORDS, *YES, *ADDS_NOTHING):
        return [(int(turned[2]), f"{turned[1]} {said[turned.end() :]}".strip())]
    return []


def _read_numbered(number: int, words: str, codes: Codes) -> TextCommand | None:
    """The command about this number. None when the number is only one of the words."""
    if number in codes:
        return _read_with_code(number, words, codes[number])
    theirs = _find_by_code(f"{number:04}", codes)
    command = _find_command(words, numbered=True)
    if theirs is not None and command is not None:
        return replace(command, number=theirs, code=f"{number:04}")
    if command is None:
        return None
    return replace(command, number=number)


def _read_loose(said: str, codes: Codes) -> TextCommand:
    """Read a text without a command at its beginning."""
    found = list(_ANY_NUMBER.finditer(said[:_MOST_CHARACTERS]))[:_MOST_NUMBERS]
    known = next((match for match in found if int(match[0]) in codes), None)
    named = known
    if named is None and len(found) == 1:
        (named,) = found
    if named is not None:
        rest = said[: named.start()] + said[named.end() :]
        if _is_only_yes(rest, numbered=True):
            return TextCommand(Verb.TAKE, int(named[0]))
    if known is not None:
        return _read_note(int(known[0]), said)
    return _find_command(said, numbered=False) or _read_note(None, said)


def _read_with_code(number: int, words: str, code: str | None) -> TextCommand:
    """Read a text about an incident that the sender may take. Its code is not one of the words."""
    given = [found for found in _CODE.finditer(words) if found[0] == code]
    if given:
        words = f"{words[: given[0].start()]} {words[given[0].end() :]}"
        return replace(_read_words(number, " ".join(words.split())), code=code)
    first = _CODE.match(words)
    if first is not None:
        command = _find_command(words[first.end() :].strip(), numbered=True)
        if command is not None and command.verb is Verb.ANSWER:
            return replace(command, number=number, code=first[0])
    lone = _CODE.findall(words)
    bare = _find_command(" ".join(_CODE.sub(" ", words).split()), numbered=True)
    if len(lone) == 1 and bare is not None and bare.verb not in HAVE_WORDS:
        return replace(bare, number=number, code=lone[0])
    return _read_words(number, words)


def _read_words(number: int, words: str) -> TextCommand:
    command = _find_command(words, numbered=True)
    if command is None:
        return _read_note(number, words)
    return replace(command, number=number)


def _read_note(number: int | None, words: str) -> TextCommand:
    """A note; one that begins as an answer to the customer is told apart, and is not sent."""
    if _TO_CUSTOMER.match(words) is None:
        return TextCommand(Verb.NOTE, number, words)
    return TextCommand(Verb.NOT_SENT, number, words)


def _find_command(words: str, *, numbered: bool) -> TextCommand | None:
    """The command in these words. None when they are only words."""
    if _is_only_yes(words, numbered=numbered):
        return TextCommand(Verb.TAKE)
    to_customer = _TO_CUSTOMER.fullmatch(words)
    if to_customer is not None and to_customer[1] and has_words(to_customer[2]):
        return TextCommand(Verb.ANSWER, None, to_customer[2])
    first, _, rest = words.partition(" ")
    verb = WORDS.get(first.casefold().strip(".,:;!\"'"))
    if verb is Verb.WAIT:
        return TextCommand(verb, None, rest.strip())
    if verb is None or not _is_only_yes(rest, numbered=True):
        return None
    return TextCommand(verb)


def _is_only_yes(words: str, *, numbered: bool) -> bool:
    """True when the words say yes. With a number, no word is needed."""
    said = _TOKEN.findall(words.casefold())
    yes = [word in YES or word in THUMBS for word in said]
    harmless = all(here or word in ADDS_NOTHING for here, word in zip(yes, said, strict=True))
    return harmless and (numbered or any(yes))


def _find_known(said: str, codes: Codes) -> int | None:
    return next((number for number in find_numbers(said) if number in codes), None)


def _find_by_code(code: str, codes: Codes) -> int | None:
    return next((number for number, kept in codes.items() if kept == code), None)


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """The key of a sentence, and its values."""

    words: str
    values: dict[str, str | int]


def answer(verb: Verb, engineer: str, after: Case, line: Line) -> CommandAnswer:
    """The sentence with the state of the incident now, or with the reason why the command did
    nothing. The same text again gets the same answer."""
    incident = after.incident
    if incident is None:
        return CommandAnswer("no_incident", {})
    words = ANSWERS[verb](engineer, incident, after.call)
    by = incident.acknowledged_by
    if words == "text_responded_by":
        by = incident.responded_by
    name = name_of(line, by) or by or ""
    company = incident.customer or ""
    return CommandAnswer(words, {"number": incident.number, "name": name, "company": company})


def answer_take(engineer: str, incident: Incident, call: Call | None) -> str:
    """Who has it now."""
    if incident.state in (IncidentState.RESPONDED, IncidentState.CLOSED):
        return f"is_{incident.state}"
    if incident.state is IncidentState.OPEN:
        return "take_needs_code"
    if incident.acknowledged_by != engineer:
        return "taken"
    if call is not None and call.holds:
        return "acknowledged_waits"
    return "acknowledged"


def answer_respond(engineer: str, incident: Incident, call: Call | None) -> str:
    """Who has responded to it."""
    if incident.state is IncidentState.RESPONDED:
        return "text_responded" if incident.responded_by == engineer else "text_responded_by"
    return why_not(incident, call, Responded) or "needs_code"


def answer_wait(engineer: str, incident: Incident, call: Call | None) -> str:
    """Whether it waits for the customer, and whether the clock is paused."""
    if incident.waiting_since is None:
        return why_not(incident, call, WaitsForCustomer) or "not_waiting"
    words = "text_waits" if incident.clock.state is ClockState.PAUSED else "text_waits_plain"
    if incident.reached or not lacks_proof(incident, engineer):
        return words
    return f"{words}_code"


def answer_resume(engineer: str, incident: Incident, call: Call | None) -> str:
    """Whether it still waits for the customer."""
    return "not_waiting" if incident.waiting_since is None else "text_waits_plain"


def answer_close(engineer: str, incident: Incident, call: Call | None) -> str:
    """Whether it is closed, or why not."""
    if incident.state is IncidentState.CLOSED:
        return "text_closed"
    return why_not(incident, call, Closed) or "needs_code"


def answer_call(engineer: str, incident: Incident, call: Call | None) -> str:
    """Whether the engineer is rung, or why not."""
    return why_no_call(incident, engineer) or "rung_first"


def answer_note(engineer: str, incident: Incident, call: Call | None) -> str:
    """That the note is stored; when nobody has the incident, that a note does not take it."""
    return "text_noted_open" if incident.state is IncidentState.OPEN else "text_noted"


def answer_not_sent(engineer: str, incident: Incident, call: Call | None) -> str:
    """That the note was not sent to the customer, and how it would be."""
    return "text_not_sent_open" if incident.state is IncidentState.OPEN else "text_not_sent"


def answer_answer(engineer: str, incident: Incident, call: Call | None) -> str:
    """That the words go to the customer, or why not."""
    if not is_unproven(incident, engineer):
        return "text_answered"
    return "answer_needs_code" if incident.urgency == 1 else "answer_needs_link"


def answer_nothing(engineer: str, incident: Incident, call: Call | None) -> str:
    """That the text was empty."""
    return "nothing_said"


ANSWERS: dict[Verb, Callable[[str, Incident, Call | None], str]] = {
    Verb.TAKE: answer_take,
    Verb.RESPOND: answer_respond,
    Verb.WAIT: answer_wait,
    Verb.RESUME: answer_resume,
    Verb.CLOSE: answer_close,
    Verb.CONFIRM: describe_progress,
    Verb.RELEASE: describe_progress,
    Verb.CALL: answer_call,
    Verb.ANSWER: answer_answer,
    Verb.NOTE: answer_note,
    Verb.NOT_SENT: answer_not_sent,
    Verb.NOTHING: answer_nothing,
}


def why_no_call(incident: Incident, engineer: str) -> str | None:
    """The key of the sentence that says why this engineer cannot call the customer through the
    line now. None when they can."""
    if incident.state in (IncidentState.RESPONDED, IncidentState.CLOSED):
        return f"is_{incident.state}"
    if incident.state is not IncidentState.ACKNOWLEDGED or incident.acknowledged_by != engineer:
        return "not_in_your_name"
    if is_other_talking(incident, engineer):
        return "on_the_telephone"
    if incident.dialled is None:
        return "no_number_to_call"
    return None


def is_other_talking(incident: Incident, engineer: str) -> bool:
    """True while another engineer, who took it by key, is on the telephone about it."""
    return any(leg.won and leg.engineer != engineer for leg in incident.legs())
