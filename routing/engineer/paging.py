"""Notices: who is told of an incident by text and mail, how often, and by which way.

They go out beside the ringing, at any hour: a telephone that is on silence, or rings in another
room, still shows one, and a level 1 is too rare for a text too many to be a burden. Whoever was
told is told again in a later round only, and never within `again_after`.
"""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.engineer.escalation import escalation_for, language_of, people_of
from routing.engineer.ways import lost, mail_works, phone_for, texted
from routing.errands import Alarm, Mail, Text
from routing.incident import Page, State
from routing.line import Channel, Engineer

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
    incident, facts = draft.the_incident, draft.facts
    if incident.state is not State.OPEN:
        return True  # somebody has it; the hunt only goes on for a caller who waits
    pause = facts.line.paging.again_after
    if facts.now - incident.opened_at >= OFTEN:
        pause = max(pause, SELDOM)
    told = [page.at for key, page in facts.notices(person) if key == incident.key]
    return bool(told) and facts.now - max(told) < pause


def tell(draft: Draft, engineer: Engineer) -> Draft:
    """Tell this person by every way that the file asks for and that works."""
    channels = draft.facts.line.paging.channels
    mails = Channel.EMAIL in channels
    if Channel.SMS in channels:
        capped = texts_left(draft, engineer) <= 0
        lost_text = lost(draft.facts, engineer.id, texted(engineer)[0])
        if not capped and not (lost_text and mail_works(draft.facts, engineer)):
            draft = _text(draft, engineer, phone_for(draft.facts, engineer))
        else:
            draft, mails = _instead(draft, engineer, capped=capped), True
    if not mails or engineer.email is None:
        return draft
    if not draft.facts.mail:
        return draft.note("no_mail", "e-mail is off: no mail server is named")
    return _notice(draft, engineer.id, Channel.EMAIL, engineer.email)


def texts_left(draft: Draft, engineer: Engineer) -> int:
    """How many texts this person may still get today."""
    notices = draft.facts.notices(engineer.id)
    sent = sum(page.channel is Channel.SMS for _, page in notices)
    return draft.facts.line.paging.daily_cap - sent


def _text(draft: Draft, engineer: Engineer, phone: str) -> Draft:
    if phone != texted(engineer)[0]:
        draft = draft.note("switched", f"texts to {engineer.id} are lost: told on another phone")
    if texts_left(draft, engineer) == 1:
        draft = draft.do(Alarm(draft.facts.line.id, engineer.id))
        draft = draft.note("daily_cap", f"this is the last text to {engineer.id} for today")
    return _notice(draft, engineer.id, Channel.SMS, phone)


def _instead(draft: Draft, engineer: Engineer, *, capped: bool) -> Draft:
    why = "has had the texts of a day" if capped else "does not get our texts"
    how = "told by email" if mail_works(draft.facts, engineer) else "only rung"
    return draft.note("switched", f"{engineer.id} {why}: {how}")


def _notice(draft: Draft, person: str, channel: Channel, to: str) -> Draft:
    facts, incident = draft.facts, draft.the_incident
    page_id = facts.chance.token(f"{channel} {incident.key} {person}")
    page = Page(page_id, facts.now, person, channel, to, language=language_of(facts.line, person))
    deed = Text(page_id) if channel is Channel.SMS else Mail(page_id)
    return draft.with_page(page).do(deed).note("notice", f"{person} is told by {channel}", page_id)
