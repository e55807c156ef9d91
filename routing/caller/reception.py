"""The first half minute of a call: language, contract number and PIN."""

from __future__ import annotations

from routing.call import Call, Entitlement, Preamble, Stage
from routing.caller import guessing, open_incidents, signature_request, urgency
from routing.caller.identify import of_contract
from routing.caller.urgency import choose_urgency, confirm
from routing.draft import SILENCES, DecisionDraft, ask, ask_again, identify
from routing.engineer import callin
from routing.events import Chose, ContractKeyed, Dialled, Keyed, PinChecked
from routing.facts import DecisionFacts
from routing.jobs import SETTLE_CALL_AFTER, SettleCall
from routing.journal import JournalEvent

REMARKS = {Entitlement.EXPIRED: Preamble.EXPIRED, Entitlement.NOT_BEGUN: Preamble.NOT_BEGUN}


def begin(facts: DecisionFacts, event: Dialled) -> DecisionDraft:
    """Answer the call in the contact's language, or ask for a language."""
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
        suspect=of_contract(facts.line.id, event.selected) if event.selected else None,
        remark=Preamble.WELCOME,
    )
    draft = DecisionDraft(facts, call).note(JournalEvent.ANSWERED, _recognised(event))
    draft = draft.do(SettleCall(call.id), SETTLE_CALL_AFTER)
    if event.engineer is not None:
        draft = callin.greet(draft, event.engineer)
    if draft.the_call.stage is Stage.LANGUAGE and (known or len(languages) == 1):
        return identify(draft, draft.the_call.remark)
    return draft


def _recognised(event: Dialled) -> str:
    if event.selected is not None:
        return "the caller's number belongs to one contract: only the PIN is asked"
    if event.caller is None:
        return (
            "the caller's number is withheld or cannot be used: contract number and PIN are asked"
        )
    return "the caller's number belongs to no contract, or to several: both numbers are asked"


def chose(draft: DecisionDraft, event: Chose) -> DecisionDraft:
    """Handle a key in a menu, or silence."""
    call = draft.the_call
    if event.turn != call.turn:
        return draft
    if event.key is not None:
        draft = draft.with_call(pressed=True)
    match call.stage:
        case Stage.LANGUAGE:
            return choose_language(draft, event.key)
        case Stage.ENGINEER:
            return callin.engineer_key(draft, event.key)
        case Stage.ABOUT:
            return open_incidents.about_key(draft, event.key)
        case Stage.ENGAGED:
            return open_incidents.engaged_key(draft, event.key)
        case Stage.URGENCY:
            return choose_urgency(draft, event.key)
        case Stage.VERDICT | Stage.DATABASES | Stage.STOPPED:
            return signature_request.answered(draft, event.key)
        case Stage.CONFIRM:
            return confirm(draft, event.key)
        case Stage.LATER:
            return urgency.later_key(draft, event.key)
    return draft


def choose_language(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """The languages stand under 1, 2, … in the order of the file; silence, and a third wrong key,
    keep the first."""
    languages = draft.facts.line.languages
    keys = {str(n): language for n, language in enumerate(languages, start=1)}
    if key is not None and key not in keys and (again := ask_again(draft, key)) is not None:
        return again
    language = keys.get(key or "", languages[0])
    draft = draft.with_call(language=language)
    return identify(draft.note(JournalEvent.LANGUAGE, f"goes on in {language}"))


def contract_keyed(draft: DecisionDraft, event: ContractKeyed) -> DecisionDraft:
    """A contract number is taken as keyed, known or not: nothing is said before the PIN, but a
    pause where wrong PINs of earlier calls count."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.CONTRACT:
        return draft
    if event.keyed is Keyed.NOTHING:
        return nothing_keyed(draft)
    draft = draft.with_call(pressed=True)
    if event.keyed is Keyed.WITHOUT:
        return unidentified(draft, "went on without a contract number")
    draft = draft.with_call(selected=event.selected, suspect=event.suspect)
    draft = draft.note(JournalEvent.CONTRACT_KEYED, "a contract number was keyed")
    remark = Preamble.ONE_MOMENT if event.pause else Preamble.NONE
    return ask(draft, Stage.PIN, remark, event.pause)


def pin_checked(draft: DecisionDraft, event: PinChecked) -> DecisionDraft:
    """Identify the caller by the PIN. After the last wrong PIN the caller goes on unverified."""
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
    draft = draft.note(
        JournalEvent.IDENTIFIED, f"the PIN was right; the contract is {event.standing}"
    )
    remark = REMARKS.get(event.standing, Preamble.NONE)
    return open_incidents.ask_about(draft, event.identity.contract, remark)


def wrong(draft: DecisionDraft, pause: int) -> DecisionDraft:
    """Ask again after a wrong PIN. The pause grows with each one."""
    call = draft.the_call
    draft = draft.with_call(tries=call.tries + 1)
    draft = draft.note(JournalEvent.WRONG_PIN, f"number and PIN do not fit, try {call.tries + 1}")
    draft = guessing.watch(draft)
    if call.tries + 1 >= draft.facts.line.pin.attempts:
        return unidentified(draft, "out of tries")
    return ask(draft, Stage.PIN if call.known else Stage.CONTRACT, Preamble.WRONG, pause)


def nothing_keyed(draft: DecisionDraft) -> DecisionDraft:
    """Ask once more after silence; then the caller goes on unverified."""
    silences = draft.the_call.silences + 1
    draft = draft.with_call(silences=silences)
    if silences >= SILENCES:
        return unidentified(draft, "keyed nothing")
    return ask(draft, draft.the_call.stage, Preamble.NOTHING_KEYED)


def unidentified(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Ask for the urgency. The line hangs up on nobody."""
    draft = draft.with_call(selected=None).note(JournalEvent.UNVERIFIED, why)
    return ask(draft, Stage.URGENCY, Preamble.UNIDENTIFIED)
