"""The first half minute of a call: language, contract number, PIN, urgency."""

from __future__ import annotations

from routing import opening
from routing.call import Call, Outcome, Remark, Stage, Standing
from routing.draft import Draft, Facts
from routing.events import Chose, ContractKeyed, Dialled, Introduced, Keyed, PinChecked

REPEAT_KEY = "9"
SILENCES = 2
"""How often a menu may go unanswered before the line decides by itself."""

MEANING = {"1": "critical", "2": "high", "3": "medium", "4": "low"}
REMARKS = {Standing.EXPIRED: Remark.EXPIRED, Standing.NOT_BEGUN: Remark.NOT_BEGUN}


def begin(facts: Facts, event: Dialled) -> Draft:
    """The line answers at once, in the known contact's language or by asking for one."""
    languages = facts.line.languages
    known = event.language in languages
    call = Call(
        id=facts.chance.token(f"call {event.sid}"),
        sid=event.sid,
        line=facts.line.id,
        shown=event.shown,
        caller=event.caller,
        language=event.language if known and event.language else languages[0],
        started_at=facts.now,
        known=event.selected is not None,
        selected=event.selected,
        remark=Remark.WELCOME,
    )
    draft = Draft(facts, call).note("answered", _recognised(event))
    if known or len(languages) == 1:
        return identify(draft, Remark.WELCOME)
    return draft


def _recognised(event: Dialled) -> str:
    if event.selected is not None:
        return "the caller's number belongs to one contract: only the PIN is asked"
    if event.caller is None:
        return (
            "the caller's number is withheld or cannot be used: contract number and PIN are asked"
        )
    return "the caller's number belongs to no contract, or to several: both numbers are asked"


def identify(draft: Draft, remark: Remark = Remark.NONE) -> Draft:
    """Ask for what is missing to know the caller."""
    return ask(draft, Stage.PIN if draft.the_call.known else Stage.CONTRACT, remark)


def ask(draft: Draft, stage: Stage, remark: Remark = Remark.NONE, pause: int = 0) -> Draft:
    """Put a question; it gets a turn of its own, so that an older answer is seen as old."""
    call = draft.the_call
    silences = call.silences if stage is call.stage else 0
    return draft.with_call(
        stage=stage, turn=call.turn + 1, remark=remark, pause=pause, silences=silences
    )


def chose(draft: Draft, event: Chose) -> Draft:
    """A key in one of the menus, or none in time."""
    call = draft.the_call
    if event.turn != call.turn:
        return draft
    if event.key is not None:
        draft = draft.with_call(pressed=True)
    match call.stage:
        case Stage.LANGUAGE:
            return choose_language(draft, event.key)
        case Stage.URGENCY:
            return choose_urgency(draft, event.key)
        case Stage.CONFIRM:
            return confirm(draft, event.key)
    return draft


def choose_language(draft: Draft, key: str | None) -> Draft:
    """The languages stand under 1, 2, … in the order of the file; silence keeps the first."""
    languages = draft.facts.line.languages
    keys = {str(n): language for n, language in enumerate(languages, start=1)}
    if key is not None and key not in keys:
        return ask(draft, Stage.LANGUAGE, Remark.NO_SUCH_KEY)
    language = keys.get(key or "", languages[0])
    draft = draft.with_call(language=language)
    return identify(draft.note("language", f"goes on in {language}"))


def contract_keyed(draft: Draft, event: ContractKeyed) -> Draft:
    """A contract number is taken as keyed, known or not: nothing is said before the PIN."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.CONTRACT:
        return draft
    if event.keyed is Keyed.NOTHING:
        return nothing_keyed(draft)
    draft = draft.with_call(pressed=True)
    if event.keyed is Keyed.WITHOUT:
        return unidentified(draft, "went on without a contract number")
    draft = draft.with_call(selected=event.selected)
    return ask(draft.note("contract_keyed", "a contract number was keyed"), Stage.PIN)


def pin_checked(draft: Draft, event: PinChecked) -> Draft:
    """The PIN proves who calls; after the last wrong one the caller goes on unidentified."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.PIN:
        return draft
    if event.keyed is Keyed.NOTHING:
        return nothing_keyed(draft)
    draft = draft.with_call(pressed=True)
    if event.keyed is Keyed.WITHOUT:
        return unidentified(draft, "went on without a PIN")
    if event.identity is None:
        return wrong(draft, event.pause)
    draft = draft.with_call(standing=event.standing, identity=event.identity)
    draft = draft.note("identified", f"the PIN was right; the contract is {event.standing}")
    return ask(draft, Stage.URGENCY, REMARKS.get(event.standing, Remark.NONE))


def wrong(draft: Draft, pause: int) -> Draft:
    """Contract number and PIN do not fit: again, after a pause that grows with each wrong one."""
    call = draft.the_call
    draft = draft.with_call(tries=call.tries + 1)
    draft = draft.note("wrong_pin", f"number and PIN do not fit, try {call.tries + 1}")
    if call.tries + 1 >= draft.facts.line.pin.attempts:
        return unidentified(draft, "out of tries")
    return ask(draft, Stage.PIN if call.known else Stage.CONTRACT, Remark.WRONG, pause)


def nothing_keyed(draft: Draft) -> Draft:
    """Silence at a number is asked again once; then the caller goes on without."""
    silences = draft.the_call.silences + 1
    draft = draft.with_call(silences=silences)
    if silences >= SILENCES:
        return unidentified(draft, "keyed nothing")
    return ask(draft, draft.the_call.stage, Remark.NOTHING_KEYED)


def unidentified(draft: Draft, why: str) -> Draft:
    """Nobody is hung up on: the urgency is asked of everybody."""
    draft = draft.with_call(selected=None).note("unverified", why)
    return ask(draft, Stage.URGENCY, Remark.UNIDENTIFIED)


def choose_urgency(draft: Draft, key: str | None) -> Draft:
    """1 to 4, or 9 to hear it again; silence is decided for the caller."""
    if key is None:
        return silent(draft)
    if key == REPEAT_KEY:
        return ask(draft.note("repeat", "hears the levels again"), Stage.URGENCY, Remark.REPEAT)
    if key not in MEANING:
        return ask(draft, Stage.URGENCY, Remark.NO_SUCH_KEY)
    draft = draft.with_call(urgency=int(key)).note("urgency", f"chose level {key}, {MEANING[key]}")
    return ask(draft, Stage.CONFIRM) if key == "1" else opening.register(draft)


def confirm(draft: Draft, key: str | None) -> Draft:
    """Level 1 wakes people, so it takes a second key; silence, twice, counts as yes."""
    call = draft.the_call
    if key is None and call.silences + 1 < SILENCES:
        return ask(draft.with_call(silences=call.silences + 1), Stage.CONFIRM)
    if key in ("1", None):
        said = (
            "confirmed level 1" if key else "chose level 1 and pressed nothing more: taken as yes"
        )
        return opening.critical(draft.note("confirmed", said))
    draft = draft.with_call(urgency=None).note("not_confirmed", "chooses the level again")
    return ask(draft, Stage.URGENCY)


def silent(draft: Draft) -> Draft:
    """No key, twice: a known caller is level 1, an unknown one is asked to say a name."""
    call = draft.the_call
    if call.silences + 1 < SILENCES:
        return ask(draft.with_call(silences=call.silences + 1), Stage.URGENCY, Remark.NOTHING_KEYED)
    if call.standing.verified or call.pressed:
        draft = draft.with_call(urgency=1)
        return opening.critical(draft.note("no_key", "no level was keyed, twice: taken as level 1"))
    draft = draft.note("no_key", "nothing was pressed in the whole call: a name is asked for")
    return ask(draft, Stage.INTRODUCE)


def introduced(draft: Draft, event: Introduced) -> Draft:
    """Who says a name is level 1, unverified; silence wakes nobody."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.INTRODUCE:
        return draft
    if event.recording is None:
        draft = draft.note("rejected", "pressed nothing and said nothing: nobody is woken")
        return ask(draft.with_call(fate=Outcome.REJECTED), Stage.FAREWELL, Remark.SILENT)
    draft = draft.with_call(urgency=1).note(
        "introduced", "said a name: the engineer hears it first"
    )
    return opening.critical(draft, introduction=event.recording)
