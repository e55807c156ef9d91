"""Which zone data local time is read with: that of the pinned tzdata package, never the machine's.

Hosts of one line must agree about who is on call. Their operating systems are updated one by one,
and a government may change its clocks at a month's notice; the package changes with the line.
"""

from __future__ import annotations

import zoneinfo


def use_packaged_zones() -> None:
    """Read zones from the package alone, whatever this machine or PYTHONTZPATH offers."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()


def zone_data() -> str:
    """The version of the zone data, such as 2026.6."""
    from importlib.metadata import version  # a tenth of what a short command costs

    return version("tzdata")
