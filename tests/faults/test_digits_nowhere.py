"""PINs and other digits that callers type are in nothing that the real processes leave behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store.log.reports import Reports
from tests.kills.line_processes import PATIENCE, at_work, until
from tests.stories.conftest import PAPER
from tests.stories.stage import CONTRACT, JORIS, LAST_RESORT, LINE, PIETER, PIN, SANNE, STRANGER

TYPED = ("777888999", "135790", "246801", "98765", PIN)
"""A contract that is none, two wrong PINs, one that is not finished, and the right one."""

PEOPLE = re.compile(rb"pieter|jansen|bakkerij|sanne|joris|de vries|bakker", re.IGNORECASE)
NUMBERS = (PIETER, SANNE, JORIS, LAST_RESORT, STRANGER, CONTRACT)


@pytest.fixture
def works(tmp_path: Path):
    with at_work(tmp_path, PAPER, f"sqlite:///{tmp_path}/line.db") as works:
        yield works


def type_in(caller, *keys: str) -> None:
    """Press these, each once the answer to the one before has been heard."""
    for some in keys:
        caller.until_asked(timeout=PATIENCE)
        heard = len(caller.hears)
        caller.press(some)
        until(lambda heard=heard: len(caller.hears) > heard, "an answer")


def of(works, *names: str) -> dict[str, bytes]:
    """What lies in these files, by name; all of them when none is named."""
    files = [file for file in works.folder.rglob("*") if file.is_file()]
    return {file.name: file.read_bytes() for file in files if not names or file.name in names}


@pytest.mark.timeout(120)
def test_no_digits_are_kept_and_no_log_names_anybody(works) -> None:
    stranger = works.office.dial("anonymous", LINE)
    type_in(stranger, "1", "777888999#", "135790#")
    stranger.press("98765")
    stranger.hang_up()
    proven = works.office.dial(STRANGER, LINE)
    type_in(proven, "1", f"{CONTRACT}#", "246801#", f"{CONTRACT}#", f"{PIN}#", "1", "1")
    engineer = works.take(SANNE)
    assert proven.until_bridged(PATIENCE) == engineer.sid
    proven.hang_up()
    until(lambda: ends(works) >= 2, "both calls are over")
    works.kill("web")
    works.kill("clock")
    found = of(works)
    assert {"line.db", "line.db-wal", "fallback.json", "web.log", "worker.log"} <= set(found)
    assert any(b"rq:queue:jobs-" in data for data in found.values()), "Redis was read too"
    assert [(n, d) for n, data in found.items() for d in TYPED if d.encode() in data] == []
    logs = of(works, "web.log", "worker.log", "clock.log", "redis.log")
    assert b"decided" in logs["web.log"]
    assert [(n, PEOPLE.search(log)) for n, log in logs.items() if PEOPLE.search(log)] == []
    asked = " ".join(webhook["url"] for webhook in works.office.webhooks).encode()
    for name, text in (*logs.items(), ("addresses", asked)):
        assert [n for n in NUMBERS if n.removeprefix("+").encode() in text] == [], name
    assert PEOPLE.search(asked) is None


def ends(works) -> int:
    return sum(row["ended_at"] is not None for row in Reports(works.engine).calls())
