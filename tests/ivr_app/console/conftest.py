"""The console of a line that is applied: visited in this process, and looked at in a browser."""

from __future__ import annotations

import shutil

import pytest
import requests
from playwright.sync_api import Page

from ivr_app import create_app
from plan.paper import read_paper
from settings import read_settings
from store.apply import apply
from store.bell import NoBell
from store.engine import open_engine
from store.pins import Argon2Locksmith
from store.staff.account import Role
from switchboard import connect, now
from tests.chromium import PATIENCE, no_serious_findings
from tests.ivr_app.cli.conftest import PAPER
from tests.ivr_app.console.running import web_running
from tests.ivr_app.console.staff import NAMES, PASSWORD, PEPPER, Visit, hire, token_of

LANGUAGES = ("nl", "en")
WIDTHS = {"nl": (1280, 360), "en": (360, 1280)}
"""A telephone and a screen, in pixels; the last one is where each language is looked at closely."""


def fits_and_keeps_nobody_out(page: Page, language: str) -> None:
    """On a telephone and on a screen nothing is wider than it, and axe finds nothing serious."""
    for width in WIDTHS[language]:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    no_serious_findings(page)


@pytest.fixture(scope="session")
def applied_file(migrated_file, tmp_path_factory):
    """A database with the line of the papers, to be copied."""
    file = tmp_path_factory.mktemp("console") / "line.db"
    shutil.copy(migrated_file, file)
    engine = open_engine(f"sqlite:///{file}")
    read = read_paper(PAPER, Argon2Locksmith(PEPPER).hash)
    apply(engine, read.line, read.contracts, now())
    engine.dispose()
    return file


@pytest.fixture
def environment(tmp_path, applied_file):
    """What the web process is told; Redis and the carrier are away."""
    shutil.copy(applied_file, tmp_path / "line.db")
    return environment_of(tmp_path)


def environment_of(folder, redis="redis://127.0.0.1:1/0"):
    return {
        "DATABASE_URL": f"sqlite:///{folder}/line.db",
        "REDIS_URL": redis,
        "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
        "TWILIO_AUTH_TOKEN": "t0ken",
        "TWILIO_API_URL": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://localhost",
        "SECRET_KEY": "a secret of the console",
        "PIN_PEPPER": PEPPER,
        "FALLBACK_FILE": f"{folder}/fallback.json",
        "MEDIA_DIR": f"{folder}/media",
    }


@pytest.fixture
def board(environment, clock):
    """The switchboard behind the console; its clock goes only when told to."""
    made = connect(read_settings(environment), NoBell(), clock)
    yield made
    made.engine.dispose()


@pytest.fixture
def app(board):
    made = create_app(board.settings, board)
    made.extensions["console"].app.testing = True  # what is not expected fails the test
    return made


@pytest.fixture
def visit(app):
    """Somebody at the door."""
    return Visit(app.test_client())


@pytest.fixture
def signed_in(app, board):
    """Somebody of this role, signed in: ``signed_in("manager").get("/changes")``."""
    hired = set()

    def come_in(role, **values):
        if role not in hired:
            hire(board.engine, Role(role), **values)
            hired.add(role)
        somebody = Visit(app.test_client())
        answer = somebody.sign_in(values.get("name", NAMES[Role(role)]))
        assert answer.status_code == 302, answer.text
        return somebody

    return come_in


@pytest.fixture(scope="session")
def web(applied_file, tmp_path_factory, redis_server_url):
    """A real web process with somebody of each role; the tests of a session share it."""
    folder = tmp_path_factory.mktemp("web")
    shutil.copy(applied_file, folder / "line.db")
    engine = open_engine(f"sqlite:///{folder}/line.db")
    for role in Role:
        hire(engine, role)
    engine.dispose()
    with web_running(environment_of(folder, redis_server_url)) as running:
        yield running


@pytest.fixture(scope="session")
def keys(web):
    """The cookies of somebody of each role and language, signed in when first asked for."""
    known = {}

    def of(role, language):
        if (role, language) not in known:
            known[role, language] = _sign_in(web.url, NAMES[Role(role)], language)
        return known[role, language]

    return of


@pytest.fixture
def look(web, browser, keys):
    """Look at a page as somebody of a role: ``look("manager", "/changes", "nl", 360)``. Whatever
    the browser complains about fails the test."""
    contexts, complaints = [], []

    def at(role, path="/", language="nl", width=1280) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, color_scheme="light"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if role is not None:
            context.add_cookies(keys(role, language))
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda it: complaints.append(it.text) if it.type == "error" else None)
        page.goto(f"{web.url}/console{path}")
        return page

    yield at
    for context in contexts:
        context.close()
    assert complaints == []


def _sign_in(url, name, language):
    with requests.Session() as session:
        for form in ({"language": language}, {"name": name, "password": PASSWORD}):
            door = session.get(f"{url}/console/door", headers={"Accept-Language": language})
            path = "/console/door/language" if "language" in form else "/console/door"
            answer = session.post(f"{url}{path}", form | {"csrf_token": token_of(door.text)})
            assert answer.ok, answer.text
        return [
            {"name": it.name, "value": it.value, "domain": "127.0.0.1", "path": it.path}
            for it in session.cookies
        ]
