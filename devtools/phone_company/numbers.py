"""The numbers the account owns and where their webhooks point."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from devtools.phone_company.calls import Jump, StatusCallback, new_sid

E164 = re.compile(r"^\+[1-9]\d{6,14}$")


@dataclass(kw_only=True)
class Number:
    """A number that can be called and texted."""

    phone_number: str
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("PN"))
    friendly_name: str = ""
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    voice_application_sid: str = ""
    sms_application_sid: str = ""
    trunk_sid: str = ""
    sms: bool = True  # whether it can send and take texts

    @property
    def fallback(self) -> Jump:
        """Where a call goes when a document fails."""
        return Jump(self.voice_fallback_url, self.voice_fallback_method)

    @property
    def callback(self) -> StatusCallback:
        """Who is told that a call to this number ended."""
        return StatusCallback(self.status_callback, self.status_callback_method)


SETTINGS = frozenset(Number.__dataclass_fields__) - {"phone_number", "created", "sid", "sms"}


def point(number: Number, settings: dict[str, str]) -> None:
    """Change where a number's webhooks go; unknown settings are left alone."""
    for name in SETTINGS & settings.keys():
        setattr(number, name, settings[name])
