"""The customer and the staff write to each other about an incident.

A message is stored once, by its id. Its words are in the message only, not in the journal. Who has
the incident is told that the customer wrote: once for all that is written within two minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing.correspondence import Author, CustomerMessage
from routing.draft import DecisionDraft
from routing.escalation import desk_queue, recall
from routing.events import (
    AnsweredCustomer,
    CustomerReplied,
    CustomerWrote,
    Responded,
    WaitsForCustomer,
)
from routing.facts import DecisionFacts
from routing.incident import Incident, IncidentState, ReopenReason
from routing.incidents import lifecycle, response_clock
from routing.journal import JournalEvent
from routing.message import CONTACT, Message, Via
from routing.notify import customer, messages, text_codes
from routing.notify.customer import CustomerNews

LONGEST_QUESTION = 200
"""Characters of a question that the incident shows; its message has all of it."""

COLLECTED_FOR = dt.timedelta(minutes=2)
"""How long the text about a message waits for the next one: a customer who forgot something writes
again at once, and one text is enough."""

UNVERIFIED_APART = dt.timedelta(hours=1)
"""The time between two texts about an incident of which the later is about an unverified message:
anybody who has its address may write as many as they like."""


def take_message(draft: DecisionDraft, event: CustomerWrote) -> DecisionDraft:
    """The customer writes about the incident. It counts as the reply that the incident may wait
    for, and opens it again when it had a response. An unverified message does neither, wakes
    nobody, and is only kept and shown when the incident is closed."""
    if draft.facts.message_exists(event.message_id):
        return draft
    draft = _keep_message(draft, event)
    if not event.verified:
        return _tell_of_unverified(draft)
    if draft.the_incident.state is IncidentState.CLOSED:
        return _tell_of_closed(draft)
    incident = draft.the_incident
    if event.thanks and incident.state is IncidentState.RESPONDED:
        return draft.note(JournalEvent.THANKED, "the customer says that the answer solves it")
    replied = CustomerReplied(incident.key, CONTACT, event.door, "writes")
    draft = lifecycle.record_reply(draft, replied)
    if incident.state is IncidentState.RESPONDED:
        return _reopen(draft, event.door)
    return _tell_holder(draft, incident.urgency)


def _tell_of_unverified(draft: DecisionDraft) -> DecisionDraft:
    """Tell its engineer, by day and outside their quiet hours, once an hour."""
    incident, facts = draft.the_incident, draft.facts
    told = incident.customer_news_at
    if incident.state is IncidentState.CLOSED:
        return draft
    if told is not None and facts.now < told + UNVERIFIED_APART:
        return draft
    day = customer.find_daytime(facts.now, facts.line.timezone)
    return _tell_holder(draft, None, max(day, facts.now + COLLECTED_FOR))


def _keep_message(draft: DecisionDraft, event: CustomerWrote) -> DecisionDraft:
    incident = draft.the_incident
    draft = draft.keep(
        CustomerMessage(
            id=event.message_id,
            incident=incident.key,
            at=draft.facts.now,
            author=Author.CUSTOMER,
            by=event.by,
            door=event.door,
            words=event.words,
            verified=event.verified,
            mail_id=event.mail_id,
            files=find_attachable(draft.facts, incident, event.files),
        )
    )
    who = "the customer"
    if not event.verified:
        who = "somebody who is not verified"
    return draft.note(JournalEvent.CUSTOMER_WROTE, f"{who} writes by {event.door}")


def _reopen(draft: DecisionDraft, door: Via) -> DecisionDraft:
    """Open an incident that had a response, as a call about it does. Nobody waits on the telephone:
    levels 2 to 4 wait for the desk, and a mail about level 1 rings nobody."""
    incident = draft.the_incident
    why, reason = "the customer writes although it was responded", ReopenReason.WROTE_AGAIN
    if incident.winner() is not None:
        return _tell_holder(recall.give_back(draft, why, reason), incident.urgency)
    if incident.urgency == 1 and door is not Via.EMAIL:
        return recall.begin_with(recall.reopen(draft, why, reason), incident.acknowledged_by)
    draft = recall.reopen(_tell_holder(draft, incident.urgency), why, reason)
    if incident.urgency > 1:
        return desk_queue.leave_queue(draft, "nobody waits at the telephone: the desk is told")
    draft = draft.note(JournalEvent.NOT_RUNG, "a mail wakes nobody by itself")
    news = messages.News("customer_wrote", (), incident.key, incident.urgency)
    draft = messages.tell_manager(draft, news)
    return desk_queue.tell_without_ringing(draft, "nobody is rung: the desk is told")


def _tell_holder(
    draft: DecisionDraft, level: int | None, at: dt.datetime | None = None
) -> DecisionDraft:
    """Tell whoever has the incident that the customer wrote, soon or then. Of an incident that
    nobody has, the desk and those who are rung know already."""
    incident, facts = draft.the_incident, draft.facts
    if incident.acknowledged_by is None:
        return draft
    news = messages.News(
        "customer_wrote", (), incident.key, level, at=at or facts.now + COLLECTED_FOR
    )
    engineer = facts.line.engineer(incident.acknowledged_by)
    if engineer is None or not engineer.phones:
        return _send_once(draft, messages.build_manager_messages(facts, news))
    return _send_once(draft, (messages.build_message(facts, engineer, news),))


def _tell_of_closed(draft: DecisionDraft) -> DecisionDraft:
    """Tell the duty manager that the customer wrote about a closed incident. It stays closed."""
    incident, facts = draft.the_incident, draft.facts
    at = facts.now + COLLECTED_FOR
    news = messages.News("customer_wrote_closed", (), incident.key, at=at)
    return _send_once(draft, messages.build_manager_messages(facts, news))


def _send_once(draft: DecisionDraft, written: Sequence[Message]) -> DecisionDraft:
    """Send these messages, unless others that say the same are still to be sent by then."""
    now, due = draft.facts.now, draft.the_incident.customer_news_at
    if not written:
        return draft.note(JournalEvent.NOBODY_TOLD, "the duty manager cannot be reached")
    if due is not None and now < due <= written[0].at:
        return draft
    for message in written:
        draft = messages.send_message(draft, message)
    draft = draft.with_incident(customer_news_at=written[0].at)
    return draft.note(JournalEvent.TOLD, f"{written[0].reader} is told that the customer wrote")


def answer_customer(draft: DecisionDraft, event: AnsweredCustomer) -> DecisionDraft:
    """The staff answer the customer in writing. It may be the response that was promised, or ask
    for something. A text whose sender is not proven reaches no customer."""
    incident = draft.the_incident
    if draft.facts.message_exists(event.message_id):
        return draft
    if text_codes.is_unproven(incident, event.by, event.how):
        why = f"a text of {event.by}, whose sender is not proven, is not sent to the customer"
        return draft.note(JournalEvent.UNPROVEN, why)
    draft = draft.keep(
        CustomerMessage(
            id=event.message_id,
            incident=incident.key,
            at=draft.facts.now,
            author=Author.STAFF,
            by=event.by,
            door=event.how,
            words=event.words,
            files=find_attachable(draft.facts, incident, event.files),
        )
    )
    draft = draft.note(JournalEvent.CUSTOMER_ANSWERED, f"{event.by} by {event.how}")
    news = CustomerNews.ANSWERED
    if event.asks:
        news = CustomerNews.ASKED
    draft = customer.notify_customer(draft, news, about=event.message_id)
    if event.asks:
        return _wait_for_reply(draft, event)
    if not event.responds:
        return draft
    answered = Responded(incident.key, event.by, event.how, "answered in writing")
    return lifecycle.respond(draft, answered)


def _wait_for_reply(draft: DecisionDraft, event: AnsweredCustomer) -> DecisionDraft:
    """Pause the clock until the customer answers the question, if it can be paused."""
    if lifecycle.why_not(draft.the_incident, draft.call, WaitsForCustomer):
        return draft
    what = event.words[:LONGEST_QUESTION]
    waits = WaitsForCustomer(event.incident, event.by, event.how, what, event.message_id)
    return response_clock.pause(lifecycle.await_reply(draft, waits))


def find_attachable(
    facts: DecisionFacts, incident: Incident, files: tuple[str, ...]
) -> tuple[str, ...]:
    """Those of these files that may be attached to the incident: of its line, of no incident yet,
    and not the upload of another contract."""
    found = [facts.file(file_id) for file_id in dict.fromkeys(files)]
    return tuple(
        file.id
        for file in found
        if file is not None
        and file.line == incident.line
        and file.incident is None
        and file.contract in (None, incident.contract)
    )
