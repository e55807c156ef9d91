"""However many changes there were, a page of them is read by an index and in its order."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, Select, select

from store.people.audit import select_entries
from store.tables.people import audit_log
from tests.store.test_log_pages import plan

BAKERY = ("contract", "100234")


def ordered(engine: Engine, wanted: Select[Any]) -> str:
    """The plan of a first page, which sorts nothing and stops when the page is full."""
    found = plan(engine, wanted.limit(50))
    assert "Sort" not in found, found
    assert "TEMP B-TREE" not in found, found
    assert "Seq Scan" not in found, found
    return found


@pytest.mark.parametrize("before", [None, 7])
@pytest.mark.parametrize("who", [None, "sanne"])
@pytest.mark.parametrize("thing", [None, BAKERY])
def test_a_page_of_changes_sorts_nothing_and_goes_through_no_whole_table(
    engine: Engine,
    before: int | None,
    who: str | None,
    thing: tuple[str, str] | None,
) -> None:
    found = ordered(engine, select_entries(before, who, thing))
    if who is not None or thing is not None:
        assert (
            "ix_audit_log_actor_id" in found or "ix_audit_log_object_type_object_id_id" in found
        ), found
    elif before is not None:
        assert "SCAN" not in found, found


def test_changes_in_an_order_that_no_index_has_are_noticed(engine: Engine) -> None:
    with pytest.raises(AssertionError, match=r"Sort|TEMP B-TREE"):
        ordered(engine, select(audit_log).order_by(audit_log.c.action))
