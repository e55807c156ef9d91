"""Signed links: whoever has one may acknowledge one incident as one person, or play one sound."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from itsdangerous import BadSignature, Signer, TimestampSigner

LASTS = dt.timedelta(hours=24)
"""After so long a text in an old telephone opens nothing."""

PLAYED_WITHIN = dt.timedelta(hours=1)
"""The carrier writes the addresses of our documents down; an old one plays nothing."""


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


@dataclass(frozen=True, slots=True)
class Sounds:
    """Addresses of recordings that open by themselves, for as long as a document is played."""

    secret_key: str = field(repr=False)

    def sealed(self, recording_id: str) -> str:
        """The id as it stands in an address."""
        return self._signer.sign(recording_id).decode()

    def read(self, token: str) -> str | None:
        """The id, or None when the seal does not hold or the hour is over."""
        try:
            return self._signer.unsign(token, max_age=int(PLAYED_WITHIN.total_seconds())).decode()
        except BadSignature:
            return None

    @property
    def _signer(self) -> TimestampSigner:
        return TimestampSigner(self.secret_key, salt="sound")
