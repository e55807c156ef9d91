"""The calls on the line during the tests: callers of each level, at each stage."""

from __future__ import annotations

from dataclasses import dataclass

from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office
from tests.kills.line_processes import PATIENCE
from tests.stories.stage import LINE, SANNE


@dataclass(frozen=True)
class Customer:
    """A contact of the sample line. ``known`` are words of the question about an incident that
    a colleague has reported."""

    number: str
    pin: str
    menu: str = "Hoe dringend"
    known: str = ""


PIETER = Customer("+31612345678", "482913")
JOOST = Customer("+31612345681", "294771")
KARIN = Customer("+31612345682", "508316", known="iets nieuws")
ALICE = Customer("+31612345683", "816420", "How urgent")
WILLEM = Customer("+31612345680", "615204")


def begin(office: Office) -> None:
    """Start the calls: Joost leaves a message at level 3, Sanne talks with Pieter, Willem waits in
    the desk queue, Alice waits at level 1, and Karin has hung up at level 4."""
    joost = leave_message(report(office, JOOST, 3))
    pieter = confirm_level_1(report(office, PIETER, 1), "bevestigen", "Blijf aan")
    take(office, SANNE)
    pieter.until_bridged(PATIENCE)
    report(office, WILLEM, 2)
    confirm_level_1(report(office, ALICE, 1), "confirm", "stay on")
    report(office, KARIN, 4).hang_up()
    joost.until_hears("bewaard", timeout=PATIENCE)
    joost.hang_up()


def report(office: Office, customer: Customer, level: int) -> Handset:
    """Return a caller who has entered the PIN and chosen a level."""
    caller = office.dial(customer.number, LINE)
    press(caller, f"{customer.pin}#", customer.known or customer.menu)
    if customer.known:
        press(caller, "9", customer.menu)
    caller.until_asked(timeout=PATIENCE)
    caller.press(str(level))
    return caller


def confirm_level_1(caller: Handset, question: str, answer: str) -> Handset:
    """Confirm level 1."""
    caller.until_hears(question, timeout=PATIENCE)
    press(caller, "1", answer)
    return caller


def leave_message(caller: Handset) -> Handset:
    """Leave a message from the desk queue; it ends by itself some time after the last word."""
    caller.until_hears("rij", timeout=PATIENCE)
    press(caller, "2", "Spreek na de toon")
    caller.until_asked("Record", timeout=PATIENCE)
    caller.speak(3, "De kassa ligt plat sinds vanochtend")
    return caller


def press(caller: Handset, keys: str, answer: str) -> None:
    """Press keys when the line asks for some, and wait for the answer."""
    caller.until_asked(timeout=PATIENCE)
    caller.press(keys)
    caller.until_hears(answer, timeout=PATIENCE)


def take(office: Office, number: str) -> None:
    """Answer the phone of an engineer, and press the digit that takes the call."""
    engineer = office.answer_next(number, timeout=PATIENCE)
    said = engineer.until_hears("om aan te nemen", timeout=PATIENCE)
    engineer.press(said.split("Toets ")[1][0])
