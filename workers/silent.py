"""The telephone that every errand is done with: it rings no drill, whatever it is asked."""

from __future__ import annotations

import datetime as dt
import secrets

from carrier.telephone import Placing, Telephone
from routing.drill import PHONE
from routing.events import Heard


class CarefulTelephone(Telephone):
    """Asks the carrier for nothing that belongs to a drill; all else it does as any other."""

    def place(self, placing: Placing) -> str:
        """A drill's call is placed nowhere; whoever holds the drill answers it."""
        if placing.to == PHONE:
            return f"{PHONE}-{secrets.token_hex(8)}"
        return super().place(placing)

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        """The carrier knows of no drill."""
        return None if to == PHONE else super().placed_since(to, from_, since)

    def silence(self, sid: str) -> Heard:
        """Nothing rings."""
        return Heard.CANCELED if _practised(sid) else super().silence(sid)

    def heard(self, sid: str) -> Heard:
        """A drill that has to be asked after is over: its holder is gone."""
        return Heard.COMPLETED if _practised(sid) else super().heard(sid)

    def redirect(self, sid: str, url: str) -> None:
        """Nobody listens."""
        if not _practised(sid):
            super().redirect(sid, url)


def _practised(sid: str) -> bool:
    return sid.startswith(f"{PHONE}-")
