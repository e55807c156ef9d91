"""The webhook URLs that we give to the carrier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from routing.voice_document import Next

MUSIC = "/voice/music.wav"
MUSIC_PIECES = 8
WORDS = "/voice/words"
HEARS = "hears"
"""The field of an address that names the question and the language in which it was asked."""

SOUNDS = "/voice/sounds/"
RETRIES = "#rc=2&rp=all&rt=4500"
"""The carrier tries a request up to three times, after any error, and waits 4.5 seconds each time.
All three tries fit into its limit of 15 seconds for a request of a call."""


@dataclass(frozen=True, slots=True)
class WebhookUrls:
    """Absolute URLs under the public URL."""

    public_url: str
    sign_id: Callable[[str], str] = str  # makes a recording's id safe to publish in a URL
    retries: str = RETRIES

    def of(self, to: Next) -> str:
        """The URL of the next webhook of a document."""
        path = f"/voice/{next_path(to)}"
        if to.query:
            path = f"{path}?{urlencode(to.query)}"
        return self._with_retries(path)

    def of_speech(self, to: Next, question: str, language: str) -> str:
        """The same for a question that may be answered with words."""
        return self._with_retries(f"/voice/{next_path(to)}?{HEARS}={question}.{language}")

    def status_url(self, to: Next) -> str:
        """The URL of the status callback of the same step."""
        return self._with_retries(f"/voice/{next_path(to)}/status")

    def leg_url(self, leg_id: str) -> str:
        """The URL of the document of an engineer's leg."""
        return self._with_retries(f"/voice/leg/{leg_id}")

    def leg_status_url(self, leg_id: str) -> str:
        """The URL of the status callback of a leg."""
        return self._with_retries(f"/voice/leg/{leg_id}/status")

    def leg_fallback_url(self, leg_id: str) -> str:
        """The URL that the carrier requests when the document of a leg fails."""
        return self._with_retries(f"/voice/fallback/leg/{leg_id}")

    def customer_leg_url(self, incident: str, number: int) -> str:
        """The URL of the document of a call that the customer asked for."""
        return self._with_retries(f"/voice/customer/{incident}/{number}")

    def customer_leg_status_url(self, incident: str, number: int) -> str:
        """The URL of the status callback of that call, for as long as it lasts."""
        return self._with_retries(f"/voice/customer/{incident}/{number}/status")

    def recording_url(self, recording_id: str) -> str:
        """The URL from which the carrier fetches a recording to play.

        Not every carrier signs its requests for ``<Play>``, so the URL itself is signed.
        """
        return f"{self.public_url}/sound/{self.sign_id(recording_id)}"

    def text_status_url(self, page_id: str) -> str:
        """The URL of the status callback of a text."""
        return self._with_retries(f"/sms/{page_id}/status")

    def fallback(self, what: str) -> str:
        """A URL that works without database and Redis."""
        return self._with_retries(f"/voice/fallback/{what}")

    def at(self, path: str) -> str:
        """The URL of a path of ours."""
        return self._with_retries(path)

    def music_url(self, piece: int = 0) -> str:
        """The URL of a piece of the hold music, counted from 0, round and round."""
        return f"{self.public_url}{MUSIC}?piece={piece % MUSIC_PIECES + 1}"

    def sound_url(self, name: str) -> str:
        """The URL of a recording or a piece of music of the operator."""
        return f"{self.public_url}{SOUNDS}{name}"

    def again(self, path: str) -> str:
        """The URL of a path for a second request after our answer failed."""
        return self._with_retries(f"{path}?failed=1")

    def _with_retries(self, path: str) -> str:
        return f"{self.public_url}{path}{self.retries}"


def next_path(to: Next) -> str:
    """The path of the next webhook: its kind, the id, the step and the turn."""
    kind, step = to.name.split(".")
    return f"{kind}/{to.id}/{step}/{to.turn}"
