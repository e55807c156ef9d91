"""Reads a mail: any bytes give a value, and none an exception.

The parser is the standard library's, with the policy that keeps headers as they came: the newer
policy raises on some headers and needs seconds for others. Header values are read here, each with
a limit. A mail that goes beyond a limit is ``cut``: what was read of it counts, and the caller
keeps the mail itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.parser import BytesFeedParser
from email.policy import Compat32
from typing import Any, TypeAlias, TypeVar

from service.mail_in import text
from service.mail_in.text import NO_WORDS, Words

MOST_LINES = 1_000_000
"""Lines of a mail that is read whole, since each costs time: 70 MB of files has fewer."""

MOST_PARTS = 200
DEEPEST = 20
MOST_HEADERS = 500
LONGEST_HEADER = 16 * 1024
LONGEST_WORDS = 200_000
"""Characters of a mail's text that are read as words; the rest is in the mail itself."""

MOST_TEXT = 16 * LONGEST_WORDS
"""Bytes of a plain text that are decoded: more than its words in any charset."""

MOST_ADDRESSES = 50
REPORT = "authentication-results"
UNKNOWN = "application/octet-stream"
CHUNK = 256 * 1024

T = TypeVar("T")
AnyMessage: TypeAlias = "Message[Any, Any]"
Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail. ``name`` is as the sender gave it."""

    name: str
    media_type: str
    data: bytes = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """The content, piece by piece."""
        for at in range(0, len(self.data), CHUNK):
            yield self.data[at : at + CHUNK]


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that one of our mails did not arrive: its Message-ID, and the status code."""

    message_id: str
    status: str


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as it was received. ``headers`` are names in lower case with their values, in order;
    ``cut`` says why not everything was read."""

    headers: Headers = ()
    words: Words = NO_WORDS
    attachments: tuple[Attachment, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    report: bool = False  # of a mail server, about a mail of ours
    cut: str = ""

    @property
    def is_head_cut(self) -> bool:
        """True if it may have had headers that were not read."""
        return len(self.headers) >= MOST_HEADERS

    def list_values(self, name: str) -> list[str]:
        """The values of a header, unfolded, as they came."""
        return [value for known, value in self.headers if known == name]

    def get(self, name: str) -> str:
        """The first value of a header, or an empty string."""
        return next(iter(self.list_values(name)), "")

    def get_text(self, name: str) -> str:
        """The first value of a header as people read it."""
        return decode_words(self.get(name))

    @property
    def subject(self) -> str:
        """The subject on one line."""
        return self.get_text("subject")[:500]

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets, or an empty string."""
        found = _MESSAGE_ID.search(self.get("message-id"))
        return found[0] if found else ""

    @property
    def references(self) -> list[str]:
        """The mails that this one refers to, the one that it answers last."""
        named = [*self.list_values("references"), *self.list_values("in-reply-to")]
        found = (each for value in named for each in _MESSAGE_ID.findall(value))
        return list(dict.fromkeys(found))[-100:]

    @property
    def recipients(self) -> list[str]:
        """The addresses that this mail was sent to, in any header that says so, in lower case."""
        found = (
            each.lower()
            for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
            for value in self.list_values(name)
            for each in _ADDRESS.findall(value)
        )
        return list(dict.fromkeys(found))[:MOST_ADDRESSES]


_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}", re.ASCII)
_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]@]{1,64}@[A-Za-z0-9.-]{1,255}")


def read_mail(data: bytes) -> ParsedMail:
    """Read a mail."""
    if count_lines(data) > MOST_LINES:
        return _read_head(data, f"it has more than {MOST_LINES} lines")
    try:
        message = _parse(data)
    except _LimitError as limit:
        return _read_head(data, str(limit))
    except Exception as error:
        return _read_head(data, f"the parser failed ({type(error).__name__})")
    return _Reading(message).read()


def count_lines(data: bytes) -> int:
    """The line ends of a mail, as the parser takes them: CR, LF, or both."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def decode_words(value: str) -> str:
    """A header as people read it, on one line: encoded words of any charset are decoded."""
    try:
        parts = decode_header(value)
    except Exception:
        parts = [(value, None)]
    decoded = (
        text.decode(part, charset) if isinstance(part, bytes) else _unescape(part)
        for part, charset in parts
    )
    return " ".join(text.tidy("".join(decoded)).split())


def _unescape(value: str) -> str:
    """Bytes outside ASCII are escapes in a header that the parser read."""
    data = value.encode("utf-8", "surrogateescape")
    return text.decode(data, None)


class _LimitError(Exception):
    """The mail has more parts than anybody writes."""


class _LimitedPolicy(Compat32):
    """Headers as they came, as far as their limit."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if len(value) > LONGEST_HEADER and name.lower() == REPORT:
            value = ""  # the part of a report that is missing may be what counts
        return name, value[:LONGEST_HEADER]


class _LimitedMessage(Message):
    """A message that drops headers beyond the limit."""

    def set_raw(self, name: str, value: str) -> None:
        if len(self._headers) < MOST_HEADERS:  # type: ignore[attr-defined]
            self._headers.append((name, value))  # type: ignore[attr-defined]


def _parse(data: bytes) -> AnyMessage:
    count = 0

    def make(**given: Any) -> _LimitedMessage:
        nonlocal count
        count += 1
        depth = len(parser._msgstack)  # type: ignore[attr-defined]
        if count > MOST_PARTS:
            raise _LimitError(f"it has more than {MOST_PARTS} parts")
        if depth > DEEPEST:
            raise _LimitError(f"its parts are nested more than {DEEPEST} deep")
        return _LimitedMessage(**given)

    parser: BytesFeedParser[Any] = BytesFeedParser.__new__(BytesFeedParser)
    parser._msgstack = []  # type: ignore[attr-defined]
    BytesFeedParser.__init__(parser, make, policy=_LimitedPolicy())
    for at in range(0, len(data), CHUNK):
        parser.feed(data[at : at + CHUNK])
    whole: AnyMessage = parser.close()
    return whole


def _read_head(data: bytes, why: str) -> ParsedMail:
    """The headers, and the beginning of the body as it is."""
    head, _, body = data[: 1024 * 1024].replace(b"\r\n", b"\n").partition(b"\n\n")
    parser = BytesFeedParser(_LimitedMessage, policy=_LimitedPolicy())
    with suppress(Exception):
        parser.feed(head + b"\n\n")
        message = parser.close()
        del message["content-type"]
        start = text.decode(body[:LONGEST_WORDS], None)
        return ParsedMail(_list_headers(message), Words(start.strip("\n"), ""), cut=why)
    return ParsedMail(cut=why)


def _list_headers(message: AnyMessage) -> Headers:
    return tuple(
        (str(name).lower(), " ".join(str(value).split())) for name, value in message.raw_items()
    )


def _attempt(act: Callable[[], T], otherwise: T) -> T:
    """Read one detail of a part; an error costs this detail only."""
    try:
        return act()
    except Exception:
        return otherwise


class _Reading:
    """One pass over the parts of a message."""

    def __init__(self, message: AnyMessage) -> None:
        self._message = message
        self._texts: list[str] = []
        self._attachments: list[Attachment] = []
        self._bounces: list[Bounce] = []
        self._report = False
        self._cut = ""

    def read(self) -> ParsedMail:
        """The whole mail."""
        headers = _list_headers(self._message)
        try:
            self._visit(self._message)
        except Exception as error:
            self._cut = self._cut or f"a part cannot be read ({type(error).__name__})"
        whole = "\n\n".join(each for each in self._texts if each)
        if len(whole) > LONGEST_WORDS:
            whole, self._cut = whole[:LONGEST_WORDS], self._cut or "its text is too long"
        words = text.split_words(whole)
        return ParsedMail(
            headers, words, tuple(self._attachments), tuple(self._bounces), self._report, self._cut
        )

    def _visit(self, part: AnyMessage) -> None:
        kind = _attempt(part.get_content_type, UNKNOWN)
        if not _MEDIA_TYPE.fullmatch(kind):
            kind = UNKNOWN
        inner = _list_inner(part)
        if kind == "multipart/report" and inner:
            self._read_report(inner)
        if kind.startswith("message/") and inner:
            self._attach_message(part, kind)
        elif kind == "multipart/alternative" and inner:
            self._choose(inner)
        elif inner:
            for each in inner:
                self._visit(each)
        else:
            self._read_leaf(part, kind)

    def _choose(self, parts: list[AnyMessage]) -> None:
        """Of several forms of one text, the plain one; what is no text comes with it."""
        plain = [
            each for each in parts if _is_text(each, "text/plain") and _read_text(each).strip()
        ]
        for each in parts:
            if plain and each is not plain[0] and _is_text(each):
                continue
            if plain and _attempt(each.get_content_type, "") == "multipart/related":
                self._visit_related(each)
            else:
                self._visit(each)

    def _visit_related(self, part: AnyMessage) -> None:
        """The pictures of a page whose plain form is read already."""
        for each in _list_inner(part):
            if not _is_text(each):
                self._visit(each)

    def _read_leaf(self, part: AnyMessage, kind: str) -> None:
        name = _read_name(part)
        attached = _attempt(part.get_content_disposition, None) == "attachment"
        if kind in ("text/plain", "text/html") and not attached and not name:
            self._texts.append(_read_text(part))
            if len(str(part.get_payload())) > MOST_TEXT:
                self._cut = self._cut or "its text is too long"
            return
        if kind.startswith("multipart/"):
            self._cut = self._cut or "its parts cannot be told apart"
            self._texts.append(_read_text(part))
            return
        data = _read_bytes(part)
        if data or name:
            self._attachments.append(Attachment(name or _invent_name(kind), kind, data))

    def _attach_message(self, part: AnyMessage, kind: str) -> None:
        """A mail in a mail is a file, which is not opened."""
        data = b"\n".join(_attempt(each.as_bytes, b"") for each in _list_inner(part))
        if not data:
            self._cut = self._cut or "a mail inside it cannot be written again"
        name = _read_name(part) or _invent_name(kind)
        self._attachments.append(Attachment(name, kind, data))

    def _read_report(self, parts: list[AnyMessage]) -> None:
        """Which of our mails a mail server reports about, and whether it was lost."""
        self._report = True
        statuses = [
            each
            for report in parts
            if _attempt(report.get_content_type, "") == "message/delivery-status"
            for each in _list_inner(report)
        ]
        lost = [
            each for each in statuses if str(each.get("action", "")).strip().lower() == "failed"
        ]
        if not lost:
            return
        status = "".join(_STATUS.findall(_read_field(lost[0], "status"))[:1])
        for each in parts:
            for inner in _list_inner(each):
                if found := _MESSAGE_ID.search(_read_field(inner, "message-id")):
                    self._bounces.append(Bounce(found[0], status))
            if _attempt(each.get_content_type, "") == "text/rfc822-headers":
                head = _read_text(each)
                if found := re.search(r"^message-id:\s*(<[!-;=?-~]{1,250}>)", head, re.I | re.M):
                    self._bounces.append(Bounce(found[1], status))


def _list_inner(part: AnyMessage) -> list[AnyMessage]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [each for each in payload if isinstance(each, Message)]
    return []


def _read_field(part: AnyMessage, name: str) -> str:
    return str(_attempt(lambda: part.get(name), None) or "").strip()


def _is_text(part: AnyMessage, kind: str = "") -> bool:
    found = _attempt(part.get_content_type, "")
    shown = _attempt(part.get_content_disposition, None) != "attachment"
    return shown and (found == kind or (not kind and found in ("text/plain", "text/html")))


def _read_text(part: AnyMessage) -> str:
    """The text of a part; HTML becomes plain text."""
    charset: object = _attempt(lambda: part.get_param("charset"), None)
    if isinstance(charset, tuple):  # RFC 2231: charset, language, value
        charset = charset[2]
    data = _read_bytes(part)
    if _attempt(part.get_content_type, "") == "text/html":
        return text.read_html(text.decode(data, str(charset or "")))
    return text.decode(data[:MOST_TEXT], str(charset or ""))


def _read_bytes(part: AnyMessage) -> bytes:
    found = _attempt(lambda: part.get_payload(decode=True), None)
    if isinstance(found, bytes):
        return found
    payload: object = part.get_payload()
    return str(payload).encode("utf-8", "surrogateescape")


def _read_name(part: AnyMessage) -> str:
    name = _attempt(part.get_filename, None)
    return decode_words(str(name))[:200] if name else ""


_ENDINGS = {"text/plain": "txt", "text/html": "html", "text/calendar": "ics", "image/png": "png"}


def _invent_name(kind: str) -> str:
    """The name of a file that has none."""
    if kind.startswith("message/"):
        return "message.eml"
    return f"attachment.{_ENDINGS.get(kind, 'bin')}"
