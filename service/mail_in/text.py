"""The text of a mail: bytes of any charset and HTML become text, and own words precede quoted ones.

Everything here is total: any input gives text.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

LONGEST_HTML = 512 * 1024
"""Characters of HTML that are read."""

_NO_CHARSETS = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape"})
"""Codecs of Python that are no charset of a mail. Decoding punycode takes quadratic time."""

_OTHER_NAMES = {
    "iso-8859-1": "cp1252",  # as browsers read it: real Latin-1 has no letters at 0x80 to 0x9F
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "ansi_x3.110-1983": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "tis-620": "cp874",
}

_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of the text around them: a name could hide its end."""


def decode(data: bytes, charset: str | None) -> str:
    """The text of these bytes. A wrong or unknown charset is replaced by the likeliest one."""
    known = find_charset(charset)
    if known is not None:
        with suppress(Exception):
            return tidy(data.decode(known))
    with suppress(UnicodeDecodeError):
        return tidy(data.decode("utf-8-sig"))
    if known is not None and known not in ("ascii", "utf-8"):
        with suppress(Exception):
            return tidy(data.decode(known, "replace"))
    return tidy(data.decode("cp1252", "replace"))


def find_charset(name: str | None) -> str | None:
    """The codec of Python for a charset; None for an unknown one."""
    wanted = (name or "").strip().strip("\"'").lower()[:40]
    wanted = _OTHER_NAMES.get(wanted, wanted)
    try:
        codec = codecs.lookup(wanted)
        if codec.name in _NO_CHARSETS:
            return None
        b"".decode(wanted)  # a codec that gives no text raises
    except Exception:
        return None
    return codec.name


def tidy(text: str) -> str:
    """Text that every database stores and every page shows: line ends as one character, without
    control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _DIRECTIONS.sub("", _NOT_SHOWN.sub("", text))


# HTML.

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre"})
_BLOCKS = {"address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "footer"}
_LINES = _PARAGRAPHS | _BLOCKS | {"form", "header", "hr", "li", "main", "nav", "section", "tr"}
"""Elements that begin a line and end it."""

_HIDDEN = frozenset({"head", "style", "script", "title", "template", "noscript"})
_BLANKS = re.compile(r"[ \t\n\f\u00a0]+")
_TAG = re.compile(r"<[^<>]{0,2000}>")


def read_html(html: str) -> str:
    """The text of a page, a block a line; quoted parts begin with ``> ``."""
    html = html[:LONGEST_HTML]
    try:
        text = _write_text(html)
    except Exception:
        text = ""
    return text or tidy(_BLANKS.sub(" ", _TAG.sub(" ", html))).strip()


def _write_text(html: str) -> str:
    from lxml import etree  # only a mail without plain text needs it

    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    if root is None:
        return ""
    page = _Page()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            page.begin(element)
        else:
            page.end(element)
    return page.read()


class _Page:
    """The lines of a page while its elements are read in order."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = self._hidden = 0
        self._begun = False  # the line has text

    def begin(self, element: Any) -> None:
        """An element begins, with the text before its first child."""
        if element.tag in _HIDDEN:
            self._hidden += 1
        if element.tag == "br" or element.tag in _LINES:
            self._break_line()
        if element.tag in _PARAGRAPHS:
            self._break_paragraph()
        if element.tag == "blockquote":
            self._quotes += 1
        if element.tag == "li":
            self._line.append("- ")
        if element.tag in ("td", "th") and self._begun:
            self._line.append(" | ")
        self._write(element.text)

    def end(self, element: Any) -> None:
        """An element ends, and the text behind it follows."""
        if element.tag in _LINES:
            self._break_line()
        if element.tag in _PARAGRAPHS:
            self._break_paragraph()
        if element.tag == "blockquote":
            self._quotes -= 1
        if element.tag in _HIDDEN:
            self._hidden -= 1
        if element.tag == "a":
            self._write_address(str(element.get("href") or ""))
        self._write(element.tail)

    def read(self) -> str:
        """Everything so far, without empty lines at either end."""
        self._break_line()
        return tidy("\n".join(self._lines)).strip("\n")

    def _write(self, text: str | None) -> None:
        if text and not self._hidden:
            self._line.append(_BLANKS.sub(" ", text))
            self._begun = self._begun or not text.isspace()

    def _write_address(self, href: str) -> None:
        """An address that the text of a link does not show: a reader must see where it leads."""
        href = href.strip()
        shown = "".join(self._line[-3:])
        if href.startswith(("http://", "https://")) and href[:300] not in shown:
            self._write(f" ({href[:300]})")

    def _break_line(self) -> None:
        line = "".join(self._line).strip()
        self._line.clear()
        self._begun = False
        if line:
            self._lines.append("> " * self._quotes + line)

    def _break_paragraph(self) -> None:
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(("> " * self._quotes).rstrip())


# What the sender wrote, and what their program quoted below or above it.

_QUOTED = re.compile(r"\s*>")
_WROTE = re.compile(
    r"(?:On|Op|Am|Le|El|Il)\b.{0,300}"
    r"\b(?:wrote|schreef|schrieb|écrit|escribió|ha scritto)\b.{0,120}:$"
    r"|.{0,120}<[^<>@\s]+@[^<>\s]+>.{0,60}\b(?:wrote|schreef|het volgende geschreven)\s*:$",
    re.DOTALL,
)
"""The line above a quoted mail, which programs break into up to three."""

_FORWARDED = re.compile(
    r"\s*(?:-{2,}\s*)(?:Original Message|Oorspronkelijk bericht|Forwarded message|"
    r"Doorgestuurd bericht|Ursprüngliche Nachricht|Message d'origine)\s*-{2,}\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"_{20,}\s*")
_SENDER_LINE = re.compile(r"\*?(?:From|Van|Von|De)\s?:\*?\s.*@?", re.IGNORECASE)
_DATE_LINE = re.compile(r"\*?(?:Sent|Date|Verzonden|Datum|Gesendet|Envoyé)\s?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's text in two parts: what its sender wrote, and what was quoted."""

    own: str
    quoted: str

    @property
    def whole(self) -> str:
        """Everything, the new part first."""
        return "\n\n".join(part for part in (self.own, self.quoted) if part)


NO_WORDS = Words("", "")


def split_words(text: str) -> Words:
    """Split a text into its own part and the quoted one. Answers between quoted lines stay there:
    the text is its own part then, because neither half can be read alone."""
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    cut = next((at for at in range(len(lines)) if _begins_quote(lines, at)), None)
    if cut is None:
        return Words(_join(lines), "")
    before, after = lines[:cut], lines[cut:]
    if any(line.strip() for line in before):
        if _has_answers(after):
            return Words(_join(lines), "")
        return Words(_join(before), _join(after))
    quoted, own = _split_bottom(after)
    if not own or _has_answers(own):
        return Words(_join(lines), "")
    return Words(_join(own), _join(quoted))


def _begins_quote(lines: list[str], at: int) -> bool:
    line = lines[at]
    if _QUOTED.match(line) or _FORWARDED.fullmatch(line):
        return True
    if _says_who_wrote(lines[at : at + 3]):
        return True
    if _RULE.fullmatch(line):
        return any(_SENDER_LINE.match(each) for each in lines[at + 1 : at + 3])
    near = lines[at + 1 : at + 4]
    return bool(_SENDER_LINE.match(line)) and any(_DATE_LINE.match(each) for each in near)


def _says_who_wrote(lines: list[str]) -> bool:
    """True if these lines begin with the line above a quoted mail."""
    if "" in lines:
        lines = lines[: lines.index("")]
    joined = ("\n".join(lines[:count]) for count in range(1, len(lines) + 1))
    return any(_WROTE.fullmatch(each[:600]) for each in joined)


def _has_answers(lines: list[str]) -> bool:
    """True if a line that is not quoted follows a quoted one."""
    marks = [bool(_QUOTED.match(line)) for line in lines if line.strip()]
    if True not in marks:
        return False
    return False in marks[marks.index(True) :]


def _split_bottom(lines: list[str]) -> tuple[list[str], list[str]]:
    """A quoted block, and what stands below it."""
    last = max((at for at, line in enumerate(lines) if _QUOTED.match(line)), default=len(lines))
    return lines[: last + 1], lines[last + 1 :]


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n ")
