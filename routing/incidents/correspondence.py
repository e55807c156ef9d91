"""The customer and the staff write to each other about an incident.

A message is stored once, by its id. Its words are in the message only, not in the journal.
"""

from __future__ import annotations

from routing.correspondence import Author, CustomerMessage
from routing.draft import DecisionDraft
from routing.events import AnsweredCustomer, CustomerWrote
from routing.facts import DecisionFacts
from routing.incident import Incident
from routing.journal import JournalEvent


def take_message(draft: DecisionDraft, event: CustomerWrote) -> DecisionDraft:
    """The customer writes about the incident."""
    if draft.facts.message_exists(event.message_id):
        return draft
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
    who = "the customer" if event.verified else "an unverified writer"
    return draft.note(JournalEvent.CUSTOMER_WROTE, f"{who} by {event.door}")


def answer_customer(draft: DecisionDraft, event: AnsweredCustomer) -> DecisionDraft:
    """The staff answer the customer in writing."""
    if draft.facts.message_exists(event.message_id):
        return draft
    incident = draft.the_incident
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
    return draft.note(JournalEvent.CUSTOMER_ANSWERED, f"{event.by} by {event.how}")


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
