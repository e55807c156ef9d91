"""A signature request: received, confirmed, released; each told to the customer once.

It counts as a request and never as a premium incident.
"""

from __future__ import annotations

from dataclasses import replace

from routing import customer
from routing.draft import Draft
from routing.request import Request


def received(draft: Draft, request: Request) -> Draft:
    """The customer is told its number, and where the sample is to be sent."""
    way = customer.way_to(draft)
    draft = draft.with_incident(request=replace(request, written=way[0] if way else None))
    draft = draft.note("request", f"{request.verdict}, databases: {request.databases}")
    desk = draft.facts.line.signature_desk
    if desk is None or desk.samples_to is None:
        return customer.tell(draft, "request_received")
    return customer.tell(draft, "request_received_send", (("address", desk.samples_to),))
