"""Tables fit the terminal; what is piped to a program or a file stays as it is."""

import os
import pty
import subprocess
import sys

import pytest

from ivr_app.cli.context import print_table

HEAD = ("at", "event", "reason")
ROW = ("12:00:00", "rings", "nobody on call speaks the language of the caller, so all are rung")
PRINT = f"from ivr_app.cli.context import print_table; print_table({HEAD}, [{ROW}])"


def on_terminal(columns):
    """The lines that a terminal of this width shows."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "LINES": "24"}
    subprocess.run([sys.executable, "-c", PRINT], stdout=theirs, env=environment, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    return shown.splitlines()


def test_a_pipe_gets_whole_rows(capsys):
    print_table(HEAD, [ROW])
    assert capsys.readouterr().out.splitlines()[1] == "  ".join(ROW)


@pytest.mark.parametrize("columns", [40, 50, 78])
def test_a_long_cell_continues_below_in_its_column(columns):
    lines = on_terminal(columns)
    assert max(map(len, lines)) <= columns
    assert len(lines) > 2
    assert " ".join(" ".join(lines[1:]).split()) == "  ".join(ROW).replace("  ", " ")


def test_a_terminal_that_is_wide_enough_shows_rows():
    assert on_terminal(200)[1] == "  ".join(ROW)


def test_columns_too_narrow_to_read_become_records():
    assert on_terminal(24)[:2] == ["at      12:00:00", "event   rings"]
