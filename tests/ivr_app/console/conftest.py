"""The console of a line that is applied: visited in this process, and looked at in a browser."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import pytest
import requests
from playwright.sync_api import Page

from config.line import parse_line_file
from service.bootstrap import build_services, now
from settings import read_settings
from store.db.engine import open_engine
from store.people.accounts import Role
from store.people.hashing import Argon2PinVerifier
from store.people.lines import apply_line
from store.work.redis_client import NoJobNotifier
from tests.chromium import PATIENCE, no_serious_findings
from tests.conftest import DATABASES, fresh_database
from tests.ivr_app.cli.conftest import PAPER
from tests.ivr_app.console.staff import NAMES, PASSWORD, PEPPER, Visit, hire, token_of
from tests.ivr_app.console.web_process import web_running
from tests.web_app import web_app

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
def read():
    """The papers, read once: to hash a PIN takes its time."""
    return parse_line_file(PAPER, Argon2PinVerifier(PEPPER).hash)


@pytest.fixture(scope="session")
def applied_file(migrated_file, tmp_path_factory, read):
    """A database with the line of the papers, to be copied."""
    file = tmp_path_factory.mktemp("console") / "line.db"
    shutil.copy(migrated_file, file)
    with opened(f"sqlite:///{file}") as engine:
        apply_line(engine, read.line, read.contracts, now())
    return file


@contextmanager
def opened(url):
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(params=DATABASES)
def environment(request, tmp_path, applied_file, read):
    """What the web process is told, on a database of each kind; Redis and the carrier are away."""
    told = environment_of(tmp_path)
    if request.param == "sqlite":
        shutil.copy(applied_file, tmp_path / "line.db")
        return told
    told["DATABASE_URL"] = fresh_database(request.param, request, tmp_path)
    with opened(told["DATABASE_URL"]) as engine:
        apply_line(engine, read.line, read.contracts, now())
    return told


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
    made = build_services(read_settings(environment), NoJobNotifier(), clock)
    yield made
    made.engine.dispose()


@pytest.fixture
def app(board):
    made = web_app(board)
    made.extensions["console"].app.testing = True  # what is not expected fails the test
    return made


@pytest.fixture
def visit(app):
    """Somebody at the door."""
    return Visit(app.test_client())


@pytest.fixture
def signed_in(app, board):
    """Somebody of this role, signed in: ``signed_in("manager").get("/audit_log")``."""
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
    with opened(f"sqlite:///{folder}/line.db") as engine:
        for role in Role:
            hire(engine, role)
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
    """Look at a page as somebody of a role: ``look("manager", "/audit_log", "nl", 360)``. Whatever
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
            door = session.get(f"{url}/console/sign_in", headers={"Accept-Language": language})
            path = "/console/sign_in/language" if "language" in form else "/console/sign_in"
            answer = session.post(f"{url}{path}", form | {"csrf_token": token_of(door.text)})
            assert answer.ok, answer.text
        return [
            {"name": it.name, "value": it.value, "domain": "127.0.0.1", "path": it.path}
            for it in session.cookies
        ]
