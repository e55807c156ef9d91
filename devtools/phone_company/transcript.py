"""What one phone heard and did, in order."""

from typing import Any

from devtools.phone_company.calls import Call
from devtools.phone_company.feed import Feed


def note(feed: Feed, call: Call, what: str, **details: Any) -> None:
    """Write a line into the call's transcript and into the news."""
    details = {name: value for name, value in details.items() if value is not None}
    event = feed.publish(what, call=call.sid, details=details)
    call.transcript.append({"at": event["at"], "what": what, **details})
