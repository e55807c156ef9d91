"""Due work, whatever happens and in whatever order: nothing lost, one holder of an attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select, update

from routing.call import Call
from routing.decision import Case, Decision, LostRaceError
from routing.jobs import (
    Command,
    DeliverWebhook,
    Job,
    Lane,
    Lease,
    LeaseLostError,
    OfferEngineer,
    Ring,
    RunTask,
    SendPage,
    TranscribeRecording,
)
from routing.line import Channel
from routing.ports import CallRepository
from store.db.engine import open_engine, reading, writing
from store.db.schema import migrate
from store.log.call_repository import SqlCallRepository
from store.memory.call_repository import MemoryCallRepository
from store.memory.state import MemoryJobQueue
from store.tables.work import jobs
from store.work.jobs import REST_FOR, RUNNING_FOR, ClaimedJob, JobQueue
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


def leases(claimed: Sequence[ClaimedJob]) -> list[Lease]:
    return [job.lease for job in claimed]


def test_what_is_due_is_begun_once(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    (job,) = due.claim(NOW)
    assert (job.lease, job.command) == (Lease(told, 1), OfferEngineer("main", "engineer 0"))
    assert due.claim(NOW) == []


def test_what_is_due_later_waits_for_its_time(book: CallRepository, due: Due) -> None:
    assert post(book, 1, NOW + SECOND) == []
    assert due.find_next() == {Lane.DECISIONS: NOW + SECOND}
    assert due.claim(NOW) == []
    assert [job.lease.attempt for job in due.claim(NOW + SECOND)] == [1]


def test_nothing_is_next_when_nothing_is_left(book: CallRepository, due: Due) -> None:
    post(book, 1, NOW)
    (job,) = due.claim(NOW)
    assert due.find_next() == {Lane.DECISIONS: NOW + RUNNING_FOR}, "its lease may end first"
    due.done(job.lease, NOW)
    assert due.find_next() == {}


def test_whoever_dies_while_doing_it_loses_it_to_another(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(NOW)
    assert due.claim(NOW + RUNNING_FOR - SECOND) == []
    assert leases(due.claim(NOW + RUNNING_FOR)) == [Lease(told, 2)]
    assert not due.done(Lease(told, 1), NOW + RUNNING_FOR)


def test_whoever_holds_on_keeps_it_and_whoever_is_too_late_hears_so(
    book: CallRepository, due: Due
) -> None:
    (told,) = post(book, 1, NOW)
    assert not due.hold(Lease(told, 1), NOW)
    due.claim(NOW)
    nearly = NOW + RUNNING_FOR - SECOND
    assert due.hold(Lease(told, 1), nearly)
    assert due.claim(NOW + RUNNING_FOR) == []
    assert leases(due.claim(nearly + RUNNING_FOR)) == [Lease(told, 2)]
    assert not due.hold(Lease(told, 1), nearly + RUNNING_FOR)


def test_done_is_done(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(NOW)
    assert due.oldest_due(NOW + SECOND) == SECOND
    assert due.done(Lease(told, 1), NOW)
    assert due.oldest_due(NOW + SECOND) is None
    assert due.claim(NOW + dt.timedelta(days=1)) == []


def begun(number: int) -> Decision:
    """A new call, with an errand that is due at once."""
    call = Call(f"call {number}", f"CA{number}", "main", "", None, "nl", NOW)
    return Decision(Case(call), (), (Job(NOW, OfferEngineer("main", "sanne")),))


def test_a_decision_and_its_errand_are_done_together(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    lease = Lease(told, 1)
    due.claim(NOW)
    book.save(Case(), begun(1), NOW, finishes=lease)
    assert book.find_by_call("call 1") is not None
    assert not due.done(lease, NOW), "it is done already"


def test_nothing_is_written_by_whoever_lost_the_errand(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(NOW)
    due.claim(NOW + RUNNING_FOR)
    with pytest.raises(LeaseLostError):
        book.save(Case(), begun(1), NOW + RUNNING_FOR, finishes=Lease(told, 1))
    assert book.find_by_call("call 1") is None
    assert due.oldest_due(NOW + SECOND) == SECOND


def test_an_errand_that_changes_nothing_is_done_too(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    lease = Lease(told, 1)
    due.claim(NOW)
    book.save(Case(), Decision(Case()), NOW, finishes=lease)
    assert due.oldest_due(NOW + SECOND) is None


def test_a_lost_race_leaves_the_errand_undone(book: CallRepository, due: Due) -> None:
    (told,) = post(book, 1, NOW)
    lease = Lease(told, 1)
    due.claim(NOW)
    book.save(Case(), begun(1), NOW)
    with pytest.raises(LostRaceError):
        book.save(Case(), begun(1), NOW, finishes=lease)
    assert due.done(lease, NOW)


def test_a_failure_is_tried_again_at_its_time_and_may_be_given_up(
    book: CallRepository, due: Due
) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(NOW)
    assert due.retry(Lease(told, 1), NOW + 2 * SECOND, "busy")
    assert due.claim(NOW + SECOND) == []
    assert due.oldest_due(NOW + 2 * SECOND) == 2 * SECOND
    assert leases(due.claim(NOW + 2 * SECOND)) == [Lease(told, 2)]
    assert due.give_up(Lease(told, 2), NOW, "never")
    assert due.claim(NOW + dt.timedelta(days=1)) == []


def test_what_is_put_back_comes_at_its_time_as_the_same_attempt(
    book: CallRepository, due: Due
) -> None:
    (told,) = post(book, 1, NOW)
    due.claim(NOW)
    assert due.put_back(Lease(told, 1), NOW + SECOND)
    assert not due.put_back(Lease(told, 1), NOW + SECOND)
    assert due.claim(NOW + SECOND / 2) == []
    assert leases(due.claim(NOW + SECOND)) == [Lease(told, 1)]


def test_what_has_been_due_for_long_can_be_taken_alone(book: CallRepository, due: Due) -> None:
    (old,) = post(book, 1, NOW)
    post(book, 1, NOW + 2 * SECOND)
    late = NOW + 3 * SECOND
    assert due.find_next(NOW) == {Lane.DECISIONS: NOW}
    assert leases(due.claim(late, due_by=NOW)) == [Lease(old, 1)]
    assert due.find_next(NOW) == {Lane.DECISIONS: late + RUNNING_FOR}
    assert len(due.claim(late)) == 1


def post_in_order(book: CallRepository, *deeds: Command) -> None:
    """Write these errands, each due a moment after the one before it."""
    wanted = tuple(Job(NOW + SECOND * n / 100, deed) for n, deed in enumerate(deeds, 1))
    call = Call("call", "CA1", "main", "", None, "nl", NOW)
    book.save(Case(), Decision(Case(call), (), wanted), NOW)


def claimed(due: Due, now: dt.datetime, **lanes: int) -> list[Command | None]:
    free = {Lane(name): count for name, count in lanes.items()} or dict.fromkeys(Lane, 9)
    return [job.command for job in due.claim(now, free)]


def test_what_rings_is_taken_before_texts_and_texts_before_the_rest(
    book: CallRepository, due: Due
) -> None:
    deeds = [
        TranscribeRecording("w"),
        RunTask("t"),
        DeliverWebhook("d", "main/tickets"),
        SendPage("m", Channel.EMAIL),
        SendPage("t", Channel.SMS),
        OfferEngineer("main", "sanne"),
        Ring("r"),
    ]
    post_in_order(book, *deeds)
    assert due.find_next().keys() == set(Lane)
    assert claimed(due, NOW + SECOND) == list(reversed(deeds))


def test_no_more_is_taken_than_there_are_hands_and_the_oldest_first(
    book: CallRepository, due: Due
) -> None:
    post_in_order(book, Ring("1"), SendPage("t", Channel.SMS), Ring("2"), Ring("3"))
    later = NOW + SECOND
    assert claimed(due, later, telephones=2) == [Ring("1"), Ring("2")]
    assert claimed(due, later, telephones=2) == [Ring("3")]
    assert claimed(due, later, rest=1) == []
    assert claimed(due, later, texts=1) == [SendPage("t", Channel.SMS)]


def test_a_mail_may_take_longer_than_a_ring(book: CallRepository, due: Due) -> None:
    words, mail = TranscribeRecording("w"), SendPage("m", Channel.EMAIL)
    post_in_order(book, words, mail, Ring("r"))
    begun = NOW + SECOND
    claimed(due, begun)
    assert claimed(due, begun + RUNNING_FOR) == [Ring("r")]
    assert claimed(due, begun + REST_FOR) == [Ring("r"), mail, words]


def test_many_who_look_at_once_take_each_errand_once(book: CallRepository, due: Due) -> None:
    post(book, 60, NOW + SECOND)

    def all_of_them(_: int) -> list[Lease]:
        taken: list[Lease] = []
        while due.find_next()[Lane.DECISIONS] <= NOW + SECOND:
            taken += leases(due.claim(NOW + SECOND, {Lane.DECISIONS: 5}))
        return taken

    with ThreadPoolExecutor(6) as workers:
        taken = [lease for leases in workers.map(all_of_them, range(6)) for lease in leases]
    assert len(taken) == len(set(taken)) == 60


def test_what_was_queued_by_an_earlier_version_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "line.db"
    file.write_bytes(empty_tables())
    engine = open_engine(f"sqlite:///{file}")
    (told,) = post(SqlCallRepository(engine), 1, NOW)
    queued = {"state": "queued", "attempt": 1, "wakes_at": NOW + SECOND}
    with writing(engine) as connection:
        connection.execute(update(jobs).values(queued))
    assert leases(JobQueue(engine).claim(NOW + SECOND)) == [Lease(told, 2)]
    engine.dispose()


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
        post(self.book, 1, self.now + later * SECOND, self.now)
        self.posted += 1

    @rule(seconds=st.floats(0.05, 6))
    def time_passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    @rule(hands=st.integers(1, 3))
    def claim(self, hands: int) -> None:
        for job in self.due.claim(self.now, {Lane.DECISIONS: hands}):
            assert job.lease not in self.claimed
            self.claimed.add(job.lease)
            self.running.append(job.lease)

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
        for job in self.due.claim(self.now):
            assert self.due.done(job.lease, self.now)
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
