"""Texts the account sends, and how they fare."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from devtools.phone_company.calls import StatusCallback, new_sid
from devtools.phone_company.post.parameters import API_VERSION
from devtools.phone_company.post.webhook import Webhook

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


@dataclass(eq=False, kw_only=True)
class Text:
    """One text message."""

    from_: str
    to: str
    body: str
    direction: str
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("SM"))
    status: str = "queued"
    error_code: int | None = None
    sent: datetime | None = None
    updated: datetime | None = None
    callback: StatusCallback = field(default_factory=StatusCallback)


class Texts:
    """Every text of the account, oldest first."""

    def __init__(self, company: "Company") -> None:
        """Start with none."""
        self._company = company
        self.all: dict[str, Text] = {}

    def send(self, text: Text) -> None:
        """Take a text from the account and deliver it."""
        self.keep(text)
        self._company.post.in_background(self._deliver(text))

    async def _deliver(self, text: Text) -> None:
        phone, clock = self._company.phones.at(text.to), self._company.clock
        steps = ["failed"] if phone.texts == "failed" else ["sent", phone.texts]
        for status in steps:
            await clock.sleep(self._company.switches.text_delay)
            text.status, text.updated = status, clock.now()
            text.sent = text.sent or text.updated
            if status in ("failed", "undelivered"):
                text.error_code = phone.error_code
            self._company.feed.publish("text-status", text=text.sid, status=status)
            self._tell(text)

    def _tell(self, text: Text) -> None:
        if not text.callback.url:
            return
        params = names(self._company.account.sid, text) | {
            "MessageStatus": text.status,
            "SmsStatus": text.status,
        }
        if text.error_code is not None:
            params["ErrorCode"] = str(text.error_code)
        if text.status in ("delivered", "undelivered"):
            params["RawDlrDoneDate"] = f"{self._company.clock.now():%y%m%d%H%M}"
        self._company.post.tell(
            Webhook(
                text.callback.url,
                params,
                text.callback.method,
                kind="status",
                voice=False,
                call=text.sid,
            )
        )

    def keep(self, text: Text) -> None:
        """Remember a text."""
        self.all[text.sid] = text
        self._company.feed.publish(
            "text",
            text=text.sid,
            details={"from": text.from_, "to": text.to, "body": text.body},
        )


def names(account: str, text: Text) -> dict[str, str]:
    """Return the parameters that name a text."""
    return {
        "MessageSid": text.sid,
        "SmsSid": text.sid,
        "SmsMessageSid": text.sid,
        "AccountSid": account,
        "From": text.from_,
        "To": text.to,
        "ApiVersion": API_VERSION,
    }
