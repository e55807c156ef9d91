"""Feeds that calendars subscribe to, asked for over HTTP."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from config.holidays import build_office_hours
from routing.line import Override, Rotation, Schedule, Shift
from routing.oncall.rota import on_call
from service.bootstrap import build_services
from service.calendar_feed import feed_window
from service.signed_urls import (
    CalendarSubject,
    build_feed_token,
    build_subject,
    find_subject,
    list_subjects,
)
from store.people.accounts import Accounts, Role
from store.people.audit import AuditEntry
from store.people.calendar_links import read_generations, withdraw_link
from store.people.lines import apply_line
from store.people.overrides import SWAP, OverrideChange, StoredOverride, amend
from store.work.redis_client import NoJobNotifier
from tests.ivr_app.console.staff import hire
from tests.store.cast import BAKERY, LINE, NOW
from tests.web_app import web_app

WEEKLY = Rotation(
    1, "week", dt.datetime.fromisoformat("2026-01-05T09:00"), (("sanne",), ("joris",))
)
ALWAYS = Schedule("backup", "Europe/Amsterdam", (Shift(people=("joris",)),))
TEAM = replace(
    LINE,
    schedules=(Schedule("primary", "Europe/Amsterdam", (Shift(rotation=WEEKLY),)), ALWAYS),
    engineers=(LINE.engineers[0], replace(LINE.engineers[1], languages=("en",))),
)


@pytest.fixture
def board(settings, clock):
    made = build_services(settings, NoJobNotifier(), clock)
    apply_line(made.engine, TEAM, [BAKERY], NOW - dt.timedelta(days=30))
    yield made
    made.engine.dispose()


@pytest.fixture
def client(board):
    return web_app(board).test_client()


@pytest.fixture
def link(settings):
    """The address of a calendar."""

    def of(kind, name, line=TEAM):
        token = build_feed_token(settings.secret_key, CalendarSubject(line, kind, name))
        return f"/calendar/{token}.ics"

    return of


@pytest.fixture
def events(client):
    """The events behind an address."""

    def ask(address):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
        return Calendar.from_ical(answer.data).events

    return ask


def test_a_schedule_says_who_has_it_from_two_weeks_back_to_a_quarter_ahead(events, link, clock):
    found = events(link("schedule", "primary"))
    begin, end = feed_window(TEAM.timezone, clock())
    assert begin <= clock() - dt.timedelta(days=14)
    assert end >= clock() + dt.timedelta(days=90)
    assert [begin, *(event.end for event in found)] == [*(event.start for event in found), end]
    for event in found:
        (who,) = on_call(TEAM.schedules[0], event.start, build_office_hours(TEAM))
        assert event["SUMMARY"] == f"primary: {TEAM.engineer(who).name}"


def test_handovers_keep_their_local_hour_over_the_change_of_the_clock(events, link):
    here = ZoneInfo("Europe/Amsterdam")
    starts = [event.start for event in events(link("schedule", "primary"))][1:]
    assert {start.astimezone(here).hour for start in starts} == {9}
    assert {start.astimezone(dt.UTC).hour for start in starts} == {7, 8}


def test_an_engineer_sees_their_own_duty_of_every_schedule(events, link):
    found = events(link("engineer", "joris"))
    assert {event["SUMMARY"] for event in found} == {"On call: primary", "On call: backup"}
    (always,) = [event for event in found if "backup" in event["SUMMARY"]]
    assert always.end - always.start > dt.timedelta(days=104)
    assert {e["SUMMARY"] for e in events(link("engineer", "sanne"))} == {"Dienst: primary"}


def test_a_swap_is_seen_at_once(events, link, board):
    start = dt.datetime(2026, 3, 9, 8, tzinfo=dt.UTC)
    mine = Override(start, start + dt.timedelta(days=1), "joris", "sanne")
    kept = [StoredOverride(mine, SWAP, "swap-1", NOW)]
    amend(board.engine, "main", "primary", NOW, lambda schedule, before: OverrideChange(kept))
    found = events(link("engineer", "sanne"))
    assert any(event.start <= start < event.end for event in found)


def test_names_of_events_stay_the_same_from_week_to_week(events, link, clock):
    def named():
        found = [e for who in ("sanne", "joris") for e in events(link("engineer", who))]
        assert len({event["UID"] for event in found}) == len(found)
        return {(str(e["SUMMARY"]), e.start): str(e["UID"]) for e in found}

    before = named()
    clock.tick(7 * 86400)
    after = named()
    shared = before.keys() & after.keys()
    assert len(shared) > 10
    assert {before[key] for key in shared} == {after[key] for key in shared}
    (one,) = {uid for (what, _), uid in before.items() if "backup" in what}
    (same,) = {uid for (what, _), uid in after.items() if "backup" in what}
    assert one == same


def test_no_customer_and_no_number_is_told(client, link):
    for kind, name in (("schedule", "primary"), ("engineer", "joris")):
        text = client.get(link(kind, name)).text
        for secret in (BAKERY.customer, BAKERY.number, "Jansen", "+31"):
            assert secret not in text


def test_whoever_has_it_already_gets_nothing_again(client, link, clock):
    first = client.get(link("schedule", "primary"))
    assert first.headers["Cache-Control"] == "private, max-age=900"
    clock.tick(86400)
    by_tag = {"If-None-Match": first.headers["ETag"]}
    by_time = {"If-Modified-Since": first.headers["Last-Modified"]}
    for known in (by_tag, by_time):
        again = client.get(link("schedule", "primary"), headers=known)
        assert (again.status_code, again.data) == (304, b"")
    clock.tick(7 * 86400)
    assert client.get(link("schedule", "primary"), headers=by_tag).status_code == 200


def test_a_change_is_fetched_again(client, link, board, clock):
    first = client.get(link("schedule", "primary"))
    apply_line(board.engine, replace(TEAM, schedules=TEAM.schedules[::-1]), [], clock.tick(60))
    apply_line(board.engine, replace(TEAM, names=(("nl", "Another"),)), [], clock.tick(60))
    known = {"If-None-Match": first.headers["ETag"]}
    assert client.get(link("schedule", "primary"), headers=known).status_code == 200


def test_a_link_that_is_not_ours_opens_nothing(client, link):
    good = link("schedule", "primary")
    for wrong in ("/calendar/x.ics", "/calendar/é.ics", good.replace(".ics", "x.ics"), good[:-4]):
        assert client.get(wrong).status_code == 404
    assert client.get(link("schedule", "gone")).status_code == 404
    assert client.get(link("engineer", "primary")).status_code == 404
    assert client.get(link("schedule", "primary", replace(TEAM, id="other"))).status_code == 404


def test_another_key_makes_other_links():
    (first, *_) = list_subjects(TEAM, {})
    assert find_subject("a key", [TEAM], {}, build_feed_token("a key", first)) == first
    assert find_subject("a key", [TEAM], {}, build_feed_token("another key", first)) is None


def now_good(board, kind, name):
    """The address of a calendar as it is today."""
    subject = build_subject(TEAM, kind, name, read_generations(board.engine))
    return f"/calendar/{build_feed_token(board.settings.secret_key, subject)}.ics"


def test_a_link_that_was_withdrawn_opens_nothing_and_another_does(client, link, board, clock):
    for kind, name in (("schedule", "primary"), ("engineer", "sanne")):
        for old in (link(kind, name), now_good(board, kind, name)):
            withdraw_link(board.engine, TEAM.id, kind, name, clock())
            assert client.get(old).status_code == 404
            assert client.get(now_good(board, kind, name)).status_code == 200
    assert client.get(link("schedule", "backup")).status_code == 200


def test_whoever_leaves_the_file_reads_no_schedule(client, link, board, clock):
    known = [link("schedule", "primary"), link("schedule", "backup"), link("engineer", "joris")]
    stays = link("engineer", "sanne")
    without = replace(TEAM, engineers=TEAM.engineers[:1])
    said = [*apply_line(board.engine, without, [BAKERY], clock.tick(60)).changes]
    assert any("calendar links" in one for one in said)
    apply_line(board.engine, TEAM, [BAKERY], clock.tick(60))  # and is back: the links are not
    assert [client.get(one).status_code for one in known] == [404, 404, 404]
    assert client.get(now_good(board, "schedule", "primary")).status_code == 200
    assert client.get(stays).status_code == 200


def test_whoever_loses_their_account_reads_no_schedule(client, link, board):
    sanne = hire(board.engine, Role.ENGINEER)
    hire(board.engine, Role.ADMIN)
    Accounts(board.engine).end(
        sanne, AuditEntry(board.call_service.clock(), "anna", "console", "accounts.end")
    )
    known = [link("schedule", "primary"), link("schedule", "backup"), link("engineer", "sanne")]
    assert [client.get(one).status_code for one in known] == [404, 404, 404]
    assert client.get(link("engineer", "joris")).status_code == 200


def test_an_engineer_fetches_the_line_as_a_contact(client, link):
    answer = client.get(link("engineer", "joris").replace(".ics", ".vcf"))
    assert (answer.status_code, answer.mimetype) == (200, "text/vcard")
    assert "TEL;TYPE=WORK,VOICE,PREF:+31201234567\r\n" in answer.text
    assert "Calls and texts you" in answer.text
    assert client.get(link("schedule", "primary").replace(".ics", ".vcf")).status_code == 404


def test_a_strict_reader_finds_what_the_standard_demands(client, link):
    for address in (link("schedule", "primary"), link("engineer", "sanne")):
        text = client.get(address).data
        rows = text.split(b"\r\n")
        assert b"\n" not in text.replace(b"\r\n", b"")
        assert (rows[-1], max(map(len, rows)) <= 75) == (b"", True)
        calendar = Calendar.from_ical(text)
        assert calendar.errors == []
        assert (str(calendar["VERSION"]), bool(calendar["PRODID"])) == ("2.0", True)
        uids = [str(event["UID"]) for event in calendar.events]
        assert len(set(uids)) == len(uids) > 0
        for event in calendar.events:
            assert event.errors == []
            for moment in (event["DTSTAMP"].dt, event.start, event.end):
                assert moment.utcoffset() == dt.timedelta(0)
            assert event.start < event.end
