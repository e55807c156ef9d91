"""Programs read who works when, and make and undo swaps and overrides as people do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.bootstrap import Services
from store.db.engine import reading
from store.people.audit import AuditLog
from store.people.overrides import find_overrides
from store.tables.log import messages
from tests.conftest import Clock
from tests.ivr_app.api.conftest import Program

SPAN = {"schedule": "primary", "from": "2026-12-24T18:00:00+01:00", "to": "2026-12-26T09:00:00Z"}
SWAP = SPAN | {"give": "sanne", "take": "joris"}


def read_oncall(program: Program) -> list[str]:
    answer = program.get("/oncall", at="2026-12-25T12:00:00Z").json
    assert answer is not None
    (row,) = answer["items"]
    return list(row["on_call"])


def list_uids(program: Program, path: str) -> list[str]:
    answer = program.get(path).json
    assert answer is not None
    return [each["uid"] for each in answer["items"]]


def test_a_swap_is_made_once_told_and_undone(changer: Program, board: Services) -> None:
    made = changer.post("/swaps", SWAP, key="christmas")
    assert made.status_code == 201
    assert made.json is not None
    uid = made.json["uid"]
    assert made.json["spans"] == [["2026-12-24T17:00:00+00:00", "2026-12-26T09:00:00+00:00"]]
    assert changer.post("/swaps", SWAP, key="christmas").json == made.json
    assert read_oncall(changer) == ["joris"]
    assert list_uids(changer, "/swaps") == [uid]
    assert list_uids(changer, "/overrides") == []
    with reading(board.engine) as connection:
        assert len(connection.execute(select(messages)).all()) == 2
    assert changer.ask("DELETE", f"/overrides/{uid}").status_code == 404

    undone = changer.ask("DELETE", f"/swaps/{uid}")
    assert undone.status_code == 200
    assert undone.json is not None
    assert [(one["give"], one["take"]) for one in undone.json["back"]] == [("sanne", "joris")]
    assert read_oncall(changer) == ["sanne"]
    assert changer.ask("DELETE", f"/swaps/{uid}").status_code == 404
    actions = [row.entry.action for row in AuditLog(board.engine).page(thing=("rota", "main"))]
    assert actions == ["oncall.undo", "oncall.swap"]


def test_what_is_over_is_not_listed(changer: Program, clock: Clock) -> None:
    soon = {"from": "2026-03-02T10:30:00Z", "to": "2026-03-02T11:00:00Z"}
    made = changer.post("/swaps", SWAP | soon, key="lunch").json
    assert made is not None
    assert list_uids(changer, "/swaps") == [made["uid"]]
    clock.tick(3600)
    assert list_uids(changer, "/swaps") == []


def test_an_override_adds_and_removes(changer: Program, board: Services) -> None:
    added = changer.post("/overrides", SPAN | {"add": "joris"}).json
    assert added is not None
    assert read_oncall(changer) == ["joris", "sanne"]
    assert changer.post("/overrides", SPAN | {"remove": "sanne"}).status_code == 201
    assert read_oncall(changer) == ["joris"]
    assert changer.ask("DELETE", f"/overrides/{added['uid']}").status_code == 200
    assert read_oncall(changer) == []
    entries = AuditLog(board.engine).page(thing=("rota", "main"))
    assert {row.entry.who for row in entries} == {"tickets"}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/swaps", SWAP | {"give": "joris", "take": "sanne"}, "not_theirs"),
        ("/swaps", SWAP | {"take": "sanne"}, "same"),
        ("/swaps", SWAP | {"take": "milan"}, "nobody"),
        ("/swaps", SWAP | {"to": "2026-12-24T09:00:00Z"}, "order"),
        ("/swaps", SWAP | {"from": "2025-01-01T00:00:00Z", "to": "2025-01-02T00:00:00Z"}, "over"),
        ("/overrides", SPAN, "nobody"),
        ("/overrides", SPAN | {"add": "joris", "remove": "sanne"}, "is_swap"),
        ("/overrides", SPAN | {"add": "sanne"}, "already"),
        ("/swaps", SWAP | {"schedule": "night"}, None),
    ],
)
def test_what_cannot_be_is_refused(
    changer: Program, board: Services, path: str, body: dict[str, Any], code: str | None
) -> None:
    answer = changer.post(path, body)
    assert answer.json is not None
    assert (answer.status_code, answer.json.get("code")) == (409 if code else 404, code)
    assert not find_overrides(board.engine, "main")


def test_who_may_look_changes_no_shift(reader: Program, board: Services) -> None:
    assert reader.post("/swaps", SWAP).status_code == 403
    assert reader.ask("DELETE", "/swaps/swap-1").status_code == 403
    assert not find_overrides(board.engine, "main")


def test_engineers_and_schedules_are_read(reader: Program, changer: Program) -> None:
    sanne = reader.get("/engineers/sanne").json
    assert sanne is not None
    numbers = [(each["number"], each["source"], each["rung"]) for each in sanne["phones"]]
    assert numbers == [("+31612345601", "file", True), ("+31208881101", "file", True)]
    listed = reader.get("/engineers").json
    assert listed is not None
    assert listed["items"][0] == sanne
    assert reader.get("/engineers/milan").status_code == 404

    changer.post("/swaps", SWAP)
    schedule = reader.get("/schedules/primary").json
    assert schedule is not None
    assert schedule["shifts"] == [{"people": ["sanne"]}]
    assert schedule["overrides"] == []
    assert [(one["origin"], one["give"]) for one in schedule["changes"]] == [("swap", "sanne")]
    assert reader.get("/schedules/night").status_code == 404


def test_handovers_are_read(reader: Program, changer: Program) -> None:
    changer.post("/swaps", SWAP)
    asked = {"from": "2026-12-24T00:00:00Z", "to": "2026-12-27T00:00:00Z"}
    answer = reader.get("/handovers", **asked).json
    assert answer is not None
    assert [(one["engineer"], one["before"], one["standing"]) for one in answer["items"]] == [
        ("joris", ["sanne"], "planned"),
        ("sanne", ["joris"], "planned"),
    ]
    assert reader.get("/handovers", schedule="night").status_code == 404
