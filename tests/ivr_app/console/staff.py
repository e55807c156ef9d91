"""The people of the console in tests: one of each role, and how they sign in."""

from __future__ import annotations

import re
from functools import cache

from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from service.bootstrap import now
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry
from store.people.hashing import Passwords

PASSWORD = "vier warme broodjes"
PEPPER = "a pepper of the tests"
NAMES = {
    Role.VIEWER: "mila",
    Role.ENGINEER: "sanne",
    Role.MANAGER: "ruud",
    Role.ADMIN: "anna",
}


@cache
def kept() -> str:
    """The hash of everybody's password, made once because that is slow on purpose."""
    return Passwords(PEPPER).hash(PASSWORD)


def hire(engine: Engine, role: Role, **values) -> Account:
    """Give somebody of this role a way in; Sanne is the engineer of that name."""
    known = {"line": "main", "engineer": "sanne"} if role is Role.ENGINEER else {}
    person = {"id": 0, "name": NAMES[role], "role": role, "password_hash": kept()}
    deed = AuditEntry(now(), "root", "cli", "accounts.add")
    return Accounts(engine).add(Account(**person | known | values), deed)


class Visit:
    """A browser without a screen: asks for pages below /console, and sends forms that are ours."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._token: str | None = None

    def get(self, path: str = "/", **given) -> TestResponse:
        return self.client.get(f"/console{path}", **given)

    def post(self, path: str, *, headers=None, **fields) -> TestResponse:
        fields.setdefault("csrf_token", self.token())
        return self.client.post(f"/console{path}", data=fields, headers=headers)

    def token(self) -> str:
        """The proof that a form is ours, as any page has it."""
        if self._token is None:
            pages = (self.get(path).text for path in ("/profile/password", "/sign_in"))
            self._token = next(filter(None, map(token_of, pages)))
        return self._token or ""

    def sign_in(self, name: str, password: str = PASSWORD, **more) -> TestResponse:
        self._token = None
        answer = self.post("/sign_in", name=name, password=password, **more)
        self._token = None
        return answer


def token_of(page: str) -> str | None:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found and found[1]
