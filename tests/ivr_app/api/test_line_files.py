"""A pipeline reads a line, sees what a change would do, and applies it; nobody overwrites."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ruamel.yaml import YAML
from werkzeug.test import TestResponse

from carrier.fallback import read_fallback
from ivr_app.api.line_files import MOST_MISTAKES
from ivr_app.thread_share import LONG
from routing.contracts import ContractChange, ContractOrigin
from service.bootstrap import Services
from store.people.audit import AuditEntry, AuditLog
from store.people.contract_store import ContractStore
from store.people.lines import find_stored_line
from tests.ivr_app.api.conftest import Program
from tests.ivr_app.cli.conftest import PAPER
from tests.store.cast import BAKERY, NOW

PATH = "/lines/main"


@pytest.fixture(autouse=True)
def applied(configurer: Program, board: Services) -> None:
    """The line of a file, applied by a program."""
    assert put(configurer, PAPER).status_code == 200


def put(configurer: Program, text: str, query: str = "", **headers: str) -> TestResponse:
    how = {"data": text.encode(), "content_type": "application/yaml", "headers": headers}
    return configurer.ask("PUT", PATH + query, **how)


def put_json(configurer: Program, document: object, **headers: str) -> TestResponse:
    return configurer.ask("PUT", PATH, json=document, headers=headers)


def read(reader: Program) -> Any:
    return reader.get(PATH).json


def test_what_was_read_is_applied_without_a_change(configurer: Program, board: Services) -> None:
    before = find_stored_line(board.engine, "main")
    as_json = put_json(configurer, read(configurer)).json
    assert as_json is not None
    assert (as_json["changes"], as_json["dry_run"]) == ([], False)
    text = configurer.ask("GET", PATH, headers={"Accept": "application/yaml"})
    assert text.mimetype == "application/yaml"
    answer = put(configurer, text.text)
    assert answer.json is not None
    assert answer.json["changes"] == []
    assert find_stored_line(board.engine, "main") == before


def test_no_pin_is_read(configurer: Program, board: Services) -> None:
    stored = find_stored_line(board.engine, "main")
    assert stored is not None
    (pieter,) = stored.contracts[0].contacts
    for kind in ("application/yaml", "application/json"):
        text = configurer.ask("GET", PATH, headers={"Accept": kind}).text
        assert "Pieter Jansen" in text
        assert "pin" not in text
        assert pieter.pin_hash not in text


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    configurer: Program, board: Services
) -> None:
    before, document = find_stored_line(board.engine, "main"), read(configurer)
    document["engineers"].append({"id": "milan", "name": "Milan Visser", "phones": ["0612345603"]})
    document["desk"] = {"ring": ["night"]}
    seen = configurer.ask("PUT", f"{PATH}?dry_run=true", json=document)
    assert seen.json is not None
    assert seen.json["changes"] == ["engineer milan added", "line main: desk changed"]
    assert seen.json["warnings"][0]["field"] == "desk"
    assert "ETag" not in seen.headers
    assert find_stored_line(board.engine, "main") == before
    done = put_json(configurer, document)
    assert done.json == seen.json | {"dry_run": False}
    assert put_json(configurer, document).json["changes"] == []  # type: ignore[index]
    entry = AuditLog(board.engine).page(thing=("line", "main"))[0].entry
    assert (entry.who, entry.way, entry.action) == ("pipeline", "api", "lines.apply")
    assert entry.after == {"changes": seen.json["changes"], "count": 2}
    assert board.lines.find_line("main").engineer("milan") is not None  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["application/json", "application/yaml"])
def test_nobody_overwrites_what_they_did_not_see(configurer: Program, kind: str) -> None:
    seen = configurer.ask("GET", PATH, headers={"Accept": kind})
    etag, document = seen.headers["ETag"], read(configurer)
    document["whisper"] = "brief"
    first = put_json(configurer, document, **{"If-Match": etag})
    assert first.status_code == 200
    document["whisper"] = "full"
    stale = put_json(configurer, document, **{"If-Match": etag})
    assert (stale.status_code, stale.json["code"]) == (412, "changed")  # type: ignore[index]
    assert read(configurer)["whisper"] == "brief"
    assert put_json(configurer, document, **{"If-Match": first.headers["ETag"]}).status_code == 200
    assert put_json(configurer, document, **{"If-Match": "*"}).status_code == 200
    assert put_json(configurer, document, **{"If-None-Match": "*"}).status_code == 412


def test_a_change_of_a_pin_is_another_version(configurer: Program, board: Services) -> None:
    before = configurer.get(PATH).headers["ETag"]
    assert put(configurer, PAPER.replace("482913", "482914")).status_code == 200
    assert configurer.get(PATH).headers["ETag"] != before


def test_a_line_is_added_once(configurer: Program, board: Services) -> None:
    text = PAPER.replace("line:", "line:\n  id: second").replace("+31201234567", "+31201234568")
    how = {"data": text.encode(), "content_type": "text/yaml"}
    new = {"If-None-Match": "*"}
    assert (
        configurer.ask("PUT", "/lines/second", **how, headers={"If-Match": "*"}).status_code == 412
    )
    added = configurer.ask("PUT", "/lines/second", **how, headers=new)
    assert (added.status_code, added.headers["Location"]) == (201, "/api/v1/lines/second")
    assert configurer.ask("PUT", "/lines/second", **how, headers=new).status_code == 412
    assert configurer.ask("PUT", "/lines/third", **how).json["code"] == "other_line"  # type: ignore[index]


def test_a_wrong_document_names_every_mistake(configurer: Program, board: Services) -> None:
    before = find_stored_line(board.engine, "main")
    wrong = PAPER.replace("people: [joris]", "people: [jorris]").replace("msa_plus", "gold")
    answer = put(configurer, wrong)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [(one["line"], one["where"]) for one in answer.json["errors"]] == [
        (15, "schedules[1].shifts[0].people[0]"),
        (21, "contracts[0].plan"),
    ]
    assert "482913" not in answer.text
    assert find_stored_line(board.engine, "main") == before


def test_a_new_contact_needs_a_pin(configurer: Program) -> None:
    document = read(configurer)
    emma = {"name": "Emma Jansen", "phone": "+31612345690"}
    document["contracts"][0]["contacts"].append(emma)
    refused = put_json(configurer, document)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["where"] == "contracts[0].contacts[1]"  # type: ignore[index]
    emma["pin"] = "193847"
    assert put_json(configurer, document).json["changes"] == ["contract 100234 changed"]  # type: ignore[index]


def test_each_contact_keeps_their_own_pin(configurer: Program, board: Services) -> None:
    other = (
        PAPER.rpartition("contracts:\n")[2].replace("100234", "100235").replace("482913", "194857")
    )
    assert put(configurer, PAPER + other).status_code == 200
    before = find_stored_line(board.engine, "main")
    assert put_json(configurer, read(configurer)).json["changes"] == []  # type: ignore[index]
    assert find_stored_line(board.engine, "main") == before


def test_the_calls_without_a_database_follow(configurer: Program, board: Services) -> None:
    file, document = board.settings.fallback_file, read(configurer)
    document["line"]["last_resort"] = "+31612345609"
    assert configurer.ask("PUT", f"{PATH}?dry_run=true", json=document).status_code == 200
    assert "+31612345609" not in read_fallback(file)[0].phones
    assert put_json(configurer, document).status_code == 200
    assert "+31612345609" in read_fallback(file)[0].phones


def test_a_clash_is_named(configurer: Program, board: Services) -> None:
    store = ContractStore(board.engine, "main", ContractOrigin.IMPORT)
    imported = ContractChange(None, replace(BAKERY, number="100777"))
    store.put([imported], AuditEntry(NOW, "root", "cli", "contracts.import"))
    answer = put(configurer, PAPER.replace("100234", "100777"))
    assert (answer.status_code, answer.json["code"]) == (409, "clash")  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b"\xff", "application/yaml", 400),
        (b"a: [", "application/yaml", 422),
        (b"", "application/yaml", 422),
        (b"null", "application/json", 422),
        (b'{"line": "\\ud800"}', "application/json", 422),
        (b"line: 1", "text/plain", 415),
        (b"# " + b"x" * 600_000, "application/yaml", 413),
    ],
)
def test_what_is_no_document_is_refused(
    configurer: Program, body: bytes, kind: str, status: int
) -> None:
    assert configurer.ask("PUT", PATH, data=body, content_type=kind).status_code == status


def test_who_may_look_applies_nothing(reader: Program) -> None:
    assert put(reader, PAPER, "?dry_run=true").status_code == 403
    assert reader.get("/lines/nowhere").status_code == 404


def test_the_yaml_is_yaml_for_others_too(configurer: Program) -> None:
    text = configurer.ask("GET", PATH, headers={"Accept": "text/yaml"}).text
    assert json.loads(json.dumps(YAML(typ="safe").load(text))) == read(configurer)


def test_a_dry_run_does_not_tell_whether_a_pin_is_right(configurer: Program) -> None:
    """A program could try a million of them, and nothing would be in the audit log."""
    guesses = [PAPER, PAPER.replace("482913", "482914")]
    right, wrong = (put(configurer, guess, "?dry_run=true").json for guess in guesses)
    assert right == wrong
    assert right is not None
    assert right["changes"] == ["contract 100234 changed"]
    done = put(configurer, PAPER).json
    assert done is not None
    assert done["changes"] == []


def test_no_more_than_two_documents_are_read_at_once(configurer: Program) -> None:
    """A large one takes seconds, and telephones need the threads."""
    with LONG.taken() as first, LONG.taken() as second:
        assert (first, second) == (True, True)
        refused = put(configurer, PAPER)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert put(configurer, PAPER).status_code == 200


def test_a_document_of_mistakes_is_answered_with_the_first_of_them(configurer: Program) -> None:
    refused = put(configurer, PAPER + "a: b\n" * 300)
    assert refused.status_code == 422
    assert refused.json is not None
    assert len(refused.json["errors"]) == MOST_MISTAKES
    assert refused.json["detail"] == "The line is invalid; `errors` has the first 100 of 300."
