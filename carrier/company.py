"""The telephone companies that the line works with, and how each differs from Twilio.

``docs/configure/carriers.md`` names the source of each difference. A company that is not here
speaks another language than TwiML, or lacks a verb that no line can do without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from carrier.signature import SIGNATURE_HEADER
from carrier.urls import RETRIES
from routing.line import Channel, Line
from routing.notify.channels import channels_of
from routing.recording import Transcription


class Need(StrEnum):
    """Something that a line or a command may need, and that a company may lack."""

    TEXTS = "texts"
    WORDS = "words of recordings"
    SPEECH = "speech in menus"
    GOOGLE_VOICES = "voices of Google"
    NUMBERS = "settings of numbers"
    TERMS = "permissions and regions"


class Proof(StrEnum):
    """How a company proves that a webhook is its own."""

    ACCOUNT_TOKEN = "the token of the account"  # noqa: S105 - no secret
    SIGNING_KEY = "a signing key"
    ED25519 = "Ed25519"


@dataclass(frozen=True, slots=True)
class CarrierCompany:
    """One company. ``lacks`` has a sentence for each need that it does not meet."""

    name: str
    console: str
    """How the company calls the pages on which a customer sets things."""

    api_url: str
    """The address of its REST interface. Each customer of SignalWire has one of their own."""

    proof: Proof = Proof.ACCOUNT_TOKEN
    signature_header: str = SIGNATURE_HEADER
    retries: str = RETRIES
    """What follows an address, so that the company repeats a request that failed."""

    not_live_codes: frozenset[str] = frozenset({"21220"})
    """The codes with which it refuses to change a call that is over."""

    texml: bool = False
    """True if its REST interface has other paths, another login and other bodies."""

    lacks: Mapping[Need, str] = field(default_factory=lambda: MappingProxyType({}))

    def name_recording(self, url: str, sid: str) -> str:
        """The address under which we know a recording: its last part is the company's id of it.
        Telnyx's own addresses end after ten minutes, and name a file."""
        if not self.texml or not sid:
            return url
        return f"{self.api_url}/recordings/{sid}"


TWILIO = CarrierCompany("Twilio", "the Twilio Console", "https://api.twilio.com")

SIGNALWIRE = CarrierCompany(
    "SignalWire",
    "the SignalWire Dashboard",
    "https://YOUR-SPACE.signalwire.com/api/laml",
    proof=Proof.SIGNING_KEY,
    signature_header="X-SignalWire-Signature",
    retries="",
    not_live_codes=frozenset({"21220", "10000"}),
    lacks=MappingProxyType(
        {
            Need.GOOGLE_VOICES: "SignalWire has no voice of this name: its voices of Google begin "
            "with gcloud. instead of Google.",
            Need.TERMS: "SignalWire does not tell which countries may be rung: see its Dashboard",
        }
    ),
)

TELNYX = CarrierCompany(
    "Telnyx",
    "the Telnyx Mission Control Portal",
    "https://api.telnyx.com",
    proof=Proof.ED25519,
    signature_header="telnyx-signature-ed25519",
    retries="",
    not_live_codes=frozenset({"422"}),  # its errors are a list, so the status is the code
    texml=True,
    lacks=MappingProxyType(
        {
            Need.TEXTS: "Telnyx sends and receives texts by an interface that the line does not "
            "speak: leave sms out of paging.channels",
            Need.WORDS: "Telnyx turns recordings into words by attributes that the line does not "
            "write: choose another transcribe",
            Need.SPEECH: "Telnyx does not describe when it ends listening to speech by itself: "
            "leave speech.menus off",
            Need.GOOGLE_VOICES: "Telnyx does not describe a voice of this name",
            Need.NUMBERS: "Telnyx keeps the addresses in a TeXML application, not at the number",
            Need.TERMS: "Telnyx does not tell which countries may be rung: see its outbound voice "
            "profile",
        }
    ),
)


def find_unmet_needs(line: Line, company: CarrierCompany) -> Iterator[tuple[str, str]]:
    """What a line needs and the company lacks: the field of the file, and a sentence."""
    for need, field_name in _list_needs(line):
        if need in company.lacks:
            yield field_name, company.lacks[need]


def _list_needs(line: Line) -> Iterator[tuple[Need, str]]:
    if Channel.SMS in channels_of(line):
        yield Need.TEXTS, "paging.channels"
    if line.transcribe is Transcription.CARRIER:
        yield Need.WORDS, "transcribe"
    if line.speech.menus:
        yield Need.SPEECH, "speech.menus"
    for language, voice in line.voices:
        if voice.voice.startswith("Google."):
            yield Need.GOOGLE_VOICES, f"voices.{language}"


COMPANIES: Mapping[str, CarrierCompany] = MappingProxyType(
    {"twilio": TWILIO, "signalwire": SIGNALWIRE, "telnyx": TELNYX}
)
"""The companies by the value of CARRIER."""
