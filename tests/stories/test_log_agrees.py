"""Eight different calls: both logs, as JSON, say in every field what was lived."""

import datetime as dt
import json

import pytest

from tests.stories.conftest import PAPER
from tests.stories.stage import JOINING, JORIS, LAST_RESORT, LINE, PIETER, PIN, SANNE, STRANGER

EMMA, BOB = "+31612345679", "+31612345682"
ALWAYS = '{days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-00:00"}'
OFFICE = '{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}'
MORE = f"""  - contract: "100236"
    customer: Kwekerij Emma
    plan: msa_plus
    contacts: [{{name: Emma Vos, phone: "{EMMA}", pin: "771204", language: en}}]
  - contract: "100242"
    customer: Garage Bob
    plan: standard
    contacts: [{{name: Bob Vos, phone: "{BOB}", pin: "330918", language: nl}}]
"""
PINS = {PIETER: PIN, EMMA: "771204", BOB: "330918"}
WHO = {
    PIETER: {"contract": "100234", "contact": "Pieter Jansen", "verified": True},
    EMMA: {"contract": "100236", "contact": "Emma Vos", "verified": True},
    BOB: {"contract": "100242", "contact": "Bob Vos", "verified": True},
    STRANGER: {"contract": None, "contact": None, "verified": False},
}
PLANS = {PIETER: "msa_plus", EMMA: "msa_plus", BOB: "standard"}
SPEAKS = {PIETER: "nl", EMMA: "en", BOB: "nl", STRANGER: "nl"}
PROMISED = dt.timedelta(hours=4)
NEVER = dict.fromkeys(
    [
        *("acknowledged_by", "acknowledged_at", "respond_by", "respond_by_unpaused", "left_s"),
        *("breached_at", "waiting_since", "waiting_for", "waiting_by"),
        *("responded_at", "responded_by", "closed_at", "closed_by", "request"),
    ]
)


@pytest.fixture
def paper():
    """Office at all hours, so that four office hours are four hours; Joris is at the desk."""
    staffed = PAPER.replace(OFFICE, ALWAYS)
    return staffed.replace("paging:", "desk: {ring: [joris], for: 20s}\npaging:") + MORE


class Life:
    """Lives one call and remembers its moments; prints what the command line says of it."""

    def __init__(self, stage):
        self.stage = stage
        self.at = {}

    def mark(self, name):
        """Something happens now; the log must name this moment."""
        self.at[name] = self.stage.now()

    def dials(self, number):
        self.mark("began")
        self.number = number
        self.caller = self.stage.dial(number)
        if number in PINS:
            self.stage.press(self.caller, f"{PINS[number]}#")
        return self.caller

    def critical(self, number):
        """Level 1, confirmed."""
        caller = self.dials(number)
        self.mark("opened")
        self.stage.press(caller, "1")
        self.stage.press(caller, "1")
        return caller

    def taken(self, number, name="taken"):
        """Somebody picks up, presses the key at this moment, and is joined."""
        engineer = self.stage.answer(number)
        self.stage.advance(3)
        self.mark(name)
        self.stage.press(engineer, self.stage.leg(engineer).take_key)
        self.stage.advance(JOINING)
        return engineer

    def hangs_up(self):
        self.mark("ended")
        self.stage.hang_up(self.caller)
        self.stage.advance(4)

    def printed(self, command):
        result = self.stage.app.test_cli_runner().invoke(args=[command, "--json"])
        assert (result.exit_code, result.stderr) == (0, "")
        return [json.loads(row) for row in result.stdout.splitlines()]

    def the_call(self, **lived):
        """The only call is, in every field, what was lived; gives back its incident."""
        (row,) = self.printed("calls")
        began, until = self.at["began"], self.at.get("taken", self.at["ended"])
        incident = row.pop("incident")
        assert row == {
            "sid": self.caller.sid,
            "line": "main",
            "from": self.number,
            **WHO[self.number],
            "language": SPEAKS[self.number],
            "answered_by": None,
            "started_at": began.isoformat(),
            "answered_at": self.said("taken"),
            "ended_at": self.said("ended"),
            "waited_s": round((until - began).total_seconds(), 1),
            **lived,
        }
        return incident

    def the_incident(self, number, since="began", **lived):
        """The only incident is, in every field, what was lived."""
        (row,) = self.printed("incidents")
        pages = [page.pop("at") and tuple(page.values()) for page in row.pop("pages")]
        due = (self.at[since] + PROMISED).isoformat() if row["urgency"] == 1 else None
        assert row == NEVER | {
            "id": number,
            "line": "main",
            "source": "phone",
            "kind": "incident",
            **WHO[self.number],
            "plan": PLANS.get(self.number),
            "premium": False,
            "over_quota": False,
            "opened_at": self.said("opened"),
            "respond_by": due,
            "respond_by_unpaused": due,
            "clock": "running" if due else "none",
            "calls": [self.caller.sid],
            **lived,
        }
        return pages

    def said(self, name):
        return self.at[name].isoformat() if name in self.at else None


@pytest.fixture
def life(stage):
    return Life(stage)


def test_taken_by_key_and_responded_to_at_the_closing_menu(stage, life):
    life.critical(PIETER)
    stage.advance(8)
    sanne = life.taken(SANNE)
    stage.advance(30)
    life.hangs_up()
    life.mark("responded")
    stage.press(sanne, "1")
    number = life.the_call(urgency=1, outcome="connected", answered_by="sanne")
    pages = life.the_incident(
        number,
        urgency=1,
        premium=True,
        state="responded",
        acknowledged_by="sanne",
        acknowledged_at=life.said("taken"),
        responded_by="sanne",
        responded_at=life.said("responded"),
        clock="stopped",
    )
    assert sorted(pages) == [
        ("sanne", "call", SANNE, "accepted"),
        ("sanne", "sms", SANNE, "delivered"),
    ]


def test_hung_up_before_a_level_was_chosen(stage, life):
    life.dials(PIETER)
    stage.advance(3)
    life.hangs_up()
    assert life.the_call(urgency=None, outcome="abandoned") is None
    assert life.printed("incidents") == []


def test_pressed_nothing_and_said_nothing(stage, life):
    caller = life.dials(STRANGER)
    while caller.live:
        life.mark("ended")
        stage.advance(0.5)
    row = life.printed("calls")[0]
    life.at["ended"] = dt.datetime.fromisoformat(row["ended_at"])
    assert life.the_call(urgency=None, outcome="rejected") is None
    assert stage.now() - life.at["ended"] <= dt.timedelta(seconds=0.5)
    assert life.printed("incidents") == []


def test_a_mailbox_then_a_wish_to_be_called_back_and_the_next_one_takes_it(stage, life):
    caller = life.critical(PIETER)
    mailbox = stage.answer(SANNE)
    stage.press(caller, "8")
    while stage.call(caller).stage != "callback":
        stage.advance(0.5)
    life.hangs_up()
    while mailbox.live or not stage.office.phone(JORIS).ringing():
        stage.advance(0.5)
    life.mark("acknowledged")
    engineer = stage.answer(JORIS)
    stage.press(engineer, stage.leg(engineer).take_key)
    stage.hang_up(engineer)
    stage.advance(2)
    number = life.the_call(urgency=1, outcome="callback")
    pages = life.the_incident(
        number,
        urgency=1,
        premium=True,
        state="acknowledged",
        acknowledged_by="joris",
        acknowledged_at=life.said("acknowledged"),
    )
    assert ("sanne", "call", SANNE, "no_key") in pages
    assert ("joris", "call", JORIS, "accepted") in pages


def test_a_message_then_acknowledged_by_text_waiting_for_the_customer(stage, life):
    caller = life.critical(EMMA)
    stage.press(caller, "7")
    stage.record(caller, 5)
    life.hangs_up()
    number = life.the_call(urgency=1, outcome="message")
    life.mark("acknowledged")
    code = stage.office.until_texted(SANNE, "Code ").body.partition("Code ")[2][:4]
    stage.office.text(SANNE, LINE, f"{number} {code}")
    stage.settle()
    stage.advance(60)
    life.mark("asked")
    stage.office.text(SANNE, LINE, f"{number} wacht op het logboek")
    stage.settle()
    left = (life.at["began"] + PROMISED - life.at["asked"]).total_seconds()
    pages = life.the_incident(
        number,
        urgency=1,
        state="acknowledged",
        acknowledged_by="sanne",
        acknowledged_at=life.said("acknowledged"),
        waiting_since=life.said("asked"),
        waiting_for="op het logboek",
        waiting_by="sanne",
        clock="paused",
        left_s=round(left, 1),
    )
    assert [page for page in pages if page[3] == "canceled"]
    assert ("sanne", "sms", SANNE, "delivered") in pages


def test_a_standard_caller_at_the_desk_closed_after_the_response(stage, life):
    caller = life.dials(BOB)
    life.mark("opened")
    stage.press(caller, "3")
    stage.advance(5)
    life.taken(JORIS)
    life.hangs_up()
    number = life.the_call(urgency=3, outcome="connected", answered_by="joris")
    for name, word in (("responded", "klaar"), ("closed", "dicht")):
        stage.advance(20)
        life.mark(name)
        stage.office.text(JORIS, LINE, f"{number} {word}")
        stage.settle()
    pages = life.the_incident(
        number,
        urgency=3,
        state="closed",
        acknowledged_by="joris",
        acknowledged_at=life.said("taken"),
        responded_by="joris",
        responded_at=life.said("responded"),
        closed_by="joris",
        closed_at=life.said("closed"),
    )
    assert pages == [("joris", "call", JORIS, "accepted")]


def test_a_stranger_whom_the_last_resort_takes(stage, life):
    caller = life.dials(STRANGER)
    for keys in ("1", "0#", "1"):
        stage.press(caller, keys)
    life.mark("opened")
    stage.press(caller, "1")
    for _ in range(2):
        for number in (SANNE, JORIS):
            while not stage.office.phone(number).ringing():
                stage.advance(0.5)
            stage.office.phone(number).decline()
            stage.settle()
    while not stage.office.phone(LAST_RESORT).ringing():
        stage.advance(0.5)
    life.taken(LAST_RESORT)
    life.hangs_up()
    number = life.the_call(urgency=1, outcome="connected", answered_by="last_resort")
    pages = life.the_incident(
        number,
        urgency=1,
        state="acknowledged",
        acknowledged_by="last_resort",
        acknowledged_at=life.said("taken"),
    )
    assert ("last_resort", "call", LAST_RESORT, "accepted") in pages
    assert ("sanne", "call", SANNE, "busy") in pages


def test_a_level_2_that_became_level_1_counts_from_then(stage, life):
    caller = life.dials(EMMA)
    life.mark("opened")
    stage.press(caller, "2")
    stage.advance(90)
    stage.press(caller, "3")
    life.mark("raised")
    stage.press(caller, "1")
    stage.advance(2)
    life.taken(SANNE)
    life.hangs_up()
    number = life.the_call(urgency=1, outcome="connected", answered_by="sanne")
    life.the_incident(
        number,
        since="raised",
        urgency=1,
        premium=True,
        state="acknowledged",
        acknowledged_by="sanne",
        acknowledged_at=life.said("taken"),
    )


def test_both_logs_are_in_order_and_know_each_other(stage, life):
    first = life.critical(PIETER)
    stage.advance(1)
    second = life.critical(EMMA)
    stage.hang_up(first)
    stage.advance(1)
    again = life.dials(PIETER)
    stage.press(again, "1")
    calls, incidents = life.printed("calls"), life.printed("incidents")
    assert [row["sid"] for row in calls] == [first.sid, second.sid, again.sid]
    assert [row["calls"] for row in incidents] == [[first.sid, again.sid], [second.sid]]
    assert [row["incident"] for row in calls] == [incidents[n]["id"] for n in (0, 1, 0)]
    assert [row["outcome"] for row in calls] == ["abandoned", None, None]
