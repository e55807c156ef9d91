"""One matter through every door: telephone, portal, mail and an engineer's key are one incident."""

from __future__ import annotations

import datetime as dt
import io
import re

from routing.message import Via
from store.log.reports import Reports
from tests.ivr_app.portal.customers import Customer
from tests.stories.stage import CONTRACT, LINE, SANNE
from tests.stories.test_customer_mail import MAIL, answers, paper, server, stage, text_of

__all__ = ["paper", "server", "stage"]

LOG = b"2026-11-23 05:40 scanner: stopped\n"


def signs_in(stage):
    """The contact signs in at the portal with the code of a mail; gives their browser."""
    customer = Customer(stage.app.test_client())
    customer.ask(MAIL)
    stage.settle()
    code = re.search(r"\b\d{8}\b", text_of(stage.mails.pop()))[0]
    assert customer.post("/sign-in/code", code=code).status_code == 302
    return customer


def rows(stage):
    return list(Reports(stage.services.engine).incidents())


def test_one_matter_by_telephone_portal_mail_and_key(stage):
    caller = stage.call_level_1()
    stage.hang_up(caller)
    (opened,) = rows(stage)
    number, due = opened["id"], opened["respond_by"]

    customer = signs_in(stage)
    page = customer.get(f"/incidents/{number}").text
    assert "Niveau 1" in page
    added = customer.post(
        f"/incidents/{number}/write",
        token="ab" * 16,
        words="Hier is het logboek.",
        files=(io.BytesIO(LOG), "scanner.log"),
    )
    assert added.status_code == 303
    answers(stage, "Het is versie 12.1.")

    engineer = stage.take(stage.ringing())
    stage.advance(5)
    assert "De beller is niet meer aan de lijn." in engineer.hears
    stage.hang_up(engineer)
    stage.advance(20)
    stage.office.text(SANNE, LINE, f"{number} klaar")
    stage.settle()
    stage.office.text(SANNE, LINE, f"{number} sluit")
    stage.settle()

    (closed,) = rows(stage)
    assert (closed["state"], closed["premium"], closed["respond_by"]) == ("closed", True, due)
    assert (closed["acknowledged_by"], closed["calls"]) == ("sanne", [caller.sid])
    assert stage.desk.calls.count_premium("main", CONTRACT, dt.date(2026, 1, 1)) == (1, 1)
    steps = Reports(stage.services.engine).show(str(number))
    happened = [step["event"] for step in steps]
    assert [happened.count(event) for event in ("opened", "promised", "counted")] == [1, 1, 1]
    doors = {step["channel"] for step in steps if step["event"] in ("customer_message", "file")}
    assert doors == {Via.PORTAL, Via.EMAIL}
    assert {"identified", "accepted", "responded", "closed"} <= set(happened)
    seen = customer.get(f"/incidents/{number}").text
    assert "Hier is het logboek." in seen
    assert "Het is versie 12.1." in seen
    assert "scanner.log" in seen
    assert "Sanne" not in seen
