"""Sends a file of an incident: always as a download of unknown type, so that nothing opens it."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from flask import Response, request

from ivr_app.context import current_call_service
from routing.correspondence import IncidentFile

UNKNOWN_TYPE = "application/octet-stream"


def send_file(file: IncidentFile) -> Response:
    """The file as an attachment, sent while it is read. Its name is tidied, and its type is not
    told: a browser must neither show nor run what a stranger sent."""
    content = current_call_service().calls.correspondence.read_file(file.id)
    response = Response(content, mimetype=UNKNOWN_TYPE)
    response.content_length = file.size
    response.headers.set("Content-Disposition", "attachment", **_write_name(file.name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(file.sha256)
    return response.make_conditional(request)  # type: ignore[return-value]


def _write_name(name: str) -> dict[str, str]:
    """The name as a header may hold it: in ASCII, and in full for browsers that read RFC 8187."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return {"filename": name}
    if plain.startswith(".") or not plain:  # only the ending was in ASCII
        plain = f"file{plain}"
    return {"filename": plain, "filename*": f"UTF-8''{quote(name, safe=SAFE)}"}


SAFE = "!#$&+-.^_`|~"
"""Characters of a name that are written as they are."""
