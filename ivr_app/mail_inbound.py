"""Mails that a mail service posts: it receives them for an address, and hands each over as a form.

The services agree on little. They post the mail itself in a field named ``body-mime`` (Mailgun),
``email`` (SendGrid) or ``message`` (CloudMailin), or as the whole body. They prove themselves by
the password in the address (HTTP Basic), or by Mailgun's signature over a timestamp and a token.
"""

from __future__ import annotations

import hashlib
import hmac
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from ivr_app.context import current_call_service, current_services
from service.mail_in.intake import FORM, MailIntake
from service.mail_in.limits import LARGEST

blueprint = Blueprint("mail", __name__, url_prefix="/mail")

MAIL_FIELDS = ("body-mime", "email", "message")
READ = 64 * 1024
MOST_BYTES = 2 * LARGEST
"""Bytes of a request: a mail may be larger than what is stored of it."""

LONGEST_FIELD = 16 * 1024
MOST_PARTS = 200
FRESH_SECONDS = 15 * 60
"""Seconds for which a signature holds."""

STRANGERS = threading.BoundedSemaphore(2)
"""A form proves itself by its last fields: until then a thread of files reads it for anybody, so in
a process two at once. A short form waits for nobody."""

RFC822 = "message/rfc822"


@dataclass
class PostedMail:
    """A form of a mail service: its short fields, and the mail in a file that goes when closed."""

    mail: IO[bytes]
    fields: dict[str, bytes] = field(default_factory=dict)
    found: bool = False

    def chunks(self) -> Iterator[bytes]:
        """The mail, piece by piece."""
        self.mail.seek(0)
        while piece := self.mail.read(READ):
            yield piece

    @property
    def level(self) -> int | None:
        """The level of the form, if it has one."""
        said = self.fields.get("level", b"").strip()
        return int(said) if said in (b"1", b"2", b"3", b"4") else None


@blueprint.post("/inbound")
def inbound() -> Response:
    """Store a mail; the service tries again after any other answer than 200."""
    key = current_services().settings.mail_form_key
    if key is None:
        abort(404)
    request.max_content_length = MOST_BYTES
    trusted = _has_password(key)
    kind, options = parse_options_header(request.content_type)
    if not trusted and kind != "multipart/form-data":
        abort(403)
    waits = request.content_length is None or request.content_length > READ
    if trusted or not waits:
        return _store(key, kind, options.get("boundary", ""), trusted=trusted)
    if not STRANGERS.acquire(blocking=False):
        return Response("busy: send it once more\n", 503, {"Retry-After": "60"})
    try:
        return _store(key, kind, options.get("boundary", ""), trusted=False)
    finally:
        STRANGERS.release()


def _store(key: str, kind: str, boundary: str, *, trusted: bool) -> Response:
    """Store the mail of the request, if its sender is trusted or its signature is valid."""
    with tempfile.TemporaryFile() as file:
        posted = PostedMail(file)
        if kind == "multipart/form-data":
            _read_form(request.stream, boundary, posted)
        elif kind == RFC822:
            _read_body(request.stream, posted)
        if not trusted and not _is_signed(key, posted.fields):
            abort(403)
        if not posted.found:
            abort(400, f"no field {', '.join(MAIL_FIELDS)}, and no body of type {RFC822}")
        MailIntake(current_services()).store(posted.chunks(), FORM, level=posted.level)
    return Response("stored\n", mimetype="text/plain")


def _has_password(key: str) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    return hmac.compare_digest((given.password or "").encode(), key.encode())


def _is_signed(key: str, fields: dict[str, bytes]) -> bool:
    """True if timestamp and token are signed with the key, and the timestamp is fresh."""
    timestamp, token = fields.get("timestamp", b""), fields.get("token", b"")
    ours = hmac.new(key.encode(), timestamp + token, hashlib.sha256).hexdigest()
    if not (token and hmac.compare_digest(ours.encode(), fields.get("signature", b"").lower())):
        return False
    now = current_call_service().clock().timestamp()
    return timestamp.isdigit() and abs(now - int(timestamp)) < FRESH_SECONDS


def _read_body(stream: IO[bytes], posted: PostedMail) -> None:
    while piece := stream.read(READ):
        _write(posted, piece)
    posted.found = True


def _write(posted: PostedMail, piece: bytes) -> None:
    """Keep a piece of the mail, as far as a mail is stored."""
    posted.mail.write(piece[: max(0, LARGEST - posted.mail.tell())])


def _read_form(stream: IO[bytes], boundary: str, posted: PostedMail) -> None:
    """Read a form as it arrives; its mail is written to the file, byte for byte."""
    decoder = MultipartDecoder(boundary.encode("ascii", "replace") or b"none", 4 * READ)
    name, parts = "", 0
    try:
        while not isinstance(event := _find_event(decoder, stream), Epilogue):
            if isinstance(event, Field | File):
                name, parts = event.name or "", parts + 1
                is_mail = name in MAIL_FIELDS and not posted.found
                posted.found = posted.found or is_mail
                if parts > MOST_PARTS:
                    abort(413)
                posted.fields.setdefault(name, b"")
            elif isinstance(event, Data) and is_mail:
                _write(posted, event.data)
            elif isinstance(event, Data):
                room = LONGEST_FIELD - len(posted.fields[name])
                posted.fields[name] += event.data[: max(room, 0)]
    except (ValueError, RequestEntityTooLarge):
        abort(400, "the form ends early, or cannot be read")


def _find_event(decoder: MultipartDecoder, stream: IO[bytes]) -> object:
    while isinstance(event := decoder.next_event(), NeedData):
        decoder.receive_data(stream.read(READ) or None)
    return event
