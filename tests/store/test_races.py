"""Many at once: exactly one wins each race, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import Engine

from routing.decision import Case, Decision, LostRaceError
from store.log.call_repository import SqlCallRepository
from tests.store.cast import NOW, call, incident, leg

THREADS = 8


def all_at_once(attempt: Callable[[int], Case]) -> list[Case]:
    """Let each thread try; gives back what the winners saved."""

    def one(number: int) -> Case | None:
        try:
            return attempt(number)
        except LostRaceError:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        return [matter for matter in pool.map(one, range(THREADS)) if matter is not None]


def test_of_many_who_decide_on_the_same_value_one_wins(engine: Engine) -> None:
    book = SqlCallRepository(engine)
    before, _ = book.save(Case(), Decision(Case(call(), incident())), NOW)
    assert before.call is not None
    for turn in range(5):
        read = book.find_by_call("call-1") or before
        moved = Case(replace(read.call or before.call, turn=turn + 1), read.incident)
        won = all_at_once(lambda _: book.save(read, Decision(moved), NOW)[0])  # noqa: B023
        assert len(won) == 1


def test_a_call_that_comes_in_twice_is_one_call(engine: Engine) -> None:
    book = SqlCallRepository(engine)
    won = all_at_once(
        lambda n: book.save(Case(), Decision(Case(replace(call(n), sid="CA1"))), NOW)[0]
    )
    assert len(won) == 1


def test_incidents_opened_at_once_have_numbers_of_their_own(engine: Engine) -> None:
    book = SqlCallRepository(engine)
    won = all_at_once(lambda n: book.save(Case(), Decision(Case(incident=incident(n))), NOW)[0])
    numbers = {matter.incident.number for matter in won if matter.incident}
    assert numbers == set(range(1001, 1001 + THREADS))


def test_an_engineer_wanted_by_many_incidents_is_rung_for_one(engine: Engine) -> None:
    book = SqlCallRepository(engine)

    def ring_both(number: int) -> Case:
        legs = [leg(f"{name}-{number}", name) for name in ("sanne", "joris")]
        both = tuple(legs if number % 2 else reversed(legs))
        opened = Case(incident=incident(number, pages=both))
        return book.save(Case(), Decision(opened), NOW)[0]

    assert len(all_at_once(ring_both)) == 1
    assert book.find_busy("main") == {"sanne", "joris"}
