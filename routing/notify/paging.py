"""Notices: who is told of an incident by text and mail, how often, and by which way.

They go out beside the ringing, at any hour: a telephone that is on silence, or rings in another
room, still shows one, and a level 1 is too rare for a text too many to be a burden. Whoever was
told is told again in a later round only, and never within `again_after`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from routing.draft import DecisionDraft
from routing.facts import DecisionFacts
from routing.incident import Incident, IncidentState
from routing.jobs import Alarm, MailPage, TextPage
from routing.journal import JournalEvent
from routing.line import Channel, ContactRule, Engineer, Line
from routing.notify.text_codes import with_code
from routing.oncall.policy import escalation_for, language_of, people_of
from routing.page import Page, PageResult
from routing.phone_numbers import takes_texts, why_not_rung

# The ways that lead to a person: which of them work, and in which language the line writes.


Way = tuple[Channel, str]
"""A channel, and the number or mail address at its end."""

LOST = (PageResult.FAILED, PageResult.UNDELIVERED)
"""Refused by the carrier (STOP is error 21610), or not delivered."""

UNDONE = (None, PageResult.CANCELED)
"""Under way, or never sent: neither says anything about the way."""


def rules_of(line: Line, engineer: Engineer) -> tuple[ContactRule, ...]:
    """By which ways this person is told and after how long: their own rules, or the line's."""
    ways = (Channel.SMS, Channel.EMAIL)
    channels = line.paging.channels
    return engineer.contact or tuple(ContactRule(by) for by in ways if by in channels)


class PhoneRefusal(StrEnum):
    """Why a valid number cannot be added by a person."""

    TAKEN = "taken"  # by somebody of the line
    LINE = "line"  # it would ring in a circle
    UNRUNG = "unrung"
    UNDIALLED = "undialled"  # not ordinary, or abroad: only the file may have it
    TEXTLESS = "textless"  # no code can be sent to it


def owner_of(line: Line, number: str) -> Engineer | None:
    """Whose telephone is rung at a number."""
    return next((engineer for engineer in line.engineers if number in engineer.phones), None)


def why_not_added(line: Line, number: str) -> PhoneRefusal | None:
    """Why a person cannot add a valid number to their own, or None when they can."""
    if owner_of(line, number) is not None:
        return PhoneRefusal.TAKEN
    if number == line.number:
        return PhoneRefusal.LINE
    if why_not_rung(number) is not None:
        return PhoneRefusal.UNRUNG
    if line.why_not_ordinary(number) is not None:
        return PhoneRefusal.UNDIALLED
    return None if takes_texts(number) else PhoneRefusal.TEXTLESS


def text_works(facts: DecisionFacts, engineer: Engineer) -> bool:
    """True when some phone takes texts, and there is no word that the last one there was lost."""
    return any(takes_texts(p) and not lost(facts, engineer.id, p) for p in engineer.phones)


def mail_works(facts: DecisionFacts, engineer: Engineer) -> bool:
    """True when there is an address, a server, and no word that the last mail was lost."""
    email = engineer.email
    return email is not None and facts.mail and not lost(facts, engineer.id, email)


def phone_for(facts: DecisionFacts, engineer: Engineer) -> str:
    """The first phone whose last text was not lost; when all were lost, the first once more."""
    phones = texted(engineer)
    return next((p for p in phones if not lost(facts, engineer.id, p)), phones[0])


def texted(engineer: Engineer) -> tuple[str, ...]:
    """The phones that take texts; where none does, the first is tried all the same."""
    return tuple(filter(takes_texts, engineer.phones)) or engineer.phones[:1]


def lost(facts: DecisionFacts, person: str, to: str) -> bool:
    """Whether the latest notice to this number or address that came to an end was lost."""
    ended = (p for _, p in facts.notices(person) if p.to == to and p.result not in UNDONE)
    last = next(ended, None)
    return last is not None and last.result in LOST


OFTEN = dt.timedelta(hours=1)
"""For so long a person is told each round; whoever sleeps through that needs the ringing."""

SELDOM = dt.timedelta(minutes=30)
"""From then on a person is told at most so often, while the calls go on."""


def told_again(draft: DecisionDraft) -> tuple[str, ...]:
    """Who is told when a round begins, rung or not: each round one step more, in the end all.

    In the first round everybody is told when rung.
    """
    incident, facts = draft.the_incident, draft.facts
    if incident.hunt.round < 2:
        return ()
    steps = escalation_for(facts.line, incident).steps[: incident.hunt.round]
    people = (person for step in steps for person in people_of(step, facts, incident.language))
    return tuple(dict.fromkeys(people))


def too_soon(draft: DecisionDraft, person: str) -> bool:
    """True while nobody need be told, or this person was told of this incident a moment ago."""
    incident, now = draft.the_incident, draft.facts.now
    if incident.state is not IncidentState.OPEN:
        return True  # somebody has it; the hunt only goes on for a caller who waits
    return any(now - pause(draft) < page.at <= now for page in told(draft, person))


def tell(draft: DecisionDraft, engineer: Engineer) -> DecisionDraft:
    """Tell this person by every way of theirs that works, now or when their rule says."""
    for rule in rules_of(draft.facts.line, engineer):
        how = by_text if rule.by is Channel.SMS else by_mail
        draft = how(draft, engineer, when(draft, engineer, rule))
    return draft


def when(draft: DecisionDraft, engineer: Engineer, rule: ContactRule) -> dt.datetime:
    """When a rule lets this person be told, counted from when they were first to be told."""
    first = min((page.since or page.at for page in told(draft, engineer.id)), default=None)
    return max((first or draft.facts.now) + rule.after, draft.facts.now)


def pause(draft: DecisionDraft) -> dt.timedelta:
    """The least time between two notices of this incident to one person by one way."""
    again_after = draft.facts.line.paging.again_after
    late = draft.facts.now - draft.the_incident.opened_at >= OFTEN
    return max(again_after, SELDOM) if late else again_after


def by_text(draft: DecisionDraft, engineer: Engineer, at: dt.datetime) -> DecisionDraft:
    """By text; by mail where texts are lost, or were enough for a day."""
    facts, who = draft.facts, engineer.id
    capped = texts_left(facts, who, draft.the_incident.pages) <= 0
    if not capped and not (lost(facts, who, texted(engineer)[0]) and mail_works(facts, engineer)):
        return _text(draft, engineer, at)
    why = "has had the texts of a day" if capped else "does not get our texts"
    if engineer.email is None or not mail_works(facts, engineer):
        return draft.note(JournalEvent.SWITCHED, f"{who} {why}: only rung")
    return _notice(draft, who, (Channel.EMAIL, engineer.email), at, f"{who} {why}: told by email")


def by_mail(draft: DecisionDraft, engineer: Engineer, at: dt.datetime) -> DecisionDraft:
    """By mail, where there is an address and a server; by text where mails are lost."""
    facts, who = draft.facts, engineer.id
    if engineer.email is None:
        return draft
    if not facts.mail:
        return draft.note(JournalEvent.NO_MAIL, "e-mail is off: no mail server is named")
    left = texts_left(facts, who, draft.the_incident.pages)
    if lost(facts, who, engineer.email) and text_works(facts, engineer) and left > 0:
        return _text(draft, engineer, at, f"{who} does not get our mails: told by text")
    return _notice(draft, who, (Channel.EMAIL, engineer.email), at)


def _text(
    draft: DecisionDraft, engineer: Engineer, at: dt.datetime, why: str | None = None
) -> DecisionDraft:
    phone = phone_for(draft.facts, engineer)
    if phone != texted(engineer)[0]:
        why = f"texts to {engineer.id} are lost: told on another phone"
    told_now = _notice(draft, engineer.id, (Channel.SMS, phone), at, why)
    if texts_left(draft.facts, engineer.id, told_now.the_incident.pages) > 0:
        return told_now
    told_now = told_now.do(Alarm(draft.facts.line.id, engineer.id), at - draft.facts.now)
    return told_now.note(
        JournalEvent.DAILY_CAP, f"this is the last text to {engineer.id} for today"
    )


def _notice(
    draft: DecisionDraft, person: str, way: Way, at: dt.datetime, switched: str | None = None
) -> DecisionDraft:
    """A notice at this time, unless one by this way has just gone out or goes out before."""
    facts, incident, (channel, to) = draft.facts, draft.the_incident, way
    since = facts.now - pause(draft)
    if any(since < page.at <= at for page in told(draft, person) if page.channel is channel):
        return draft
    draft = draft.note(JournalEvent.SWITCHED, switched) if switched else draft
    page_id = facts.chance.token(f"{channel} {incident.key} {person}")
    language, waits = language_of(facts.line, person), at > facts.now
    page = Page(page_id, at, person, channel, to, language=language)
    draft = draft.with_page(page, since=facts.now if waits else None)
    draft = with_code(draft, person) if incident.urgency == 1 else draft
    deed = TextPage(page_id) if channel is Channel.SMS else MailPage(page_id)
    how = f"by {channel} in {(at - facts.now).total_seconds():g} s" if waits else f"by {channel}"
    return draft.do(deed, at - facts.now).note(
        JournalEvent.NOTICE, f"{person} is told {how}", page_id
    )


# The notices that one person has had, or is going to have: how many, when, and which are void.


WENT_OUT = (PageResult.SENT, PageResult.DELIVERED)


def told(draft: DecisionDraft, person: str) -> list[Page]:
    """The notices of this incident to this person, those of this very decision included."""
    incident = draft.the_incident
    kept = (page for key, page in draft.facts.notices(person) if key == incident.key)
    return _notices(person, (*kept, *incident.pages))


def texts_left(facts: DecisionFacts, person: str, also: Iterable[Page] = ()) -> int:
    """How many texts this person may still get today; ``also`` are pages not saved yet."""
    kept = (page for _, page in facts.notices(person))
    texts = [p for p in _notices(person, (*kept, *also)) if p.channel is Channel.SMS]
    return facts.line.paging.daily_cap - len(texts)


def void(facts: DecisionFacts, incident: Incident, page: Page) -> str | None:
    """Why a notice that has come due is not sent after all, or None when it is."""
    if incident.state is not IncidentState.OPEN:
        return f"the incident is {incident.state} by now"
    others = (p for key, p in facts.notices(page.engineer) if key == incident.key and p != page)
    since = page.at - facts.line.paging.again_after
    for other in others:
        if other.channel is page.channel and other.result in WENT_OUT and other.at > since:
            return f"{page.engineer} was told by {page.channel} a moment ago"
    return None


def _notices(person: str, pages: Iterable[Page]) -> list[Page]:
    """Those to this person that were or may still be sent, each once."""
    theirs = {p.id: p for p in pages if p.engineer == person and p.channel is not Channel.CALL}
    return [page for page in theirs.values() if page.result is not PageResult.CANCELED]
