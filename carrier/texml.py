"""The REST interface of Telnyx for TeXML, as the client of Twilio's interface uses it.

The resources have the same names, but other paths, a login by key instead of name and password,
and JSON for a new call. https://developers.telnyx.com/api-reference/texml-rest-commands
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

_RESOURCE = re.compile(r"/2010-04-01/Accounts/([^/.]+)(/.*)?\.json")
_CALLS, _BALANCE, _ACCOUNT = "/Calls", "/Balance", ""
_KNOWN = ("/Calls", "/Queues", "/Recordings")
_NAMED_LIKE_FILES = ("/Recordings",)
"""The resources whose paths end with .json, as Twilio's do."""


class TexmlHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Sends the requests of Twilio's client to Telnyx."""

    def __init__(self, key: str, application: str) -> None:
        """``key`` is the API key, and calls go out from the ``application``."""
        super().__init__()
        self._key, self._application = key, application

    def request(  # noqa: PLR0913 - Twilio's client calls it so
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: object = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request as Telnyx expects it, and return the answer as Twilio would give it."""
        found = _RESOURCE.search(url)
        if found is None or not _is_known(found[2] or ""):
            raise ValueError(f"Telnyx has no resource like {url}")
        base, account, resource = url[: found.start()], found[1], found[2] or ""
        sent = dict(headers or {}) | {"Authorization": f"Bearer {self._key}"}
        if resource in (_BALANCE, _ACCOUNT):
            path = "/v2/balance"
        else:
            path = f"/v2/texml/Accounts/{account}{resource}"
            if resource.startswith(_NAMED_LIKE_FILES):
                path = f"{path}.json"
        if data and resource == _CALLS:
            sent["Content-Type"] = "application/json"
            data = _write_call(data) | {"ApplicationSid": self._application}
        elif data and data.get("Status") == "canceled":
            data = {**data, "Status": "completed"}  # it knows no other way to end a call
        answer = super().request(
            method, base + path, params, data, sent, None, timeout, allow_redirects
        )
        if path == "/v2/balance" and answer.status_code == 200:
            return Response(200, _read_balance(answer.text, resource), answer.headers)
        return answer


def _is_known(resource: str) -> bool:
    return resource in (_BALANCE, _ACCOUNT) or resource.startswith(_KNOWN)


def _write_call(data: Mapping[str, object]) -> dict[str, object]:
    """A new call as JSON: several events are one text."""
    events = data.get("StatusCallbackEvent")
    if isinstance(events, list):
        return {**data, "StatusCallbackEvent": " ".join(events)}
    return dict(data)


def _read_balance(text: str, resource: str) -> str:
    """The balance as Twilio gives it. An account that may ask for its balance is active."""
    found = json.loads(text)["data"]
    if resource == _ACCOUNT:
        return json.dumps({"status": "active"})
    return json.dumps({"balance": found["balance"], "currency": found["currency"]})
