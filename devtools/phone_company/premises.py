"""The company's premises: one port for REST and back office, of loopback unless told so."""

from aiohttp import web

from devtools.phone_company.company import Company
from devtools.phone_company.control.calls import CallsControl
from devtools.phone_company.control.conditions import ConditionsControl
from devtools.phone_company.control.logs import LogsControl
from devtools.phone_company.control.phones import PhonesControl
from devtools.phone_company.rest.app import door, rest_routes

LOOPBACK = "127.0.0.1"


class Premises:
    """Opens the company's door and closes it."""

    def __init__(self, company: Company) -> None:
        """Lay out the rooms behind the door."""
        self._company = company
        app = web.Application(middlewares=[door(company)])
        app.add_routes(rest_routes(company))
        for control in (CallsControl, PhonesControl, ConditionsControl, LogsControl):
            app.add_routes(control(company).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def open(self, port: int = 0, host: str = LOOPBACK) -> str:
        """Listen, on a free port unless one is given, and return the address."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0][1]
        self._company.url = f"http://{host}:{bound}"
        return self._company.url

    async def close(self) -> None:
        """End every call, then every connection."""
        await self._company.close()
        await self._runner.cleanup()
