"""Texts that engineers sent, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing.inbox import ReceivedText
from store.memory.rows import Rows


class MemoryInbox:
    """The texts of every line."""

    rows: Rows

    def received(self, text_id: str) -> ReceivedText | None:
        """The text of this id of the carrier's, if it was read before."""
        return self.rows.texts.get(text_id)

    def texts_since(self, line: str, engineer: str, since: dt.datetime) -> Sequence[ReceivedText]:
        """The texts of this engineer's numbers since, newest first."""
        ours = [t for t in self.rows.texts.values() if (t.line, t.engineer) == (line, engineer)]
        late = [text for text in ours if text.at >= since]
        return sorted(late, key=lambda text: (text.at, text.id), reverse=True)

    def keep_text(self, text: ReceivedText) -> None:
        """Remember a text; one of an id that is kept stays as it is."""
        self.rows.texts.setdefault(text.id, text)
