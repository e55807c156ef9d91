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
