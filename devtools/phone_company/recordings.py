"""Recordings: what was said, for how long, and a wav that really plays."""

import io
import math
import struct
import wave
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from devtools.phone_company.calls import StatusCallback, new_sid
from devtools.phone_company.post.webhook import Webhook
from devtools.phone_company.voice import Utterance

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

_RATE = 8000
SHORTEST, LONGEST = 2.0, 120.0
"""Seconds between which a recording is turned into words."""


@dataclass(kw_only=True)
class Recording:
    """One recording."""

    call: str
    source: str
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("RE"))
    conference: str | None = None
    status: str = "in-progress"
    length: float = 0.0
    text: str = ""
    ended: datetime | None = None
    transcription: str | None = None  # the identifier of its words

    @property
    def seconds(self) -> int:
        """The length in whole seconds, up to the last sound."""
        return round(self.length)

    def hear(self, said: Utterance, *, since: datetime, now: datetime, most: float) -> None:
        """Take down something said."""
        self.text = f"{self.text} {said.text}".strip()
        self.length = min(most, (now - since).total_seconds() + said.seconds)

    def cut(self, length: float) -> None:
        """End the sound here if it would have gone on."""
        self.length = min(self.length, length)


class Recordings:
    """Every recording of the account, oldest first."""

    def __init__(self, company: "Company") -> None:
        """Start with none."""
        self._company = company
        self.all: dict[str, Recording] = {}
        self.transcriptions: dict[str, str] = {}

    def begin(self, call: str, source: str) -> Recording:
        """Start a recording."""
        recording = Recording(call=call, source=source, created=self._company.clock.now())
        self.all[recording.sid] = recording
        return recording

    def finish(self, recording: Recording, callback: StatusCallback) -> None:
        """End a recording and tell whoever asked to know."""
        recording.ended = self._company.clock.now()
        recording.status = "completed" if recording.seconds else "absent"
        if callback.url and callback.events & {recording.status, "completed"}:
            params = self._parameters(recording)
            self._company.post.tell(
                Webhook(callback.url, params, callback.method, "status", call=recording.call)
            )

    def transcribe(self, recording: Recording, callback: StatusCallback) -> None:
        """Turn a recording into words, and tell them: some time after its end, or never."""
        recording.transcription = new_sid("TR")
        self._company.post.in_background(self._transcribe(recording, callback))

    async def _transcribe(self, recording: Recording, callback: StatusCallback) -> None:
        await self._company.clock.sleep(self._company.switches.transcription_delay)
        understood = recording.text and SHORTEST < recording.length < LONGEST
        account = self._company.account.sid
        of_account = f"{self._company.url}/2010-04-01/Accounts/{account}"
        params = {
            "AccountSid": account,
            "CallSid": recording.call,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.url(recording),
            "TranscriptionSid": recording.transcription or "",
            "TranscriptionText": recording.text if understood else "",
            "TranscriptionStatus": "completed" if understood else "failed",
            "TranscriptionUrl": f"{of_account}/Transcriptions/{recording.transcription}",
        }
        self.transcriptions[params["TranscriptionSid"]] = params["TranscriptionText"]
        self._company.post.tell(
            Webhook(callback.url, params, callback.method, "status", call=recording.call)
        )

    def ready(self, recording: Recording) -> bool:
        """Whether its sound can be had by now: it is over, and was not silence."""
        if recording.ended is None or recording.status != "completed":
            return False
        delay = timedelta(seconds=self._company.switches.recording_delay)
        return self._company.clock.now() >= recording.ended + delay

    def url(self, recording: Recording) -> str:
        """Return the address of the sound, without ending."""
        account, dialect = self._company.account.sid, self._company.dialect
        if dialect.media:
            return f"{self._company.url}{dialect.media.format(sid=recording.sid)}?expires=600"
        root = f"{self._company.url}{dialect.api}/2010-04-01/Accounts/{account}"
        return f"{root}/Recordings/{recording.sid}"

    def _parameters(self, recording: Recording) -> dict[str, str]:
        return {
            "AccountSid": self._company.account.sid,
            "CallSid": recording.call,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.url(recording),
            "RecordingStatus": recording.status,
            "RecordingDuration": str(recording.seconds),
            "RecordingChannels": "1",
            "RecordingStartTime": format_datetime(recording.created),
            "RecordingSource": recording.source,
        }


def sound(recording: Recording) -> bytes:
    """Return the recording as a wav file: a soft hum of the right length."""
    second = b"".join(
        struct.pack("<h", round(1500 * math.sin(2 * math.pi * 220 * i / _RATE)))
        for i in range(_RATE)
    )
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(second * max(1, recording.seconds))
    return memory.getvalue()
