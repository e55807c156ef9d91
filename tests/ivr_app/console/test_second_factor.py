"""The second step, and what holds back whoever guesses."""

import datetime as dt
import re

import pyotp
import pytest

from ivr_app.console.login_limits import BROWSER_BACKOFF
from service.counters import COUNTERS
from store.people.accounts import Role
from tests.ivr_app.console.staff import NAMES, Visit, hire


def turned_on(somebody, clock):
    """Turn it on; gives back what the telephone has now, and the codes for paper."""
    page = somebody.get("/profile/second").text
    key = re.search(r'class="key">([^<]+)<', page)[1].replace(" ", "")
    telephone = pyotp.TOTP(key)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    shown = somebody.post("/profile/second", sealed=sealed, code=telephone.at(clock.now))
    return telephone, re.findall(r"<code>([\w-]+)</code>", shown.text)


@pytest.fixture
def ruud(signed_in):
    return signed_in("manager")


def second(app, code):
    """Somebody at the door with Ruud's password, who gives this code."""
    there = Visit(app.test_client())
    assert there.sign_in(NAMES[Role.MANAGER]).location == "/console/sign_in/second"
    there.post("/sign_in/second", code=code)
    return there.get("/").status_code == 200


def at(telephone, clock, codes):
    """What it shows so many codes later."""
    return telephone.at(clock.now + dt.timedelta(seconds=30 * codes))


def test_with_the_second_step_the_password_alone_opens_nothing(ruud, app, clock):
    telephone, codes = turned_on(ruud, clock)
    assert len(set(codes)) == 10
    clock.tick(60)
    there = Visit(app.test_client())
    there.sign_in(NAMES[Role.MANAGER])
    assert there.get("/").status_code == 302
    assert not second(app, "000000")
    assert second(app, telephone.at(clock.now))


def test_a_code_opens_once_and_an_older_one_no_more(ruud, app, clock):
    telephone, _ = turned_on(ruud, clock)
    assert not second(app, telephone.at(clock.now))
    clock.tick(60)
    assert second(app, telephone.at(clock.now))
    assert not second(app, telephone.at(clock.now))
    assert not second(app, at(telephone, clock, -1))


def test_a_clock_that_is_half_a_minute_off_is_forgiven_and_no_more(ruud, app, clock):
    telephone, _ = turned_on(ruud, clock)
    clock.tick(600)
    assert not second(app, at(telephone, clock, -2))
    assert not second(app, at(telephone, clock, 2))
    assert second(app, at(telephone, clock, 1))


def test_a_code_on_paper_opens_once(ruud, app, clock):
    _, codes = turned_on(ruud, clock)
    assert second(app, f" {codes[3].upper()} ")
    assert not second(app, codes[3])
    assert second(app, codes[4])


def test_a_wrong_first_code_turns_nothing_on(ruud):
    page = ruud.get("/profile/second").text
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    assert ruud.post("/profile/second", sealed=sealed, code="000000").status_code == 422
    assert "stippen" in ruud.get("/profile/second").text


def test_a_key_that_we_did_not_draw_is_not_taken(ruud, clock):
    key = pyotp.random_base32()
    ruud.post("/profile/second", sealed=key, code=pyotp.TOTP(key).at(clock.now))
    assert "stippen" in ruud.get("/profile/second").text


def test_the_second_step_ends_with_the_password_only(ruud, app, clock):
    turned_on(ruud, clock)
    assert ruud.post("/profile/second/end", password="a wrong one").status_code == 422
    assert not second(app, "")
    ruud.post("/profile/second/end", password="vier warme broodjes")
    assert Visit(app.test_client()).sign_in(NAMES[Role.MANAGER]).location == "/console/"


def test_the_password_shown_opens_the_second_step_for_five_minutes(ruud, app, clock):
    telephone, _ = turned_on(ruud, clock)
    there = Visit(app.test_client())
    there.sign_in(NAMES[Role.MANAGER])
    clock.tick(301)
    there.post("/sign_in/second", code=telephone.at(clock.now))
    assert there.get("/").status_code == 302


def test_whoever_guesses_a_password_waits_and_is_told_how_long(visit, board):
    hire(board.engine, Role.MANAGER)
    for _ in range(BROWSER_BACKOFF.free):
        assert visit.sign_in("ruud", "a guess").status_code == 403
    answer = visit.sign_in("ruud")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert visit.get("/").status_code == 302


def test_whoever_signed_in_here_before_does_not_wait_for_those_who_guess(signed_in, app):
    owner, stranger = signed_in("manager"), Visit(app.test_client())
    owner.post("/sign_in/out")
    while stranger.sign_in("ruud", "a guess").status_code == 403:
        pass
    assert owner.sign_in("ruud").status_code == 302


def test_guesses_at_the_second_step_wait_too(ruud, app, clock):
    turned_on(ruud, clock)
    there = Visit(app.test_client())
    there.sign_in(NAMES[Role.MANAGER])
    answers = [there.post("/sign_in/second", code="000000").status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


def test_who_is_let_in_refused_and_held_back_is_counted(visit, board):
    COUNTERS.hand_over(lambda counts: None)
    hire(board.engine, Role.MANAGER)
    visit.sign_in("ruud")
    visit.post("/sign_in/out")
    stranger = Visit(visit.client.application.test_client())
    while stranger.sign_in("ruud", "a guess").status_code == 403:
        pass
    figures = visit.client.get("/metrics").text
    counted = dict(re.findall(r'priority_line_sign_ins_total{result="(\w+)"} (\S+)', figures))
    assert counted == {"let_in": "1.0", "refused": "5.0", "throttled": "1.0"}


@pytest.mark.parametrize("environment", ["sqlite"], indirect=True)
def test_neither_keys_nor_codes_stand_in_the_database(ruud, board, clock):
    telephone, codes = turned_on(ruud, clock)
    raw = board.engine.url.database
    with open(raw, "rb") as file, open(f"{raw}-wal", "rb") as log:
        kept = file.read() + log.read()
    assert not any(secret.encode() in kept for secret in (telephone.secret, *codes))
