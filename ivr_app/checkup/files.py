"""Whether other users of this machine may read what the line keeps in files."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from ivr_app.checkup.verdict import Verdict, ok, warn
from permissions import open_to_others
from settings import Settings


def files(settings: Settings) -> Verdict:
    """The database file, the fallback file and the messages: names, numbers and voices."""
    kept = [settings.fallback_file, settings.media_dir]
    database = make_url(settings.database_url)
    if database.get_backend_name() == "sqlite" and database.database:
        kept.append(Path(database.database))
    bare = [path for path in kept if open_to_others(path) and open_to_others(path.parent)]
    if bare:
        named = " ".join(str(path) for path in bare)
        return warn("files", f"any user of this machine may read them: chmod o= {named}")
    return ok("files", "other users of this machine may read none of them")
