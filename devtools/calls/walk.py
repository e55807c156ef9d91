"""The real line under a story: the application itself, its database and its due work, and a phone
company whose time we move. The same story is the same to the last byte each time: ids and keys
follow from a counter, and one thing is done after the other."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aiohttp import ClientTimeout
from werkzeug.test import Client

from devtools.phone_company.calls import LOTS
from devtools.phone_company.company import Company
from devtools.phone_company.driver.office import Office
from devtools.phone_company.post.courier import Courier
from devtools.phone_company.post.webhook import Answer, Webhook
from service.fallback import refresh_fallback_file
from service.logging import start_logging
from store.work.jobs import ClaimedJob
from tests.stories.stage import ACCOUNT, LINE, Stage
from tests.web_app import web_app

NIGHT = dt.datetime(2026, 11, 23, 4, 42, tzinfo=dt.UTC)
"""A Monday, 05:42 in Amsterdam: the office is closed until nine."""

MORNING = dt.datetime(2026, 11, 23, 9, 42, tzinfo=dt.UTC)
"""The same day, 10:42: the desk is staffed."""

EVENING = dt.datetime(2026, 11, 23, 16, 59, tzinfo=dt.UTC)
"""The same day, 17:59: the desk closes in a minute."""


QUIET = logging.CRITICAL
"""A line without a database has much to say, and a story none of it."""

PUBLIC_URL = "https://line.example.org"


class WalkedLine(Stage):
    """The line of one story, which draws the same lots each time."""

    def __init__(self, office: Office, folder: Path, paper: str) -> None:
        """Open the line of this file."""
        self.turn = threading.Lock()
        super().__init__(office, folder, paper)
        service = replace(self.desk, seed=self.draw_lot)
        self.services = replace(self.services, call_service=service)
        self.desk = service
        self.app = web_app(self.services)
        self.job_context = replace(self.job_context, call_service=service)
        start_logging(QUIET)

    def draw_lot(self) -> bytes:
        """Return a seed that changes with each request to the carrier. The keys that an engineer
        hears stay the same when a menu before the first ring changes."""
        return b"lot %d" % len(self.office.requests)

    def open_door(self) -> str:
        """Return an address of the usual length, at which nobody listens."""
        return PUBLIC_URL

    def write_fallback(self) -> None:
        """Write the file that answers when nothing else can, as every process keeps it."""
        lines = self.desk.lines.list_lines()
        refresh_fallback_file(self.settings.fallback_file, lines, self.now())

    def do(self, job: ClaimedJob) -> None:
        """Do one job, and let all that it sets going come to rest before the next."""
        with self.turn:
            super().do(job)
        self.office.idle()


class ServedLine(WalkedLine):
    """A line that can also be reached at an address of this machine, as a drill does."""

    def open_door(self) -> str:
        """Listen at a free port."""
        url = Stage.open_door(self)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        serve = self.server.serve_forever
        self.serving = threading.Thread(target=serve, args=(0.05,), daemon=True)
        self.serving.start()
        return url

    def close(self) -> None:
        """Close the door, too."""
        self.server.shutdown()
        self.serving.join()
        self.server.server_close()
        super().close()


class Messenger(Courier):
    """Delivers webhooks to the application without a wire, one after the other."""

    def __init__(self, line: WalkedLine, company: Company) -> None:
        """Deliver to this line."""
        super().__init__(company)
        self._line = line
        self._one_by_one = ThreadPoolExecutor(1)

    async def close(self) -> None:
        """Let go of the thread."""
        self._one_by_one.shutdown()

    async def _exchange(
        self, webhook: Webhook, url: str, headers: dict[str, str], timeout: ClientTimeout
    ) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._one_by_one, self._ask, webhook, url, headers)

    def _ask(self, webhook: Webhook, url: str, headers: dict[str, str]) -> Answer:
        posts = webhook.method.upper() == "POST"
        door = self._line.settings.public_url
        path = url.removeprefix(door)
        with self._line.turn:
            answer = Client(self._line.app).open(
                path,
                base_url=door,
                method=webhook.method.upper(),
                data=webhook.params if posts else None,
                headers=headers,
            )
        kind = answer.headers.get("Content-Type", "")
        return Answer(answer.status_code, kind, answer.get_data(), url)


@contextmanager
def open_line(
    folder: Path, paper: str, begins: dt.datetime, kind: type[WalkedLine] = WalkedLine
) -> Iterator[WalkedLine]:
    """Open the phone company and the line at this moment, and close both."""
    draw, LOTS.draw = LOTS.draw, map("{:032x}".format, itertools.count(1)).__next__
    with Office(ACCOUNT, manual=True, start=begins) as office:
        line = kind(office, folder, paper)
        company = office._floor.company
        company.post._courier = Messenger(line, company)
        url = line.settings.public_url
        office.number(
            LINE,
            voice_url=f"{url}/voice/incoming",
            voice_fallback_url=f"{url}/voice/fallback",
            status_callback=f"{url}/voice/status",
            sms_url=f"{url}/sms/incoming",
        )
        line.write_fallback()
        try:
            yield line
        finally:
            LOTS.draw = draw
            line.close()
            start_logging(logging.WARNING)
