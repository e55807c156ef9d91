"""Carries one webhook over HTTP: time limits, retries, cookies, login."""

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import (
    BasicAuth,
    ClientConnectionError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TooManyRedirects,
)
from yarl import URL

from devtools.phone_company.dialects import Letter
from devtools.phone_company.post.address import Address, read_address, with_query
from devtools.phone_company.post.signature import SharedKey, signed_url
from devtools.phone_company.post.webhook import Answer, DeliveryError, Webhook

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

_HEADERS = {
    "User-Agent": "TwilioProxy/1.1",
    "Accept": "*/*",
    "Cache-Control": "max-age=259200",
    "X-Home-Region": "us1",
}


class Courier:
    """Delivers webhooks signed with the account's token, or with a shared key while it is set."""

    def __init__(self, company: "Company") -> None:
        """Open no connection yet."""
        self._company = company
        self.shared_key: SharedKey | None = None
        self._session: ClientSession | None = None

    async def carry(self, webhook: Webhook, limit: float) -> Answer:
        """Deliver and return the answer, retrying as the address asks; else raise DeliveryError."""
        try:
            address = read_address(webhook.url)
        except ValueError as error:
            raise DeliveryError(11100, f"not an address: {error}") from None
        idempotency = str(uuid.uuid4())
        for attempt in range(address.retries, -1, -1):
            try:
                answer = await self._attempt(webhook, address, idempotency, limit)
            except _AttemptError as failure:
                if attempt and address.retry_on & {failure.kind, "all"}:
                    continue
                raise DeliveryError(failure.code, failure.reason) from None
            trouble = f"{answer.status // 100}xx"
            if not (attempt and answer.status >= 400 and address.retry_on & {trouble, "all"}):
                return answer
        raise AssertionError("the last attempt returns or raises")

    def spell(self, webhook: Webhook) -> Webhook:
        """The webhook in the words of the company."""
        return replace(webhook, params=self._company.dialect.say(webhook.params))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def _attempt(
        self, webhook: Webhook, address: Address, idempotency: str, limit: float
    ) -> Answer:
        post = webhook.method.upper() == "POST"
        url = address.url if post else with_query(address.url, webhook.params)
        form = webhook.params if post else {}
        headers = _HEADERS | {
            "I-Twilio-Idempotency-Token": idempotency,
        }
        headers |= self._sign(signed_url(url, voice=webhook.voice), form)
        timeout = ClientTimeout(
            total=min(limit, address.total), sock_connect=address.connect, sock_read=address.read
        )
        try:
            answer = await self._exchange(webhook, url, headers, timeout)
            if answer.status == 401 and address.login is not None:
                headers["Authorization"] = BasicAuth(*address.login).encode()
                answer = await self._exchange(webhook, url, headers, timeout)
        except TooManyRedirects:
            raise _AttemptError("redirects", 11215, "too many redirects") from None
        except ConnectionTimeoutError:
            raise _AttemptError("ct", 11205, "no connection in time") from None
        except TimeoutError:
            raise _AttemptError("rt", 11205, "no answer in time") from None
        except (ClientConnectionError, OSError) as error:
            raise _AttemptError("ct", 11205, f"no connection: {error}") from None
        except (ClientError, ValueError) as error:
            raise _AttemptError("protocol", 11100, f"not an address or not HTTP: {error}") from None
        return answer

    def _sign(self, url: str, form: dict[str, str]) -> dict[str, str]:
        company, body = self._company, urlencode(form).encode()
        account, at = company.account, company.clock.now()
        letter = Letter(account.token, account.signing, self.shared_key, url, form, body, at)
        return company.dialect.sign(letter)

    async def _exchange(
        self, webhook: Webhook, url: str, headers: dict[str, str], timeout: ClientTimeout
    ) -> Answer:
        if self._session is None:
            self._session = ClientSession(cookie_jar=DummyCookieJar())
        where = URL(url, encoded=True)
        jar = webhook.cookies
        cookies = {c.key: c.value for c in jar.filter_cookies(where).values()} if jar else {}
        form = None
        if webhook.method.upper() == "POST":
            form = urlencode(webhook.params).encode()
            headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        async with self._session.request(
            "GET" if form is None else "POST",
            where,
            data=form,
            headers=headers,
            cookies=cookies,
            timeout=timeout,
        ) as response:
            if jar is not None:
                jar.update_cookies(response.cookies, where)
            body = await response.read()
            kind = response.headers.get("Content-Type", "")
            return Answer(response.status, kind, body, str(response.url))


class _AttemptError(Exception):
    def __init__(self, kind: str, code: int, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.code, self.reason = kind, code, reason
