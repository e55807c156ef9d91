"""The form of a contact, read as the file of rows is read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator

from ivr_app.console.form import Form
from ivr_app.console.paper import as_on_paper
from plan import times, words
from routing.contract import Contact
from routing.numbers import legible

_number = as_on_paper(words.contact_phone, "contacts.no_phone")


def _phones(text: str) -> str:
    """Telephones as they are typed, one a line or with commas or semicolons between them."""
    typed = [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]
    if not typed:
        raise ValueError("contacts.no_phone")
    return ";".join(dict.fromkeys(_number(part) for part in typed))


class Over(Form):
    """``mark`` tells which contract was shown."""

    mark: str = ""


class Named(Over):
    """A contact as somebody wants them."""

    name: Annotated[str, BeforeValidator(as_on_paper(words.name, "contacts.no_name"))]
    phones: Annotated[str, BeforeValidator(_phones)]
    language: (
        Annotated[str, BeforeValidator(as_on_paper(words.language, "contacts.no_language"))] | None
    ) = None
    email: Annotated[str, BeforeValidator(as_on_paper(words.email, "contacts.no_email"))] | None = (
        None
    )
    ends: Annotated[dt.date, BeforeValidator(as_on_paper(times.date, "contacts.no_day"))] | None = (
        None
    )
    hears_of_releases: bool = False

    def over(self, contact: Contact) -> Contact:
        """The contact with all of this; the PIN stays."""
        said = self.model_dump(exclude={"mark", "phones"})
        return replace(contact, **said, phones=tuple(self.phones.split(";")))


def filled(contact: Contact | None) -> dict[str, str]:
    """What stands in the fields at first."""
    if contact is None:
        return {}
    return {
        "name": contact.name,
        "phones": "\n".join(map(legible, contact.phones)),
        "language": contact.language or "",
        "email": contact.email or "",
        "ends": contact.ends.isoformat() if contact.ends else "",
        "hears_of_releases": "true" if contact.hears_of_releases else "",
    }
