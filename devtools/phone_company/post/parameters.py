"""The parameters that webhooks about a call carry."""

import math
from datetime import datetime
from email.utils import format_datetime

import phonenumbers

from devtools.phone_company.calls import Call

API_VERSION = "2010-04-01"


def standard(account: str, call: Call) -> dict[str, str]:
    """Return what every request about a call carries."""
    params = {
        "CallSid": call.sid,
        "AccountSid": account,
        "From": call.from_,
        "To": call.to,
        "Caller": call.from_,
        "Called": call.to,
        "CallStatus": call.status,
        "Direction": call.direction,
        "ApiVersion": API_VERSION,
    }
    for prefix, number in (("From", call.from_), ("To", call.to)):
        params |= whereabouts(prefix, number)
    params |= whereabouts("Caller", call.from_) | whereabouts("Called", call.to)
    if call.parent is not None:
        params["ParentCallSid"] = call.parent
    return params | call.extra


def status_event(account: str, call: Call, status: str, now: datetime) -> dict[str, str]:
    """Return what a status callback carries."""
    params = standard(account, call) | {
        "CallStatus": status,
        "Timestamp": format_datetime(now),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(next(call.sequence)),
    }
    if status == "completed":
        seconds = call.seconds(now)
        params |= {"CallDuration": str(seconds), "Duration": str(math.ceil(seconds / 60))}
    return params


def whereabouts(prefix: str, number: str) -> dict[str, str]:
    """Return city, state, zip and country of a number, empty where nobody knows."""
    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        country = ""
    return {f"{prefix}{place}": "" for place in ("City", "State", "Zip")} | {
        f"{prefix}Country": country
    }
