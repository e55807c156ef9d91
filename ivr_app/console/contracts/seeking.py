"""What contracts are sought by: the fields of the form, and an address that carries them sealed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Annotated, Any, Literal

from cryptography.fernet import Fernet, InvalidToken
from pydantic import AfterValidator, Field, ValidationError

from ivr_app.console.form import Form
from ivr_app.console.viewer import line
from ivr_app.switch import board, desk
from routing.line import Line
from routing.names import tidy
from routing.numbers import normalise
from routing.schedule.wallclock import wall
from store.lookup import Place
from store.sought import Sought, Validity

LASTS = dt.timedelta(hours=12)
"""An address that carries a search is good for so long."""

VALIDITIES = ("", *(one.value for one in Validity))

Some = Field(max_length=200)


def _phone(text: str) -> str:
    looked_at = line()
    if text and looked_at is not None and normalise(text, looked_at.country) is None:
        raise ValueError("contracts.no_phone")
    return text


class Wanted(Form):
    """What somebody knows of a contract; blank where nothing."""

    number: Annotated[str, Field(pattern=r"^[0-9]{0,20}$")] = ""
    company: Annotated[str, Some, AfterValidator(tidy)] = ""
    contact: Annotated[str, Some, AfterValidator(tidy)] = ""
    phone: Annotated[str, Some, AfterValidator(_phone)] = ""
    validity: Literal["", "valid", "soon", "ended"] = ""

    def alone(self, name: str) -> bool:
        """True when nothing but this is known."""
        return {key for key, value in self.model_dump().items() if value} == {name}


def sought(wanted: Wanted, looked_at: Line) -> Sought:
    """The same, as the contracts of a line are asked for it today."""
    return Sought(
        looked_at.id,
        wall(desk().clock(), looked_at.timezone).date(),
        number=wanted.number,
        company=wanted.company,
        contact=wanted.contact,
        phone=normalise(wanted.phone, looked_at.country) or "",
        validity=Validity(wanted.validity) if wanted.validity else None,
    )


def seal(wanted: Wanted, after: Place | None = None) -> str | None:
    """The search as an address carries it, which nobody reads without our key; None for all."""
    filled = {name: value for name, value in wanted.model_dump().items() if value}
    if not filled and after is None:
        return None
    return _sealer().encrypt(json.dumps([filled, after]).encode()).decode()


def opened(sealed: str | None) -> tuple[Wanted, Place | None]:
    """The search that an address carries, and where its page begins; everything for one that is
    over or not ours."""
    try:
        text = _sealer().decrypt((sealed or "").encode(), ttl=int(LASTS.total_seconds()))
        filled, after = json.loads(text)
        return Wanted.model_validate(filled), _place(after)
    except (InvalidToken, ValidationError):
        return Wanted(), None


def _place(after: list[Any] | None) -> Place | None:
    return None if after is None else (int(after[0]), str(after[1]), str(after[2]))


def _sealer() -> Fernet:
    key = hmac.digest(board().settings.secret_key.encode(), b"sought contracts", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))
