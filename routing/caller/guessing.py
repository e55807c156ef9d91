"""More wrong PINs than slips explain: somebody guesses, and the duty manager is told of it."""

from __future__ import annotations

from routing.caller.identify import of_contract, of_line
from routing.draft import DecisionDraft
from routing.facts import DecisionFacts
from routing.jobs import ReportWrongPins
from routing.line import RateLimit
from routing.message import Message
from routing.notify.messages import News, build_manager_messages


def watch(draft: DecisionDraft) -> DecisionDraft:
    """One more PIN was wrong: too many of one contract, or of the line, are told of."""
    call, alarm = draft.the_call, draft.facts.line.pin.alarm
    tried, facts = call.selected, draft.facts
    if tried is not None and _reached(facts, of_contract(call.line, tried), alarm.per_contract):
        draft = draft.do(ReportWrongPins(call.line, tried))
    if _reached(facts, of_line(call.line), alarm.line):
        draft = draft.do(ReportWrongPins(call.line))
    return draft


def letters_about(facts: DecisionFacts, contract: str | None) -> tuple[Message, ...]:
    """The letters to the duty manager, the same ones for as long as one rate lasts; none when the
    wrong PINs have become fewer since."""
    line = facts.line
    subject = of_line(line.id) if contract is None else of_contract(line.id, contract)
    rate = line.pin.alarm.line if contract is None else line.pin.alarm.per_contract
    if not _reached(facts, subject, rate):
        return ()
    window = int(facts.now.timestamp() // rate.per.total_seconds())
    minutes = round(rate.per.total_seconds() / 60)
    values = (("count", facts.wrong_pins(subject, rate.per)), ("minutes", minutes))
    named = (("contract", contract),) if contract is not None else ()
    words = "wrong_pins" if contract is None else "wrong_pins_contract"
    news = News(words, (*values, *named), once=f"wrong PINs {subject} {window}")
    return build_manager_messages(facts, news)


def _reached(facts: DecisionFacts, subject: str, rate: RateLimit) -> bool:
    return facts.wrong_pins(subject, rate.per) >= rate.count
