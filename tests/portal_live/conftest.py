"""One set of processes for all tests of the portal in a browser."""

from __future__ import annotations

import shutil

import pytest

from tests.chromium import PATIENCE
from tests.portal_live.running import live


@pytest.fixture(scope="session")
def line(migrated_file, tmp_path_factory):
    """The running line."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copy(migrated_file, folder / "line.db")
    with live(folder, f"sqlite:///{folder}/line.db") as running:
        yield running


@pytest.fixture
def window(browser):
    """Open windows, each of a browser of its own: ``window("nl", 360)``. An error in the console of
    one fails the test, also one of the content security policy."""
    contexts, complaints = [], []

    def complain(message) -> None:
        if message.type == "error" and "status of 404" not in message.text:
            complaints.append(message.text)

    def open_window(language="nl", width=1280, *, scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale=language,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", complain)
        context.on("weberror", lambda it: complaints.append(str(it.error)))
        contexts.append(context)
        return context

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []
