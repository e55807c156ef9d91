"""The channels that notices are sent on: a module each, registered in SENDERS."""

from __future__ import annotations

from carrier.client import CarrierClient
from carrier.urls import WebhookUrls
from routing.line import Channel
from service.channels.email import EmailSender
from service.channels.sender import Sender
from service.channels.sms import SmsSender
from settings import Settings

SENDERS: dict[Channel, type[Sender]] = {Channel.SMS: SmsSender, Channel.EMAIL: EmailSender}
"""By channel. A test compares it with the channels of ``routing.notify``."""


def find_set_up(settings: Settings) -> frozenset[Channel]:
    """The channels that these settings let us send on."""
    return frozenset(channel for channel in SENDERS if SENDERS[channel].is_set_up(settings))


def build_senders(
    settings: Settings, telephone: CarrierClient, urls: WebhookUrls
) -> dict[Channel, Sender]:
    """The senders of one thread: those of the channels that are set up."""
    return {
        channel: SENDERS[channel].build(settings, telephone, urls)
        for channel in find_set_up(settings)
    }
