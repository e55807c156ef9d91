"""Every address that the carrier asks says how often it asks again."""

from carrier.twiml import render_twiml
from carrier.urls import RETRIES, WebhookUrls
from devtools.phone_company.post.address import LIMIT, read_address
from routing.voice_document import (
    AskDigits,
    BridgeQueue,
    Dial,
    Document,
    Enqueue,
    Menu,
    Next,
    Record,
    Redirect,
)

ADDRESSES = WebhookUrls("https://line.test")
THERE = Next("call.key", "abc", 3)
ASKED = {
    "a question": ADDRESSES.of(THERE),
    "its status": ADDRESSES.status_url(THERE),
    "a leg": ADDRESSES.leg_url("abc"),
    "a leg's status": ADDRESSES.leg_status_url("abc"),
    "a leg's fallback": ADDRESSES.leg_fallback_url("abc"),
    "a text's status": ADDRESSES.text_status_url("abc"),
    "the fallback": ADDRESSES.fallback("next/1"),
    "the waiting room once more": ADDRESSES.again("/voice/call/abc/wait/3"),
}


def test_every_webhook_is_asked_three_times_within_what_the_carrier_grants():
    for what, raw in ASKED.items():
        address = read_address(raw)
        assert (address.retries, address.read, address.retry_on) == (2, 4.5, {"all"}), what
        assert (address.retries + 1) * address.read <= LIMIT


def test_what_is_asked_stands_before_the_settings():
    assert ASKED["a question"] == f"https://line.test/voice/call/abc/key/3{RETRIES}"
    assert read_address(ASKED["a question"]).url == "https://line.test/voice/call/abc/key/3"
    assert ASKED["its status"] == f"https://line.test/voice/call/abc/key/3/status{RETRIES}"


def test_every_act_of_a_document_that_asks_says_so():
    acts = (
        Menu((), THERE),
        AskDigits((), THERE),
        Record(THERE, 3),
        Redirect(THERE),
        Enqueue("q", THERE, THERE),
        BridgeQueue("q", THERE, THERE),
        Dial("+31612345601", "+31201234567", THERE, 20, THERE),
    )
    twiml = render_twiml(Document("nl", acts), ADDRESSES).replace("&amp;", "&")
    assert twiml.count("https://line.test") == twiml.count(RETRIES) == 11
