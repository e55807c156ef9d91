"""Another host, which keeps the documents that are put there and gives them to the carrier."""

from __future__ import annotations

import secrets

from aiohttp import web

from devtools.processes import LOOPBACK


class Spare:
    """Static files by path; never killed, because it is somebody else's."""

    def __init__(self) -> None:
        """Empty."""
        self.url = ""
        self.files: dict[str, bytes] = {}
        app = web.Application()
        app.router.add_put("/{path:.*}", self._put)
        app.router.add_get("/{path:.*}", self._get)
        app.router.add_post("/{path:.*}", self._get)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)

    async def open(self) -> str:
        """Listen, and give back the address that nobody can guess."""
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{LOOPBACK}:{port}/{secrets.token_hex(16)}.xml"
        return self.url

    async def close(self) -> None:
        """Gone."""
        await self._runner.cleanup()

    async def _put(self, request: web.Request) -> web.Response:
        self.files[request.path] = await request.read()
        return web.Response(status=201)

    async def _get(self, request: web.Request) -> web.Response:
        found = self.files.get(request.path)
        status = 404 if found is None else 200
        return web.Response(status=status, body=found or b"", content_type="text/xml")
