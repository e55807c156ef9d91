"""Pages: notices of an incident that an engineer can answer, on which channel and how often.

A page goes out next to the ringing, at any hour: a telephone on silent still shows it, and a
level 1 is too rare for a page too many to be a burden. An engineer is paged again in a later round
only, and never within ``again_after``.
"""

from __future__ import annotations

import datetime as dt

from routing.draft import DecisionDraft
from routing.facts import DecisionFacts
from routing.incident import Incident, IncidentState
from routing.jobs import ReportDailyCap, SendPage
from routing.journal import JournalEvent
from routing.line import ContactRule, Engineer
from routing.notify import addresses, channels, text_codes
from routing.notify.channels import Address, NotificationChannel
from routing.oncall.policy import find_escalation, find_people, language_of
from routing.page import Page, PageResult

OFTEN = dt.timedelta(hours=1)
"""For this long an engineer is paged in each round; who sleeps through it needs the ringing."""

SELDOM = dt.timedelta(minutes=30)
"""After that, the least time between two pages, while the calls continue."""

WENT_OUT = (PageResult.SENT, PageResult.DELIVERED)


def list_repaged(draft: DecisionDraft) -> tuple[str, ...]:
    """The engineers to page when a round begins, rung or not: one step more in each round.

    In the first round each engineer is paged when their phone is rung.
    """
    incident, facts = draft.the_incident, draft.facts
    if incident.escalation.round < 2:
        return ()
    steps = find_escalation(facts.line, incident).steps[: incident.escalation.round]
    people = (person for step in steps for person in find_people(step, facts, incident.language))
    return tuple(dict.fromkeys(people))


def is_too_soon(draft: DecisionDraft, person: str) -> bool:
    """True if nobody needs a page, or this engineer had one of this incident a moment ago."""
    incident, now = draft.the_incident, draft.facts.now
    if incident.state is not IncidentState.OPEN:
        return True  # an engineer has it; the escalation continues for a caller who waits
    return any(now - repeat_after(draft) < page.at <= now for page in list_pages(draft, person))


def page_engineer(draft: DecisionDraft, engineer: Engineer) -> DecisionDraft:
    """Page this engineer on each channel of their contact rules, when the rule says."""
    for rule in channels.rules_of(draft.facts.line, engineer):
        draft = page_on(
            draft, engineer, channels.CHANNELS[rule.by], find_page_time(draft, engineer, rule)
        )
    return draft


def find_page_time(draft: DecisionDraft, engineer: Engineer, rule: ContactRule) -> dt.datetime:
    """When a contact rule allows a page, counted from the first page of this incident."""
    earlier = list_pages(draft, engineer.id)
    first = min((page.since or page.at for page in earlier), default=draft.facts.now)
    return max(first + rule.after, draft.facts.now)


def repeat_after(draft: DecisionDraft) -> dt.timedelta:
    """The least time between two pages of this incident to one engineer on one channel."""
    again_after = draft.facts.line.paging.again_after
    if draft.facts.now - draft.the_incident.opened_at < OFTEN:
        return again_after
    return max(again_after, SELDOM)


def page_on(
    draft: DecisionDraft, engineer: Engineer, channel: NotificationChannel, at: dt.datetime
) -> DecisionDraft:
    """Page on this channel, or on another one while its pages are lost or reached the cap."""
    attempts = channel.attempts(engineer)
    if not attempts:
        return draft
    if not draft.facts.can_send(channel.id):
        return draft.note(JournalEvent.CHANNEL_OFF, f"{channel.id} is not set up")
    why = _why_not_on(draft, engineer, channel, attempts[0])
    if not why:
        return _page_at_best(draft, engineer, channel, at)
    other = _find_substitute(draft, engineer, channel)
    if other is not None:
        why = f"{engineer.id} {why}: paged by {other.id}"
        return _page_at_best(draft, engineer, other, at, why)
    if _is_capped(draft, engineer, channel):
        return draft.note(JournalEvent.SWITCHED, f"{engineer.id} {why}: only rung")
    return _page_at_best(draft, engineer, channel, at)


def _why_not_on(
    draft: DecisionDraft, engineer: Engineer, channel: NotificationChannel, first: str
) -> str:
    """Why another channel than this one, with this first address, would be better; empty if none
    would."""
    if _is_capped(draft, engineer, channel):
        return f"has received the {channel.plural} of a day"
    if addresses.is_lost(draft.facts, engineer.id, first):
        return f"does not receive our {channel.plural}"
    return ""


def _find_substitute(
    draft: DecisionDraft, engineer: Engineer, channel: NotificationChannel
) -> NotificationChannel | None:
    """Another channel that works and has not reached its cap."""
    others = (other for other in channels.CHANNELS.values() if other is not channel)
    working = (other for other in others if addresses.works(draft.facts, other, engineer))
    return next((other for other in working if not _is_capped(draft, engineer, other)), None)


def _is_capped(draft: DecisionDraft, engineer: Engineer, channel: NotificationChannel) -> bool:
    return addresses.is_capped(draft.facts, channel, engineer.id, draft.the_incident.pages)


def _page_at_best(
    draft: DecisionDraft,
    engineer: Engineer,
    channel: NotificationChannel,
    at: dt.datetime,
    switched: str = "",
) -> DecisionDraft:
    """Page at the best address of a channel; the last page below the cap raises an alarm."""
    to = addresses.choose_address(draft.facts, channel, engineer)
    if to != channel.attempts(engineer)[0]:
        switched = f"{channel.plural} to {engineer.id} are lost: paged at another address"
    draft = _add_page(draft, engineer.id, Address(channel.id, to), at, switched)
    if not _is_capped(draft, engineer, channel):
        return draft
    draft = draft.do(ReportDailyCap(draft.facts.line.id, engineer.id), at - draft.facts.now)
    last = f"{engineer.id} receives no more {channel.plural} today"
    return draft.note(JournalEvent.DAILY_CAP, last)


def _add_page(
    draft: DecisionDraft, person: str, address: Address, at: dt.datetime, switched: str
) -> DecisionDraft:
    """Add a page for this time, unless one on this channel has just gone out or goes out before."""
    facts, incident, (channel, to) = draft.facts, draft.the_incident, address
    since = facts.now - repeat_after(draft)
    if any(since < page.at <= at for page in list_pages(draft, person) if page.channel is channel):
        return draft
    if switched:
        draft = draft.note(JournalEvent.SWITCHED, switched)
    page_id = facts.chance.token(f"{channel} {incident.key} {person}")
    page = Page(page_id, at, person, channel, to, language=language_of(facts.line, person))
    how = f"{person} is paged by {channel}"
    if at > facts.now:
        draft = draft.with_page(page, since=facts.now)
        how = f"{how} in {(at - facts.now).total_seconds():g} s"
    else:
        draft = draft.with_page(page)
    if incident.urgency == 1:
        draft = text_codes.give_code(draft, person)
    job = SendPage(page_id, channel)
    return draft.do(job, at - facts.now).note(JournalEvent.NOTICE, how, page_id)


def list_pages(draft: DecisionDraft, person: str) -> list[Page]:
    """The written pages of this incident to this engineer, including those of this decision."""
    incident = draft.the_incident
    saved = (page for key, page in draft.facts.notices(person) if key == incident.key)
    return addresses.list_sent(person, (*saved, *incident.pages))


def why_void(facts: DecisionFacts, incident: Incident, page: Page) -> str | None:
    """Why a page that is due is not sent after all, or None if it is."""
    if incident.state is not IncidentState.OPEN:
        return f"the incident is {incident.state} by now"
    others = (p for key, p in facts.notices(page.engineer) if key == incident.key and p != page)
    since = page.at - facts.line.paging.again_after
    for other in others:
        if other.channel is page.channel and other.result in WENT_OUT and other.at > since:
            return f"{page.engineer} was paged by {page.channel} a moment ago"
    return None
