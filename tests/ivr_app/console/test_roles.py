"""Every address of the console says who may use it, and holds to it."""

import pytest

from ivr_app.web import PUBLIC, STATIC_FILES, find_needs
from store.people.accounts import Role

AT_THE_DOOR = {"sign_in", "signed_in", "second", "second_given", "language"}
OPEN = {f"sign_in.{name}" for name in AT_THE_DOOR} | {
    "oidc.go",
    "oidc.back",
    "oidc.out",
}
"""All that is there for whoever is not signed in."""


@pytest.fixture
def console(app):
    return app.extensions["console"].app


def test_every_address_names_a_role(console):
    nameless = [
        rule.endpoint
        for rule in console.url_map.iter_rules()
        if rule.endpoint not in STATIC_FILES
        and find_needs(console.view_functions[rule.endpoint]) is None
    ]
    assert nameless == []


def test_only_the_door_is_open_to_everybody(console):
    views = console.view_functions.items()
    assert {name for name, view in views if find_needs(view) is PUBLIC} == OPEN


def test_without_a_session_every_other_address_leads_to_the_door(console, visit):
    asked = 0
    for rule in console.url_map.iter_rules():
        if rule.endpoint in OPEN | set(STATIC_FILES) or rule.arguments:
            continue
        asked += 1
        method = "GET" if "GET" in rule.methods else "POST"
        token = {"csrf_token": visit.token()} if method == "POST" else None
        answer = visit.client.open(f"/console{rule.rule}", method=method, data=token)
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/console/sign_in/"), rule
    assert asked > 3


def test_a_view_that_names_no_role_is_open_to_nobody(console, signed_in):
    console.view_functions["audit_log.show"] = lambda: "secret"
    answer = signed_in("admin").get("/audit_log")
    assert (answer.status_code, "secret" in answer.text) == (403, False)


def test_each_role_may_what_those_before_it_may():
    assert Role.ADMIN.covers(Role.VIEWER)
    assert not Role.ENGINEER.covers(Role.MANAGER)


def test_a_page_above_ones_role_is_refused_and_not_in_the_navigation(signed_in):
    sanne, ruud = signed_in("engineer"), signed_in("manager")
    assert sanne.get("/audit_log").status_code == 403
    assert "/console/audit_log" not in sanne.get("/").text
    assert "/console/audit_log" in ruud.get("/").text
    assert ruud.get("/audit_log").status_code == 200


def test_whoever_has_a_password_for_once_chooses_another_first(signed_in):
    anna = signed_in("admin", password_once=True)
    assert anna.get("/audit_log").location == "/console/profile/password"
    fields = {"old": "vier warme broodjes", "new": "vijf warme broodjes"}
    assert anna.post("/profile/password", **fields).location == "/console/"
    assert anna.get("/audit_log").status_code == 200
