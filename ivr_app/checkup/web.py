"""Whether the line answers at the address that the carrier was given."""

from __future__ import annotations

import requests

from carrier.outbound import request
from ivr_app.checkup.verdict import Verdict, ok, warn

TIMEOUT = 3.0


def web(public_url: str) -> Verdict:
    """Knock at our own front door; from in here it may look shut and still be open outside."""
    try:
        with request("our own address", TIMEOUT, "GET", f"{public_url}/healthz") as answer:
            status = answer.status_code
    except requests.RequestException:
        return warn("web", f"does not answer from here at PUBLIC_URL {public_url}")
    if status != requests.codes.ok:
        return warn("web", f"something else answers at PUBLIC_URL {public_url}")
    return ok("web", f"answers at {public_url}")
