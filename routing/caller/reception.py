"""The first half minute of a call: language, contract number and PIN.

A call from an engineer's own number is offered what waits for that engineer first. The number of a
caller proves nothing, so this menu says numbers and levels only, and the engineer's own telephone
is rung back.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from routing import events, jobs, message
from routing.call import Call, CallOutcome, Entitlement, OfferedIncident, Preamble, Stage
from routing.caller import open_incidents, opening, urgency
from routing.caller.identify import contract_subject, line_subject
from routing.caller.questions import HASH, STAR, CallerKey, CallerView, ask_again, repeat
from routing.contracts import coverage
from routing.contracts.plans import Door
from routing.draft import DecisionDraft, ask, identify
from routing.engineer import callin
from routing.facts import DecisionFacts
from routing.journal import JournalEvent
from routing.line import RateLimit
from routing.notify.messages import News, build_manager_messages
from routing.oncall.policy import language_of
from routing.voice_document import MenuKey, say

REMARKS = {Entitlement.EXPIRED: Preamble.EXPIRED, Entitlement.NOT_BEGUN: Preamble.NOT_BEGUN}


def begin(facts: DecisionFacts, event: events.Dialled) -> DecisionDraft:
    """Answer the call in the contact's language, or ask for a language."""
    languages, language, suspect = facts.line.languages, facts.line.languages[0], None
    if event.language in languages:
        language = event.language
    if event.selected is not None:
        suspect = contract_subject(facts.line.id, event.selected)
    call = Call(
        id=facts.chance.token(f"call {event.sid}"),
        sid=event.sid,
        line=facts.line.id,
        shown=event.shown,
        caller=event.caller,
        language=language,
        started_at=facts.now,
        known=event.selected is not None,
        number_of=event.owner,
        selected=event.selected,
        suspect=suspect,
        remark=Preamble.WELCOME,
    )
    draft = DecisionDraft(facts, call).note(JournalEvent.ANSWERED, _describe_number(event))
    draft = draft.do(jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER)
    if event.engineer is not None:
        draft = greet_engineer(draft, event.engineer)
    if draft.the_call.stage is not Stage.LANGUAGE:
        return draft
    if event.language not in languages and len(languages) > 1:
        return draft
    return identify(draft, draft.the_call.remark)


def _describe_number(event: events.Dialled) -> str:
    if event.selected is not None:
        return "the caller's number belongs to one contract: only the PIN is asked"
    if event.caller is None:
        return (
            "the caller's number is withheld or cannot be used: contract number and PIN are asked"
        )
    return "the caller's number belongs to no contract, or to several: both numbers are asked"


# A call from an engineer's own number.


def greet_engineer(draft: DecisionDraft, engineer: str) -> DecisionDraft:
    """Offer what waits for this engineer; with nothing waiting the customers' menu follows."""
    offers = callin.find_offers(draft.facts, engineer)
    language = language_of(draft.facts.line, engineer)
    draft = draft.with_call(engineer=engineer, offers=offers, language=language)
    draft = draft.note(
        JournalEvent.ENGINEER, f"{engineer}'s number; {len(offers)} incidents wait for them"
    )
    if offers:
        return ask(draft, Stage.ENGINEER, Preamble.WELCOME)
    if any(callin.is_waiting_for(incident, engineer) for incident in draft.facts.open_incidents()):
        return draft.with_call(remark=Preamble.RUNG_ENOUGH)
    return draft.with_call(remark=Preamble.NOTHING_WAITS)


def offer_ring_back(view: CallerView) -> tuple[CallerKey, ...]:
    """A key for each incident that waits for the engineer. The sentences name nobody."""
    return tuple(
        MenuKey(
            str(key),
            partial(request_ring_back, offer=offer),
            say(
                "offer_own" if offer.own else "offer_open",
                number=offer.number,
                level=offer.urgency,
                key=key,
            ),
        )
        for key, offer in enumerate(view.call.offers, start=1)
    )


def request_ring_back(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """Ring the engineer's own telephone for this incident, once this call is over."""
    draft = draft.with_call(rings_back=offer.incident, fate=CallOutcome.CALLBACK)
    engineer = draft.the_call.engineer
    why = f"{engineer} asks for incident {offer.number}, and is rung back to be sure"
    return ask(draft.note(JournalEvent.RING_BACK, why), Stage.FAREWELL)


def continue_as_customer(draft: DecisionDraft) -> DecisionDraft:
    """Go on to the menu for customers."""
    draft = draft.note(JournalEvent.CUSTOMERS_MENU, "goes on to the menu for customers")
    if len(draft.facts.line.languages) > 1:
        return ask(draft, Stage.LANGUAGE)
    return identify(draft)


# Language, contract number and PIN.


def offer_languages(view: CallerView) -> tuple[CallerKey, ...]:
    """A key for each language of the line, in the order of the file. Each names itself."""
    return tuple(
        MenuKey(
            str(key),
            partial(choose_language, language=language),
            say("choose_language", language, key=key),
        )
        for key, language in enumerate(view.line.languages, start=1)
    )


def choose_language(draft: DecisionDraft, language: str) -> DecisionDraft:
    """Go on in this language."""
    draft = draft.with_call(language=language)
    return identify(draft.note(JournalEvent.LANGUAGE, f"goes on in {language}"))


def keep_language(draft: DecisionDraft) -> DecisionDraft:
    """Go on in the first language of the file."""
    return choose_language(draft, draft.facts.line.languages[0])


def take_contract_number(draft: DecisionDraft, event: events.ContractKeyed) -> DecisionDraft:
    """Take a contract number as keyed, known or not. Nothing is said before the PIN, except a pause
    when wrong PINs of earlier calls count."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.CONTRACT:
        return draft
    if event.keyed not in (events.Keyed.DIGITS, events.Keyed.WITHOUT):
        return ask_number_again(draft, event.keyed)
    draft = draft.with_call(pressed=True)
    if event.keyed is events.Keyed.WITHOUT:
        return continue_unidentified(draft, "went on without a contract number")
    draft = draft.with_call(selected=event.selected, suspect=event.suspect)
    draft = draft.note(JournalEvent.CONTRACT_KEYED, "a contract number was keyed")
    if event.pause:
        return ask(draft, Stage.PIN, Preamble.ONE_MOMENT, event.pause)
    return ask(draft, Stage.PIN)


def take_pin(draft: DecisionDraft, event: events.PinChecked) -> DecisionDraft:
    """Identify the caller by the PIN. After the last wrong PIN the caller goes on unverified."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.PIN:
        return draft
    if event.keyed is events.Keyed.NOTHING and draft.incident is not None:
        return continue_unidentified(draft, "keyed no PIN while telephones ring")
    if event.identity is None and is_taken(draft):
        return end_pin_question(draft, event)
    if event.keyed not in (events.Keyed.DIGITS, events.Keyed.WITHOUT):
        return ask_number_again(draft, event.keyed)
    draft = draft.with_call(pressed=True)
    if event.keyed is events.Keyed.WITHOUT:
        return continue_unidentified(draft, "went on without a PIN")
    if event.identity is None:
        return refuse_pin(draft, event.pause)
    draft = draft.with_call(entitlement=event.entitlement, identity=event.identity)
    plan = coverage.plan_of_caller(draft.facts.line, draft.the_call)
    draft = draft.note(
        JournalEvent.IDENTIFIED, f"the PIN was right; the contract is {event.entitlement}"
    )
    remark = REMARKS.get(event.entitlement, Preamble.NONE)
    if plan is not None and not plan.allows(Door.PHONE):
        remark, why = Preamble.NO_PHONE, f"plan {plan.name('en')} does not include the telephone"
        draft = draft.with_call(entitlement=Entitlement.STANDARD)
        draft = draft.note(JournalEvent.NOT_INCLUDED, why)
    if draft.incident is not None:
        return opening.hold_caller(opening.prove(draft))
    return open_incidents.ask_about(draft, event.identity.contract, remark)


def is_taken(draft: DecisionDraft) -> bool:
    """True once an engineer has taken the call, and waits for the caller."""
    return draft.incident is not None and draft.incident.winner() is not None


def end_pin_question(draft: DecisionDraft, event: events.PinChecked) -> DecisionDraft:
    """Ask for no PIN again while an engineer waits. A wrong one counts all the same."""
    if event.keyed is events.Keyed.DIGITS:
        draft = count_wrong_pin(draft)
    return continue_unidentified(draft, "the call is taken: the PIN is not asked again")


def refuse_pin(draft: DecisionDraft, pause: int) -> DecisionDraft:
    """Ask again after a wrong PIN. The pause grows with each one."""
    draft = count_wrong_pin(draft)
    if draft.the_call.tries >= draft.facts.line.pin.attempts:
        return continue_unidentified(draft, "out of tries")
    if draft.the_call.known:
        return ask(draft, Stage.PIN, Preamble.WRONG, pause)
    return ask(draft, Stage.CONTRACT, Preamble.WRONG, pause)


def count_wrong_pin(draft: DecisionDraft) -> DecisionDraft:
    """Count one more wrong PIN of this call."""
    tries = draft.the_call.tries + 1
    draft = draft.with_call(tries=tries)
    return watch_wrong_pins(
        draft.note(JournalEvent.WRONG_PIN, f"number and PIN do not fit, try {tries}")
    )


def ask_number_again(draft: DecisionDraft, keyed: events.Keyed) -> DecisionDraft:
    """Ask once more after silence; then the caller goes on unverified. A contact whose number is
    known and who has pressed no key goes on at once. A star and a hash key are no silence."""
    if keyed is not events.Keyed.NOTHING:
        return repeat_number(draft, keyed)
    if draft.the_call.stage is Stage.PIN and not draft.the_call.pressed:
        return continue_unidentified(draft, "keyed no PIN", LATE_KEYS)
    return ask_again(draft, None) or continue_unidentified(draft, "keyed nothing")


LATE_KEYS = 2
"""Seconds in which no key counts: digits that come late are not the answer to the next question."""


def repeat_number(draft: DecisionDraft, keyed: events.Keyed) -> DecisionDraft:
    """Ask for the number from its start. Keys that come late, after a star, are not part of it."""
    key = HASH if keyed is events.Keyed.HASH else STAR
    again = repeat(draft, key)
    if again is None:
        draft = draft.with_call(pressed=True)
        return continue_unidentified(draft, "pressed the star or the hash key again and again")
    if key == STAR:
        again = again.with_call(pressed=True)
    if keyed is events.Keyed.RESTART:
        again = again.with_call(remark=Preamble.ONE_MOMENT, pause=LATE_KEYS)
    return again


def continue_unidentified(draft: DecisionDraft, why: str, pause: int = 0) -> DecisionDraft:
    """Ask for the urgency, or go on with what was chosen. The line hangs up on nobody."""
    draft = draft.with_call(selected=None).note(JournalEvent.UNVERIFIED, why)
    return urgency.ask_level(draft, Preamble.UNIDENTIFIED, pause)


# Many wrong PINs within a time mean that somebody guesses. The duty manager gets a message.


def watch_wrong_pins(draft: DecisionDraft) -> DecisionDraft:
    """Alert the duty manager after too many wrong PINs of one contract, or of the line."""
    call, alarm, facts = draft.the_call, draft.facts.line.pin.alarm, draft.facts
    tried = call.selected
    if tried is not None and _exceeds(
        facts, contract_subject(call.line, tried), alarm.per_contract
    ):
        draft = draft.do(jobs.ReportWrongPins(call.line, tried))
    if _exceeds(facts, line_subject(call.line), alarm.line):
        draft = draft.do(jobs.ReportWrongPins(call.line))
    return draft


def build_alert(facts: DecisionFacts, contract: str | None) -> tuple[message.Message, ...]:
    """The messages to the duty manager about one contract, or about the whole line. They are the
    same ones for as long as one rate lasts. None when the wrong PINs have become fewer since."""
    alarm, line = facts.line.pin.alarm, facts.line.id
    if contract is None:
        return _build_alert(facts, line_subject(line), alarm.line, News("wrong_pins"))
    news = News("wrong_pins_contract", (("contract", contract),))
    return _build_alert(facts, contract_subject(line, contract), alarm.per_contract, news)


def _build_alert(
    facts: DecisionFacts, subject: str, rate: RateLimit, news: News
) -> tuple[message.Message, ...]:
    if not _exceeds(facts, subject, rate):
        return ()
    window = int(facts.now.timestamp() // rate.per.total_seconds())
    minutes = round(rate.per.total_seconds() / 60)
    values = (("count", facts.wrong_pins(subject, rate.per)), ("minutes", minutes))
    once = f"wrong PINs {subject} {window}"
    return build_manager_messages(facts, replace(news, values=(*values, *news.values), once=once))


def _exceeds(facts: DecisionFacts, subject: str, rate: RateLimit) -> bool:
    return facts.wrong_pins(subject, rate.per) >= rate.count
