"""One set of processes for all tests of the portal."""

from __future__ import annotations

import shutil

import pytest

from tests.portal_live.running import live


@pytest.fixture(scope="session")
def line(migrated_file, tmp_path_factory):
    """The sample line, with its office open."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copy(migrated_file, folder / "line.db")
    with live(folder, f"sqlite:///{folder}/line.db") as running:
        yield running
