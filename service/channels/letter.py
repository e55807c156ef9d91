"""A letter: what a mail says, written as plain text and as simple HTML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape

from routing.phone_numbers import format_international
from service.mail_threads import Thread


@dataclass(frozen=True, slots=True)
class Button:
    """A link that is shown as a button; in plain text it is an address."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a mail in the order of reading, in the language of its reader.

    ``quote`` are the words of a person, with their line ends. ``facts`` are names and values.
    ``phone`` (E.164) is the number of the line, a link wherever it stands. ``number`` is the
    incident that the mail is about. An ``answer`` is sent because a mail came.
    """

    language: str
    subject: str
    paragraphs: tuple[str, ...]
    quote: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    button: Button | None = None
    closing: tuple[str, ...] = ()
    footer: str = ""
    phone: str = ""
    number: int | None = None
    reply_to: str | None = None
    thread: Thread | None = None
    answer: bool = False

    @property
    def quoted_lines(self) -> list[str]:
        """The lines of the quote."""
        return self.quote.strip().splitlines()

    def write_text(self) -> str:
        """The letter as plain text. The quote is indented: programs hide lines after a >."""
        parts = list(self.paragraphs)
        if self.quote:
            parts.append("\n".join(f"    {line}".rstrip() for line in self.quoted_lines))
        if self.facts:
            parts.append("\n".join(f"{name}: {value}" for name, value in self.facts))
        if self.button is not None:
            parts.append(f"{self.button.words}:\n{self.button.url}")
        parts.extend(self.closing)
        if self.footer:
            parts.append(f"-- \n{self.footer}")
        return "\n\n".join(parts) + "\n"

    def write_html(self) -> str:
        """The letter as HTML without images, scripts or anything from elsewhere."""
        return _read_template().render(letter=self, link_phone=self._link_phone)

    def _link_phone(self, sentence: str) -> Markup:
        """The sentence with the number of the line as a link that calls it."""
        words = escape(sentence)
        if not self.phone:
            return words
        shown = escape(format_international(self.phone))
        link = Markup('<a href="tel:{}" style="color:inherit;white-space:nowrap">{}</a>')
        return words.replace(shown, link.format(self.phone, shown))


@cache
def _read_template() -> Template:
    loader = PackageLoader("service.channels")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("mail.html")
