"""What answers of the console tell the browser, and that webhooks have nothing to do with it."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import request

from ivr_app import create_app
from ivr_app.console.page import needs
from ivr_app.webhooks.guard import admit_request
from settings import Settings
from store.db.deadlines import seconds_left
from store.people.accounts import Role


def with_settings(board, **changes):
    """An application of the same line with some settings changed."""
    settings = Settings.model_validate(board.settings.model_dump() | changes)
    return create_app(settings, replace(board, settings=settings))


def test_every_answer_keeps_others_out(signed_in):
    ruud = signed_in("manager")
    for path in ("/", "/sign_in", "/nowhere", "/static/console.css"):
        headers = ruud.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_pages_are_kept_nowhere_and_files_until_they_change(signed_in):
    ruud = signed_in("manager")
    assert ruud.get("/").headers["Cache-Control"] == "no-store"
    assert ruud.get("/static/nothing.css").headers["Cache-Control"] == "no-store"
    assert "max-age=31536000" in ruud.get("/static/console.css").headers["Cache-Control"]


def test_cookies_are_for_this_site_and_no_script(visit, board):
    visit.get("/sign_in")
    cookie = visit.client.get_cookie("console", path="/console")
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", False)


def test_over_https_cookies_stay_there_and_so_does_the_browser(board):
    app = with_settings(board, public_url="https://line.example")
    answer = app.test_client().get("/console/sign_in", base_url="https://line.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Secure-console=")
    assert "Secure" in cookie


def test_what_nobody_expected_has_a_page_too(app, signed_in):
    ruud, console = signed_in("manager"), app.extensions["console"].app
    console.testing = False
    console.view_functions["audit_log.show"] = needs(Role.VIEWER)(lambda: 1 / 0)
    answer = ruud.get("/audit_log")
    assert (answer.status_code, "Er ging iets mis" in answer.text) == (500, True)
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize("environment", ["sqlite"], indirect=True)
def test_without_a_database_the_page_says_so(app, board, signed_in):
    ruud = signed_in("manager")
    app.extensions["console"].app.testing = False
    board.engine.dispose()
    file = Path(board.engine.url.database)
    for part in file.parent.glob("line.db*"):
        part.unlink()
    file.mkdir()
    answer = ruud.get("/")
    assert (answer.status_code, "De database is er niet" in answer.text) == (503, True)


def test_a_webhook_meets_nothing_of_the_console(app):
    assert app.before_request_funcs == {None: [admit_request]}
    answer = app.test_client().post("/voice/incoming")
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert "Content-Security-Policy" not in answer.headers


def test_an_address_is_found_whatever_host_a_client_names(app):
    client = app.test_client()
    for host in ("", "[", "a b:c", "é", "x" * 300):
        environ = {"HTTP_HOST": host}
        assert client.get("/healthz", environ_overrides=environ).status_code == 200
        assert client.post("/voice/incoming", environ_overrides=environ).status_code == 403
        assert client.get("/no/such", environ_overrides=environ).status_code == 404
        assert client.put("/healthz", environ_overrides=environ).status_code == 405
        assert client.options("/healthz", environ_overrides=environ).headers["Allow"]


def test_how_long_a_webhook_may_take_is_no_limit_of_a_page(app):
    assert app.test_client().post("/voice/incoming").status_code == 403
    assert seconds_left() is None


def test_the_console_is_not_built_for_webhooks(board):
    app = create_app(board.settings, board)
    app.test_client().post("/voice/incoming")
    assert app.extensions["console"]._app is None
    app.test_client().get("/console/sign_in")
    assert app.extensions["console"]._app is not None


def test_an_address_that_only_begins_like_a_console_is_none(board):
    app = create_app(board.settings, board)
    for path in ("/consolex", "/console.", "/portals/a", "/api/v10", "/api/v", "/"):
        assert app.test_client().get(path).status_code == 404
    assert [app.extensions[name]._app for name in ("console", "portal", "api")] == [None] * 3


def test_an_address_of_another_application_is_its_own(app):
    for path in ("/console", "/portal", "/api/v1", "/api/v1/", "/console//sign_in"):
        answer = app.test_client().get(path)
        assert answer.status_code < 500
        assert answer.content_type.split(";")[0] in ("text/html", "application/problem+json")


def test_by_its_proxy_an_address_is_known_only_where_that_is_set(board):
    def seen(proxies):
        app = with_settings(board, console_proxies=proxies)
        console, found = app.extensions["console"].app, []
        console.before_request(lambda: found.append(request.remote_addr))
        app.test_client().get("/console/sign_in", headers={"X-Forwarded-For": "10.9.9.9, 10.1.1.1"})
        return found

    assert (seen(0), seen(1), seen(2)) == (["127.0.0.1"], ["10.1.1.1"], ["10.9.9.9"])
