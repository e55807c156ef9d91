"""Who is told that a promised response is due, or was not given: who has it, and the duty manager.

The letters carry the level of the incident, so those about level 1 break into anybody's quiet.
"""

from __future__ import annotations

from routing.draft import Draft
from routing.letter import Letter
from routing.proof import code_of, with_code
from routing.schedule.escalation import name_of
from routing.schedule.wallclock import wall
from routing.written.replying import when_done
from routing.written.telling import News, letter_to, manager_letters

BREACH = 100


def warn(draft: Draft, share: int) -> Draft:
    """A share of the promised time is used up: whoever has it is told, and the duty manager; when
    nobody has it, the duty manager alone."""
    incident, line = draft.the_incident, draft.facts.line
    had = incident.acknowledged_by
    what = "response_broken" if share == BREACH else "response_due"
    values: tuple[tuple[str, str | int], ...] = (("share", share), ("by", due(draft)))
    told = []
    engineer = line.engineer(had) if had is not None else None
    if engineer is not None:
        draft = with_code(draft, engineer.id) if incident.urgency == 1 else draft
        reply = when_done(line, incident.number, code_of(draft.the_incident, engineer.id))
        theirs = (*values, ("reply", (reply,)))
        news = News(what, theirs, incident.key, incident.urgency)
        draft = send(draft, letter_to(draft.facts, engineer, news))
        told.append(engineer.id)
    name = name_of(line, had)
    words, named = (f"{what}_had", (("name", name),)) if name else (f"{what}_nobody", ())
    news = News(words, (*values, *named), incident.key, incident.urgency)
    for letter in manager_letters(draft.facts, news):
        draft = send(draft, letter)
        told.append(letter.reader)
    who = ", ".join(dict.fromkeys(told)) or "nobody: there is no way to tell the duty manager"
    return draft.note("clock", f"{share} % of the promised time is used up; told: {who}")


def send(draft: Draft, letter: Letter) -> Draft:
    """Write a letter, to be sent when it is due."""
    return draft.write(letter, letter.at - draft.facts.now)


def due(draft: Draft) -> str:
    """When the response is due, as clocks of the line show it: 02-03 14:30."""
    at = draft.the_incident.respond_by or draft.facts.now
    return wall(at, draft.facts.line.timezone).strftime("%d-%m %H:%M")
