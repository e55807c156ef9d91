"""A field that ``added`` put in the table is in every view. Run by ``test_contract_fields``."""

import io
import json
import shutil
import sqlite3

import pytest
from click.testing import CliRunner

from config.contracts import KNOWN_COLUMNS
from config.line import parse_line_file
from ivr_app.api.app import SECTIONS
from ivr_app.api.document import build_document
from ivr_app.cli import log
from routing.line import IncidentHappening
from routing.notify.webhook import WebhookEvent
from store.people.api_tokens import TokenRight
from store.people.audit import AuditLog
from store.work.webhooks import write_body
from tests.ivr_app.api.conftest import Program, let_in
from tests.ivr_app.cli.conftest import PAPER
from tests.ivr_app.console.calls.conftest import happened
from tests.ivr_app.console.conftest import *  # noqa: F403 - its fixtures
from tests.ivr_app.console.contracts.conftest import DUTCH, SAMPLE, mark_in, take_in
from tests.ivr_app.console.dashboard.test_dashboard import words

COLUMNS = (
    "ALTER TABLE contracts ADD COLUMN renews DATE",
    "ALTER TABLE contacts ADD COLUMN on_site BOOLEAN NOT NULL DEFAULT 0",
)
DATABASES = ["sqlite"]


@pytest.fixture(scope="session")
def migrated_file(migrated_file):
    with sqlite3.connect(migrated_file) as connection:
        for statement in COLUMNS:
            connection.execute(statement)
    return migrated_file


@pytest.fixture(params=DATABASES)
def environment(tmp_path, applied_file):
    shutil.copy(applied_file, tmp_path / "line.db")
    return environment_of(tmp_path)  # noqa: F405


@pytest.fixture(autouse=True)
def sample(board):
    take_in(board.engine, board.settings.pin_pepper, SAMPLE, board.call_service.clock())


@pytest.fixture
def ruud(signed_in):
    return signed_in("manager")


def last_change(board):
    return AuditLog(board.engine).page(thing=("contract", "main/100252"))[0].entry


def test_the_api_reads_changes_and_documents_it(app, board):
    program = Program(app.test_client(), let_in(board, "tickets", TokenRight.CHANGE))
    karin = {"name": "Karin Noord", "on_site": True}
    program.post("/contracts/100252", {"renews": "2027-06-01", "contacts": [karin]})
    found = program.get("/contracts/100252").json
    assert (found["renews"], found["contacts"][0]["on_site"]) == ("2027-06-01", True)
    assert last_change(board).after == {"renews": "2027-06-01", "contacts_changed": 1}
    schemas = build_document(SECTIONS)["components"]["schemas"]
    for name in ("ContractBody", "ContractUpdate"):
        assert schemas[name]["properties"]["renews"]["description"] == "The day of renewal."
    for name in ("ContactBody", "ContactUpdate"):
        assert "on_site" in schemas[name]["properties"]


def test_the_forms_ask_for_it_and_the_page_shows_it(ruud, board):
    form = ruud.get("/contracts/100252/change", headers=DUTCH).text
    assert 'name="renews" type="date"' in form
    given = {"customer": "Noord", "plan": "msa_plus", "renews": "2027-06-01"}
    ruud.post("/contracts/100252/change", **given, mark=mark_in(form))
    assert last_change(board).after["renews"] == "2027-06-01"
    form = ruud.get("/contracts/100252/contacts/0", headers=DUTCH).text
    assert 'type="checkbox" id="on_site"' in form
    given = {"name": "Karin Noord", "phones": "+31612345682", "on_site": "true"}
    ruud.post("/contracts/100252/contacts/0", **given, mark=mark_in(form))
    page = words(ruud.get("/contracts/100252", headers=DUTCH))
    assert "Verlengt op 1 jun 2027" in page
    assert "Werkt op locatie" in page


def test_a_file_of_contracts_has_it_and_the_preview_shows_it(ruud):
    head, *_, noord, _ = SAMPLE.decode().splitlines()
    assert {"renews", "on_site"} < set(KNOWN_COLUMNS)
    row = f"{head},renews,on_site\n{noord},2027-06-01,true\n"
    file = (io.BytesIO(row.encode()), "contracts.csv")
    preview = ruud.post("/contracts/import", headers=DUTCH, file=file).location
    page = words(ruud.get(preview.removeprefix("/console"), headers=DUTCH))
    assert "Verlengt op – 1 jun 2027" in page
    assert "Werkt op locatie nee ja" in page


def test_the_file_of_the_line_has_it():
    text = PAPER.replace("plan: msa_plus", "plan: msa_plus\n    renews: 2027-06-01", 1)
    (contract, *_) = parse_line_file(text, lambda pin, owner: "hash").contracts
    assert str(contract.renews) == "2027-06-01"


def test_a_column_of_incidents_is_in_every_list(app, board, clock, ruud, monkeypatch):
    happened(board.call_service, clock, "CA" + "1" * 32)
    program = Program(app.test_client(), let_in(board, "tickets", TokenRight.READ))
    assert program.get("/incidents/1001").json["hours"] == 24
    schema = build_document(SECTIONS)["components"]["schemas"]["IncidentRow"]
    assert schema["properties"]["hours"]["description"] == "Hours of the day."
    page = words(ruud.get("/incidents?state=all", headers=DUTCH))
    assert "Uren" in page
    monkeypatch.setattr(log, "ready_services", lambda: board)
    _, head, row = CliRunner().invoke(log.incidents).stdout.splitlines()
    assert (head.split()[-1], row.split()[-1]) == ("hours", "24")
    incident = board.call_service.calls.find_by_number(1001).incident
    event = WebhookEvent("1", "main", "tickets", incident.key, IncidentHappening.OPENED, clock())
    assert json.loads(write_body(event, incident))["data"]["hours"] == 24
