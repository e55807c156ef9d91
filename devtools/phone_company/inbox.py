"""Texts that phones send to the account's numbers, and the replies of the line."""

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump, StatusCallback
from devtools.phone_company.post.parameters import whereabouts
from devtools.phone_company.post.webhook import DeliveryError, Webhook
from devtools.phone_company.texts import Text, names
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.pages import Page, PageError, read_answer

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class Inbox:
    """Hands every text that comes in to the line."""

    def __init__(self, company: "Company") -> None:
        """Take texts for this company."""
        self._company = company

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
        self._company.texts.keep(text)
        self._company.post.in_background(self._hand_over(text))
        return text

    async def _hand_over(self, text: Text) -> None:
        number = self._company.numbers[text.to]
        params = names(self._company.account.sid, text) | {
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
                self._company.texts.send(self._answer(text, page, verb))
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
