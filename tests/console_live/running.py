"""The sample line with every process of the Procfile, with calls, and an admin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from devtools.demo.hours import write_line
from devtools.processes import HOUSE
from service.bootstrap import now
from settings import read_settings
from tests.console_live import calls, history
from tests.ivr_app.console.contracts.conftest import SAMPLE, take_in
from tests.kills.line_processes import Works, at_work

NAME, PASSWORD = "anna", "vier warme broodjes"


@dataclass(frozen=True)
class Live:
    """A running line; ``once`` is the one-time password of Anna."""

    works: Works
    once: str

    @property
    def console(self) -> str:
        """The address of the console."""
        return f"{self.works.environment['PUBLIC_URL']}/console"

    def sign_in(self, page: Page) -> None:
        """Sign in as Anna for the first time, and choose a password."""
        page.goto(self.console)
        page.get_by_label("Naam").fill(NAME)
        page.get_by_label("Wachtwoord").fill(self.once)
        page.get_by_role("button", name="Aanmelden", exact=True).click()
        page.get_by_label("Huidig wachtwoord").fill(self.once)
        page.get_by_label("Nieuw wachtwoord").fill(PASSWORD)
        page.get_by_role("button", name="Bewaren").click()
        page.wait_for_url(f"{self.console}/")


class MailWorks(Works):
    """A line that reads mail: only then does the console have a page for it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.environment |= {"MAIL_FROM": "line@example.org", "MAIL_FORM_KEY": "a key of the walk"}
        self.settings = read_settings(self.environment)


@contextmanager
def live(folder: Path, database_url: str) -> Iterator[Live]:
    """Start the line and its calls, and add Anna as an admin with the engineer Sanne."""
    file = write_line(folder, now().date(), {}).read_text("utf-8")
    with at_work(folder, file, database_url, MailWorks) as works, ThreadPoolExecutor() as pool:
        added = pool.submit(_add_admin, works)
        take_in(works.engine, works.settings.pin_pepper, SAMPLE, now())
        history.write(works.engine, "main", now())
        calls.begin(works.office)
        yield Live(works, added.result())


def _add_admin(works: Works) -> str:
    """Add the account by the command line; return its one-time password."""
    command = ("user", "add", NAME, "--role", "admin", "--engineer", "sanne")
    done = subprocess.run(
        [sys.executable, "-m", "ivr_app.cli", *command],
        cwd=HOUSE,
        env=os.environ | works.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]
