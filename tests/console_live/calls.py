"""The calls on the line during the tests: callers of each level, at each stage."""

from __future__ import annotations

from dataclasses import dataclass

from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office
from tests.kills.line_processes import PATIENCE
from tests.stories.stage import LINE, SANNE
from tests.words import words_of


@dataclass(frozen=True)
class Customer:
    """A contact of the sample line. ``known`` says that a colleague has reported an incident,
    about which they are asked."""

    number: str
    pin: str
    language: str = "nl"
    known: bool = False


PIETER = Customer("+31612345678", "482913")
JOOST = Customer("+31612345681", "294771")
KARIN = Customer("+31612345682", "508316", known=True)
ALICE = Customer("+31612345683", "816420", "en")
WILLEM = Customer("+31612345680", "615204")


def begin(office: Office) -> None:
    """Start the calls: Joost leaves a message at level 3, Sanne talks with Pieter, Willem waits in
    the desk queue, Alice waits at level 1, and Karin has hung up at level 4."""
    joost = leave_message(report(office, JOOST, 3))
    pieter = confirm_level_1(office, PIETER)
    take(office, SANNE)
    pieter.until_bridged(PATIENCE)
    report(office, WILLEM, 2)
    confirm_level_1(office, ALICE)
    report(office, KARIN, 4).hang_up()
    joost.until_hears(words_of("message_kept"), timeout=PATIENCE)
    joost.hang_up()


def report(office: Office, customer: Customer, level: int) -> Handset:
    """Return a caller who has entered the PIN and chosen a level."""
    caller = office.dial(customer.number, LINE)
    menu = words_of("urgency_menu", customer.language)
    if customer.known:
        press(caller, f"{customer.pin}#", words_of("about_new", customer.language))
        press(caller, "2", menu)
    else:
        press(caller, f"{customer.pin}#", menu)
    caller.until_asked(timeout=PATIENCE)
    caller.press(str(level))
    return caller


def confirm_level_1(office: Office, customer: Customer) -> Handset:
    """Return a caller who has chosen level 1 and confirmed it."""
    caller = report(office, customer, 1)
    caller.until_hears(words_of("confirm_level_1", customer.language), timeout=PATIENCE)
    press(caller, "1", words_of("parked", customer.language))
    return caller


def leave_message(caller: Handset) -> Handset:
    """Leave a message from the desk queue; it ends by itself some time after the last word."""
    caller.until_hears(words_of("in_row"), timeout=PATIENCE)
    press(caller, "7", words_of("ask_message_row"))
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
