"""What is old is let go, whole and in small steps; what is open stays, and the counts stay."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from routing.contracts import PremiumUse
from routing.correspondence import Author, CustomerMessage, Upload
from routing.decision import Case, Decision
from routing.incident import IncidentState
from routing.jobs import DeleteRecording
from routing.journal import JournalEntry, JournalEvent
from routing.line import Channel, Retention
from routing.message import IncidentNote, Message, Via
from routing.recording import Purpose, Recording, RecordingState, Sound
from store.db.engine import open_engine
from store.log.call_repository import SqlCallRepository
from store.log.premium import list_premium_years
from store.log.recordings import MediaFiles, RecordingStore
from store.log.retention import AT_ONCE, UPLOADS_KEPT_FOR, delete_expired, delete_traces
from store.people.lines import apply_line
from store.tables import all_tables
from store.work.jobs import JobQueue
from tests.conftest import DATABASES, fresh_database
from tests.store import cast
from tests.store.cast import BAKERY, LINE, NOW

DAY = dt.timedelta(days=1)
YEAR = dt.date(2026, 1, 1)
KEEP = Retention()
OF_A_MATTER = (
    "calls",
    "incidents",
    "pages",
    "journal",
    "notes",
    "messages",
    "recordings",
    "sounds",
    "customer_messages",
    "files",
    "file_chunks",
)


UPLOAD = Upload("main", "a.log", "text/plain", Author.CUSTOMER, "Pieter", Via.PORTAL, "100234")


class Keeper:
    """A book with an archive, and a clock that is whatever is said."""

    def __init__(self, url, folder):
        self.engine = open_engine(url)
        self.book = SqlCallRepository(self.engine)
        self.archive = RecordingStore(self.book.recordings, MediaFiles(folder / "media"))
        apply_line(self.engine, LINE, [BAKERY], NOW)

    def matter(self, number=1, *, sound=True, **changes):
        """A closed incident with everything that one can have."""
        about = {
            "state": IncidentState.CLOSED,
            "closed_at": NOW,
            "contract": "100234",
            "calls": ("CA1",),
        }
        page = cast.ended(cast.leg(f"leg-{number}"))
        value = cast.incident(number, **(about | {"pages": (page,)} | changes))
        call = replace(cast.proven(cast.call(number)), incident=value.key, ended_at=NOW)
        note = JournalEntry(JournalEvent.OPENED, "level 1")
        says = IncidentNote(f"memo-{number}", value.key, NOW, "sanne", Via.TEXT, "the till is down")
        letter = Message(
            f"letter-{number}",
            "main",
            NOW,
            "sanne",
            Channel.SMS,
            "+31612345601",
            "nl",
            "breach",
            incident=value.key,
        )
        spoken = Recording(f"rec-{number}", "main", value.key, NOW, Purpose.MESSAGE, "http://c/RE1")
        sent = self.book.correspondence.write_file(UPLOAD, [b"log"], 10, NOW)
        wrote = CustomerMessage(
            f"wrote-{number}", value.key, NOW, Author.CUSTOMER, "Pieter", Via.PORTAL, "help",
            files=(sent.id,),
        )  # fmt: skip
        recorded = (spoken,) if sound else ()
        decision = Decision(
            Case(call, value), (note,), (), (letter,), recorded, (says,),
            customer_messages=(wrote,), attached_files=(sent.id,),
        )  # fmt: skip
        self.book.save(Case(), decision, NOW)
        if sound:
            self.book.recordings.keep(spoken.id, Sound(3, "0" * 64, "audio/wav", 1.0), b"abc", NOW)
        return value

    def after(self, age, looks=1):
        for _ in range(looks):
            delete_expired(self.engine, self.archive, LINE, NOW + age)

    def dropped(self, number=1):
        """The carrier has deleted it."""
        self.book.recordings.mark_deleted(f"rec-{number}", NOW)

    def count(self):
        with self.engine.connect() as connection:
            return {
                name: connection.scalar(select(func.count()).select_from(all_tables().tables[name]))
                for name in OF_A_MATTER
            }


@pytest.fixture(params=DATABASES)
def keeper(request, tmp_path):
    keeper = Keeper(fresh_database(request.param, request, tmp_path), tmp_path)
    yield keeper
    keeper.engine.dispose()


def test_an_incident_goes_with_all_that_belongs_to_it_and_nothing_is_left(keeper):
    keeper.matter()
    keeper.dropped()
    keeper.after(KEEP.incidents)
    assert min(keeper.count()[name] for name in ("calls", "incidents", "pages", "journal")) == 1
    keeper.after(KEEP.incidents + DAY, looks=2)
    assert set(keeper.count().values()) == {0}


@pytest.mark.parametrize("state", [IncidentState.OPEN, IncidentState.ACKNOWLEDGED])
def test_what_is_open_is_never_touched(keeper, state):
    keeper.matter(state=state, closed_at=None)
    before = keeper.count()
    keeper.after(20 * 365 * DAY, looks=3)
    assert keeper.count() == before
    assert keeper.book.recordings.find("rec-1").state is RecordingState.KEPT


def test_an_incident_that_somebody_is_on_the_telephone_for_stays(keeper):
    keeper.matter(pages=(cast.leg("leg-1"),), sound=False)
    keeper.after(KEEP.incidents + DAY)
    assert keeper.count()["incidents"] == keeper.count()["journal"] == 1


def test_the_age_counts_from_the_last_thing_that_became_of_it(keeper):
    keeper.matter(closed_at=NOW + 100 * DAY, sound=False)
    keeper.after(KEEP.incidents + 99 * DAY)
    assert keeper.count()["incidents"] == 1
    keeper.after(KEEP.incidents + 101 * DAY)
    assert keeper.count()["incidents"] == 0


def test_sounds_texts_and_notes_go_first_and_the_story_stays_whole(keeper):
    keeper.matter()
    keeper.after(KEEP.notes + DAY)
    left = keeper.count()
    assert (left["sounds"], left["messages"], left["notes"]) == (0, 0, 0)
    assert (left["calls"], left["incidents"], left["pages"], left["journal"]) == (1, 1, 1, 1)
    assert keeper.book.recordings.find("rec-1").state is RecordingState.FORGOTTEN


def test_what_the_carrier_may_still_have_is_deleted_there_before_the_incident_goes(keeper):
    keeper.matter()
    keeper.after(KEEP.incidents + DAY, looks=2)
    assert keeper.count()["incidents"] == 1
    due = JobQueue(keeper.engine)
    deeds = [job.command for job in due.claim(NOW + KEEP.incidents + 2 * DAY)]
    assert DeleteRecording("rec-1") in deeds
    keeper.dropped()
    keeper.after(KEEP.incidents + DAY)
    assert keeper.count()["incidents"] == 0


def test_a_call_without_an_incident_goes_alone_and_a_live_one_stays(keeper):
    for number, over in ((1, NOW), (2, None)):
        value = replace(cast.call(number), ended_at=over)
        decision = Decision(Case(value, None), (JournalEntry(JournalEvent.ANSWERED, "a stranger"),))
        keeper.book.save(Case(), decision, NOW)
    keeper.after(KEEP.calls + DAY)
    assert (keeper.count()["calls"], keeper.count()["journal"]) == (1, 1)


def test_the_counts_of_a_contract_year_survive_the_incidents(keeper):
    for place, premium in ((1, True), (2, False), (3, True)):
        counted = PremiumUse(NOW, YEAR, place)
        keeper.matter(place, counted=counted, premium=premium, sound=False)
    before = keeper.book.count_premium("main", "100234", YEAR)
    rows = list(list_premium_years(keeper.engine, LINE))
    keeper.after(KEEP.incidents + DAY)
    assert keeper.count()["incidents"] == 0
    assert keeper.book.count_premium("main", "100234", YEAR) == before == (2, 3)
    assert list(list_premium_years(keeper.engine, LINE)) == rows


def test_one_look_does_a_little_and_the_next_goes_on(keeper):
    for number in range(1, AT_ONCE + 4):
        keeper.matter(number, sound=False)
    keeper.after(KEEP.incidents + DAY)
    assert keeper.count()["incidents"] == 3
    keeper.after(KEEP.incidents + DAY)
    assert keeper.count()["incidents"] == 0


def test_files_and_then_messages_of_customers_go_before_their_incident(keeper):
    keeper.matter(sound=False)
    keeper.after(KEEP.files + DAY)
    left = keeper.count()
    assert (left["files"], left["file_chunks"], left["customer_messages"]) == (0, 0, 1)
    keeper.matter(2, sound=False, state=IncidentState.OPEN, closed_at=None)
    keeper.after(KEEP.messages + DAY)
    assert (keeper.count()["customer_messages"], keeper.count()["files"]) == (1, 1)


def test_what_was_merged_into_an_open_incident_stays_until_that_is_over(keeper):
    merged = keeper.matter(1, sound=False, merged_into="incident-2")
    survivor = keeper.matter(
        2, sound=False, state=IncidentState.OPEN, closed_at=None, merged=(merged.key,)
    )
    before = keeper.count()
    keeper.after(KEEP.incidents + DAY, looks=2)
    assert keeper.count() == before
    case = keeper.book.find_by_incident(survivor.key)
    closed = replace(case.incident, state=IncidentState.CLOSED, closed_at=NOW)
    keeper.book.save(case, Decision(replace(case, incident=closed)), NOW)
    keeper.after(KEEP.incidents + DAY, looks=2)
    assert set(keeper.count().values()) == {0}


def test_an_upload_that_waits_for_its_incident_goes_after_a_day(keeper):
    keeper.book.correspondence.write_file(UPLOAD, [b"log"], 10, NOW)
    delete_traces(keeper.engine, NOW + UPLOADS_KEPT_FOR)
    assert keeper.count()["files"] == 1
    delete_traces(keeper.engine, NOW + UPLOADS_KEPT_FOR + DAY)
    assert (keeper.count()["files"], keeper.count()["file_chunks"]) == (0, 0)
