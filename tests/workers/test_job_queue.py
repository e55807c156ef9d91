"""Due work, whatever happens and in whatever order: nothing lost, one holder of an attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from routing.call import Call
from routing.decision import Case, Decision, LostRaceError
from routing.jobs import Command, Job, Lane, Lease, LeaseLostError, OfferEngineer, Ring, SendPage
from routing.line import Channel
from routing.ports import CallRepository
from store.db.engine import open_engine, reading
from store.db.schema import migrate
from store.log.call_repository import SqlCallRepository
from store.memory.call_repository import MemoryCallRepository
from store.memory.state import MemoryJobQueue
from store.tables.work import jobs
from store.work.jobs import QUEUED_FOR, REST_FOR, RUNNING_FOR, JobQueue
from tests.conftest import DATABASES, fresh_database

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


Due = JobQueue | MemoryJobQueue


@pytest.fixture(params=["memory", *DATABASES])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[CallRepository, Due]]:
    """A book with nothing in it, and its errands; of each kind that there is."""
    if request.param == "memory":
        book = MemoryCallRepository()
        yield book, MemoryJobQueue(book.rows)
        return
    engine = open_engine(fresh_database(request.param, request, tmp_path))
    yield SqlCallRepository(engine), JobQueue(engine)
    engine.dispose()


@pytest.fixture
def book(kept: tuple[CallRepository, Due]) -> CallRepository:
    return kept[0]


@pytest.fixture
def due(kept: tuple[CallRepository, Due]) -> Due:
    return kept[1]


def post(book: CallRepository, count: int, due_at: dt.datetime, at: dt.datetime = NOW) -> list[str]:
    """Write so many errands; gives back those told to the bell."""
    wanted = tuple(Job(due_at, OfferEngineer("main", f"engineer {n}")) for n in range(count))
    name = f"call {count} {due_at} {at}"
    call = Call(name, name, "main", "", None, "nl", at)
    _, due = book.save(Case(), Decision(Case(call), (), wanted), at)
    return list(due)


def test_what_is_due_at_once_is_left_to_the_bell_for_a_moment(
    book: CallRepository, due: Due
) -> None:
    (told,) = post(book, 1, NOW)
    assert due.lease(NOW) == []
    assert due.claim(Lease(told, 1), NOW) == OfferEngineer("main", "engineer 0")


def test_what_nobody_began_comes_back_as_another_attempt(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    assert due.lease(NOW + QUEUED_FOR) == [Lease(told, 2)]
    assert due.claim(Lease(told, 1), NOW + QUEUED_FOR) is None
    assert due.claim(Lease(told, 2), NOW + QUEUED_FOR) is not None


def test_what_still_waits_in_line_is_left_there(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    late = NOW + QUEUED_FOR
    assert due.unclaimed(late) == [Lease(told, 1)]
    due.extend([Lease(told, 1)], late)
    assert due.unclaimed(late) == []
    assert due.lease(late) == []


def test_what_is_due_later_waits_for_its_time(book: CallRepository, due: Due) -> None:
    assert post(book, 1, NOW + SECOND) == []
    assert not due.waking(NOW)
    assert due.lease(NOW) == []
    assert due.waking(NOW + SECOND)
    assert [lease.attempt for lease in due.lease(NOW + SECOND)] == [1]


def test_whoever_dies_while_doing_it_loses_it_to_another(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    assert due.claim(Lease(told, 1), NOW)
    assert due.lease(NOW + RUNNING_FOR - SECOND) == []
    assert due.lease(NOW + RUNNING_FOR) == [Lease(told, 2)]
    assert not due.done(Lease(told, 1), NOW + RUNNING_FOR)


def test_whoever_holds_on_keeps_it_and_whoever_is_too_late_hears_so(
    book: CallRepository, due: Due
) -> None:
    (told,) = post(book, 1, NOW)
    assert not due.hold(Lease(told, 1), NOW)
    due.claim(Lease(told, 1), NOW)
    nearly = NOW + RUNNING_FOR - SECOND
    assert due.hold(Lease(told, 1), nearly)
    assert due.lease(NOW + RUNNING_FOR) == []
    assert due.lease(nearly + RUNNING_FOR) == [Lease(told, 2)]
    assert not due.hold(Lease(told, 1), nearly + RUNNING_FOR)


def test_done_is_done(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(Lease(told, 1), NOW)
    assert due.oldest_due(NOW + SECOND) == SECOND
    assert due.done(Lease(told, 1), NOW)
    assert due.oldest_due(NOW + SECOND) is None
    assert due.lease(NOW + dt.timedelta(days=1)) == []


def begun(number: int) -> Decision:
    """A new call, with an errand that is due at once."""
    call = Call(f"call {number}", f"CA{number}", "main", "", None, "nl", NOW)
    return Decision(Case(call), (), (Job(NOW, OfferEngineer("main", "sanne")),))


def test_a_decision_and_its_errand_are_done_together(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    lease = Lease(told, 1)
    due.claim(lease, NOW)
    book.save(Case(), begun(1), NOW, finishes=lease)
    assert book.find_by_call("call 1") is not None
    assert not due.done(lease, NOW), "it is done already"


def test_nothing_is_written_by_whoever_lost_the_errand(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(Lease(told, 1), NOW)
    due.lease(NOW + RUNNING_FOR)
    with pytest.raises(LeaseLostError):
        book.save(Case(), begun(1), NOW + RUNNING_FOR, finishes=Lease(told, 1))
    assert book.find_by_call("call 1") is None
    assert due.oldest_due(NOW + SECOND) == SECOND


def test_an_errand_that_changes_nothing_is_done_too(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    lease = Lease(told, 1)
    due.claim(lease, NOW)
    book.save(Case(), Decision(Case()), NOW, finishes=lease)
    assert due.oldest_due(NOW + SECOND) is None


def test_a_lost_race_leaves_the_errand_undone(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    lease = Lease(told, 1)
    due.claim(lease, NOW)
    book.save(Case(), begun(1), NOW)
    with pytest.raises(LostRaceError):
        book.save(Case(), begun(1), NOW, finishes=lease)
    assert due.done(lease, NOW)


def test_a_failure_is_tried_again_at_its_time_and_may_be_given_up(
    book: CallRepository, due: Due
) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(Lease(told, 1), NOW)
    assert due.retry(Lease(told, 1), NOW + 2 * SECOND, "busy")
    assert due.lease(NOW + SECOND) == []
    assert due.lease(NOW + 2 * SECOND) == [Lease(told, 2)]
    assert due.oldest_due(NOW + 2 * SECOND) == 2 * SECOND
    due.claim(Lease(told, 2), NOW + 2 * SECOND)
    assert due.give_up(Lease(told, 2), NOW, "never")
    assert due.lease(NOW + dt.timedelta(days=1)) == []


def test_what_has_been_due_for_long_can_be_taken_alone(book: CallRepository, due: Due) -> None:
    (old,) = post(book, 1, NOW)
    post(book, 1, NOW + 2 * SECOND)
    late = NOW + 3 * SECOND
    assert due.lease(late, due_by=NOW) == [Lease(old, 2)]
    assert len(due.lease(late)) == 1


def post_in_order(book: CallRepository, *deeds: Command) -> None:
    """Write these errands, each due a moment after the one before it."""
    wanted = tuple(Job(NOW + SECOND * n / 100, deed) for n, deed in enumerate(deeds, 1))
    call = Call("call", "CA1", "main", "", None, "nl", NOW)
    book.save(Case(), Decision(Case(call), (), wanted), NOW)


def claimed(due: Due, now: dt.datetime, **named: object) -> list[Command | None]:
    return [due.claim(lease, now) for lease in due.lease(now, **named)]


def test_what_rings_is_taken_before_texts_and_texts_before_the_rest(
    book: CallRepository, due: Due
) -> None:
    deeds = [
        SendPage("m", Channel.EMAIL),
        SendPage("t", Channel.SMS),
        OfferEngineer("main", "sanne"),
        Ring("r"),
    ]
    post_in_order(book, *deeds)
    later = NOW + SECOND
    assert due.lanes(later, later) == list(Lane)
    assert [claimed(due, later, limit=1) for _ in deeds] == [[deed] for deed in reversed(deeds)]


def test_told_together_they_are_told_in_that_order(book: CallRepository, due: Due) -> None:
    deeds = [
        SendPage("m", Channel.EMAIL),
        SendPage("t", Channel.SMS),
        OfferEngineer("main", "sanne"),
        Ring("r"),
    ]
    post_in_order(book, *deeds)
    assert claimed(due, NOW + SECOND) == list(reversed(deeds))


def test_a_lane_is_taken_alone(book: CallRepository, due: Due) -> None:
    post_in_order(book, SendPage("m", Channel.EMAIL), SendPage("t", Channel.SMS))
    later = NOW + SECOND
    assert claimed(due, later, lane=Lane.TELEPHONES) == []
    assert claimed(due, later, lane=Lane.TEXTS) == [SendPage("t", Channel.SMS)]
    assert due.lanes(later, later) == [Lane.REST]
    assert due.lanes(later, NOW) == []


def test_a_mail_may_take_longer_than_a_ring(book: CallRepository, due: Due) -> None:
    post_in_order(book, SendPage("m", Channel.EMAIL), Ring("r"))
    begun = NOW + SECOND
    claimed(due, begun)
    assert claimed(due, begun + RUNNING_FOR) == [Ring("r")]
    assert claimed(due, begun + REST_FOR) == [Ring("r"), SendPage("m", Channel.EMAIL)]


def test_many_who_sweep_at_once_take_each_errand_once(book: CallRepository, due: Due) -> None:
    post(book, 60, NOW + SECOND)

    def all_of_them(_: int) -> list[Lease]:
        taken: list[Lease] = []
        while leases := due.lease(NOW + SECOND, 5):
            taken += leases
        return taken

    with ThreadPoolExecutor(6) as clocks:
        taken = [lease for leases in clocks.map(all_of_them, range(6)) for lease in leases]
    assert len(taken) == len(set(taken)) == 60


def test_of_many_who_claim_an_attempt_one_gets_it(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    with ThreadPoolExecutor(8) as workers:
        claims = list(workers.map(lambda _: due.claim(Lease(told, 1), NOW), range(8)))
    assert sum(claim is not None for claim in claims) == 1


@cache
def empty_tables() -> bytes:
    """An SQLite file with the tables and nothing in them: migrations take longer than a run."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "line.db"
        engine = open_engine(f"sqlite:///{file}")
        migrate(engine)
        engine.dispose()
        return file.read_bytes()


class AnyOrder(RuleBasedStateMachine):
    """Clocks and workers that act, die, are late and lie, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.open()
        self.now = NOW
        self.posted = 0
        self.handed: list[Lease] = []
        self.running: list[Lease] = []
        self.claimed: set[Lease] = set()
        self.finished: list[str] = []

    def open(self) -> None:
        file = Path(self.folder.name) / "line.db"
        file.write_bytes(empty_tables())
        self.engine = open_engine(f"sqlite:///{file}")
        self.book: CallRepository = SqlCallRepository(self.engine)
        self.due: Due = JobQueue(self.engine)

    def left(self) -> int:
        with reading(self.engine) as connection:
            undone = connection.scalars(select(jobs.c.id).where(jobs.c.done_at.is_(None)))
            return len(undone.all())

    def close(self) -> None:
        self.engine.dispose()

    @rule(later=st.integers(0, 3))
    def post(self, later: int) -> None:
        self.now += dt.timedelta(microseconds=1)
        told = post(self.book, 1, self.now + later * SECOND, self.now)
        self.handed += [Lease(errand, 1) for errand in told]
        self.posted += 1

    @rule(seconds=st.floats(0.05, 6))
    def time_passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self.handed += self.due.lease(self.now)

    @rule(data=st.data())
    def extend(self, data: st.DataObject) -> None:
        if self.handed:
            self.due.extend([data.draw(st.sampled_from(self.handed))], self.now)

    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        if self.handed:
            lease = data.draw(st.sampled_from(self.handed))  # RQ may run a job twice
            if self.due.claim(lease, self.now) is not None:
                assert lease not in self.claimed
                self.claimed.add(lease)
                self.running.append(lease)

    @rule(data=st.data(), end=st.sampled_from(["done", "retry", "dies"]))
    def finish(self, data: st.DataObject, end: str) -> None:
        if self.running:
            lease = data.draw(st.sampled_from(self.running))
            self.running.remove(lease)
            if end == "done" and self.due.done(lease, self.now):
                self.finished.append(lease.job)
            if end == "retry":
                self.due.retry(lease, self.now + SECOND, "failed")

    @invariant()
    def each_is_done_at_most_once_and_none_is_lost(self) -> None:
        assert len(self.finished) == len(set(self.finished))
        assert self.left() + len(self.finished) == self.posted

    def teardown(self) -> None:
        """In the end, with nobody dying any more, everything gets done."""
        if not hasattr(self, "due"):
            return
        self.now += dt.timedelta(minutes=1)
        for lease in self.due.lease(self.now, 1000):
            assert self.due.claim(lease, self.now) is not None
            assert self.due.done(lease, self.now)
        assert self.due.oldest_due(self.now) is None
        self.close()
        self.folder.cleanup()


class AnyOrderInMemory(AnyOrder):
    """The same, without a database."""

    def open(self) -> None:
        book = MemoryCallRepository()
        self.book, self.due, self.rows = book, MemoryJobQueue(book.rows), book.rows

    def left(self) -> int:
        return len(self.rows.pending)

    def close(self) -> None:
        pass


TestAnyOrder = pytest.mark.timeout(120)(AnyOrder.TestCase)
TestAnyOrder.settings = hypothesis_settings(max_examples=25, stateful_step_count=30, deadline=None)
TestAnyOrderInMemory = AnyOrderInMemory.TestCase
TestAnyOrderInMemory.settings = TestAnyOrder.settings
