"""Rate limits of signing in to the portal: by address, and by where the request comes from.

A limit is a growing wait that ends by itself. Each one that is reached is counted in the metrics
and logged, without the address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import structlog
from flask import current_app, request

from ivr_app.context import current_services
from ivr_app.web import find_known_browser
from service.counters import COUNTERS, PORTAL_SIGN_INS
from store.work.rate_limits import Backoff, Counted, GuessLimiter

EXTENSION = "portal_limits"

ADDRESS_BACKOFF = Backoff(free=5, longest=300)
"""Codes for one address: nobody's telephone or mailbox is flooded."""
SOURCE_BACKOFF = Backoff(free=30, longest=60)
"""Requests of one source: a whole office may be behind one address of the internet."""

IPV6_NETWORK = 64
"""The first bits of an IPv6 address, which are those of one household or office."""

log = structlog.get_logger("portal")


def enter_address(addresses: Sequence[str]) -> int:
    """Count a request for a code; return the seconds that it must still wait, or 0. A browser in
    which this address has signed in before does not wait for the requests of others."""
    for address in addresses:
        browser = find_known_browser(name_address(address))
        if browser is not None:
            return _enter([(f"portal browser {browser}", ADDRESS_BACKOFF)])
    return _enter(
        [(f"portal address {address}", ADDRESS_BACKOFF) for address in addresses]
        + [(f"portal source {_find_source()}", SOURCE_BACKOFF)]
    )


def name_address(address: str) -> str:
    """Return the name of an address in the cookie of a known browser."""
    return current_services().portal.proofs.hash_address(address)


def enter_code() -> int:
    """Count a code that was typed; return the seconds that it must still wait, or 0."""
    return _enter([(f"portal code {_find_source()}", SOURCE_BACKOFF)])


def count(result: str) -> None:
    """Count a result of signing in, for the metrics."""
    COUNTERS.count(PORTAL_SIGN_INS, result)


def _enter(counted: Sequence[Counted]) -> int:
    wait = _current_limiter().enter(counted)
    if wait:
        count("throttled")
        log.warning("sign-ins to the portal are throttled", subject=counted[0][0].split()[1])
    return wait


def _current_limiter() -> GuessLimiter:
    if EXTENSION not in current_app.extensions:
        settings = current_services().settings
        limiter = GuessLimiter(settings.redis_url, settings.installation)
        current_app.extensions[EXTENSION] = limiter
    found: GuessLimiter = current_app.extensions[EXTENSION]
    return found


def _find_source() -> str:
    """Return where the request comes from; an IPv6 network of any one customer counts as one."""
    try:
        source = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if source.version == 6:
        return str(ipaddress.ip_network((source, IPV6_NETWORK), strict=False))
    return str(source)
