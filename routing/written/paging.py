"""Notices: who is told of an incident by text and mail, how often, and by which way.

They go out beside the ringing, at any hour: a telephone that is on silence, or rings in another
room, still shows one, and a level 1 is too rare for a text too many to be a burden. Whoever was
told is told again in a later round only, and never within `again_after`.
"""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.errands import Alarm, Mail, Text
from routing.incident import Page, State
from routing.line import Channel, ContactRule, Engineer
from routing.proof import with_code
from routing.schedule.escalation import escalation_for, language_of, people_of
from routing.written.notices import texts_left, told
from routing.written.ways import (
    Way,
    lost,
    mail_works,
    phone_for,
    rules_of,
    text_works,
    texted,
)

OFTEN = dt.timedelta(hours=1)
"""For so long a person is told each round; whoever sleeps through that needs the ringing."""

SELDOM = dt.timedelta(minutes=30)
"""From then on a person is told at most so often, while the calls go on."""


def told_again(draft: Draft) -> tuple[str, ...]:
    """Who is told when a round begins, rung or not: each round one step more, in the end all.

    In the first round everybody is told when rung.
    """
    incident, facts = draft.the_incident, draft.facts
    if incident.hunt.round < 2:
        return ()
    steps = escalation_for(facts.line, incident).steps[: incident.hunt.round]
    people = (person for step in steps for person in people_of(step, facts, incident.language))
    return tuple(dict.fromkeys(people))


def too_soon(draft: Draft, person: str) -> bool:
    """True while nobody need be told, or this person was told of this incident a moment ago."""
    incident, now = draft.the_incident, draft.facts.now
    if incident.state is not State.OPEN:
        return True  # somebody has it; the hunt only goes on for a caller who waits
    return any(now - pause(draft) < page.at <= now for page in told(draft, person))


def tell(draft: Draft, engineer: Engineer) -> Draft:
    """Tell this person by every way of theirs that works, now or when their rule says."""
    for rule in rules_of(draft.facts.line, engineer):
        how = by_text if rule.by is Channel.SMS else by_mail
        draft = how(draft, engineer, when(draft, engineer, rule))
    return draft


def when(draft: Draft, engineer: Engineer, rule: ContactRule) -> dt.datetime:
    """When a rule lets this person be told, counted from when they were first to be told."""
    first = min((page.since or page.at for page in told(draft, engineer.id)), default=None)
    return max((first or draft.facts.now) + rule.after, draft.facts.now)


def pause(draft: Draft) -> dt.timedelta:
    """The least time between two notices of this incident to one person by one way."""
    again_after = draft.facts.line.paging.again_after
    late = draft.facts.now - draft.the_incident.opened_at >= OFTEN
    return max(again_after, SELDOM) if late else again_after


def by_text(draft: Draft, engineer: Engineer, at: dt.datetime) -> Draft:
    """By text; by mail where texts are lost, or were enough for a day."""
    facts, who = draft.facts, engineer.id
    capped = texts_left(facts, who, draft.the_incident.pages) <= 0
    if not capped and not (lost(facts, who, texted(engineer)[0]) and mail_works(facts, engineer)):
        return _text(draft, engineer, at)
    why = "has had the texts of a day" if capped else "does not get our texts"
    if engineer.email is None or not mail_works(facts, engineer):
        return draft.note("switched", f"{who} {why}: only rung")
    return _notice(draft, who, (Channel.EMAIL, engineer.email), at, f"{who} {why}: told by email")


def by_mail(draft: Draft, engineer: Engineer, at: dt.datetime) -> Draft:
    """By mail, where there is an address and a server; by text where mails are lost."""
    facts, who = draft.facts, engineer.id
    if engineer.email is None:
        return draft
    if not facts.mail:
        return draft.note("no_mail", "e-mail is off: no mail server is named")
    left = texts_left(facts, who, draft.the_incident.pages)
    if lost(facts, who, engineer.email) and text_works(facts, engineer) and left > 0:
        return _text(draft, engineer, at, f"{who} does not get our mails: told by text")
    return _notice(draft, who, (Channel.EMAIL, engineer.email), at)


def _text(draft: Draft, engineer: Engineer, at: dt.datetime, why: str | None = None) -> Draft:
    phone = phone_for(draft.facts, engineer)
    if phone != texted(engineer)[0]:
        why = f"texts to {engineer.id} are lost: told on another phone"
    told_now = _notice(draft, engineer.id, (Channel.SMS, phone), at, why)
    if texts_left(draft.facts, engineer.id, told_now.the_incident.pages) > 0:
        return told_now
    told_now = told_now.do(Alarm(draft.facts.line.id, engineer.id), at - draft.facts.now)
    return told_now.note("daily_cap", f"this is the last text to {engineer.id} for today")


def _notice(
    draft: Draft, person: str, way: Way, at: dt.datetime, switched: str | None = None
) -> Draft:
    """A notice at this time, unless one by this way has just gone out or goes out before."""
    facts, incident, (channel, to) = draft.facts, draft.the_incident, way
    since = facts.now - pause(draft)
    if any(since < page.at <= at for page in told(draft, person) if page.channel is channel):
        return draft
    draft = draft.note("switched", switched) if switched else draft
    page_id = facts.chance.token(f"{channel} {incident.key} {person}")
    language, waits = language_of(facts.line, person), at > facts.now
    page = Page(page_id, at, person, channel, to, language=language)
    draft = draft.with_page(page, since=facts.now if waits else None)
    draft = with_code(draft, person) if incident.urgency == 1 else draft
    deed = Text(page_id) if channel is Channel.SMS else Mail(page_id)
    how = f"by {channel} in {(at - facts.now).total_seconds():g} s" if waits else f"by {channel}"
    return draft.do(deed, at - facts.now).note("notice", f"{person} is told {how}", page_id)
