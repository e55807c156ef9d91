"""Applying a file makes the database match it, says what changed, and touches nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from routing.contracts import ContractChange, ContractOrigin
from routing.line import Engineer
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore, StaleError
from store.people.lines import ClashError, SqlLineRepository, apply_line
from tests.store.cast import BAKERY, LINE, NOW

MILL = replace(BAKERY, number="200001", customer="Molen De Hoop", contacts=())


def test_the_first_time_everything_is_added(engine: Engine) -> None:
    assert [*apply_line(engine, LINE, [BAKERY], NOW).changes] == [
        "line main added",
        "contract 100234 added",
    ]


def test_the_second_time_nothing_changes(engine: Engine) -> None:
    apply_line(engine, LINE, [BAKERY], NOW)
    assert [*apply_line(engine, LINE, [BAKERY], NOW).changes] == []


def test_each_change_is_said_in_words(engine: Engine) -> None:
    apply_line(engine, LINE, [BAKERY], NOW)
    sanne, joris = LINE.engineers
    milan = Engineer("milan", "Milan Kok", ("+31612345603",))
    line = replace(LINE, whisper="brief", engineers=(replace(sanne, name="Sanne"), milan))
    said = [*apply_line(engine, line, [replace(BAKERY, premium_incidents=3), MILL], NOW).changes]
    assert sorted(said) == [
        "contract 100234 changed",
        "contract 200001 added",
        f"engineer {joris.id} removed",
        "engineer milan added",
        "engineer sanne changed",
        "line main: the calendar links of its schedules are new, see `calendars`",
        "line main: whisper changed",
    ]
    changed = SqlLineRepository(engine).find_contract("main", "100234")
    assert changed == replace(BAKERY, premium_incidents=3)


def test_a_contract_that_left_the_file_is_removed(engine: Engine) -> None:
    apply_line(engine, LINE, [BAKERY, MILL], NOW)
    assert [*apply_line(engine, LINE, [MILL], NOW).changes] == ["contract 100234 removed"]
    assert SqlLineRepository(engine).find_contract("main", "100234") is None


def test_what_was_imported_stays_and_a_clash_with_it_changes_nothing(engine: Engine) -> None:
    apply_line(engine, LINE, [BAKERY], NOW)
    register, deed = (
        ContractStore(engine, "main", ContractOrigin.IMPORT),
        AuditEntry(NOW, "ruud", "cli", "contracts.import"),
    )
    register.put([ContractChange(None, MILL)], deed)
    assert [*apply_line(engine, LINE, [BAKERY], NOW).changes] == []
    with pytest.raises(ClashError, match=r"contract 200001 .* import"):
        apply_line(
            engine,
            replace(LINE, names=(("nl", "New"),)),
            [replace(BAKERY, customer="New"), MILL],
            NOW,
        )
    with pytest.raises(StaleError, match="100234"):
        register.put([ContractChange(BAKERY, replace(BAKERY, customer="New"))], deed)
    people = SqlLineRepository(engine)
    assert people.find_line("main") == LINE
    assert people.find_contract("main", "100234") == BAKERY
    assert people.find_contract("main", "200001") == MILL


def test_two_lines_cannot_have_the_same_number(engine: Engine) -> None:
    apply_line(engine, LINE, [], NOW)
    with pytest.raises(ClashError, match="number of line main"):
        apply_line(engine, replace(LINE, id="second"), [], NOW)


def test_the_same_contract_number_may_stand_on_two_lines(engine: Engine) -> None:
    apply_line(engine, LINE, [BAKERY], NOW)
    apply_line(engine, replace(LINE, id="second", number="+31201234568"), [BAKERY], NOW)
    assert SqlLineRepository(engine).find_contract("second", "100234") == BAKERY


def test_a_plan_cannot_go_while_a_contract_from_elsewhere_has_it(engine: Engine) -> None:
    apply_line(engine, LINE, [BAKERY], NOW)
    entry = AuditEntry(NOW, "ruud", "cli", "contracts.import")
    mill = replace(MILL, plan="standard")
    store = ContractStore(engine, "main", ContractOrigin.IMPORT)
    store.put([ContractChange(None, mill)], entry)
    without = replace(LINE, plans=LINE.plans[:1])
    with pytest.raises(ClashError, match=r"plan standard is missing, .* 200001, .* import"):
        apply_line(engine, without, [BAKERY], NOW)
    assert SqlLineRepository(engine).find_line("main") == LINE
    store.put([ContractChange(mill, replace(mill, plan="msa_plus"))], entry)
    assert [*apply_line(engine, without, [BAKERY], NOW).changes] == ["plan standard removed"]


def test_a_changed_rank_says_that_open_incidents_keep_theirs(engine: Engine) -> None:
    apply_line(engine, LINE, [BAKERY], NOW)
    msa_plus, standard = LINE.plans
    said = [
        *apply_line(
            engine, replace(LINE, plans=(msa_plus, replace(standard, rank=7))), [BAKERY], NOW
        ).changes
    ]
    assert said == [
        "plan standard changed",
        "line main: open incidents keep the rank with which they were opened",
    ]
