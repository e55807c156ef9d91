"""What holds strangers back is counted alike in memory and in each database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.call import Entitlement
from routing.decision import Case, Decision
from routing.incident import EscalationPhase, EscalationState, Incident
from routing.line import Channel
from routing.message import UNRUNG, Message
from routing.ports import CallRepository
from tests.store.cast import NOW, STRANGER, incident, text_page

HOUR = dt.timedelta(hours=1)
UNPROVEN = Entitlement.UNVERIFIED


def keep(book: CallRepository, value: Incident) -> None:
    book.save(Case(), Decision(Case(incident=value)), NOW)


def test_unverified_level_1_that_was_rung_is_counted_by_caller_and_by_line(
    book: CallRepository,
) -> None:
    keep(book, incident(1, entitlement=UNPROVEN, caller=STRANGER))
    keep(book, incident(2, entitlement=UNPROVEN, caller=None))
    keep(book, incident(3, entitlement=UNPROVEN, caller=STRANGER, opened_at=NOW - 2 * HOUR))
    keep(
        book,
        incident(
            4,
            entitlement=UNPROVEN,
            caller=STRANGER,
            escalation=EscalationState(EscalationPhase.QUIET),
        ),
    )
    keep(book, incident(5, entitlement=UNPROVEN, caller=STRANGER, urgency=2))
    keep(book, incident(6, caller=STRANGER))
    keep(book, incident(7, entitlement=UNPROVEN, caller=STRANGER, line="other"))
    assert book.unverified_limits.count_rung("main", STRANGER, NOW - HOUR) == (1, 2)
    assert book.unverified_limits.count_rung("main", None, NOW - HOUR) == (1, 2)


def test_an_incident_stays_counted_as_rung_after_the_hunt_is_over(book: CallRepository) -> None:
    began = incident(entitlement=UNPROVEN, caller=STRANGER)
    before, _ = book.save(Case(), Decision(Case(incident=began)), NOW)
    assert before.incident is not None
    over = Case(incident=replace(before.incident, escalation=EscalationState(EscalationPhase.OVER)))
    book.save(before, Decision(over), NOW)
    assert book.unverified_limits.count_rung("main", STRANGER, NOW - HOUR) == (1, 1)


def test_only_texts_for_level_1_that_was_not_rung_are_quiet_notices(book: CallRepository) -> None:
    keep(book, incident(1, entitlement=UNPROVEN, pages=(text_page("text-1"),)))
    keep(book, incident(2, urgency=2, escalation=EscalationState(), pages=(text_page("text-2"),)))
    assert book.unverified_limits.find_quiet_notice("main", NOW - HOUR) is None
    page = text_page("text-3")
    keep(book, incident(3, entitlement=UNPROVEN, escalation=EscalationState(), pages=(page,)))
    assert book.unverified_limits.find_quiet_notice("main", NOW - HOUR) == page.at
    assert book.unverified_limits.find_quiet_notice("main", NOW + HOUR) is None
    assert book.unverified_limits.find_quiet_notice("other", NOW - HOUR) is None


def test_a_text_about_a_proven_caller_who_may_ring_nobody_is_one_too(book: CallRepository) -> None:
    page = text_page("text-1")
    keep(book, incident(1, escalation=EscalationState(), pages=(page,)))
    assert book.unverified_limits.find_quiet_notice("main", NOW - HOUR) == page.at


def test_letters_in_certain_words_are_found_by_line_and_since(book: CallRepository) -> None:
    def letter(number: int, words: str, **changes: object) -> Message:
        value = Message(str(number), "main", NOW, "sanne", Channel.SMS, "+31612345601", "en", words)
        return replace(value, **changes)  # type: ignore[arg-type]

    wanted = letter(1, UNRUNG)
    others = [letter(2, "wrong_pins"), letter(3, UNRUNG, line="other")]
    about_one = letter(4, UNRUNG, incident="a" * 32)
    book.messages.send([wanted, *others, about_one, letter(5, UNRUNG, at=NOW - 2 * HOUR)], NOW)
    assert book.messages.find_general("main", UNRUNG, NOW - HOUR) == [wanted]


def test_wrong_pins_are_counted_by_subject_and_since(book: CallRepository) -> None:
    book.unverified_limits.record_failed_pin(["contract 100234", STRANGER], NOW - 2 * HOUR)
    book.unverified_limits.record_failed_pin(["contract 100234"], NOW)
    book.unverified_limits.record_failed_pin([], NOW)
    assert book.unverified_limits.count_failed_pins("contract 100234", NOW - 3 * HOUR) == 2
    assert book.unverified_limits.count_failed_pins("contract 100234", NOW - HOUR) == 1
    assert book.unverified_limits.count_failed_pins(STRANGER, NOW - HOUR) == 0
