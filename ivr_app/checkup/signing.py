"""How the carrier signs its webhooks, and what we accept."""

from __future__ import annotations

from sqlalchemy import Engine

from carrier.signature import HMAC_SHA1, HMAC_SHA256
from ivr_app.checkup.verdict import Verdict, ok, warn
from ivr_app.localtime import local
from ivr_app.signatures import SIGNATURES
from settings import Settings
from store.beats import Beats

CHECK = "signatures"
WORDS = {HMAC_SHA1: "the account's token (SHA-1)", HMAC_SHA256: "a shared key (SHA-256)"}


def signing(engine: Engine, settings: Settings, zone: str) -> Verdict:
    """What the newest webhook that we accepted was signed with, and whether that will do."""
    newest = Beats(engine).newest(SIGNATURES)
    if newest is None:
        return ok(CHECK, f"we accept {_accepted(settings)}; no webhook has come yet")
    algorithm, at = newest
    seen = f"the carrier signed with {WORDS[algorithm]} at {local(at, zone)}"
    if settings.twilio_shared_key and algorithm == HMAC_SHA1:
        cure = "only a shared key is accepted now: switch the carrier to it or remove the key"
        return warn(CHECK, f"{seen}, before TWILIO_SHARED_KEY was set; {cure}")
    if settings.twilio_shared_key_previous and not settings.twilio_shared_key:
        cure = "once the carrier signs with the key, make it TWILIO_SHARED_KEY"
        return warn(CHECK, f"{seen}; the account's token still counts: {cure}")
    return ok(CHECK, f"{seen}; we accept {_accepted(settings)}")


def _accepted(settings: Settings) -> str:
    if settings.twilio_shared_key:
        return WORDS[HMAC_SHA256]
    if settings.twilio_shared_key_previous:
        return f"{WORDS[HMAC_SHA256]} and {WORDS[HMAC_SHA1]}"
    return WORDS[HMAC_SHA1]
