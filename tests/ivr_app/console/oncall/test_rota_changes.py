"""The rota is changed: looked at first, saved as it was shown, and taken back, by whoever may."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from config.holidays import build_office_hours
from routing.line import Shift
from routing.oncall.rota import on_call
from store.people.audit import AuditLog
from store.people.lines import SqlLineRepository, apply_line
from tests.ivr_app.console.dashboard.test_dashboard import words

DUTCH = {"Accept-Language": "nl"}
SHIFT = {"schedule": "primary", "start": "2026-03-04T18:00", "end": "2026-03-05T09:00"}
GIVEN = SHIFT | {"give": "sanne", "take": "joris"}


@pytest.fixture
def ruud(signed_in):
    return signed_in("manager")


@pytest.fixture
def sanne(signed_in):
    return signed_in("engineer")


@pytest.fixture
def then(board, clock):
    """Who is on call so many hours from now, which is a Monday at eleven."""

    def ask(hours, schedule="primary"):
        line = SqlLineRepository(board.engine).find_line("main")
        at = clock.now + dt.timedelta(hours=hours)
        return on_call(line.schedule(schedule), at, build_office_hours(line))

    return ask


def seen(page):
    return re.search(r'name="seen" value="(\w+)"', page.text)[1]


def save(visit, **fields):
    """Look at a change, and save it."""
    looked = visit.post("/oncall/effect", **fields)
    assert looked.status_code == 200, words(looked)
    return visit.post("/oncall/change", seen=seen(looked), **fields)


def said(visit):
    return re.findall(
        r'<p class="said" data-tone="\w+">([^<]+)', visit.get("/oncall", headers=DUTCH).text
    )


def test_the_week_says_who_is_on_call_until_when(signed_in):
    page = signed_in("viewer").get("/oncall", headers=DUTCH)
    assert "primary: Sanne de Vries ma 2 mrt 00:00 – ma 9 mrt 00:00" in words(page)
    assert "Er heeft altijd iemand dienst" not in words(page)
    assert "niemand night ma 2 mrt 09:00 – 18:00" in words(page)
    assert "Tijden volgens Europe/Amsterdam" in words(page)
    english = words(
        signed_in("viewer").get("/oncall?view=month", headers={"Accept-Language": "en"})
    )
    assert "On call: March 2026" in english
    assert "nobody 09:00–18:00" in english


def test_a_viewer_sees_and_changes_nothing(signed_in):
    mila = signed_in("viewer")
    page = mila.get("/oncall").text
    assert 'id="change"' not in page
    assert '<a class="shift' not in page
    for path in (
        "/oncall/effect",
        "/oncall/change",
        "/oncall/undo/swap-1",
        "/oncall/undone/swap-1",
    ):
        assert mila.post(path, **GIVEN).status_code == 403


def test_the_effect_is_shown_and_nothing_is_saved(ruud, then):
    page = words(ruud.post("/oncall/effect", headers=DUTCH, **GIVEN))
    assert "nog niet bewaard" in page
    assert "Joris Bakker neemt over van Sanne de Vries: primary wo 4 mrt 18:00" in page
    assert "Sanne de Vries per sms, meteen" in page
    assert "Er valt niets op" in page
    assert then(60) == ("sanne",)


def test_a_swap_is_saved_as_it_was_shown_and_both_are_written_to(ruud, then, board):
    answer = save(ruud, **GIVEN)
    assert answer.location == "/console/oncall/?day=2026-03-04"
    assert (then(54), then(60), then(76)) == (("sanne",), ("joris",), ("sanne",))
    (deed,) = [one.entry for one in AuditLog(board.engine).page(thing=("rota", "main"))]
    assert (deed.who, deed.way, deed.action) == ("ruud", "console", "oncall.swap")


def test_what_changed_is_told_with_whoever_did_it(ruud, signed_in):
    save(ruud, **GIVEN)
    page = words(signed_in("viewer").get("/oncall", headers=DUTCH))
    assert "ruud Dienst geruild: primary, Joris Bakker neemt over van Sanne de Vries" in page
    assert "Wat afwijkt van het bestand" in page


def test_somebody_is_put_on_call_where_nobody_is(ruud, then):
    day = {"schedule": "night", "start": "2026-03-04T09:00", "end": "2026-03-04T18:00"}
    save(ruud, **day, take="sanne")
    assert then(50, "night") == ("sanne",)
    assert said(ruud) == ["Sanne de Vries heeft erbij dienst in night, en krijgt bericht."]


def test_a_gap_that_a_change_leaves_is_red_and_told_before_it_is_saved(ruud, then):
    page = words(ruud.post("/oncall/effect", headers=DUTCH, **SHIFT, give="sanne"))
    assert "niemand wo 4 mrt 18:00 – do 5 mrt 09:00" in page
    save(ruud, **SHIFT, give="sanne")
    assert then(60) == ()


def test_two_trade_their_shifts_in_one_deed_and_it_is_taken_back_as_one(ruud, then, board):
    night = SHIFT | {"schedule": "night"}
    save(ruud, **night, give="joris", take="sanne")
    back = {"back_start": "2026-03-05T18:00", "back_end": "2026-03-06T09:00"}
    save(ruud, **night, **back, give="sanne", take="joris")
    assert (then(60, "night"), then(84, "night")) == (("joris",), ("sanne",))
    assert said(ruud) == [
        "Sanne de Vries en Joris Bakker ruilen een dienst van night. Beiden krijgen bericht."
    ]
    latest = AuditLog(board.engine).page(thing=("rota", "main"))[0].entry
    assert (latest.after["back_start"], latest.after["give"]) == (
        "2026-03-05T17:00:00+00:00",
        "sanne",
    )
    (uid,) = set(re.findall(r"/oncall/undo/(swap-\w+)", ruud.get("/oncall").text))
    ruud.post(f"/oncall/undone/{uid}")
    assert (then(60, "night"), then(84, "night")) == (("joris",), ("joris",))


def test_a_change_is_taken_back_after_its_effect_was_shown(ruud, then, board):
    save(ruud, **GIVEN)
    (uid,) = set(re.findall(r"/oncall/undo/(swap-\w+)", ruud.get("/oncall").text))
    page = words(ruud.post(f"/oncall/undo/{uid}", headers=DUTCH))
    assert "Sanne de Vries neemt over van Joris Bakker: primary wo 4 mrt 18:00" in page
    assert then(60) == ("joris",)
    assert ruud.post(f"/oncall/undone/{uid}").location == "/console/oncall/?day=2026-03-04"
    assert then(60) == ("sanne",)
    deeds = [one.entry.action for one in AuditLog(board.engine).page(thing=("rota", "main"))]
    assert deeds == ["oncall.undo", "oncall.swap"]
    assert ruud.post(f"/oncall/undone/{uid}").status_code == 404


def test_what_somebody_else_changed_in_the_meantime_is_looked_at_again(ruud, then):
    looked = ruud.post("/oncall/effect", **GIVEN)
    save(ruud, schedule="primary", start="2026-03-08T09:00", end="2026-03-08T12:00", take="joris")
    answer = ruud.post("/oncall/change", seen=seen(looked), headers=DUTCH, **GIVEN)
    assert (answer.status_code, "intussen veranderd" in words(answer)) == (422, True)
    assert then(60) == ("sanne",)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (SHIFT, "Zeg wie erbij komt, wie eraf gaat, of allebei."),
        (GIVEN | {"end": "2026-03-04T18:00"}, "Het einde moet na het begin komen."),
        (GIVEN | {"start": ""}, "Vul dit in."),
        (GIVEN | {"start": "morgen"}, "Dit is niet goed ingevuld."),
        (GIVEN | {"start": "0001-01-01T00:00"}, "Kies een tijd tussen 1971 en 2998."),
        (GIVEN | {"end": "2027-03-04T18:00"}, "hoogstens 100 dagen"),
        (GIVEN | {"start": "2026-03-01T10:00", "end": "2026-03-01T12:00"}, "Die tijd is voorbij"),
        (GIVEN | {"give": "joris", "take": "sanne"}, "Joris Bakker heeft van 2026-03-04 18:00"),
        (GIVEN | {"take": "bob"}, "Die engineer is er niet."),
        (GIVEN | {"schedule": "x"}, "Dat rooster is er niet."),
        (SHIFT | {"take": "sanne"}, "heeft in primary die hele tijd al dienst"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_the_form_keeps_what_was_filled_in(
    ruud, fields, sentence
):
    answer = ruud.post("/oncall/effect", headers=DUTCH, **fields)
    assert answer.status_code == 422
    mistakes = re.findall(r'<p class="mistake"[^>]*>([^<]+)', answer.text)
    assert [sentence in one for one in mistakes] == [True], mistakes
    if fields["start"]:
        assert f'value="{fields["start"]}"' in answer.text


def test_an_engineer_gives_away_a_shift_of_their_own_and_takes_it_back(sanne, then):
    page = sanne.get("/oncall").text
    assert 'data-person="sanne"' in page
    save(sanne, **GIVEN)
    assert then(60) == ("joris",)
    (uid,) = set(re.findall(r"/oncall/undo/(swap-\w+)", sanne.get("/oncall").text))
    sanne.post(f"/oncall/undone/{uid}")
    assert then(60) == ("sanne",)


@pytest.mark.parametrize(
    "fields",
    [
        {"schedule": "night", "give": "joris", "take": "sanne"},
        {"schedule": "primary", "take": "joris"},
        {"schedule": "primary", "give": "sanne"},
    ],
)
def test_an_engineer_can_do_nothing_else_to_the_rota(sanne, then, fields):
    times = {name: SHIFT[name] for name in ("start", "end")}
    for path in ("/oncall/effect", "/oncall/change"):
        answer = sanne.post(path, headers=DUTCH, **times, **fields)
        assert (answer.status_code, "uw eigen dienst" in answer.text) == (422, True)
    assert then(60, fields["schedule"]) == (
        ("sanne",) if fields["schedule"] == "primary" else ("joris",)
    )


def test_what_is_between_others_is_not_an_engineers_to_take_back(sanne, ruud, board):
    save(ruud, schedule="night", start="2026-03-04T18:00", end="2026-03-05T09:00", give="joris")
    (uid,) = set(re.findall(r"/oncall/undo/(override-\w+)", ruud.get("/oncall").text))
    assert uid not in sanne.get("/oncall").text
    assert sanne.post(f"/oncall/undo/{uid}").status_code == 403
    assert sanne.post(f"/oncall/undone/{uid}").status_code == 403


def test_an_engineer_who_is_nobody_on_the_rota_only_looks(signed_in):
    visit = signed_in("engineer", engineer=None, line=None)
    assert 'id="change"' not in visit.get("/oncall").text
    assert visit.post("/oncall/effect", **GIVEN).status_code == 422


def test_too_few_free_days_are_told_before_it_is_saved(ruud, board, clock):
    line = SqlLineRepository(board.engine).find_line("main")
    at_work = replace(line.schedules[0], shifts=(Shift(("sanne",), when="office"),))
    changed = replace(line, labour_rules="NL", schedules=(at_work, *line.schedules[1:]))
    apply_line(board.engine, changed, [], clock.now)
    weeks = {"schedule": "night", "start": "2026-03-03T18:00", "end": "2026-03-31T09:00"}
    page = words(ruud.post("/oncall/effect", headers=DUTCH, **weeks, give="joris", take="sanne"))
    assert "let op Sanne de Vries heeft van 2026-03-03 18:00 tot 2026-03-31 18:00" in page
    assert "Joris Bakker heeft van" not in page  # he has too few as it is
