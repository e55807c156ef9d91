"""One matter by every door: one incident, one clock, one premium place, one timeline."""

from routing import events
from routing.call import Entitlement, Identity
from routing.call_service import lodge
from routing.correspondence import Author, Upload
from routing.incident import ClockState, IncidentSource, IncidentState
from routing.message import Via
from store.log.reports import Reports
from store.log.timeline import read_incident_timeline
from tests.stories.stage import JORIS, PIETER, SANNE
from tests.stories.test_signature import texts_to

NAME = "Pieter Jansen"
ALSO = "Dit hoort bij mijn telefoontje."


def attach(stage, content=b"scan log"):
    """A file that the customer sends by the portal."""
    upload = Upload("main", "scan.log", "text/plain", Author.CUSTOMER, NAME, Via.PORTAL, "100234")
    correspondence = stage.desk.calls.correspondence
    return correspondence.write_file(upload, [content], 1024, stage.now()).id


def writes(stage, incident, nth, door, words, *files):
    event = events.CustomerWrote(incident.key, f"{nth:032x}", NAME, door, words, files)
    stage.desk.happen(event)
    stage.advance(1)


def lodged(stage, **changes):
    """The customer fills in the form as well."""
    known = Identity("100234", "Bakkerij Jansen BV", NAME, "msa_plus", PIETER)
    source, worth = IncidentSource.PORTAL, Entitlement.ENTITLED
    event = events.Lodged("f" * 32, "main", source, 1, "nl", worth, known, words=ALSO, **changes)
    incident = lodge(stage.desk, event).incident
    stage.settle()
    return incident


def current(stage, number):
    return stage.desk.calls.find_by_number(number).incident


def test_one_matter_by_telephone_portal_and_mail(stage):
    caller = stage.call_level_1()
    stage.advance(5)
    stage.hang_up(caller)
    first = stage.incident()
    due = first.respond_by
    second = lodged(stage, files=(attach(stage),))
    merge = events.Merged(second.key, first.key, "sanne", Via.CONSOLE)
    stage.desk.happen(merge)
    stage.settle()
    writes(stage, second, 1, Via.PORTAL, "Het log staat erbij.", attach(stage, b"more"))
    writes(stage, first, 2, Via.EMAIL, "En het wordt erger.")
    engineer = stage.take(SANNE)
    stage.advance(3)
    stage.hang_up(engineer)
    stage.advance(5)
    asked = events.WaitsForCustomer(first.key, "sanne", Via.CONSOLE, "welke versie?", "e" * 32)
    stage.desk.happen(asked)
    assert current(stage, first.number).clock.state is ClockState.PAUSED
    writes(stage, second, 3, Via.EMAIL, "Versie 4.")
    incident = current(stage, first.number)
    assert (incident.clock.state, incident.respond_by >= due) == (ClockState.RUNNING, True)
    answer = events.AnsweredCustomer(first.key, "d" * 32, "sanne", Via.CONSOLE, "Zet hem uit.")
    stage.desk.happen(answer)
    stage.desk.happen(events.Responded(first.key, "sanne", Via.CONSOLE))
    stage.desk.happen(events.Closed(first.key, "sanne", Via.CONSOLE))
    stage.settle()
    assert_one_of_everything(stage, first.number, second.number)


def assert_one_of_everything(stage, number, merged_number):
    """Whoever reads the story of the survivor reads all of it."""
    incident, merged = current(stage, number), current(stage, merged_number)
    assert (incident.state, incident.clock.state) == (IncidentState.CLOSED, ClockState.STOPPED)
    assert (merged.state, merged.merged_into) == (IncidentState.CLOSED, incident.key)
    assert [stage.rings(number) for number in (SANNE, JORIS)] == [1, 0]
    rows = {row["id"]: row["premium"] for row in Reports(stage.services.engine).incidents()}
    assert rows == {number: True, merged_number: False}
    timeline = read_incident_timeline(stage.services.engine, number)
    said = [(m.author, m.door) for m in timeline.customer_messages]
    customer = [(Author.CUSTOMER, door) for door in (Via.PORTAL, Via.PORTAL, Via.EMAIL, Via.EMAIL)]
    staff = (Author.STAFF, Via.CONSOLE)  # the question, and the answer
    assert [one for one in said if one != staff] == customer
    assert said.count(staff) == 2
    assert sorted(file.size for file in timeline.files) == [len(b"more"), len(b"scan log")]
    assert len(timeline.calls) == 1
    happened = [step.event for step in timeline.steps]
    for event in ("opened", "merged", "absorbed", "accepted", "clock_paused", "closed"):
        assert event in happened


def test_an_engineer_may_text_the_old_number(stage):
    caller = stage.call_level_1()
    stage.hang_up(caller)
    first, second = stage.incident(), lodged(stage)
    stage.take(SANNE)
    stage.advance(3)
    stage.desk.happen(events.Merged(second.key, first.key, "sanne", Via.CONSOLE))
    stage.settle()
    stage.office.text(SANNE, "+31201234567", f"{second.number} beantwoord")
    stage.settle()
    assert current(stage, first.number).state is IncidentState.RESPONDED
    assert str(first.number) in texts_to(stage, SANNE)[-1]
