"""Messages, files, new incidents and merges in the console: on purpose, once, and with a trace."""

import re
from dataclasses import replace
from io import BytesIO

import pytest

from routing import events
from routing.correspondence import Author, Upload
from routing.incident import IncidentState
from routing.message import Via
from store.people.audit import AuditLog
from store.people.lines import apply_line
from tests.ivr_app.console.dashboard.test_dashboard import words

DUTCH = {"Accept-Language": "nl"}
NEW = {"source": "phone", "urgency": "3", "words": "De kassa doet niets."}


def find(board, number):
    return board.call_service.calls.find_by_number(number).incident


def written(board, number):
    found = board.call_service.calls.correspondence.find_messages(find(board, number).key)
    return [(one.author.value, one.by, one.words) for one in found]


def opened(visit, **changes):
    """A new incident, entered by somebody; its number."""
    page = visit.get("/incidents/new?contract=100234").text
    key = re.search(r'name="key" value="([0-9a-f]{32})"', page)[1]
    fields = NEW | {"key": key, "contract": "100234", "contact": "Pieter Jansen"} | changes
    answer = visit.post("/incidents/new/", headers=DUTCH, **fields)
    assert answer.status_code == 302, words(answer)
    return int(answer.location.rsplit("/", 1)[1])


def test_a_line_may_speak_a_language_that_the_console_does_not(signed_in, board):
    line = board.lines.find_line("main")
    spoken = replace(line, languages=("nl", "fr", "pl"))
    apply_line(board.engine, spoken, [], board.call_service.clock())
    page = signed_in("engineer").get("/incidents/new?contract=100234").text
    assert 'value="fr">FR, français<' in page
    assert 'value="pl">pl<' in page


@pytest.fixture
def sanne(signed_in):
    return signed_in("engineer")


@pytest.fixture
def number(sanne):
    return opened(sanne)


@pytest.fixture
def answered(sanne, number):
    """Send an answer; gives back the response."""

    def send(**changes):
        page = sanne.get(f"/incidents/{number}/answer", headers=DUTCH).text
        known = re.search(r'name="answer" value="([0-9a-f]{32})"', page)[1]
        fields = {"words": "Het werkt weer.", "effect": "nothing", "reads": "yes"}
        fields |= {"answer": known} | changes
        sent = {name: value for name, value in fields.items() if value is not None}
        return sanne.post(f"/incidents/{number}/answer", headers=DUTCH, **sent)

    return send


def test_a_new_incident_names_its_contact_and_who_entered_it(sanne, board, number):
    incident = find(board, number)
    assert (incident.contract, incident.contact, incident.urgency) == (
        "100234",
        "Pieter Jansen",
        3,
    )
    assert incident.entitlement.verified
    assert written(board, number) == [("customer", "Pieter Jansen", NEW["words"])]
    entry = AuditLog(board.engine).page(size=1)[0].entry
    assert (entry.who, entry.action) == ("sanne", "incidents.open")
    assert "kassa" not in str(entry)
    page = words(sanne.get(f"/incidents/{number}", headers=DUTCH))
    assert "De kassa doet niets." in page
    assert "entered by sanne" in page


def test_who_is_not_identified_has_no_contract(sanne, board):
    number = opened(sanne, contact="", name="Jan van de bakker", phone="+31612345678")
    incident = find(board, number)
    assert (incident.contract, incident.entitlement.verified) == (None, False)
    assert written(board, number)[0][1] == "Jan van de bakker"


def test_a_second_click_opens_no_second_incident(sanne, board):
    key = "0" * 32
    assert opened(sanne, key=key) == opened(sanne, key=key)
    assert opened(sanne, key=key) != opened(sanne, key=key, words="Nu ook kassa 3.")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"urgency": ""}, 422),
        ({"words": ""}, 422),
        ({"phone": "zes"}, 422),
        ({"contact": "Iemand Anders"}, 409),
        ({"contract": "7"}, 409),
    ],
)
def test_a_mistake_gives_back_what_was_typed(sanne, board, changed, status):
    fields = NEW | {"key": "1" * 32, "contract": "100234", "contact": "Pieter Jansen"}
    answer = sanne.post(
        "/incidents/new/", headers=DUTCH, **(fields | {"subject": "kassa"} | changed)
    )
    assert answer.status_code == status
    assert 'value="kassa"' in answer.text


def test_level_1_by_hand_rings_people(sanne, board):
    incident = find(board, opened(sanne, urgency="1"))
    assert [leg.engineer for leg in incident.legs()] == ["sanne"]


def test_an_answer_reaches_the_customer_and_is_no_note(sanne, answered, board, number):
    assert answered().status_code == 302
    assert ("staff", "sanne", "Het werkt weer.") in written(board, number)
    assert not board.call_service.calls.notes.find_all(find(board, number).key)
    assert find(board, number).state is IncidentState.OPEN
    page = sanne.get(f"/incidents/{number}", headers=DUTCH).text
    assert 'class="letter" data-author="staff"' in page
    entry = AuditLog(board.engine).page(size=1)[0].entry
    assert (entry.action, entry.thing) == ("incidents.answer", str(number))
    assert "werkt" not in str(entry)


def test_nobody_writes_to_a_customer_who_cannot_read_it(sanne, board):
    number = opened(sanne, contact="", name="Jan van de bakker")
    page = sanne.get(f"/incidents/{number}/answer", headers=DUTCH).text
    assert "Bel de klant." in page
    assert "<textarea" not in page


@pytest.mark.parametrize("missing", ["reads", "effect", "words"])
def test_without_the_tick_nothing_is_sent_and_no_word_is_lost(answered, board, number, missing):
    answer = answered(**{"words": "wat een lastige klant", missing: None})
    assert answer.status_code == 422
    assert len(written(board, number)) == 1
    assert missing == "words" or "wat een lastige klant" in answer.text


def test_who_answers_sees_the_language_of_the_customer(sanne, number):
    page = words(sanne.get(f"/incidents/{number}/answer", headers=DUTCH))
    assert "Taal van de klant: Nederlands" in page


def test_a_note_stands_beside_the_messages_and_its_button_saves_it(sanne, board, number):
    key = find(board, number).key
    note = events.Noted(key, "sanne", Via.CONSOLE, "Spreekt <b>alleen</b> Frans", "9" * 32)
    board.call_service.happen(note)
    answer = sanne.get(f"/incidents/{number}", headers=DUTCH)
    beside = answer.text.partition('id="written"')[2].partition('id="do"')[0]
    assert "Spreekt &lt;b&gt;alleen&lt;/b&gt; Frans" in beside
    assert "Notitie bewaren" in words(answer)


def test_what_we_wait_for_is_shown_without_its_first_word(sanne, board, number):
    waits = events.WaitsForCustomer(
        find(board, number).key, "sanne", Via.CONSOLE, "op de logbestanden", "9" * 32
    )
    board.call_service.happen(waits)
    assert "Wacht op de logbestanden" in words(sanne.get(f"/incidents/{number}", headers=DUTCH))


def test_an_answer_may_stop_or_pause_the_clock(answered, board, number):
    answered(effect="asks", words="Welke kassa?")
    incident = find(board, number)
    assert (incident.waiting_by, incident.waiting_for) == ("sanne", "Welke kassa?")
    answered(effect="responds")
    assert find(board, number).state is IncidentState.RESPONDED
    assert answered(effect="responds").status_code == 409
    assert len(written(board, number)) == 3


def test_a_second_click_sends_nothing(answered, board, number):
    for _ in range(2):
        answered(answer="2" * 32)
    assert len(written(board, number)) == 2


def test_a_page_that_is_gone_back_to_sends_what_was_changed(answered, board, number):
    for words_ in ("Het werkt.", "Het werkt nog niet."):
        answered(answer="2" * 32, words=words_)
    assert {words_ for *_, words_ in written(board, number)} >= {
        "Het werkt.",
        "Het werkt nog niet.",
    }


def test_files_go_along_and_come_back_as_downloads(sanne, signed_in, answered, board, number):
    answered(files=(BytesIO(b"<script>alert(1)</script>"), "../<b>uitleg</b>.html"))
    page = sanne.get(f"/incidents/{number}", headers=DUTCH).text
    assert "<b>uitleg" not in page
    address = re.search(r'href="/console(/incidents/files/[0-9a-f]{32})"', page)[1]
    answer = signed_in("viewer").get(address)
    assert answer.get_data() == b"<script>alert(1)</script>"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (file,) = board.call_service.calls.correspondence.find_files(find(board, number).key)
    assert (file.author, file.by, file.door) == (Author.STAFF, "sanne", Via.CONSOLE)
    assert file.sha256 in page


def test_a_file_that_is_too_large_sends_nothing(answered, board, number, monkeypatch):
    monkeypatch.setattr(type(board.settings), "largest_file", 10)
    answer = answered(files=(BytesIO(b"x" * 11), "x.log"))
    assert answer.status_code == 413
    assert "Het werkt weer." in answer.text
    assert len(written(board, number)) == 1


def test_a_file_of_no_incident_is_nobodys(sanne, board, clock):
    upload = Upload("main", "x.log", "text/plain", Author.CUSTOMER, "", Via.PORTAL)
    repository = board.call_service.calls.correspondence
    loose = repository.write_file(upload, [b"x"], 10, clock())
    assert sanne.get(f"/incidents/files/{loose.id}").status_code == 404


def test_what_a_customer_wrote_is_shown_as_text(sanne, board, number):
    evil = "<img src=x onerror=alert(1)>\nregel twee"
    key = find(board, number).key
    event = events.CustomerWrote(key, "m1", "<i>Piet</i>", Via.EMAIL, evil, verified=False)
    board.call_service.happen(event)
    page = sanne.get(f"/incidents/{number}", headers=DUTCH)
    assert "<img src=x" not in page.text
    assert "<i>Piet" not in page.text
    assert "afzender niet bewezen" in words(page)


@pytest.fixture
def twice(signed_in, board):
    """Two incidents of one matter, and a manager."""
    ruud = signed_in("manager")
    return ruud, opened(ruud), opened(ruud)


def test_a_merge_shows_first_what_it_does(twice, board):
    ruud, one, other = twice
    page = words(ruud.get(f"/incidents/{other}/merge/", headers=DUTCH))
    assert f"{one} Niveau 3" in page
    page = words(ruud.get(f"/incidents/{other}/merge/?into={one}", headers=DUTCH))
    assert f"Incident {other} wordt gesloten en verwijst naar {one}." in page
    assert find(board, other).state is IncidentState.OPEN
    answer = ruud.post(f"/incidents/{other}/merge/", into=str(one), reason="zelfde kassa")
    assert answer.location == f"/console/incidents/{one}"
    assert find(board, other).state is IncidentState.CLOSED
    assert f"Gaat verder als incident {one}" in words(
        ruud.get(f"/incidents/{other}", headers=DUTCH)
    )
    entry = AuditLog(board.engine).page(size=1)[0].entry
    assert (entry.action, entry.after) == ("incidents.merge", {"into": one})


def test_a_merge_that_cannot_be_says_why(twice, board):
    ruud, one, _ = twice
    for into, why in ((one, "met zichzelf"), (999, "Er is geen incident 999")):
        page = words(ruud.get(f"/incidents/{one}/merge/?into={into}", headers=DUTCH))
        assert why in page
        assert ruud.post(f"/incidents/{one}/merge/", into=str(into)).status_code == 409
    assert find(board, one).state is IncidentState.OPEN


STRANGER = "anybody"
WHO_MAY = [
    ("GET", "/incidents/new/", "engineer"),
    ("POST", "/incidents/new/", "engineer"),
    ("GET", "/incidents/{number}/answer", "engineer"),
    ("POST", "/incidents/{number}/answer", "engineer"),
    ("GET", "/incidents/{number}/merge/", "manager"),
    ("POST", "/incidents/{number}/merge/", "manager"),
    ("GET", "/incidents/files/" + "0" * 32, "viewer"),
]
ROLES = ("viewer", "engineer", "manager", "admin")


def test_each_new_address_is_open_to_its_roles_and_to_nobody_else(signed_in, visit, number):
    """Every address, by every role, and by nobody who is signed in."""
    people = {role: signed_in(role) for role in ROLES if role != "engineer"}
    people["engineer"] = signed_in("engineer")
    for method, path, least in WHO_MAY:
        address = path.format(number=number)
        for role in ROLES:
            ask = people[role].get if method == "GET" else people[role].post
            refused = ask(address).status_code == 403
            assert refused == (ROLES.index(role) < ROLES.index(least)), (method, path, role)
        ask = visit.get if method == "GET" else visit.post
        assert ask(address).location.startswith("/console/sign_in/"), path


def test_the_list_of_new_addresses_is_complete(app):
    rules = app.extensions["console"].app.url_map.iter_rules()
    new = ("correspondence.", "merging.", "new_incident.")
    found = {
        (method, re.sub(r"<[^>]*?(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        if rule.endpoint.startswith(new)
        for method in rule.methods & {"GET", "POST"}
    }
    listed = {(method, path.replace("0" * 32, "{file_id}")) for method, path, _ in WHO_MAY}
    assert found == listed
