"""The hunt stands still for a while: a breath between two passes, a rest between two rounds."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.errands import HuntOn
from routing.incident import Hunting, State
from routing.place import wants_call_back

BREATH = dt.timedelta(seconds=10)
"""The least a pass takes, unless its steps are shorter: long enough to tell the caller so."""


def rest(draft: Draft) -> Draft:
    """Everybody was tried: begin again after `again_after`."""
    again_after = draft.facts.line.paging.again_after
    draft = draft.note(
        "resting", f"nobody took it; the next round begins in {again_after.total_seconds():g} s"
    )
    return pause(draft, Hunting.RESTING, again_after)


def watch(draft: Draft) -> Draft:
    """Whoever took a hunted incident, or a call back, is given `reach_within` to reach the
    customer."""
    incident = draft.the_incident
    promised = incident.hunt.round or wants_call_back(incident, draft.call)
    if incident.state is not State.ACKNOWLEDGED or not promised:
        return draft
    return draft.do(HuntOn(incident.key, incident.hunt.mark), draft.facts.line.paging.reach_within)


def pause(draft: Draft, doing: Hunting, length: dt.timedelta) -> Draft:
    """Stand still for a while; the errand carries the mark, so that an overtaken pause is void."""
    mark = draft.the_incident.hunt.mark + 1
    resumes_at = draft.facts.now + length
    draft = draft.with_hunt(doing=doing, mark=mark, resumes_at=resumes_at, spared=None)
    return draft.do(HuntOn(draft.the_incident.key, mark), length)
