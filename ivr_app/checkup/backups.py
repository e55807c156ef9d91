"""When the whole line was last written to a file."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from ivr_app.checkup.verdict import Verdict, ok, warn
from store.backup import last_backup

CHECK = "backup"
LONG_AGO = dt.timedelta(days=2)
MAKE = "flask --app ivr_app backup FILE"


def backups(engine: Engine, at: dt.datetime) -> Verdict:
    """Whether the nightly backup still comes; who makes theirs by other means is left in peace."""
    last = last_backup(engine)
    if last is None:
        return ok(CHECK, f"none was made by {MAKE}: see that yours can be restored")
    age = at - last
    if age > LONG_AGO:
        return warn(CHECK, f"the last was made {age.days} days ago: run {MAKE}, and see why")
    return ok(CHECK, f"the last was made {age.total_seconds() / 3600:.0f} h ago")
