"""Each text is one segment with the usual values, and says what to answer and for what."""

import datetime as dt
import string

import pytest

from carrier import prompts
from carrier.sms import count_segments, fit_name, simplify
from routing.message import Phrase
from routing.oncall.local_time import LocalMoment
from service.signed_urls import AcknowledgeLinks

SPOKEN = prompts.SPOKEN
NOW = dt.datetime(2026, 11, 23, 13, 30, tzinfo=dt.UTC)
WHEN = LocalMoment(NOW, "Europe/Amsterdam")
USUAL, LONG = "https://line.example.org", "https://line.a-support-organisation.org"
COMPANY, LONG_COMPANY = "Bakkerij Jansen BV", "Coöperatieve Zeeuwse Zuivel B.V."

IN_TWO = {"request_received", "request_received_send", "handover", "customer_texted_portal"}
"""Texts with an address or a list in them."""

NO_TEXTS = {"unverified", "page_waits", "page_gone", "its_code", "on_call", "card_note"}
"""Parts of texts, and what is no text."""


def values(language, host):
    link = AcknowledgeLinks(host, "secret").of(1042, "sanne", NOW)
    code, done = ("code", "4711"), ("number", 1042)
    return {
        "number": 1042,
        "level": 1,
        "link": link,
        "code": (Phrase("its_code", (code,)),),
        "waits": (Phrase("page_waits"),),
        "reply": (Phrase("reply", (done,)),),
        "name": "Sanne de Vries",
        "by": WHEN,
        "start": WHEN,
        "end": WHEN,
        "since": WHEN,
        "until": (Phrase("handover_until", (("until", WHEN),)),),
        "duty": (Phrase("handover_now", (("schedule", "primary"),)),),
        "incidents": (Phrase("handover_waits", (("number", 1042), ("level", 1))),),
        "codes": (Phrase("handover_code", (("code", 17), ("schedule", "primary"))),),
        "schedule": "primary",
        "share": 80,
        "count": 12,
        "minutes": 60,
        "numbers": "1042, 1043",
        "contract": "100234",
        "other": 1043,
        "into": 1043,
        "cap": 30,
        "line": "MSA Plus prioriteitslijn",
        "address": "samples@example.org",
        "more": (Phrase("more_portal", (("link", f"{host}/portal/incidents/1042"),)),),
        "to": "+31201234567",
        "phone": "+31 20 123 4567",
        "subject": "De kassa",
        "words": "De kassa doet het niet",
    }


def texts(language):
    return {
        key: sentence
        for key, sentence in prompts.read_sentences(language)["text"].items()
        if key not in NO_TEXTS and not key.startswith(("ack_", "mail_"))
    }


def write(language, key, host, company):
    known = values(language, host)
    if key.startswith(("response_", "call_back", "reassigned")):
        done = (("number", 1042), ("code", "4711"))
        known["reply"] = (Phrase("reply_done_code", done),)
    if key.startswith("handover"):
        known |= {"reply": (Phrase("reply_ok", (("code", 17),)),), "code": 17}
    if key in ("portal_code_text", "phone_code", "handover_code") or key.startswith("reply"):
        known["code"] = "471123"

    def fill(name):
        return prompts.render_text(language, key, known | {"company": name})

    return fit_name(fill, company)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize(("host", "company"), [(USUAL, COMPANY), (LONG, LONG_COMPANY)])
def test_each_text_is_one_segment(language, host, company):
    long = {
        key: (len(text), text)
        for key in texts(language)
        if key not in IN_TWO and count_segments(text := write(language, key, host, company)) > 1
    }
    assert long == {}


@pytest.mark.parametrize("language", SPOKEN)
def test_the_others_are_two_at_most(language):
    for key in IN_TWO:
        assert count_segments(write(language, key, LONG, LONG_COMPANY)) <= 2, key


@pytest.mark.parametrize("language", SPOKEN)
def test_a_usual_page_is_whole(language):
    for key in ("page", "page_desk", "page_link", "page_link_desk"):
        text = write(language, key, USUAL, COMPANY)
        assert COMPANY in text
        assert "..." not in text


def test_a_page_says_what_to_answer_for_what_and_who_waits():
    assert write("nl", "page", USUAL, COMPANY) == (
        "SPOED 1042, niveau 1, Bakkerij Jansen BV, beller wacht. Code 4711. Aannemen: sms 1042."
    )
    assert write("en", "page", USUAL, COMPANY) == (
        "URGENT 1042, level 1, Bakkerij Jansen BV, caller waits. Code 4711. Accept: text 1042."
    )


@pytest.mark.parametrize("language", SPOKEN)
def test_nothing_ends_with_two_full_stops(language):
    for key in texts(language):
        text = write(language, key, USUAL, "Bakkerij Jansen B.V.").replace("...", "")
        assert ".." not in text, key


def test_moments_have_one_form():
    assert prompts.format_moment("nl", NOW, "Europe/Amsterdam") == "ma 23 nov 14:30"
    assert prompts.format_moment("en", NOW, "Europe/Amsterdam") == "Mon 23 Nov 14:30"


@pytest.mark.parametrize("language", SPOKEN)
def test_every_way_to_answer_stands_after_what_it_is_for(language):
    for key, sentence in texts(language).items():
        before, found, _ = sentence.partition("{reply}")
        assert not found or before.rstrip().endswith(":"), key


def test_the_examples_have_every_value():
    known = values("nl", USUAL).keys() | {"company"}
    for key, sentence in texts("nl").items():
        assert {name for _, name, _, _ in string.Formatter().parse(sentence) if name} <= known, key


@pytest.mark.parametrize("language", SPOKEN)
def test_our_own_words_are_in_the_short_alphabet(language):
    for sentence in texts(language).values():
        assert simplify(sentence) == sentence
