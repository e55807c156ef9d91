"""One webhook and what came back."""

from dataclasses import dataclass, field
from typing import Literal

from aiohttp import CookieJar


@dataclass(frozen=True)
class Webhook:
    """Something the company tells or asks the line."""

    url: str
    params: dict[str, str]
    method: str = "POST"
    kind: Literal["document", "status", "media"] = "document"
    voice: bool = True
    call: str = ""
    cookies: CookieJar | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Answer:
    """What the line answered."""

    status: int
    content_type: str
    body: bytes
    url: str


class DeliveryError(Exception):
    """No usable answer came; `code` says why in the carrier's numbers."""

    def __init__(self, code: int, reason: str) -> None:
        """Keep the code for the fallback address."""
        super().__init__(f"{code}: {reason}")
        self.code = code
