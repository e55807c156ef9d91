"""What happens on the line while its console is looked at: callers of each level, at each stage."""

from __future__ import annotations

from dataclasses import dataclass

from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office
from tests.kills.line_processes import PATIENCE
from tests.stories.stage import LINE, SANNE


@dataclass(frozen=True)
class Customer:
    """Somebody of the sample line who may call; ``known`` are the words by which they are asked
    whether it is about what a colleague has reported."""

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
    """Joost leaves a message about level 3, Sanne talks with Pieter, Willem stands in the row,
    Alice waits while whoever is left is rung for her, and Karin hung up at level 4."""
    joost = leaves_a_message(reports(office, JOOST, 3))
    pieter = is_critical(reports(office, PIETER, 1), "bevestigen", "Blijf aan")
    take(office, SANNE)
    pieter.until_bridged(PATIENCE)
    reports(office, WILLEM, 2)
    is_critical(reports(office, ALICE, 1), "confirm", "stay on")
    reports(office, KARIN, 4).hang_up()
    joost.until_hears("bewaard", timeout=PATIENCE)
    joost.hang_up()


def reports(office: Office, customer: Customer, level: int) -> Handset:
    """Somebody calls, says who they are, and chooses a level."""
    caller = office.dial(customer.number, LINE)
    presses(caller, f"{customer.pin}#", customer.known or customer.menu)
    if customer.known:
        presses(caller, "9", customer.menu)
    caller.until_asked(timeout=PATIENCE)
    caller.press(str(level))
    return caller


def is_critical(caller: Handset, question: str, answer: str) -> Handset:
    """Level 1 was chosen; they confirm it."""
    caller.until_hears(question, timeout=PATIENCE)
    presses(caller, "1", answer)
    return caller


def leaves_a_message(caller: Handset) -> Handset:
    """In the row, 2 is a message; it ends by itself a while after the last word."""
    caller.until_hears("rij", timeout=PATIENCE)
    presses(caller, "2", "Spreek na de toon")
    caller.until_asked("Record", timeout=PATIENCE)
    caller.speak(3, "De kassa ligt plat sinds vanochtend")
    return caller


def presses(caller: Handset, keys: str, answer: str) -> None:
    """They press keys when some are asked for, and hear what is said to that."""
    caller.until_asked(timeout=PATIENCE)
    caller.press(keys)
    caller.until_hears(answer, timeout=PATIENCE)


def take(office: Office, number: str) -> None:
    """Whoever is rung answers, and presses the digit that they hear."""
    engineer = office.answer_next(number, timeout=PATIENCE)
    said = engineer.until_hears("om aan te nemen", timeout=PATIENCE)
    engineer.press(said.split("Toets ")[1][0])
