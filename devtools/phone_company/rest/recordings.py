"""Recordings, their sound and their words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.recordings import Recording, sound
from devtools.phone_company.rest.errors import not_found
from devtools.phone_company.rest.listing import in_period, page_of, stamp

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class RecordingsResource:
    """`/Recordings.json`, `/Recordings/{Sid}.json` and the sound beside it."""

    def __init__(self, company: "Company") -> None:
        """Serve the recordings of this company."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes below the account."""
        one = f"{root}/Recordings/{{sid:[^/.]+}}"
        of_call = f"{root}/Calls/{{call}}/Recordings"
        elsewhere = self._company.dialect.media
        media = [web.get(elsewhere, self.media)] if elsewhere else []
        return [
            *media,
            web.get(f"{root}/Recordings.json", self.list),
            web.get(f"{of_call}.json", self.list_of_call),
            web.get(f"{one}.json", self.fetch),
            web.get(f"{of_call}/{{sid}}.json", self.fetch_of_call),
            web.delete(f"{one}.json", self.delete),
            web.delete(f"{of_call}/{{sid}}.json", self.delete),
            web.get(f"{one}.wav", self.media),
            web.get(one, self.media),
            web.delete(f"{root}/Transcriptions/{{sid:[^/.]+}}.json", self.delete_words),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """List recordings, newest first."""
        wanted = request.query.get("CallSid")
        return page_of(request, "recordings", self._of(request, wanted), self._show)

    async def list_of_call(self, request: web.Request) -> web.Response:
        """List the recordings of one call."""
        some = self._of(request, request.match_info["call"])
        return page_of(request, "recordings", some, self._show_of_call)

    async def fetch(self, request: web.Request) -> web.Response:
        """Show a recording."""
        return web.json_response(self._show(self._find(request)))

    async def fetch_of_call(self, request: web.Request) -> web.Response:
        """Show a recording below its call."""
        return web.json_response(self._show_of_call(self._find(request)))

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a recording and its sound."""
        del self._company.recordings.all[self._find(request).sid]
        return web.Response(status=204)

    async def delete_words(self, request: web.Request) -> web.Response:
        """Forget the words of a recording."""
        if self._company.recordings.transcriptions.pop(request.match_info["sid"], None) is None:
            raise not_found(request.path)
        return web.Response(status=204)

    async def media(self, request: web.Request) -> web.Response:
        """Return the sound, once there is one."""
        recording = self._find(request)
        if self._company.dialect.media and "Authorization" in request.headers:
            raise web.HTTPBadRequest(text="Only one way to sign in")  # as Amazon's store does
        if not self._company.recordings.ready(recording):
            raise not_found(request.path)
        return web.Response(body=sound(recording), content_type="audio/x-wav")

    def _of(self, request: web.Request, call: str | None) -> Iterable[Recording]:
        newest_first = reversed(self._company.recordings.all.values())
        return [
            recording
            for recording in newest_first
            if call in (None, recording.call)
            and in_period(request, "DateCreated", recording.created)
        ]

    def _find(self, request: web.Request) -> Recording:
        recording = self._company.recordings.all.get(request.match_info["sid"])
        if recording is None:
            raise not_found(request.path)
        return recording

    def _show(self, recording: Recording) -> dict[str, Any]:
        url = self._company.recordings.url(recording)
        return self._common(recording) | {
            "price": None,
            "media_url": url,
            "subresource_uris": {},
        }

    def _show_of_call(self, recording: Recording) -> dict[str, Any]:
        return self._common(recording) | {"price": None, "track": "both"}

    def _common(self, recording: Recording) -> dict[str, Any]:
        account = self._company.account.sid
        return {
            "sid": recording.sid,
            "account_sid": account,
            "call_sid": recording.call,
            "conference_sid": recording.conference,
            "status": recording.status,
            "duration": str(recording.seconds),
            "channels": 1,
            "source": recording.source,
            "error_code": None,
            "encryption_details": None,
            "price_unit": "USD",
            "start_time": stamp(recording.created),
            "date_created": stamp(recording.created),
            "date_updated": stamp(recording.created),
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{account}/Recordings/{recording.sid}.json",
        }
