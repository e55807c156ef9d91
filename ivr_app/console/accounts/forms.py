"""What an admin fills in about somebody, and the people of the rotas whom they may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from ivr_app.console.form import Form
from ivr_app.console.viewer import lines
from ivr_app.console.words import LANGUAGES
from ivr_app.hiring import Post
from routing.line import Line
from store.staff.account import Account, Role

LONGEST_NAME = 80
BETWEEN = " "
"""No id of a line or an engineer has one."""


def _tongue(wanted: str) -> str:
    if wanted and wanted not in LANGUAGES:
        raise ValueError("console.mistake.wrong")
    return wanted


def _on_a_rota(wanted: str) -> str:
    if wanted and wanted not in dict(posts(lines())):
        raise ValueError("accounts.no_such_engineer")
    return wanted


class Tied(Form):
    """Who somebody is on the rota; nobody where it is left empty."""

    engineer: Annotated[str, AfterValidator(_on_a_rota)] = ""

    @property
    def post(self) -> Post | None:
        """The line and the engineer."""
        line, _, engineer = self.engineer.partition(BETWEEN)
        return (line, engineer) if engineer else None


class Appointed(Form):
    """What somebody may do."""

    role: Role


class Newcomer(Tied, Appointed):
    """Somebody who is let in."""

    name: Annotated[str, StringConstraints(min_length=1), Field(max_length=LONGEST_NAME)]
    language: Annotated[str, AfterValidator(_tongue)] = ""

    def account(self) -> Account:
        """Their account, as it is asked for."""
        line, engineer = self.post or (None, None)
        language = self.language or None
        return Account(0, self.name, self.role, line=line, engineer=engineer, language=language)


def posts(of: Sequence[Line]) -> list[tuple[str, str]]:
    """Everybody on a rota, as a form has them and as they are called; with the line where there are
    several."""
    several = len(of) > 1
    return [
        (f"{line.id}{BETWEEN}{one.id}", f"{one.name}, {line.name}" if several else one.name)
        for line in of
        for one in line.engineers
    ]


def post_of(account: Account) -> str:
    """Who somebody is on the rota, as a form has it."""
    return f"{account.line}{BETWEEN}{account.engineer}" if account.engineer else ""


def on_rota(account: Account, known: Sequence[tuple[str, str]]) -> str | None:
    """Who somebody is on the rota, by name; by id where the rota knows them no more."""
    return dict(known).get(post_of(account), account.engineer)
