"""What was spoken is kept: a recording belongs to the incident that it was spoken for."""

from __future__ import annotations

from routing.draft import Draft
from routing.recording import Purpose, Recording

FIELDS = {Purpose.INTRODUCTION: "introduction", Purpose.MESSAGE: "message"}
"""Where an incident names the latest of each; the others stand beside it and are never lost."""


def keep(draft: Draft, purpose: Purpose, url: str, by: str | None = None) -> Draft:
    """Write down that this was spoken for the incident, and fetch it from the carrier.

    ``by`` is the engineer who spoke; without it the customer did.
    """
    incident, facts = draft.the_incident, draft.facts
    recording = Recording(
        id=facts.chance.token(f"recording {len(draft.recordings)} {url}"),
        line=incident.line,
        incident=incident.key,
        made_at=facts.now,
        purpose=purpose,
        url=url,
        call=draft.call.id if draft.call is not None and by is None else None,
        by=by,
    )
    draft = draft.record(recording)
    if purpose in FIELDS:
        draft = draft.with_incident(**{FIELDS[purpose]: recording.id})
    return draft


def keep_late(draft: Draft, purpose: Purpose, url: str | None) -> Draft:
    """The carrier tells in two ways that something was said, and either may come late or not at
    all: what was not heard of yet is kept, and moves nobody."""
    if not unheard(draft, url):
        return draft
    return keep(draft, purpose, url or "").note("recorded", f"the {purpose} is told of late")


def unheard(draft: Draft, url: str | None) -> bool:
    """True for a recording that belongs to the incident and is not known yet."""
    if url is None or draft.incident is None:
        return False
    return not draft.facts.heard(draft.incident.key, url)
