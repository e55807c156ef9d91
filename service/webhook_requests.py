"""The requests of outgoing webhooks: an event that is signed as Standard Webhooks describes, or a
sentence in the form that a chat takes.

The environment holds each secret under the name that ``line.yaml`` gives. It is read for each
webhook, so that a secret file may change while a process runs.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, assert_never

from routing.line import Line, Webhook, WebhookFormat
from settings import SettingsError, find_value

KEY_PREFIX = "whsec_"
PREVIOUS_SUFFIX = "_PREVIOUS"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret (Standard Webhooks)."""


class SecretError(Exception):
    """The secret of a webhook is missing or malformed; the message never holds the secret."""


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What is posted, and where."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WebhookContent:
    """The body of a delivery as it is stored, and its id. ``page`` is the address of the incident
    in the console, where people sign in."""

    id: str
    body: str
    page: str


def build_request(
    hook: Webhook, line: Line, content: WebhookContent, at: dt.datetime
) -> DeliveryRequest:
    """The request of a delivery that is sent now. Raises SecretError."""
    match hook.format:
        case WebhookFormat.PRIORITY_LINE:
            body = content.body.encode()
            headers = sign_headers(read_secrets(hook), content.id, at, body)
            return DeliveryRequest(hook.url, body, headers | _JSON)
        case WebhookFormat.SLACK:
            message = _build_slack_message(_build_sentence(line, content))
            return _post_json(_read_address(hook), message)
        case WebhookFormat.TEAMS:
            message = _build_teams_message(_build_sentence(line, content))
            return _post_json(_read_address(hook), message)
        case WebhookFormat.NTFY:
            return _build_ntfy_request(hook, _build_sentence(line, content))
        case _:
            assert_never(hook.format)


def check_secret(hook: Webhook) -> None:
    """Check that the secret of a webhook is there, in the form that its format needs. Raises
    SecretError."""
    match hook.format:
        case WebhookFormat.PRIORITY_LINE:
            read_secrets(hook)
        case WebhookFormat.SLACK | WebhookFormat.TEAMS:
            _read_address(hook)
        case WebhookFormat.NTFY:
            _read_token(hook)
        case _:
            assert_never(hook.format)


def read_secrets(hook: Webhook) -> Sequence[bytes]:
    """The secret of a webhook, and the previous one during a rotation. Raises SecretError."""
    found = [_read_secret(hook), _read_variable(hook.secret + PREVIOUS_SUFFIX)]
    return [_decode_secret(hook.secret, value) for value in found if value]


def _read_secret(hook: Webhook) -> str:
    found = _read_variable(hook.secret)
    if not found:
        raise SecretError(f"{hook.secret} is not set in the environment")
    return found


def _read_variable(name: str) -> str | None:
    try:
        return find_value(name)
    except SettingsError as error:
        raise SecretError(str(error)) from None


def sign_headers(keys: Sequence[bytes], id_: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """The three signature headers of a body that is sent now."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((id_.encode(), seconds.encode(), body))
    signatures = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": id_,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(s).decode()}" for s in signatures),
    }


def _decode_secret(name: str, value: str) -> bytes:
    try:
        key = base64.b64decode(value.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"{name} is not {KEY_PREFIX} and a secret in base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise SecretError(f"{name} must hold {SHORTEST} to {LONGEST} bytes in base64")
    return key


# Chats. They get what a text to an engineer would say, and nothing that is secret is in the file:
# the address of a Slack or Teams webhook is its secret.


WORDS_FILE = Path(__file__).with_name("webhook_words.toml")
_JSON = {"content-type": "application/json"}
CARD = "application/vnd.microsoft.card.adaptive"
URGENT, HIGH, NORMAL = 5, 4, 3
"""Priorities of ntfy: 5 sounds through a telephone that is set to be quiet."""

ALARMS = ("opened", "raised", "reopened", "breached")
"""Events after which somebody has to act."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    title: str
    text: str
    open: str
    page: str
    priority: int


@cache
def read_words() -> Mapping[str, Mapping[str, str]]:
    """The words of the chats, by language."""
    words: Mapping[str, Mapping[str, str]] = tomllib.loads(WORDS_FILE.read_text("utf-8"))
    return words


def _build_sentence(line: Line, content: WebhookContent) -> _Sentence:
    """The event in the first language of the line."""
    sent = json.loads(content.body)
    data, event = sent["data"], sent["type"].removeprefix("incident.")
    words = read_words()[line.languages[0]]
    about = {"number": data["id"], "level": data["urgency"], "contract": data["contract"]}
    title = words["title" if data["contract"] else "title_unknown"].format(**about)
    text = words[event].format(by=_name_engineer(line, data["acknowledged_by"]))
    return _Sentence(title, text, words["open"], content.page, _rate(event, data["urgency"]))


def _name_engineer(line: Line, engineer: str | None) -> str:
    known = line.engineer(engineer or "")
    if known is None:
        return engineer or ""
    return known.name


def _rate(event: str, urgency: int) -> int:
    if event not in ALARMS:
        return NORMAL
    if urgency == 1:
        return URGENT
    return HIGH


def _build_slack_message(said: _Sentence) -> dict[str, Any]:
    title = said.title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = said.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": f"<{said.page}|{title}>: {text}"}


def _build_teams_message(said: _Sentence) -> dict[str, Any]:
    """A message with one Adaptive Card, as the trigger of a Teams workflow takes it."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": said.title, "weight": "Bolder", "wrap": True},
            {"type": "TextBlock", "text": said.text, "wrap": True},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": said.open, "url": said.page}],
    }
    attached = {"contentType": CARD, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attached]}


def _build_ntfy_request(hook: Webhook, said: _Sentence) -> DeliveryRequest:
    """ntfy takes JSON at the address of the server; its headers could hold no title with letters
    beyond Latin-1."""
    server, _, topic = hook.url.rstrip("/").rpartition("/")
    message = {
        "topic": topic,
        "title": said.title,
        "message": said.text,
        "priority": said.priority,
        "click": said.page,
    }
    plain = _post_json(f"{server}/", message)
    proof = {"authorization": f"Bearer {_read_token(hook)}"}
    return DeliveryRequest(plain.url, plain.body, {**plain.headers, **proof})


def _post_json(url: str, message: Mapping[str, Any]) -> DeliveryRequest:
    return DeliveryRequest(url, json.dumps(message, separators=(",", ":")).encode(), _JSON)


def _read_address(hook: Webhook) -> str:
    """The whole address, which is on the host that the file names."""
    address = _read_secret(hook)
    beginning = hook.url.rstrip("/") + "/"
    if not address.startswith(beginning) or not address.isascii() or not address.isprintable():
        raise SecretError(f"{hook.secret} must be an address that begins with {beginning}")
    return address


def _read_token(hook: Webhook) -> str:
    """The access token. It is sent as it is, so the secret of another webhook must not pass for
    one: a line.yaml could name it, and an address of its own."""
    token = _read_secret(hook)
    if not _TOKEN.fullmatch(token):
        raise SecretError(f"{hook.secret} must be an access token of ntfy, which begins with tk_")
    return token


_TOKEN = re.compile(r"tk_[A-Za-z0-9_]+", re.ASCII)
