"""What every page of the portal tells the browser, and what it says when something is wrong."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ivr_app import create_app
from settings import Settings
from tests.ivr_app.portal.conftest import SMIT, change_contract

PAGES = ("/", "/company/", "/sign-in/", "/nowhere", "/shared/base.css", "/static/portal.css")


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_keeps_others_out(karin, path):
    headers = karin.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", PAGES[:3])
def test_pages_are_kept_nowhere_and_have_no_inline_script(karin, path):
    answer = karin.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=", answer.text) == []


def test_the_cookie_is_for_the_portal_alone(customer, board):
    visit = customer()
    visit.get("/sign-in")
    cookie = visit.client.get_cookie("portal", path="/portal")
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    told = board.settings.model_dump() | {"public_url": "https://line.example"}
    settings = Settings.model_validate(told)
    secure = create_app(settings, replace(board, settings=settings)).test_client()
    answer = secure.get("/portal/sign-in", base_url="https://line.example", follow_redirects=True)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Secure-portal=")
    assert ("Secure" in cookie, "Path=/portal" in cookie) == (True, True)


@pytest.mark.parametrize("environment", ["sqlite"], indirect=True)
def test_without_a_database_the_page_says_so_and_names_the_telephone_line(karin, portal, board):
    portal.testing = False
    board.engine.dispose()
    file = Path(board.engine.url.database)
    for part in file.parent.glob("line.db*"):
        part.unlink()
    file.mkdir()
    answer = karin.get("/")
    assert (answer.status_code, "even niet bereikbaar" in answer.text) == (503, True)
    assert "bel als het niet kan wachten" in answer.text


def test_what_nobody_expected_has_a_page_that_tells_nothing(karin, portal):
    portal.testing = False
    view = portal.view_functions["company.show"]

    def broken():
        raise RuntimeError("a secret of Noord")

    broken.__needs__ = view.__needs__
    portal.view_functions["company.show"] = broken
    answer = karin.get("/company/")
    assert (answer.status_code, "Er ging iets mis" in answer.text) == (500, True)
    assert "RuntimeError" not in answer.text


def test_names_are_written_as_text(customer, board):
    change_contract(board, SMIT, customer="<script>alert(1)</script>")
    page = customer().come_in(board, SMIT, "Joost Smit").get("/company/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_stranger_may_send_little(customer):
    answer = customer().post("/sign-in", address="x" * 100_000)
    assert answer.status_code == 413
