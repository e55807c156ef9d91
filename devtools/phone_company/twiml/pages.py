"""A page of TwiML: how an answer from the line becomes verbs."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from devtools.phone_company.post.webhook import Answer

LIMIT = 64 * 1024
_XML = ("text/xml", "application/xml", "text/html")


class PageError(Exception):
    """A page that cannot be had or read; `code` and `url` go to the fallback address."""

    def __init__(self, code: int, url: str, reason: str) -> None:
        """Keep what the fallback address is told."""
        super().__init__(f"{code} {reason}")
        self.code, self.url = code, url


@dataclass(frozen=True)
class Page:
    """The verbs of one document and the address they are relative to."""

    url: str
    verbs: tuple[Element, ...]

    def resolve(self, target: str | None) -> str:
        """Return an absolute address; without a target, the page's own."""
        try:
            url = urljoin(self.url, target or "")
            if urlsplit(url).scheme in ("http", "https"):
                return url
        except ValueError:
            url = target or ""
        raise PageError(11100, url, "not an absolute address")


def read_answer(answer: Answer) -> Page:
    """Turn an answer from the line into a page; raises PageError."""
    if answer.status >= 400:
        raise PageError(11200, answer.url, f"HTTP {answer.status}")
    kind = answer.content_type.partition(";")[0].strip().lower()
    if not kind:
        raise PageError(11200, answer.url, "no Content-Type")
    if len(answer.body) > LIMIT:
        raise PageError(11750, answer.url, "larger than 64 kB")
    if kind.startswith("audio/"):
        return read_twiml(f"<Response><Play>{escape(answer.url)}</Play></Response>", answer.url)
    if kind == "text/plain":
        return _plain(answer)
    if kind not in _XML:
        raise PageError(12300, answer.url, f"content type {kind}")
    return read_twiml(answer.body, answer.url)


def read_twiml(text: str | bytes, url: str) -> Page:
    """Parse a document; raises PageError."""
    try:
        # Expat bounds entity expansion itself, and the page comes from whoever rents the number.
        root = ElementTree.fromstring(text)  # noqa: S314
    except ElementTree.ParseError as error:
        raise PageError(12100, url, f"document parse failure: {error}") from None
    if root.tag != "Response":
        raise PageError(12102, url, f"root element {root.tag}")
    return Page(url, tuple(root))


def _plain(answer: Answer) -> Page:
    try:
        return read_twiml(answer.body, answer.url)
    except PageError:
        words = escape(answer.body.decode(errors="replace"))
        return read_twiml(f"<Response><Say>{words}</Say></Response>", answer.url)
