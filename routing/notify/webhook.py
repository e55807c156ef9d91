"""Outgoing webhooks: an incident changed, and a program such as a ticket system hears of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from routing.correspondence import CustomerMessage
from routing.line import IncidentHappening


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event for one webhook. ``id`` stays the same however often it is sent. ``message`` is the
    customer message that it tells of; with ``content`` the program gets its words too."""

    id: str
    line: str
    hook: str
    incident: str
    happening: IncidentHappening
    at: dt.datetime
    message: CustomerMessage | None = None
    content: bool = False
