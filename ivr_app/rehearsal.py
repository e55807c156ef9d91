"""A call on each line before the web server's processes fork: no caller waits for what the first
one needs, such as compiled statements, sentences and holidays, and the processes share it.

The calls take place in a database of their own.
"""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from carrier.signature import encode_form
from ivr_app.application import build_app
from routing.contracts import Contact, Contract
from routing.line import Line
from service.bootstrap import Services, build_services
from service.counters import COUNTERS
from store.db.deadlines import set_deadline
from store.db.engine import reading, writing
from store.db.prepared import compile_statements
from store.people.hashing import Argon2PinVerifier
from store.people.lines import apply_line
from store.tables import all_tables
from store.tables.log import counters
from store.work.redis_client import NoJobNotifier

DATABASE_SECONDS = 3.0
"""Seconds for the real database, which may be away: then the first caller waits instead."""

NEXT = re.compile(r'(?:action|waitUrl)="([^"#]+)')
LONGEST = 8
"""Webhooks of a call, from the welcome to the music, with all that a line may ask."""


def rehearse(services: Services) -> None:
    """Play a call on each line, and compile every statement for the real database."""
    set_deadline(DATABASE_SECONDS)
    try:
        lines = services.lines.list_lines()
        with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
            _play_calls(services, lines, Path(folder))
        set_deadline(DATABASE_SECONDS)
        with reading(services.engine) as connection:
            compile_statements(connection)
    except SQLAlchemyError:
        return
    finally:
        set_deadline(None)
        services.engine.dispose()  # processes that fork must not share its connections
        COUNTERS.hand_over(lambda counts: None)


def _play_calls(services: Services, lines: Sequence[Line], folder: Path) -> None:
    own = {"database_url": f"sqlite:///{folder}/line.db", "media_dir": folder}
    stage = build_services(services.settings.model_copy(update=own), NoJobNotifier())
    with writing(stage.engine) as connection:
        all_tables().create_all(connection)
        connection.execute(insert(counters).values(name="incident", value=0))
    app = build_app(services=stage)
    for line in lines:
        _play_call(app, stage, line)
    stage.engine.dispose()


def _play_call(app: Flask, stage: Services, line: Line) -> None:
    """A contact calls, is identified, and confirms level 1."""
    phone = f"{line.number[:-1]}{9 - int(line.number[-1])}"
    pin = "1" * line.pin.length
    hashed = Argon2PinVerifier(stage.settings.pin_pepper).hash(pin, line.id)
    first = min(line.plans, key=lambda plan: plan.rank)
    contact = Contact("rehearsal", (phone,), hashed, line.languages[0])
    contract = Contract("0", "rehearsal", first.id, contacts=(contact,))
    apply_line(stage.engine, line, [contract], stage.call_service.clock())
    about = {"CallSid": f"rehearsal {line.id}", "From": phone, "To": line.number}
    path = "/voice/incoming"
    for _ in range(LONGEST):
        digits = pin if "/pin/" in path else "1"
        document = _post(app, stage, path, about | {"Digits": digits})
        addresses = NEXT.findall(document)
        if not addresses:
            break
        path = html.unescape(addresses[-1]).removeprefix(stage.settings.public_url)
    _post(app, stage, "/voice/status", about | {"CallStatus": "completed"})


def _post(app: Flask, stage: Services, path: str, form: dict[str, str]) -> str:
    headers = stage.signature_check.headers(stage.settings.public_url + path, form)
    sent = app.test_client().post(path, data=encode_form(form), headers=headers)
    return sent.get_data(as_text=True)
