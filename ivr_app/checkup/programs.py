"""The programs outside that are told of incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from ivr_app.checkup.verdict import Verdict, ok, warn
from routing.line import Line
from store.outbox import Outbox
from webhooks import SecretError, secrets_of

CHECK = "webhooks"
LATE = dt.timedelta(minutes=5)
LATELY = dt.timedelta(days=1)
SEE = "see flask --app ivr_app webhooks"


def programs(engine: Engine, lines: Sequence[Line], at: dt.datetime) -> Iterator[Verdict]:
    """Whether each can be told, and whether what it should hear has arrived."""
    for line in lines:
        if line.webhooks:
            yield from list(_wrong(engine, line, at)) or [ok(CHECK, f"{line.id}: nothing is late")]


def _wrong(engine: Engine, line: Line, at: dt.datetime) -> Iterator[Verdict]:
    for hook in line.webhooks:
        try:
            secrets_of(hook)
        except SecretError as error:
            yield warn(CHECK, f"{line.id}, {hook.id}: {error}, so nothing is sent")
    outbox = Outbox(engine)
    lost, since = outbox.given_up_since(line.id, at - LATELY), outbox.waiting_since(line.id)
    if lost:
        yield warn(CHECK, f"{line.id}: {lost} given up in the last day: {SEE}, then webhooks again")
    if since is not None and at - since > LATE:
        yield warn(CHECK, f"{line.id}: something waits since {since:%Y-%m-%d %H:%M} UTC: {SEE}")
