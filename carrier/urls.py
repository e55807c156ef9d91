"""The webhook URLs that we give to the carrier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routing.voice_document import Next

MUSIC = "/voice/music.wav"
RETRIES = "#rc=2&rp=all&rt=4500"
"""The carrier asks up to three times, whatever went wrong, and waits 4.5 seconds each time: all
three fit into the 15 seconds that it gives any request of a call."""


@dataclass(frozen=True, slots=True)
class WebhookUrls:
    """Absolute addresses under the public URL, so that every carrier can follow them."""

    public_url: str
    sign_id: Callable[[str], str] = str  # a recording's id as it stands in an address

    def of(self, to: Next) -> str:
        """The URL of the next webhook of a document."""
        return self._asked(f"/voice/{next_path(to)}")

    def status_url(self, to: Next) -> str:
        """The URL of the status callback of the same step."""
        return self._asked(f"/voice/{next_path(to)}/status")

    def leg_url(self, leg_id: str) -> str:
        """The URL of the document of an engineer's leg."""
        return self._asked(f"/voice/leg/{leg_id}")

    def leg_status_url(self, leg_id: str) -> str:
        """The URL of the status callback of a leg."""
        return self._asked(f"/voice/leg/{leg_id}/status")

    def leg_fallback_url(self, leg_id: str) -> str:
        """The URL that the carrier requests when the document of a leg fails."""
        return self._asked(f"/voice/fallback/leg/{leg_id}")

    def recording_url(self, recording_id: str) -> str:
        """Where the carrier fetches a recording that is to be played.

        Not every carrier signs what it fetches for ``<Play>``, so the address opens by itself.
        """
        return f"{self.public_url}/sound/{self.sign_id(recording_id)}"

    def text_status_url(self, page_id: str) -> str:
        """The URL of the status callback of a text."""
        return self._asked(f"/sms/{page_id}/status")

    def fallback(self, what: str) -> str:
        """A URL that works without database and Redis."""
        return self._asked(f"/voice/fallback/{what}")

    def at(self, path: str) -> str:
        """The URL of a path of ours."""
        return self._asked(path)

    @property
    def music_url(self) -> str:
        """The URL of the hold music."""
        return self.public_url + MUSIC

    def again(self, path: str) -> str:
        """The URL of a path for a second request after our answer failed."""
        return self._asked(f"{path}?failed=1")

    def _asked(self, path: str) -> str:
        return f"{self.public_url}{path}{RETRIES}"


def next_path(to: Next) -> str:
    """The part of an address that says what is asked next, and of whom."""
    room, what = to.name.split(".")
    return f"{room}/{to.id}/{what}/{to.turn}"
