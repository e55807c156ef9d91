"""Signed links in texts and mails: whoever has one may acknowledge one incident as one person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from itsdangerous import BadSignature, Signer

LASTS = dt.timedelta(hours=24)
"""After so long a text in an old telephone opens nothing."""


@dataclass(frozen=True, slots=True)
class Links:
    """The token is short, because it stands in a text: number, person, hour of its end, seal."""

    public_url: str
    secret_key: str = field(repr=False)

    def of(self, number: int, engineer: str, now: dt.datetime) -> str:
        """The address at which this person acknowledges the incident of this number."""
        ends = int((now + LASTS).timestamp()) // 3600 + 1
        token = self._signer.sign(f"{number}.{ends:x}.{engineer}").decode()
        return f"{self.public_url}/ack/{token}"

    def read(self, token: str, now: dt.datetime) -> tuple[int, str] | None:
        """The number and the person, or None when the seal does not hold or the time is over."""
        try:
            number, ends, engineer = self._signer.unsign(token).decode().split(".", 2)
        except (BadSignature, ValueError):
            return None
        return (int(number), engineer) if now.timestamp() < int(ends, 16) * 3600 else None

    @property
    def _signer(self) -> Signer:
        return Signer(self.secret_key, salt="acknowledge")
