"""What the portal keeps about contacts is told, forgotten and deleted, and shown to operators."""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from routing.contracts.plans import Door
from service.counters import COUNTERS
from store.log.erasure import ERASED
from store.log.retention import delete_traces
from store.people.audit import AuditLog
from store.people.lines import apply_line
from store.tables.people import portal_codes, portal_sessions
from tests.ivr_app.cli.conftest import runner_of
from tests.ivr_app.console.contracts.conftest import mark_in
from tests.ivr_app.portal.conftest import ALICE, KARIN, NOORD, SMIT, change_contract
from tests.ivr_app.portal.test_company import name_of
from tests.ivr_app.portal.test_openid import provider  # noqa: F401 - its fixture

EMAIL = "karin@example.org"


def count(board, table):
    with board.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table))


@pytest.fixture
def type_in(board):
    return runner_of(board)


def end_alice(karin, board):
    page = karin.get("/company").text
    karin.post(f"/company/contacts/{name_of(board, ALICE)}/end", mark=mark_in(page))


def test_an_address_that_was_typed_is_in_no_table(customer, board):
    customer().ask("somebody.else@example.org")
    with board.engine.connect() as connection:
        (row,) = connection.execute(select(portal_codes)).all()
    assert "somebody" not in repr(row)


def test_codes_and_sessions_that_are_over_are_deleted(customer, karin, post, board, clock):
    customer().ask(EMAIL)
    delete_traces(board.engine, clock())
    assert (count(board, portal_codes), count(board, portal_sessions)) == (1, 1)
    clock.tick(601)
    delete_traces(board.engine, clock())
    assert (count(board, portal_codes), count(board, portal_sessions)) == (0, 1)
    delete_traces(board.engine, clock.now + dt.timedelta(days=8))
    assert count(board, portal_sessions) == 0


def test_sessions_and_changes_of_a_contact_are_told(karin, board, type_in):
    end_alice(karin, board)
    held = json.loads(type_in("export", KARIN, "--contract", NOORD).stdout)["portal"]
    assert [each["action"] for each in held["changes"]] == ["contacts.end"]
    assert len(held["sessions"]) == 1


def test_a_contact_who_is_forgotten_is_in_no_session_and_no_change(karin, board, type_in):
    end_alice(karin, board)
    change_contract(board, SMIT, customer="Smit en Zoon")  # a change of ours stays as it was
    assert type_in("forget", "contact", KARIN, "--contract", NOORD, "--yes").exit_code == 0
    assert karin.get("/").status_code == 302
    assert count(board, portal_sessions) == 0
    makers = {recorded.entry.who for recorded in AuditLog(board.engine).page()}
    assert makers == {"root", "ruud", ERASED}


def test_operators_see_how_many_codes_are_asked_for_and_sent(customer, post, board, app):
    COUNTERS.hand_over(lambda taken: None)  # what other tests counted
    for address in (EMAIL, "nobody@example.org"):
        karin = customer()
        karin.ask(address)
        karin.post("/sign-in/code", code="12")
    post.deliver()
    counted = {}
    COUNTERS.hand_over(counted.update)
    theirs = {name: many for name, many in counted.items() if name.startswith("portal_sign_ins")}
    assert theirs == {
        "portal_sign_ins asked": 2,
        "portal_sign_ins sent": 1,
        "portal_sign_ins refused": 2,
    }


def test_the_doctor_says_whom_the_portal_reaches(type_in):
    said = [row for row in type_in("doctor").stdout.splitlines() if " portal: " in row]
    assert len(said) == 1
    assert said[0].startswith("ok")
    assert "codes go by text only" in said[0]
    assert re.search(r"of \d+ with a phone", said[0])


def test_the_doctor_names_a_provider_without_its_secret(
    type_in,
    provider,  # noqa: F811 - the fixture
    monkeypatch,
):
    assert "OPENID_NOORD" not in type_in("doctor").stdout
    monkeypatch.delenv("OPENID_NOORD")
    assert "warn  portal: main, noord:" in type_in("doctor").stdout


def test_a_plan_without_the_portal_lets_nobody_in(karin, customer, post, board, read):
    assert karin.get("/").status_code == 200
    plans = tuple(replace(plan, doors=(Door.PHONE,)) for plan in read.line.plans)
    apply_line(
        board.engine, replace(read.line, plans=plans), read.contracts, board.call_service.clock()
    )
    assert karin.get("/").status_code == 302
    customer().ask(EMAIL)
    assert post.deliver() == []
