"""Sends text messages through the carrier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from carrier.client import CarrierClient, RefusedError
from carrier.company import COMPANIES, Need
from carrier.sms import fit_name
from carrier.urls import WebhookUrls
from routing.notify.replying import find_sender
from service.channels.sender import DeliveryRefusedError, Notice, Sender
from settings import Settings


@dataclass(frozen=True)
class SmsSender(Sender):
    """Sends from the number or name of the line; a long company name is shortened."""

    telephone: CarrierClient
    urls: WebhookUrls

    @classmethod
    def is_set_up(cls, settings: Settings) -> bool:
        """Unless texts at this carrier go by an interface that the line does not speak."""
        return Need.TEXTS not in COMPANIES[settings.carrier].lacks

    @classmethod
    def build(cls, settings: Settings, telephone: CarrierClient, urls: WebhookUrls) -> Self:
        """Send through this client of the carrier."""
        return cls(telephone, urls)

    def send(self, notice: Notice) -> str | None:
        """Send a text message; returns the carrier's id."""
        words = fit_name(notice.write, notice.company)
        status = self.urls.text_status_url(notice.id)
        try:
            return self.telephone.text(notice.to, find_sender(notice.line), words, status)
        except RefusedError as refusal:
            why = f"the carrier refuses: {refusal.code}"
            raise DeliveryRefusedError(refusal.code, why) from refusal
