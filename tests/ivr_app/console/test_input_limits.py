"""Numbers that no database keeps, and forms that are larger than a stranger's may be."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

import ivr_app.console as console
from ivr_app.console.session import LARGEST_FORM
from ivr_app.web.site import LARGEST_ANONYMOUS_FORM
from service import logging

HUGE = ("99999999999999999999", "9" * 18, "9" * 5000, "-99999999999999999999", "٩٩٩")
ASKED = re.compile(r"""args\.(?:get|getlist)\(\s*["'](\w+)["']""")
CONSOLE = Path(console.__path__[0])
SOURCES = [file.read_text() for file in CONSOLE.rglob("*.py")]
EVERY_ARGUMENT = {name for source in SOURCES for name in ASKED.findall(source)}


def pages(app, method):
    """Every address of the console that is asked for in this way, with its blanks, and the name of
    the page that answers."""
    rules = app.extensions["console"].app.url_map.iter_rules()
    found = {rule.rule: rule.endpoint.split(".")[0] for rule in rules if method in rule.methods}
    found.pop("/sign_in/out", None)
    return sorted(found.items())


def arguments(page):
    """What is asked for in the address by the modules of a page, or by those of all pages."""
    sources = [*CONSOLE.glob("*.py"), *(CONSOLE / page).rglob("*.py")]
    return sorted({name for source in sources for name in ASKED.findall(source.read_text())})


def filled(rule, value):
    whole = re.sub(r"<int:[^>]+>", value, rule)
    return re.sub(r"<[^>]+>", value, whole)


def queries(page, huge):
    """Each argument by itself with the first number, all of them together with the others."""
    asked = [f"{name}={huge}" for name in arguments(page)]
    return asked if huge == HUGE[0] else ["&".join(asked)]


@pytest.mark.parametrize("huge", HUGE, ids=["20 digits", "18 digits", "endless", "below", "arabic"])
def test_no_page_stumbles_over_a_number_in_its_address(app, signed_in, huge):
    admin = signed_in("admin")
    stumbled, met = [], set()
    for rule, page in pages(app, "GET"):
        addresses = [filled(rule, huge)] if "<" in rule else []
        addresses += [f"{filled(rule, '1')}?{asked}" for asked in queries(page, huge)]
        stumbled += [one for one in addresses if admin.get(one).status_code >= 500]
        met |= set(arguments(page))
    assert (met, stumbled) == (EVERY_ARGUMENT, [])


@pytest.mark.parametrize("huge", HUGE[:2])
def test_no_form_stumbles_over_a_number(app, signed_in, huge):
    admin = signed_in("admin")
    for rule, _ in pages(app, "POST"):
        if rule.startswith("/sign_in"):
            continue
        assert admin.post(filled(rule, huge)).status_code < 500, rule


@pytest.mark.parametrize("path", ["/sign_in/", "/sign_in/language", "/contracts/import/"])
def test_a_stranger_may_send_little(app, path):
    client = app.test_client()
    large = {"name": "x" * LARGEST_ANONYMOUS_FORM}
    assert client.post(f"/console{path}", data=large).status_code == 413
    file = {"file": (io.BytesIO(b"x" * LARGEST_ANONYMOUS_FORM), "contracts.csv")}
    assert client.post(f"/console{path}", data=file).status_code == 413


def test_who_is_signed_in_may_send_a_file(signed_in):
    manager = signed_in("manager")
    file = (io.BytesIO(b"contract\n" + b"100234\n" * 20_000), "contracts.csv")
    assert manager.post("/contracts/import/", file=file).status_code != 413
    file = (io.BytesIO(b"x" * (LARGEST_FORM + 1)), "contracts.csv")
    assert manager.post("/contracts/import/", file=file).status_code == 413


@pytest.mark.parametrize("path", ["/console/sign_in/", "/api/v1/calls"])
def test_what_a_page_logs_is_not_about_an_earlier_call(app, path):
    logging.bind_ids(call="call-1", sid="CA1")
    app.test_client().get(path)
    assert logging.bound_ids() == {}
