"""Turning a call's status, and telling those who asked to know."""

from typing import TYPE_CHECKING

from carrier.simulated.calls import Call
from carrier.simulated.post.parameters import status_event
from carrier.simulated.post.webhook import Webhook
from carrier.simulated.transcript import note

if TYPE_CHECKING:
    from carrier.simulated.company import Company


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
