"""The stage: performs pages to one call, verb after verb."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Call, Jump
from devtools.phone_company.post.parameters import standard
from devtools.phone_company.post.webhook import DeliveryError, Webhook
from devtools.phone_company.transcript import note
from devtools.phone_company.twiml.pages import Page, PageError, read_answer, read_twiml

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

SORRY = "We are sorry, an application error has occurred. Goodbye."
_QUIET = frozenset({"Pause", "Redirect", "Reject", "Leave", "Dial"})  # these alone do not answer

Verb = Callable[["Stage", Element], Awaitable[Jump | None]]


class HangUp(Exception):  # noqa: N818 - a way a page ends, not an error
    """The page ended the call."""


class Leave(Exception):  # noqa: N818 - the same
    """The page left the queue."""


class Stage:
    """Reads pages to one call until no verb is left."""

    def __init__(self, company: "Company", call: Call, verbs: Mapping[str, Verb]) -> None:
        """Perform the given verbs and no other."""
        self.company, self.call, self.verbs = company, call, verbs
        self.page = Page("", ())
        self.standing: Callable[[], dict[str, str]] = dict
        self.rescues = True

    def within(self, *verbs: str, standing: Callable[[], dict[str, str]] = dict) -> "Stage":
        """Return a stage inside this one, with fewer verbs and more parameters."""
        stage = Stage(self.company, self.call, {v: self.verbs[v] for v in verbs if v in self.verbs})
        stage.standing, stage.rescues = standing, False
        return stage

    async def run(self, jump: Jump | None) -> None:
        """Follow pages until one ends without leading on."""
        while jump is not None:
            asked = jump
            try:
                self.page = await self.open(asked)
                jump = await self.read(self.page.verbs)
            except PageError as failure:
                self.note("error", code=failure.code, url=failure.url, text=str(failure))
                if not self.rescues:
                    raise
                jump = await self._rescue(failure, asked)

    async def open(self, jump: Jump) -> Page:
        """Fetch a page."""
        if jump.twiml:
            return read_twiml(jump.twiml, "")
        if not jump.url:
            self.company.exchange.end(self.call, "failed")
            raise HangUp
        try:
            answer = await self.company.post.ask(self.webhook(jump))
        except DeliveryError as failure:
            raise PageError(failure.code, jump.url, str(failure)) from None
        page = read_answer(answer)
        self.note("document", url=jump.url)
        verbs = self.company.dialect.read(page.verbs)
        return Page(jump.url if page.url == answer.url else page.url, verbs)

    async def read(self, verbs: tuple[Element, ...]) -> Jump | None:
        """Perform verbs in order; the first that leads elsewhere ends the page."""
        for element in verbs:
            perform = self.verbs.get(element.tag)
            if perform is None:
                self.note("warning", code=12200, text=f"{element.tag} is not allowed here")
                continue
            if element.tag not in _QUIET:
                self.company.exchange.answer(self.call)
            jump = await perform(self, element)
            if jump is not None:
                return jump
        return None

    def webhook(self, jump: Jump) -> Webhook:
        """Return the request for a page."""
        params = standard(self.company.account.sid, self.call) | self.standing() | jump.params
        return Webhook(jump.url, params, jump.method, call=self.call.sid, cookies=self.call.cookies)

    def ask_in_background(self, jump: Jump) -> None:
        """Request a page that nobody will hear."""
        webhook = self.webhook(jump)

        async def ask() -> None:
            try:
                await self.company.post.ask(webhook)
            except DeliveryError:
                return

        self.company.post.in_background(ask())

    def note(self, what: str, **details: Any) -> None:
        """Write into the call's transcript."""
        note(self.company.feed, self.call, what, **details)

    async def speak(self, text: str) -> None:
        """Take the time that speaking takes: about fifteen characters a second."""
        await self.company.clock.sleep(len(text) / 15 * self.company.account.speech)

    async def _rescue(self, failure: PageError, jump: Jump) -> Jump:
        fallback = self.call.fallback
        if fallback.url and "ErrorCode" not in jump.params:
            params = {"ErrorCode": str(failure.code), "ErrorUrl": failure.url}
            return Jump(fallback.url, fallback.method, params)
        self.company.exchange.answer(self.call)
        self.note("say", text=SORRY, language="en-US")
        await self.speak(SORRY)
        raise HangUp
