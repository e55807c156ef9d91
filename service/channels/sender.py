"""What a channel sends, and what a module of a channel provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

from carrier.client import CarrierClient
from carrier.urls import WebhookUrls
from routing.line import Line
from service.channels.letter import Letter
from settings import Settings


@dataclass(frozen=True, slots=True)
class Notice:
    """A page or message of a line to one address.

    ``id`` is ours and stays the same when it is sent again. ``write`` renders the text with a
    company name, which a channel with little space may shorten. ``write_letter`` renders what a
    mail says instead.
    """

    id: str
    to: str
    line: Line
    company: str
    write: Callable[[str], str]
    write_letter: Callable[[], Letter]


class DeliveryError(Exception):
    """A notice was not sent; the text says why, without personal data. It is tried again."""


class DeliveryRefusedError(DeliveryError):
    """A notice was refused for good; ``code`` is the code of the refusal, for the metrics."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Sender(ABC):
    """Sends the notices of one channel."""

    setting: ClassVar[str] = ""
    """The environment variable that sets the channel up; empty if it is always set up."""

    check: ClassVar[str] = ""
    """The name of the channel in ``doctor``."""

    @classmethod
    @abstractmethod
    def is_set_up(cls, settings: Settings) -> bool:
        """True if these settings let the channel send."""

    @classmethod
    @abstractmethod
    def build(cls, settings: Settings, telephone: CarrierClient, urls: WebhookUrls) -> Self:
        """The sender of one thread; the channel must be set up."""

    @abstractmethod
    def send(self, notice: Notice) -> str | None:
        """Send a notice; returns the id that the service gives it, if any.

        Raises DeliveryRefusedError if another try would be refused too. Any other error is tried
        again.
        """

    def probe(self) -> str:
        """Do everything that comes before a notice, and say how that went.

        Raises DeliveryError. Empty if another check of ``doctor`` does so.
        """
        return ""
