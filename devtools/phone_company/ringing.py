"""Outgoing legs: waiting for a line, ringing the phone, and what the phone does by itself."""

from datetime import timedelta
from typing import TYPE_CHECKING

from devtools.phone_company.callbacks import tell, turn
from devtools.phone_company.calls import Call
from devtools.phone_company.phones import ring
from devtools.phone_company.transcript import note

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


async def connect(company: "Company", call: Call, ring_for: float) -> bool:
    """Ring the phone of a leg; one that is not answered ends the leg."""
    tell(company, call, "initiated", "initiated")
    phone = company.phones.at(call.to)
    if phone.behaviour not in ("busy", "failed"):
        turn(company, call, "ringing")
        tell(company, call, "ringing", "ringing")
    patience = ring_for + company.switches.timeout_buffer
    outcome = await ring(company.clock, phone, call, patience)
    if outcome != "answered":
        company.exchange.end(call, outcome)
        return False
    company.exchange.answer(call)
    if phone.behaviour == "mailbox":
        company.exchange.accompany(call, _take_message(company, call))
    elif phone.keys:
        company.exchange.accompany(call, press(company, call, phone.keys))
    return True


async def line_free(company: "Company", call: Call) -> None:
    """Wait for this call's turn where calls per second are limited."""
    rate = company.switches.calls_per_second
    if rate <= 0:
        return
    now = company.clock.now()
    slot = max(now, company.exchange.next_slot or now)
    company.exchange.next_slot = slot + timedelta(seconds=1 / rate)
    call.queue_ms = round((slot - now).total_seconds() * 1000)
    await company.clock.sleep((slot - now).total_seconds())


async def press(company: "Company", call: Call, digits: str) -> None:
    """Press keys on the phone of a leg; a w waits half a second, a W a whole one."""
    for digit in digits:
        if digit in "wW":
            await company.clock.sleep(0.5 if digit == "w" else 1)
            continue
        note(company.feed, call, "key", text=digit)
        call.keypad.press(digit)


async def _take_message(company: "Company", call: Call) -> None:
    phone = company.phones.at(call.to)
    note(company.feed, call, "greeting", text=phone.greeting)
    await company.clock.sleep(phone.stays)
    company.exchange.hang_up(call)
