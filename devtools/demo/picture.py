"""Everything the page shows at one moment, as one value; the page draws it and knows no more."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import Sequence

from devtools.demo.captions import Json
from devtools.demo.cast import Cast
from devtools.demo.company import BackOffice, CompanyError
from devtools.demo.crew import Crew
from devtools.demo.handsets import handsets, latest_call
from devtools.demo.logbook import Logbook
from devtools.demo.mailroom import Mailroom


class Painter:
    """Paints the picture that one caller's page shows."""

    def __init__(
        self, cast: Cast, office: BackOffice, logbook: Logbook, mailroom: Mailroom, crew: Crew
    ) -> None:
        """Looks at nothing yet."""
        self._cast, self._office, self._mailroom = cast, office, mailroom
        self._logbook, self._crew = logbook, crew

    async def paint(self, caller: str) -> Json:
        """The telephones, who is on call, the log, the texts, the processes."""
        try:
            legs, phones, texts = await asyncio.gather(
                self._office.calls(), self._office.phones(), self._office.texts()
            )
        except CompanyError:
            legs, phones, texts = [], [], []
        written = await asyncio.to_thread(self._written, legs, caller)
        picture = written | {
            "handsets": handsets(self._cast, legs, phones),
            "texts": [self._text(text) for text in texts]
            + [self._letter(letter) for letter in self._mailroom.letters],
            "processes": _processes(self._crew),
        }
        return picture | {"version": _version(picture)}

    def _written(self, legs: Sequence[Json], caller: str) -> Json:
        now = dt.datetime.now(dt.UTC)
        calls = self._logbook.calls()
        sids = [row["sid"] for row in calls]
        which = self._logbook.newest(calls, latest_call(legs, caller, sids))
        return {
            "on_call": self._logbook.on_call(now),
            "calls": calls,
            "shown": which,
            "timeline": self._logbook.timeline(which),
        }

    def _text(self, text: Json) -> Json:
        ours = text["direction"] != "inbound"
        return {
            "id": text["message"],
            "phone": text["to"] if ours else text["from"],
            "ours": ours,
            "body": text["body"],
            "status": text["status"],
            "at": text["at"],
        }

    def _letter(self, letter: Json) -> Json:
        phone = self._cast.phone_of(letter["to"])
        said = {"body": letter["subject"], "status": "by e-mail", "ours": True}
        if any(phone == customer.number for customer in self._cast.customers):
            said["body"] = f"{letter['subject']}\n\n{letter['words']}"
        return said | {"id": letter["id"], "at": letter["at"], "phone": phone}


def _processes(crew: Crew) -> list[Json]:
    return [{"name": m.name, "pid": m.pid, "starts": m.starts} for m in crew.members]


def _version(picture: Json) -> str:
    """Two pictures that show the same have the same version."""
    return hashlib.sha256(json.dumps(picture).encode()).hexdigest()[:16]
