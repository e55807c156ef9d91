"""The journal: what happened and why. The timeline, on-call pay and drills read it back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class JournalEvent(StrEnum):
    """The event of a journal entry. The values are stored: changing one needs a migration."""

    # The caller: from the greeting to an open incident.
    ANSWERED = "answered"
    LANGUAGE = "language"
    ENGINEER = "engineer"
    CUSTOMERS_MENU = "customers_menu"
    CONTRACT_KEYED = "contract_keyed"
    IDENTIFIED = "identified"
    PIN_FIRST = "pin_first"
    PROVEN_CALLER = "proven_caller"
    NOT_INCLUDED = "not_included"
    WRONG_PIN = "wrong_pin"
    UNVERIFIED = "unverified"
    ASKED_ABOUT = "asked_about"
    SOMETHING_NEW = "something_new"
    ENGAGED = "engaged"
    CALLED_AGAIN = "called_again"
    URGENCY = "urgency"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    REPEAT = "repeat"
    INTRODUCED = "introduced"
    REJECTED = "rejected"
    SIGNATURE = "signature"
    VERDICT = "verdict"
    DATABASES = "databases"
    REGISTERED = "registered"
    OPENED = "opened"
    NOT_RUNG = "not_rung"
    NO_NOTICE = "no_notice"
    RAISE = "raise"
    RAISED = "raised"

    # The caller: waiting, leaving a message, and the end of the call.
    MATTER = "matter"
    MESSAGE = "message"
    MESSAGE_LEFT = "message_left"
    MESSAGE_CUT = "message_cut"
    CALLBACK = "callback"
    NO_CALLBACK = "no_callback"
    NOT_DIALLED = "not_dialled"
    TOLD_LATER = "told_later"
    HANDED_OVER = "handed_over"
    OTHER_SIDE_LEFT = "other_side_left"
    STAYS_ON = "stays_on"
    STILL_THERE = "still_there"
    FOUND_GONE = "found_gone"
    ALONE = "alone"
    ABANDONED = "abandoned"
    GOES_ON = "goes_on"
    ENDED = "ended"
    RESCUE = "rescue"
    RESCUE_OVER = "rescue_over"

    # The desk queue.
    ROW = "row"
    KEEPS_PLACE = "keeps_place"
    CAME_BACK = "came_back"
    DESK = "desk"
    LATER = "later"

    # The escalation: steps, passes and rounds.
    HUNT = "hunt"
    STEP = "step"
    SKIPPED = "skipped"
    PASS = "pass"  # noqa: S105
    ROUND = "round"
    RESTING = "resting"
    LAST_RESORT = "last_resort"
    BESIDE = "beside"
    SERVED = "served"
    HUNT_OVER = "hunt_over"
    DRILL_OVER = "drill_over"
    REOPENED = "reopened"

    # One leg: ringing an engineer, the key, the conversation, the wrap-up.
    RING = "ring"
    PLACED = "placed"
    PUT_OFF = "put_off"
    REFUSED = "refused"
    SAME_PHONE = "same_phone"
    BUSY = "busy"
    FREE = "free"
    CANCELED = "canceled"
    RANG_OUT = "rang_out"
    LISTENING = "listening"
    ASKED_AGAIN = "asked_again"
    NO_KEY = "no_key"
    PASSED = "passed"
    PRACTISED = "practised"
    ACCEPTED = "accepted"
    CONNECTING = "connecting"
    BRIDGED = "bridged"
    TALKED = "talked"
    PARTED = "parted"
    CALLER_GONE = "caller_gone"
    NOT_REACHED = "not_reached"
    UNMET = "unmet"
    STILL_WAITS = "still_waits"
    CALLS_ALREADY = "calls_already"
    CALLING_BACK = "calling_back"
    CALLED_BACK = "called_back"
    LEG_ENDED = "leg_ended"

    # An engineer who calls in, or asks to be connected with the customer.
    CALLED_IN = "called_in"
    RING_BACK = "ring_back"
    NOT_RUNG_BACK = "not_rung_back"
    CALL_WANTED = "call_wanted"

    # A customer who asks in the portal to be called.
    CALL_ME = "call_me"
    CUSTOMER_PICKED_UP = "customer_picked_up"
    CUSTOMER_ASKED_AGAIN = "customer_asked_again"
    CUSTOMER_JOINS = "customer_joins"
    CUSTOMER_NOT_REACHED = "customer_not_reached"

    # The incident: acknowledged, responded to, closed, and its promised time.
    ACKNOWLEDGED = "acknowledged"
    ACKNOWLEDGED_AGAIN = "acknowledged_again"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    PROVEN = "proven"
    UNPROVEN = "unproven"
    WRONG_CODE = "wrong_code"
    RESPONDED = "responded"
    CLOSED = "closed"
    WAITS_FOR_CUSTOMER = "waits_for_customer"
    CUSTOMER_REPLIED = "customer_replied"
    REASSIGNED = "reassigned"
    NOTED = "noted"
    PROMISED = "promised"
    CLOCK = "clock"
    BREACH = "breach"
    CLOCK_PAUSED = "clock_paused"
    CLOCK_RESUMED = "clock_resumed"
    PREMIUM = "premium"
    STANDARD = "standard"
    COUNTED = "counted"
    NOT_COUNTED = "not_counted"
    REQUEST = "request"
    REQUEST_CONFIRMED = "request_confirmed"
    REQUEST_RELEASED = "request_released"
    RECORDED = "recorded"

    # What the customer and the staff write to each other, and two incidents that are one matter.
    CUSTOMER_WROTE = "customer_wrote"
    THANKED = "thanked"
    CUSTOMER_ANSWERED = "customer_answered"
    MERGED = "merged"
    ABSORBED = "absorbed"

    # Texts and mails to engineers and to the customer.
    NOTICE = "notice"
    NOTICE_SENT = "notice_sent"
    NOTICE_DELIVERED = "notice_delivered"
    NOTICE_UNDELIVERED = "notice_undelivered"
    NOTICE_FAILED = "notice_failed"
    NOTICE_CANCELED = "notice_canceled"
    SWITCHED = "switched"
    DAILY_CAP = "daily_cap"
    CHANNEL_OFF = "channel_off"
    TOLD = "told"
    NOT_TOLD = "not_told"
    NOBODY_TOLD = "nobody_told"
    REMINDED = "reminded"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One event, the reason for it, and the id of the page that it is about."""

    event: JournalEvent
    reason: str
    leg: str | None = None
