"""Turning a call's status, and telling those who asked to know."""

from typing import TYPE_CHECKING

from devtools.phone_company.calls import Call
from devtools.phone_company.post.parameters import status_event
from devtools.phone_company.post.webhook import Webhook
from devtools.phone_company.transcript import note

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


def turn(company: "Company", call: Call, status: str) -> None:
    """Give a call its new status."""
    call.status = status
    note(company.feed, call, "status", text=status)


def tell(company: "Company", call: Call, event: str, status: str) -> None:
    """Send a status callback if somebody asked to hear of this event."""
    if not call.callback.url or event not in call.callback.events:
        return
    params = status_event(company.account.sid, call, status, company.clock.now())
    company.post.tell(
        Webhook(call.callback.url, params, call.callback.method, "status", call=call.sid)
    )
