"""`forget` leaves no trace of a person and all of the counts; `export` tells all that is held."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import String, cast, func, select

from routing import events
from routing.contracts import CONTACT_FIELDS
from routing.correspondence import Author, Upload
from routing.line import Webhook
from routing.message import Via
from store.tables import all_tables
from store.tables.people import contacts, lines
from store.tables.work import webhook_deliveries
from tests.ivr_app.cli.test_log import SID
from tests.store.test_media_files import spoken

PIETER = "+31612345678"
NAME = "Pieter Jansen"
ANNA = "Anna Jansen"
STRANGER = "somebody@mail.example"
DATA = spoken(2)
FORGET = ("forget", "contact", NAME, "--contract", "100234")
EXPORT = ("export", NAME, "--contract", "100234")


@pytest.fixture
def told(applied, board):
    """Pieter has called and left a message; somebody wrote about it by name."""
    desk = board.call_service
    call = desk.answer(SID, "+31201234567", PIETER).case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for _ in range(2):
        call = desk.happen(events.Chose(call.id, call.turn, "1")).call
    call = desk.happen(events.WaitingKey(call.id, call.turn, "7")).call
    desk.happen(events.MessageLeft(call.id, call.turn, "http://carrier/Recordings/RE1"))
    (recording,) = board.recordings.recordings.find_all()
    board.recordings.keep(recording, [DATA], "audio/x-wav", desk.clock())
    desk.happen(events.CallEnded(call.id))
    key = call.incident
    desk.happen(events.Noted(key, "sanne", Via.COMMAND, "his daughter answered", "memo-1"))
    desk.happen(
        events.WaitsForCustomer(key, "sanne", Via.COMMAND, f"the log of {PIETER}", "memo-2")
    )
    return key


@pytest.fixture
def done(told, board):
    """It is closed, by an engineer."""
    board.call_service.happen(events.Responded(told, "sanne", Via.COMMAND))
    board.call_service.happen(events.Closed(told, "sanne", Via.COMMAND, f"{NAME} is content"))
    return told


def written(board):
    """All that is kept, but for the file of the line."""
    with board.engine.connect() as connection:
        columns = [c for t in all_tables().tables.values() if t is not lines for c in t.columns]
        columns = [c for c in columns if c.name != "data"]
        found = [connection.scalars(select(cast(c, String))).all() for c in columns]
    return "\n".join(str(value) for values in found for value in values)


def counts(board):
    log = ("calls", "incidents", "pages", "journal", "notes", "messages", "recordings")
    with board.engine.connect() as connection:
        tables = [all_tables().tables[name] for name in log]
        return [connection.scalar(select(func.count()).select_from(t)) for t in tables]


def test_it_shows_what_it_would_do_and_does_nothing(type_in, done, board):
    before = written(board)
    result = type_in(*FORGET)
    assert result.exit_code == 0, result.stderr
    said = result.stdout
    for line in ("calls: 1", "incidents: 1", "notes: ", "recordings, whose sound is deleted: 1"):
        assert line in said
    assert "Nothing has changed yet" in said
    assert written(board) == before


def test_a_contact_stands_nowhere_any_more_and_the_log_adds_up(type_in, objects, done, board):
    before, (call,), (incident,) = counts(board), objects("calls"), objects("incidents")
    assert type_in(*FORGET, "--yes").exit_code == 0
    for trace in (NAME, PIETER, "daughter"):
        assert trace not in written(board)
    assert counts(board) == before
    assert objects("calls") == [call | {"from": "(forgotten)", "contact": "(forgotten)"}]
    (after,) = objects("incidents")
    assert {name for name in after if after[name] != incident[name]} <= {"contact", "waiting_for"}
    assert [row["state"] for row in objects("recordings")] == ["forgotten"]
    assert board.recordings.files.ids() == set()
    assert type_in("show", "1001").exit_code == 0


def test_a_contact_who_was_called_about_a_colleagues_incident_stands_nowhere(
    type_in, told, board, paper
):
    desk, emma = board.call_service, "+31612345679"
    pieter = f'      - {{name: {NAME}, phone: "{PIETER}", pin: "482913", language: nl}}\n'
    colleague = f'      - {{name: Emma Jansen, phone: "{emma}", pin: "730158", language: en}}\n'
    assert type_in("apply", paper(pieter, pieter + colleague)).exit_code == 0
    desk.happen(events.CustomerCallWanted(told, "Emma Jansen"))
    assert emma in written(board)
    desk.happen(events.CustomerLegHeard(told, 1, events.Heard.BUSY, "CL1"))
    desk.happen(events.Responded(told, "sanne", Via.COMMAND))
    desk.happen(events.Closed(told, "sanne", Via.COMMAND))
    result = type_in("forget", "contact", "Emma Jansen", "--contract", "100234", "--yes")
    assert result.exit_code == 0, result.stderr
    for trace in ("Emma Jansen", emma):
        assert trace not in written(board)
    assert NAME in written(board)


def test_a_contact_is_forgotten_in_every_spelling(type_in, done, board):
    with board.engine.begin() as connection:
        connection.execute(contacts.update().values(name="PIETER  Jansen"))
    forget = ("forget", "contact", "pieter jansen", "--contract", "100234")
    assert type_in("export", *forget[2:]).exit_code == 0
    assert type_in(*forget, "--yes").exit_code == 0
    for trace in (NAME, "PIETER", PIETER):
        assert trace not in written(board)


def test_forgetting_twice_changes_nothing_more(type_in, done, board):
    type_in("forget", "phone", PIETER, "--yes")
    before = written(board)
    assert PIETER not in before
    type_in("forget", "phone", PIETER, "--yes")
    assert written(board) == before


def test_while_something_is_open_nobody_is_forgotten(type_in, told, board):
    before = written(board)
    refused = type_in(*FORGET, "--yes")
    assert (refused.exit_code, "open: 1001" in refused.stderr) == (1, True)
    assert written(board) == before


def test_an_engineer_who_left_becomes_a_made_up_id_that_still_counts(type_in, done, board):
    assert "remove them there" in type_in("forget", "engineer", "sanne", "--yes").stderr
    with board.engine.begin() as connection:
        line = connection.scalar(select(lines.c.value))
        line = replace(line, engineers=line.engineers[1:], schedules=line.schedules[1:])
        connection.execute(lines.update().values(value=line, version=lines.c.version + 1))
    before = counts(board)
    assert type_in("forget", "engineer", "sanne", "--yes").exit_code == 0
    for trace in ("sanne", "+31612345601", "+31208881101"):
        assert trace not in written(board)
    assert "former-" in written(board)
    assert counts(board) == before


@pytest.fixture
def wrote(done, board):
    """Pieter, a colleague and a stranger wrote about it, with a file each; it was answered."""
    desk = board.call_service
    sent = {}
    for nth, (by, door) in enumerate(
        ((NAME, Via.EMAIL), (ANNA, Via.PORTAL), (STRANGER, Via.EMAIL))
    ):
        upload = Upload("main", f"{nth}.log", "text/plain", Author.CUSTOMER, by, door, "100234")
        file = desk.calls.correspondence.write_file(upload, [b"log"], 10, desk.clock())
        sent[by] = file.id
        words = f"{by} writes, Pieter Jansen is away"
        message = events.CustomerWrote(done, f"{nth:032x}", by, door, words, (file.id,))
        proven = by != STRANGER
        desk.happen(replace(message, verified=proven, mail_id=f"<{nth}@mail.example>"))
    answer = events.AnsweredCustomer(done, "a" * 32, "sanne", Via.CONSOLE, "dear Pieter")
    desk.happen(answer)
    return sent


def test_what_a_contact_wrote_and_sent_is_gone_and_a_colleagues_words_stay(type_in, wrote, board):
    assert "files, which are deleted: 1" in type_in(*FORGET).stdout
    assert type_in(*FORGET, "--yes").exit_code == 0
    for trace in (NAME, "dear Pieter", "<0@mail.example>", "0.log"):
        assert trace not in written(board)
    assert "Anna Jansen writes, (forgotten) is away" in written(board)
    desk = board.call_service.calls.correspondence
    assert desk.find_file(wrote[NAME]) is None
    assert desk.find_file(wrote[ANNA]) is not None
    assert list(desk.read_file(wrote[NAME])) == []


def test_words_that_wait_for_a_program_are_gone_too(type_in, done, board):
    hook = Webhook("crm", "https://crm.example.org/", "WEBHOOK_CRM", content=True)
    with board.engine.begin() as connection:
        line = replace(connection.scalar(select(lines.c.value)), webhooks=(hook,))
        connection.execute(lines.update().values(value=line, version=lines.c.version + 1))
    words = "Zoë is my daughter"
    message = events.CustomerWrote(done, "b" * 32, NAME, Via.PORTAL, words)
    board.call_service.happen(message)
    with board.engine.connect() as connection:
        (sent,) = connection.scalars(select(webhook_deliveries.c.body))
    assert json.loads(sent)["message"]["words"] == words
    assert type_in(*FORGET, "--yes").exit_code == 0
    with board.engine.connect() as connection:
        (kept,) = connection.scalars(select(webhook_deliveries.c.body))
    assert json.loads(kept)["message"]["words"] == "(forgotten)"
    assert json.loads(kept)["data"] == json.loads(sent)["data"]


def test_a_writer_who_is_no_contact_is_forgotten_by_their_address(type_in, wrote, board):
    assert type_in("forget", "email", STRANGER, "--yes").exit_code == 0
    for trace in (STRANGER, "<2@mail.example>", "2.log"):
        assert trace not in written(board)
    assert NAME in written(board)


def test_what_a_contact_wrote_and_sent_is_told(type_in, wrote, tmp_path):
    held = json.loads(type_in(*EXPORT).stdout)
    assert [message["by"] for message in held["messages"]] == [NAME]
    assert [file["name"] for file in held["files"]] == ["0.log"]
    type_in(*EXPORT, "--zip", tmp_path / "pieter.zip")
    with zipfile.ZipFile(tmp_path / "pieter.zip") as file:
        (name,) = [name for name in file.namelist() if name.startswith("files/")]
        assert file.read(name) == b"log"


REFUSED = [
    (("contact", "Nobody", "--contract", "100234"), f"has no contact Nobody; it has: {NAME}"),
    (("contact", NAME, "--contract", "1"), "There is no contract 1"),
    (("phone", "+31207654321"), "is in the file"),
    (("phone", "12"), "is not a phone number"),
]


@pytest.mark.parametrize(("words", "why"), REFUSED)
def test_a_refusal_says_why(type_in, applied, words, why):
    assert why in type_in("forget", *words, "--yes").stderr


def test_everything_that_is_held_about_a_contact_is_told(type_in, done):
    held = json.loads(type_in(*EXPORT).stdout)
    assert held["contact"]["phones"] == [PIETER]
    assert set(held["contact"]) == {each.key for each in CONTACT_FIELDS}
    assert (len(held["calls"]), len(held["incidents"]), len(held["recordings"])) == (1, 1, 1)
    assert "his daughter answered" in json.dumps(held["timeline"])
    for secret in ("482913", "argon2", "+31612345601"):
        assert secret not in json.dumps(held)


def test_with_the_sounds_it_is_a_zip(type_in, done, tmp_path):
    type_in(*EXPORT, "--zip", tmp_path / "pieter.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "pieter.zip").read_bytes())) as file:
        assert json.loads(file.read("export.json"))["customer"] == "Bakkerij Jansen BV"
        sounds = [name for name in file.namelist() if name.endswith(".wav")]
        assert [file.read(name) for name in sounds] == [DATA]
