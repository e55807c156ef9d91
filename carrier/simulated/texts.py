"""Texts in both directions, and how they fare."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from carrier.simulated.calls import Jump, StatusCallback, new_sid
from carrier.simulated.post.parameters import API_VERSION, whereabouts
from carrier.simulated.post.webhook import DeliveryError, Webhook
from carrier.simulated.twiml import attributes
from carrier.simulated.twiml.pages import Page, PageError, read_answer

if TYPE_CHECKING:
    from carrier.simulated.company import Company


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
        self._keep(text)
        self._company.post.in_background(self._deliver(text))

    def receive(self, from_: str, to: str, body: str) -> Text:
        """Take a text from a phone to one of the account's numbers."""
        text = Text(
            from_=from_,
            to=to,
            body=body,
            direction="inbound",
            status="received",
            created=self._company.clock.now(),
        )
        self._keep(text)
        self._company.post.in_background(self._hand_over(text))
        return text

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
        params = self._names(text) | {"MessageStatus": text.status, "SmsStatus": text.status}
        if text.error_code is not None:
            params["ErrorCode"] = str(text.error_code)
        if text.status in ("delivered", "undelivered"):
            params["RawDlrDoneDate"] = f"{self._company.clock.now():%y%m%d%H%M}"
        self._company.post.tell(
            Webhook(text.callback.url, params, kind="status", voice=False, call=text.sid)
        )

    async def _hand_over(self, text: Text) -> None:
        number = self._company.numbers[text.to]
        params = self._names(text) | {
            "Body": text.body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            **whereabouts("From", text.from_),
            **whereabouts("To", text.to),
        }
        jump: Jump | None = Jump(number.sms_url, number.sms_method, params)
        fallback = Jump(number.sms_fallback_url, number.sms_fallback_method, params)
        while jump is not None and jump.url:
            asked = jump
            try:
                jump = self._reply(text, await self._ask(asked), params)
            except (PageError, DeliveryError) as failure:
                if "ErrorCode" in asked.params:
                    return
                trouble = {"ErrorCode": str(failure.code), "ErrorUrl": asked.url}
                jump = Jump(fallback.url, fallback.method, params | trouble)

    async def _ask(self, jump: Jump) -> Page:
        webhook = Webhook(jump.url, jump.params, jump.method, voice=False)
        return read_answer(await self._company.post.ask(webhook))

    def _reply(self, text: Text, page: Page, params: dict[str, str]) -> Jump | None:
        for verb in page.verbs:
            if verb.tag == "Redirect":
                url = page.resolve(attributes.text(verb))
                return Jump(url, attributes.method(verb), params)
            if verb.tag in ("Message", "Sms"):
                self.send(self._answer(text, page, verb))
        return None

    def _answer(self, text: Text, page: Page, verb: Element) -> Text:
        url = verb.get("statusCallback") or verb.get("action")
        return Text(
            from_=verb.get("from") or text.to,
            to=verb.get("to") or text.from_,
            body=attributes.text(verb),
            direction="outbound-reply",
            created=self._company.clock.now(),
            callback=StatusCallback(page.resolve(url) if url else ""),
        )

    def _names(self, text: Text) -> dict[str, str]:
        return {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsMessageSid": text.sid,
            "AccountSid": self._company.account.sid,
            "From": text.from_,
            "To": text.to,
            "ApiVersion": API_VERSION,
        }

    def _keep(self, text: Text) -> None:
        self.all[text.sid] = text
        self._company.feed.publish(
            "text",
            text=text.sid,
            details={"from": text.from_, "to": text.to, "body": text.body},
        )
