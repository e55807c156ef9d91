"""README names every command, and every word that an engineer can text."""

import re
from pathlib import Path

import click
import pytest

from ivr_app.cli import COMMANDS
from routing.incidents.text_commands import WORDS

README = Path("README.md").read_text("utf-8")
CODE = re.findall(r"`([^`\n]+)`", README)


def names(command, above=()):
    """The words that are typed for a command and for those below it."""
    path = (*above, command.name)
    yield path
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from names(inner, path)


@pytest.mark.parametrize("path", [path for command in COMMANDS for path in names(command)])
def test_each_command_stands_in_the_readme(path):
    if path[0] == "incident":
        typed = [row for row in README.splitlines() if row.startswith("| `incident 1042")]
        assert any(f"`{path[-1]}" in row or f" {path[-1]}" in row for row in typed)
    else:
        assert any(code.split()[: len(path)] == list(path) for code in CODE)


def test_each_command_stands_in_one_row_of_the_tables():
    tables = README.partition("operators: commands\n")[2].partition("\n## ")[0]
    first = re.findall(r"^\| (`[^|]*`) \|", tables, re.MULTILINE)
    assert len(first) > 20
    typed = [code for cell in first for code in re.findall(r"`([^`]+)`", cell)]
    assert [code for code in typed if typed.count(code) > 1] == []


@pytest.mark.parametrize("word", WORDS)
def test_each_word_that_can_be_texted_stands_in_the_readme(word):
    assert any(word in code.split() for code in CODE)
