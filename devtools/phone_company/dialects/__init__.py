"""How a company that understands TwiML differs from Twilio, as its own documents say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from devtools.phone_company.post.signature import SharedKey, signature_headers
from devtools.phone_company.rest.errors import RestError


@dataclass(frozen=True)
class Letter:
    """A webhook that is to be signed."""

    token: str
    signing: str  # the secret of companies that do not sign with the token
    key: SharedKey | None
    url: str
    form: dict[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True)
class Dialect:
    """The differences of one company; Twilio itself has none."""

    name: str = "twilio"
    api: str = ""  # what stands before /2010-04-01 in its REST addresses
    media: str = ""  # where its sounds are, if not at the interface; {sid} names one
    bearer: bool = False  # requests carry a key, and not a name and a password
    lacks_fields: frozenset[str] = frozenset()  # what its webhooks do not say
    field_names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)  # field and value: its value
    codes: Mapping[int, int] = field(default_factory=dict)  # of errors
    ignores: frozenset[tuple[str, str]] = frozenset()  # attributes that it does not read

    def name_id(self, prefix: str, digits: str) -> str:
        """An identifier of 32 hexadecimal digits."""
        return prefix + digits

    def show_key(self, signing: str) -> str:
        """The key with which the customer checks webhooks, as its pages show it."""
        return signing

    def path(self, path: str) -> str | None:
        """The path of a resource; None if there is none."""
        return path

    def say(self, params: dict[str, str]) -> dict[str, str]:
        """The fields of a webhook in its words."""
        said = {}
        for name, value in params.items():
            if name not in self.lacks_fields:
                word = self.words.get((name, value), value)
                said[self.field_names.get(name, name)] = word
        return said

    def sign(self, letter: Letter) -> dict[str, str]:
        """The headers that prove a webhook."""
        return signature_headers(letter.token, letter.key, letter.url, letter.form)

    def show(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request."""
        return body

    def refuse(self, error: RestError) -> RestError:
        """The error in its numbers."""
        return RestError(error.status, self.codes.get(error.code, error.code), error.message)

    def read(self, verbs: tuple[Element, ...]) -> tuple[Element, ...]:
        """The verbs of a document as far as it understands them."""
        for element in (one for verb in verbs for one in verb.iter()):
            for tag, name in self.ignores:
                if element.tag == tag:
                    element.attrib.pop(name, None)
        return verbs


TWILIO = Dialect()
