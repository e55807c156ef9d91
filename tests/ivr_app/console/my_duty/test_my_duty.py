"""An engineer's own page: shifts, handovers confirmed, numbers verified, rules and calendar."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from devtools.phone_company.company import Account
from devtools.phone_company.driver.office import Office
from routing import call_service
from routing.jobs import AnnounceHandover
from routing.line import Channel, ContactRule, HandoverState, Hours, Rotation, Shift
from routing.phone_numbers import format_international
from service.signed_urls import CalendarSubject, build_feed_token
from store.people.audit import AuditLog
from store.people.lines import SqlLineRepository, apply_line
from tests.ivr_app.console.conftest import environment_of
from tests.ivr_app.console.dashboard.test_dashboard import words

DUTCH = {"Accept-Language": "nl"}
NUMBER = "+31612345690"


@pytest.fixture
def office(tmp_path):
    """The company that the settings name, with the line's number for texts."""
    environment = environment_of(tmp_path)
    account = Account(environment["TWILIO_ACCOUNT_SID"], environment["TWILIO_AUTH_TOKEN"])
    with Office(account, manual=True) as office:
        office.number("+3197010200000")
        yield office


@pytest.fixture
def environment(environment, office):
    return environment | {"TWILIO_API_URL": office.url}


@pytest.fixture
def sanne(signed_in):
    return signed_in("engineer")


@pytest.fixture
def change(board, clock):
    """Change the line of the papers."""

    def run(**values):
        line = SqlLineRepository(board.engine).find_line("main")
        apply_line(board.engine, replace(line, **values), [], clock.now)

    return run


@pytest.fixture
def weekly(board, change):
    """Sanne and Joris take turns by the week; Sanne came on an hour ago."""
    line = SqlLineRepository(board.engine).find_line("main")
    turns = Rotation(
        1, "week", dt.datetime.fromisoformat("2026-03-02T10:00"), (("sanne",), ("joris",))
    )
    change(schedules=(replace(line.schedules[0], shifts=(Shift(rotation=turns),)),))
    line = SqlLineRepository(board.engine).find_line("main")
    at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    relief = call_service.announce_handover(
        board.call_service, AnnounceHandover("main", "primary", at, "sanne")
    )
    assert relief is not None
    return relief


def code_of(office):
    texts = [text.body for text in office.texts if text.to == NUMBER]
    return re.search(r"\b\d{6}\b", texts[-1])[0]


def deeds(board):
    return [row.entry for row in AuditLog(board.engine).page() if "my_duty" in row.entry.action]


def numbers(board):
    return SqlLineRepository(board.engine).find_line("main").engineer("sanne").phones


def test_the_page_says_whether_one_is_on_call_until_when_and_what_comes(sanne, weekly):
    page = words(sanne.get("/my_duty", headers=DUTCH))
    assert "u hebt dienst primary tot ma 9 mrt 10:00" in page
    assert "primary ma 16 mrt 10:00 – ma 23 mrt 10:00 Weggeven" in page
    assert "U komt in dienst" not in page


def test_a_shift_that_has_begun_is_given_away_from_now_on(signed_in, clock):
    clock.tick(60 * 24 * 3600)
    page = signed_in("engineer").get("/my_duty", headers=DUTCH)
    assert "primary nu – tot nader order Weggeven" in words(page)
    day, hour = f"{clock.now:%Y-%m-%d}", clock.now.hour + 2  # Amsterdam, in summer
    assert f"start={day}T{hour:02}" in page.text


def test_whoever_comes_on_within_a_day_sees_it_with_whom_they_relieve(signed_in, weekly, clock):
    clock.tick(6 * 24 * 3600 + 3600)
    joris = signed_in("engineer", name="joris", engineer="joris")
    page = words(joris.get("/my_duty", headers=DUTCH))
    assert "u hebt geen dienst De eerste keer: primary ma 9 mrt 10:00" in page
    assert "U komt in dienst voor primary: ma 9 mrt 10:00 , na Sanne de Vries." in page


def test_a_handover_is_confirmed_with_one_button_and_stands_in_the_audit_log(sanne, weekly, board):
    page = sanne.get("/my_duty", headers=DUTCH)
    assert "U hebt dienst voor primary vanaf" in page.text
    path = re.search(r'action="/console(/my_duty/confirm/[^"]+)"', page.text)[1]
    assert sanne.post(path).status_code == 302
    relief = board.call_service.calls.handovers.find(weekly.id)
    assert (relief.state, relief.confirmed_at) == (
        HandoverState.CONFIRMED,
        board.call_service.clock(),
    )
    assert "Dank u, uw dienst is bevestigd." in sanne.get("/my_duty", headers=DUTCH).text
    assert [(deed.who, deed.action) for deed in deeds(board)] == [("sanne", "my_duty.confirm")]
    sanne.post(path)
    assert len(deeds(board)) == 1
    assert "mine/confirm" not in sanne.get("/my_duty").text


def test_nobody_confirms_for_somebody_else(signed_in, weekly, board):
    joris = signed_in("engineer", name="joris", engineer="joris")
    joris.post(f"/my_duty/confirm/{weekly.id}")
    assert "Er is niets te bevestigen" in joris.get("/my_duty", headers=DUTCH).text
    assert board.call_service.calls.handovers.find(weekly.id).state is HandoverState.TOLD
    assert deeds(board) == []


def test_a_number_is_added_by_the_code_that_is_sent_to_it(sanne, board, office):
    assert (
        sanne.post("/my_duty/numbers", number="06 12345690").location == "/console/my_duty/#numbers"
    )
    page = words(sanne.get("/my_duty", headers=DUTCH))
    assert f"{format_international(NUMBER)} wacht op de code" in page
    assert NUMBER not in numbers(board)
    answer = sanne.post("/my_duty/numbers/code", number=NUMBER, code=f" {code_of(office)} ")
    assert answer.status_code == 302
    assert numbers(board)[-1] == NUMBER
    assert f"{format_international(NUMBER)} zelf toegevoegd" in words(
        sanne.get("/my_duty", headers=DUTCH)
    )
    assert sanne.post("/my_duty/numbers/remove", number=NUMBER).status_code == 302
    assert NUMBER not in numbers(board)
    assert [deed.action.split("_")[2] for deed in deeds(board)] == ["remove", "verify", "add"]
    assert NUMBER not in str(deeds(board))


def test_a_wrong_code_is_said_so_beside_its_field_and_is_no_deed(sanne, board, office):
    sanne.post("/my_duty/numbers", number=NUMBER)
    wrong = f"{(int(code_of(office)) + 1) % 10**6:06}"
    answer = sanne.post("/my_duty/numbers/code", headers=DUTCH, number=NUMBER, code=wrong)
    assert (answer.status_code, "Dat is niet de code." in answer.text) == (422, True)
    assert [deed.action for deed in deeds(board)] == ["my_duty.number_add"]
    assert NUMBER not in numbers(board)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("12", "Dat is geen telefoonnummer in NL"),
        ("+31612345602", "is al een nummer van Joris Bakker"),
        ("+31201234567", "het nummer van de lijn zelf"),
        ("0906 1234567", "een betaalnummer, een pieper of een voicemail"),
        ("+31208881199", "neemt geen sms aan"),
        ("", "Vul dit in."),
        ("1" * 65, "Hoogstens 64 tekens."),
    ],
)
def test_what_cannot_be_added_is_said_beside_the_field(sanne, office, number, sentence):
    answer = sanne.post("/my_duty/numbers", headers=DUTCH, number=number)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert office.texts == []


def test_a_number_of_the_file_and_somebody_elses_stay(sanne, board, office):
    for number in ("+31612345601", "+31612345602"):
        answer = sanne.post("/my_duty/numbers/remove", headers=DUTCH, number=number)
        assert (answer.status_code, "uit het bestand" in answer.text) == (422, True)
    assert "+31612345601" in numbers(board)


def test_codes_are_not_sent_without_end(sanne, office):
    answers = [sanne.post("/my_duty/numbers", number=NUMBER).status_code for _ in range(15)]
    assert answers[:5] == [302] * 5
    assert answers.count(302) == len(office.texts) < 15


def test_the_own_rules_for_notices_are_told_as_they_hold(sanne, board, change):
    line = SqlLineRepository(board.engine).find_line("main")
    quiet = (
        Hours(start=dt.time(22), end=dt.time(7)),
        Hours(("sat", "sun"), dt.time(0), dt.time(12)),
    )
    five = ContactRule(Channel.EMAIL, dt.timedelta(minutes=5))
    mine = replace(line.engineers[0], contact=(ContactRule(Channel.SMS), five), quiet=quiet)
    change(engineers=(mine, *line.engineers[1:]))
    page = words(sanne.get("/my_duty", headers=DUTCH))
    assert "Sms: meteen. E-mail: 5 min na het eerste bellen, als niemand het dan heeft." in page
    assert "Stil van 22:00 tot 07:00: alles behalve niveau 1 wacht." in page
    assert "Stil van 00:00 tot 12:00: alles behalve niveau 1 wacht. (za, zo)" in page


def test_the_calendar_link_is_the_one_that_the_command_line_prints(sanne, board, app):
    page = sanne.get("/my_duty").text
    line = SqlLineRepository(board.engine).find_line("main")
    secret = build_feed_token(board.settings.secret_key, CalendarSubject(line, "engineer", "sanne"))
    assert f"http://localhost/calendar/{secret}.ics" in page
    assert f"http://localhost/calendar/{secret}.vcf" in page
    assert app.test_client().get(f"/calendar/{secret}.ics").status_code == 200


def test_a_calendar_link_that_others_know_is_replaced(sanne, board, app):
    def shown():
        return re.search(r"http://localhost(/calendar/[\w-]+\.ics)", sanne.get("/my_duty").text)[1]

    old = shown()
    assert sanne.post("/my_duty/calendar").status_code == 302
    assert app.test_client().get(old).status_code == 404
    assert app.test_client().get(shown()).status_code == 200
    assert AuditLog(board.engine).page()[0].entry.action == "my_duty.calendar"


def test_whoever_is_no_engineer_of_the_line_has_no_such_page(signed_in, weekly):
    ruud = signed_in("manager")
    assert "/console/my_duty" not in ruud.get("/").text
    assert "hoort niet bij een engineer" in ruud.get("/my_duty", headers=DUTCH).text
    for path in ("calendar", "numbers", "numbers/code", "numbers/remove", f"confirm/{weekly.id}"):
        assert ruud.post(f"/my_duty/{path}", number=NUMBER, code="1").status_code == 403
    assert "/console/my_duty" in signed_in("engineer").get("/").text
