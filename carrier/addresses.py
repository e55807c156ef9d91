"""The addresses that we give to the carrier; ``ivr_app`` answers at the same ones."""

from __future__ import annotations

from dataclasses import dataclass

from routing.speech import Next

MUSIC = "/voice/music.wav"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute addresses under the public URL, so that every carrier can follow them."""

    public_url: str

    def of(self, to: Next) -> str:
        """The address that a document asks next."""
        room, what = to.name.split(".")
        return f"{self.public_url}/voice/{room}/{to.id}/{what}/{to.turn}"

    def of_status(self, to: Next) -> str:
        """Where the carrier tells of it once more, when nobody waits for an answer."""
        return f"{self.of(to)}/status"

    def of_leg(self, leg_id: str) -> str:
        """What an engineer's leg asks for when it is answered."""
        return f"{self.public_url}/voice/leg/{leg_id}"

    def of_leg_status(self, leg_id: str) -> str:
        """Where the carrier tells what becomes of a leg."""
        return f"{self.public_url}/voice/leg/{leg_id}/status"

    def of_leg_fallback(self, leg_id: str) -> str:
        """What a leg asks for when our answer failed."""
        return f"{self.public_url}/voice/fallback/leg/{leg_id}"

    def of_recording(self, recording_id: str) -> str:
        """Where the carrier fetches a recording that is to be played."""
        return f"{self.public_url}/voice/recording/{recording_id}"

    def of_text_status(self, page_id: str) -> str:
        """Where the carrier tells what becomes of a text."""
        return f"{self.public_url}/sms/{page_id}/status"

    def fallback(self, what: str) -> str:
        """The addresses that work without database and Redis."""
        return f"{self.public_url}/voice/fallback/{what}"

    @property
    def music(self) -> str:
        """The music for those who wait."""
        return self.public_url + MUSIC
