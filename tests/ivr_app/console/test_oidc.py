"""Signing in at an OpenID Connect provider."""

from dataclasses import replace
from html import unescape
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from carrier.outbound import BREAKERS, MAX_LATE
from ivr_app import create_app
from ivr_app.console.oidc import find_role, list_roles
from ivr_app.web.openid import find_claim
from settings import Settings, read_settings
from store.people.accounts import Accounts, Role
from store.people.audit import AuditLog
from tests.ivr_app.console.oidc_provider import CLIENT, SECRET, provider_running
from tests.ivr_app.console.staff import Visit, hire
from tests.slow_services import endless_body, endless_head, slow
from tests.web_app import web_app


@pytest.fixture
def provider():
    with provider_running() as running:
        yield running


@pytest.fixture
def app(board, provider):
    told = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    settings = Settings.model_validate(board.settings.model_dump() | told)
    made = web_app(replace(board, settings=settings))
    made.extensions["console"].app.testing = True
    return made


def come_back(visit, path="/sign_in/elsewhere", alter=lambda query: query):
    """Go to the provider and come back, with what it gave changed on the way."""
    there = visit.get(path)
    assert there.status_code == 302, there.text
    back = urlsplit(
        requests.get(there.location, allow_redirects=False, timeout=5).headers["Location"]
    )
    assert f"{back.scheme}://{back.netloc}" == "http://localhost"
    return visit.get(f"{back.path.removeprefix('/console')}?{alter(back.query)}")


def test_on_the_first_visit_an_account_is_made_in_the_role_that_is_told(visit, board):
    assert "Aanmelden met uw organisatie" in visit.get("/sign_in").text
    answer = come_back(visit, "/sign_in/elsewhere?next=/console/audit_log")
    assert answer.location == "/console/audit_log"
    assert visit.get("/audit_log").status_code == 200
    made = Accounts(board.engine).named("ruud")
    assert (made.role, made.password_hash) == (Role.MANAGER, None)
    assert [row.entry.action for row in AuditLog(board.engine).page()] == ["oidc.first"]


def test_whoever_comes_again_is_the_same_and_in_the_role_of_today(visit, board, provider):
    come_back(visit)
    provider.claims |= {"roles": "viewer", "preferred_username": "rudolf"}
    come_back(visit)
    assert [(one.name, one.role) for one in Accounts(board.engine).all()] == [("ruud", Role.VIEWER)]
    assert visit.get("/audit_log").status_code == 403


def test_an_account_without_a_password_opens_with_none(visit):
    come_back(visit)
    visit.post("/sign_in/out")
    for password in ("", "None"):
        assert visit.sign_in("ruud", password).status_code == 403


@pytest.mark.parametrize("told", [None, [], "staff", ["Manager"], 7])
def test_without_a_role_nobody_comes_in(visit, board, provider, told):
    provider.claims["roles"] = told
    answer = come_back(visit)
    assert (answer.status_code, 'data-reason="no_role"' in answer.text) == (403, True)
    assert Accounts(board.engine).all() == []


def test_nobody_becomes_somebody_else_by_a_name(visit, board):
    ruud = hire(board.engine, Role.MANAGER)
    answer = come_back(visit)
    assert (answer.status_code, 'data-reason="name_taken"' in answer.text) == (403, True)
    assert Accounts(board.engine).named("ruud") == ruud


LIES = {
    "another issuer": {"iss": "https://evil.example"},
    "for another": {"aud": "another client"},
    "too old": {"iat": 1, "exp": 1000},
    "for another browser": {"nonce": "stolen"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_proof_that_does_not_hold_opens_nothing(visit, provider, lie):
    provider.claims |= LIES[lie]
    answer = come_back(visit)
    assert (answer.status_code, 'data-reason="away"' in answer.text) == (403, True)
    assert visit.get("/").status_code == 302


def test_a_proof_signed_by_another_opens_nothing(visit, provider):
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert come_back(visit).status_code == 403


def test_a_provider_that_calls_itself_otherwise_is_not_ours(visit, provider):
    provider.issuer = "https://evil.example"
    assert visit.get("/sign_in/elsewhere").status_code == 403


def test_what_another_browser_was_given_opens_nothing(visit, app):
    attacker = Visit(app.test_client())
    given = []
    come_back(attacker, alter=lambda query: given.append(query) or "code=x&state=y")
    assert visit.get(f"/sign_in/elsewhere/back?{given[0]}").status_code == 403
    assert visit.get("/").status_code == 302


def test_a_provider_that_is_away_is_told_and_the_password_still_opens(visit, board, provider):
    hire(board.engine, Role.VIEWER)
    provider.stop()
    assert visit.get("/sign_in/elsewhere").status_code == 403
    assert visit.sign_in("mila").status_code == 302


@pytest.mark.parametrize("pieces", [None, endless_head, endless_body])
@pytest.mark.parametrize("path", ["/sign_in/elsewhere", "/sign_in/elsewhere/back?code=x&state=y"])
def test_a_provider_that_lets_us_wait_is_away_after_its_time(board, monkeypatch, pieces, path):
    module = import_module("ivr_app.web.openid")
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.3)
    with slow(pieces) as service:
        told = {"oidc_issuer": service.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        settings = Settings.model_validate(board.settings.model_dump() | told)
        made = web_app(replace(board, settings=settings))
        made.extensions["console"].app.testing = True
        visit = Visit(made.test_client())
        for _ in range(MAX_LATE + 1):
            answer = visit.get(path)
            assert (answer.status_code, 'data-reason="away"' in answer.text) == (403, True)
        assert BREAKERS.opened() == (module.SERVICE,)


def test_where_no_provider_is_set_there_is_no_such_door(board):
    plain = Visit(create_app(board.settings, board).test_client())
    assert "Aanmelden met uw organisatie" not in plain.get("/sign_in").text
    assert plain.get("/sign_in/elsewhere").status_code == 404
    assert plain.get("/sign_in/elsewhere/back").status_code == 404


def allowed(app, **changes):
    """The same console with other settings."""
    board = app.extensions["services"]
    settings = Settings.model_validate(board.settings.model_dump() | changes)
    made = web_app(replace(board, settings=settings))
    made.extensions["console"].app.testing = True
    return Visit(made.test_client())


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["offline", "manager"]}}),
        ("resource_access.line.roles", {"resource_access": {"line": {"roles": "manager"}}}),
        ("https://example.org/roles", {"https://example.org/roles": ["manager"]}),
        ("project:roles", {"project:roles": {"manager": {"271": "example.org"}}}),
        ("roles", {"roles": "viewer,manager"}),
    ],
)
def test_a_role_is_found_in_each_spelling_of_the_providers(app, board, provider, claim, told):
    del provider.claims["roles"]
    provider.claims |= told
    come_back(allowed(app, oidc_role_claim=claim))
    assert Accounts(board.engine).named("ruud").role is Role.MANAGER


def test_what_the_proof_does_not_say_is_asked_of_userinfo(visit, board, provider):
    provider.claims = {"sub": "4711"}
    provider.userinfo = {"sub": "4711", "roles": ["engineer"], "preferred_username": "Ruud"}
    come_back(visit)
    assert Accounts(board.engine).named("ruud").role is Role.ENGINEER


def test_userinfo_about_somebody_else_opens_nothing(visit, board, provider):
    provider.claims = {"sub": "4711", "preferred_username": "Ruud"}
    provider.userinfo = {"sub": "1", "roles": ["admin"]}
    assert 'data-reason="away"' in come_back(visit).text
    assert Accounts(board.engine).all() == []


def test_words_of_the_provider_mean_roles_of_ours(app, board, provider):
    named = {"oidc_roles": "CN=Duty Managers,OU=Groups=manager; On Call=engineer"}
    provider.claims["roles"] = ["On Call", "CN=Duty Managers,OU=Groups", "admin"]
    come_back(allowed(app, **named))
    assert Accounts(board.engine).named("ruud").role is Role.MANAGER
    provider.claims["roles"] = "On Call"
    come_back(allowed(app, **named))
    assert Accounts(board.engine).named("ruud").role is Role.ENGINEER


def test_whoever_is_refused_is_signed_in_nowhere_any_more(visit, app, provider):
    elsewhere = Visit(app.test_client())
    for one in (visit, elsewhere):
        come_back(one)
        assert one.get("/audit_log").status_code == 200
    provider.claims["roles"] = []
    assert come_back(visit).status_code == 403
    assert [one.get("/audit_log").status_code for one in (visit, elsewhere)] == [302, 302]


def test_a_proof_that_does_not_hold_ends_nothing(visit, provider):
    """Or any page could sign somebody out with an address of ours."""
    come_back(visit)
    assert visit.get("/sign_in/elsewhere/back?code=x&state=y").status_code == 403
    assert visit.get("/audit_log").status_code == 200


def test_signing_out_goes_on_to_the_provider(visit, provider):
    provider.signs_out = True
    come_back(visit)
    answer = visit.post("/sign_in/out")
    assert answer.location == "/console/sign_in/elsewhere/out"
    assert visit.get("/audit_log").status_code == 302
    page = unescape(visit.get("/sign_in/elsewhere/out").text)
    home = "http%3A%2F%2Flocalhost%2Fconsole%2Fsign_in%2F"
    there = f"{provider.url}/end?from=here&client_id=the+console&post_logout_redirect_uri={home}"
    assert f'content="1; url={there}"' in page
    assert f'href="{there}"' in page


def test_where_the_provider_cannot_the_door_is_next(visit, board, provider):
    come_back(visit)
    visit.post("/sign_in/out")
    assert visit.get("/sign_in/elsewhere/out").location == "/console/sign_in/"
    hire(board.engine, Role.VIEWER)
    visit.sign_in("mila")
    assert visit.post("/sign_in/out").location == "/console/sign_in/"


def test_the_last_admin_stays_whatever_the_provider_says(visit, board, provider):
    provider.claims["roles"] = "admin"
    come_back(visit)
    provider.claims["roles"] = "viewer"
    come_back(visit)
    assert Accounts(board.engine).named("ruud").role is Role.ADMIN
    hire(board.engine, Role.ADMIN)
    come_back(visit)
    assert Accounts(board.engine).named("ruud").role is Role.VIEWER


RECIPES = {
    "Keycloak": {"realm_access": {"roles": ["offline_access", "line-admin"]}},
    "Microsoft Entra ID": {"roles": ["admin"]},
    "Okta": {"groups": ["line-admins", "line-others"]},
    "Google": {"email": "anna@example.org", "hd": "example.org"},
}
"""What each provider sends for an admin, set up as docs/integrate/oidc.md says."""


@pytest.mark.parametrize("provider", RECIPES)
def test_each_recipe_of_the_documentation_gives_an_admin_the_role(provider):
    page = Path("docs/integrate/oidc.md").read_text("utf-8").partition(f"\n## {provider}\n")[2]
    written = page.partition("```text\n")[2].partition("```")[0]
    told = dict(row.split("=", 1) for row in written.splitlines())
    environment = told | {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "a token",
        "PUBLIC_URL": "https://line.example.org",
        "SECRET_KEY": "a key of the tests",
        "OIDC_CLIENT_SECRET": "of the provider",
    }
    settings = read_settings(environment)
    claim = find_claim(RECIPES[provider], settings.oidc_role_claim)
    assert find_role(claim, list_roles(settings)) is Role.ADMIN
    assert find_role(find_claim({}, settings.oidc_role_claim), list_roles(settings)) is None
