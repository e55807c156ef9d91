"""What can be set while the company runs: its unsettled habits and its faults."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Literal


@dataclass
class RequestFault:
    """What goes wrong with the next REST requests that match."""

    path: str = ""  # a regular expression searched in the path
    method: str = ""  # empty: any
    count: int = 1
    status: int = 0  # answer this error and do nothing; 0: act as usual
    code: int = 20500
    message: str = "Internal Server Error"
    without: str = ""  # leave this field out of the answer after acting
    close: Literal["", "before", "after"] = ""  # cut the connection before or after acting
    answer_after: float | None = 0.0  # real seconds to hold the answer back; None: never answer


@dataclass
class WebhookDrop:
    """Webhooks that get lost on their way."""

    pattern: str  # a regular expression searched in the address
    count: int = 1


@dataclass
class Switches:
    """Every switch with the position it has in an undisturbed company."""

    # Habits the carrier's documentation leaves open
    timeout_buffer: float = 0.0  # seconds added to every ring (the real company adds up to 5)
    calls_per_second: float = 0.0  # 0: no limit; beyond it calls wait in the status queued
    webhook_limit: float = 15.0  # real seconds a webhook may take, retries included
    silent_record: Literal["action", "next"] = "action"  # after a recording in which nobody spoke
    failing_wait: Literal["drop", "silence"] = "drop"  # what a broken wait document does
    dial_action_on_hangup: bool = True
    dial_bridged: bool = True  # the end of a dial tells whether the two ever spoke
    type_ahead: bool = True  # keys pressed before a Gather count for it
    queue_size: int = 100
    media_auth: bool = False  # recordings ask for the account's credentials
    recording_delay: float = 0.0  # seconds after its end until a recording can be had
    transcription_delay: float = 20.0  # seconds after its end until a recording has words
    text_delay: float = 0.0  # seconds between a text's states
    # What the account may do
    balance: str = "100.00"
    barred: list[str] = field(default_factory=list)  # countries that may not be rung
    voice_region: str = "us1"
    # Faults
    duplicate: Literal["none", "status", "all"] = "none"
    reorder: bool = False  # every other status callback is late by `reorder_by`
    reorder_by: float = 1.0
    delay: float = 0.0  # seconds before a webhook leaves ...
    delay_pattern: str = ""  # ... whose address matches
    drop: list[WebhookDrop] = field(default_factory=list)
    requests: list[RequestFault] = field(default_factory=list)

    def set(self, changes: dict[str, Any]) -> None:
        """Move the named switches; a name that does not exist is a ValueError."""
        known = {switch.name for switch in fields(self)}
        if unknown := set(changes) - known:
            raise ValueError(f"No such switch: {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(self, name, _READ[name](value) if name in _READ else value)

    def reset(self) -> None:
        """Put every switch back."""
        for switch in fields(self):
            setattr(self, switch.name, getattr(Switches(), switch.name))


def _drops(value: Any) -> list[WebhookDrop]:
    entries = [value] if isinstance(value, str | dict) else value
    return [WebhookDrop(e) if isinstance(e, str) else WebhookDrop(**e) for e in entries]


def _request_faults(value: Any) -> list[RequestFault]:
    return [RequestFault(**entry) for entry in value]


_READ: dict[str, Callable[[Any], Any]] = {"drop": _drops, "requests": _request_faults}
