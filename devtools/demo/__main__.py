"""Start the demo, print each process and the addresses to visit, and end all of it together."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from devtools.demo.cast import read_cast
from devtools.demo.company import BackOffice, News
from devtools.demo.hours import write_line
from devtools.demo.logbook import Logbook
from devtools.demo.mailroom import Mailroom, write_certificate
from devtools.demo.opening import opened, say
from devtools.demo.picture import Painter
from devtools.demo.server import Server
from devtools.demo.site import Site, choose_site
from devtools.demo.terminal import write_command
from devtools.processes import WorksError

_IMPATIENT: dict[str, Any] = {"shutdown_timeout": 0.2, "handler_cancellation": True}
"""A page that was closed asks for no more pictures."""


async def show(site: Site, file: Path) -> None:
    """Everything in its order, until it is cancelled."""
    cast = read_cast(file)
    write_certificate(site.certificate, site.certificate_key)
    async with opened(site, cast.line, file) as crew, ClientSession() as session:
        office = BackOffice(site.company_url, session)
        news = News(office)
        mailroom = Mailroom(site)
        post = await mailroom.open()
        logbook = Logbook(site.database_url, cast)
        painter = Painter(cast, office, logbook, mailroom, crew)
        write_command(site)
        runner = await _serve(site, Server(site, cast, office, painter, news))
        say(f"Portal:  {site.line_url}/portal/ (sign in as a customer; the page shows the code)")
        say(f"Console: {site.line_url}/console/ (sign in as {site.visitor}, {site.password})")
        say(f"Page:    {site.page_url} (Ctrl-C ends the demo)")
        try:
            await news.follow()
        finally:
            post.close()
            await runner.cleanup()


async def _serve(site: Site, server: Server) -> web.AppRunner:
    runner = web.AppRunner(server.application(), access_log=None, **_IMPATIENT)
    await runner.setup()
    await web.SockSite(runner, site.door).start()
    return runner


async def run(site: Site, file: Path) -> None:
    """Show until Ctrl-C, a polite kill, or the end of the terminal; at any moment of it."""
    showing = asyncio.create_task(show(site, file))

    def end() -> None:
        if not showing.cancelling():  # asked twice, it ends no less tidily
            showing.cancel()

    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(ending, end)
    with suppress(asyncio.CancelledError):
        await showing


def main() -> None:
    """One demo, of the sample or of the file that is named; a fault is one sentence, and then the
    logs stay to be read."""
    try:
        site = choose_site()
        if sys.argv[1:]:
            file = Path(sys.argv[1]).resolve()
        else:
            file = write_line(site.folder, dt.datetime.now(dt.UTC).date())
        asyncio.run(run(site, file))
    except WorksError as error:
        sys.exit(str(error))
    site.clear()


if __name__ == "__main__":
    main()
