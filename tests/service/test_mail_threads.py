"""Addresses and Message-IDs of mail name their incident, and nobody can make one up."""

from __future__ import annotations

import string

from hypothesis import assume, given
from hypothesis import strategies as st

from service import mail_threads as threads

SECRET, MAILBOX = "f" * 40, "line@example.org"
NUMBERS = st.integers(min_value=1, max_value=10**12)
IDS = st.text(string.ascii_lowercase + "-_é", min_size=1, max_size=80)
CASES = st.sampled_from([str, str.upper, str.title, str.swapcase])
CHARACTERS = string.ascii_letters + string.digits + "+.@"


def among(*engineers):
    return lambda number: engineers


@given(NUMBERS, CASES)
def test_a_reply_names_its_incident_in_any_case(number, written):
    address = threads.reply_address(SECRET, MAILBOX, number)
    assert threads.read_reply_address(SECRET, MAILBOX, written(address)) == number
    assert len(address.rpartition("@")[0]) <= threads.LONGEST_LOCAL_PART


@given(NUMBERS, st.data())
def test_a_changed_address_names_no_incident(number, data):
    address = threads.reply_address(SECRET, MAILBOX, number)
    place = data.draw(st.integers(0, len(address) - 1))
    changed = address[:place] + data.draw(st.sampled_from(CHARACTERS)) + address[place + 1 :]
    assume(changed.lower() != address)
    assert threads.read_reply_address(SECRET, MAILBOX, changed) is None


@given(st.text(max_size=90))
def test_any_words_are_no_address(words):
    assert threads.read_reply_address(SECRET, MAILBOX, words) is None
    assert threads.read_engineer_address(SECRET, MAILBOX, words, among("sanne")) is None
    assert threads.read_message_ids(SECRET, MAILBOX, [words]) is None


@given(NUMBERS)
def test_another_secret_or_mailbox_names_no_incident(number):
    address = threads.reply_address(SECRET, MAILBOX, number)
    assert threads.read_reply_address("g" * 40, MAILBOX, address) is None
    assert threads.read_reply_address(SECRET, "desk@example.org", address) is None
    assert threads.read_reply_address(SECRET, "line@example.net", address) is None


@given(NUMBERS, IDS, CASES)
def test_an_engineers_address_names_the_engineer(number, engineer, written):
    address = threads.engineer_address(SECRET, MAILBOX, number, engineer)
    found = threads.read_engineer_address(
        SECRET, MAILBOX, written(address), among("x1", engineer, "x2")
    )
    assert found == threads.EngineerReply(number, engineer)
    assert threads.read_engineer_address(SECRET, MAILBOX, address, among("x1", "x2")) is None
    assert threads.read_reply_address(SECRET, MAILBOX, address) is None
    assert len(address.rpartition("@")[0]) <= threads.LONGEST_LOCAL_PART


def test_a_customers_address_is_no_engineers():
    customer = threads.reply_address(SECRET, MAILBOX, 1042)
    forged = customer.replace("1042.", "1042.e")
    assert threads.read_engineer_address(SECRET, MAILBOX, forged, among("sanne")) is None
    assert threads.read_engineer_address(SECRET, MAILBOX, customer, among("sanne")) is None


def test_a_mailbox_with_an_extension_of_its_own():
    mailbox = "it+line@example.org"
    address = threads.reply_address(SECRET, mailbox, 7)
    assert address.startswith("it+line+7.")
    assert threads.read_reply_address(SECRET, mailbox, address) == 7


def test_a_long_mailbox_is_used_as_it_is():
    mailbox = f"{'a' * 60}@example.org"
    assert threads.reply_address(SECRET, mailbox, 1042) == mailbox
    assert threads.read_reply_address(SECRET, mailbox, mailbox) is None


@given(NUMBERS, st.text(min_size=1, max_size=70), st.booleans())
def test_a_message_id_is_stable_and_names_its_incident(number, key, upper):
    made = threads.message_id(SECRET, MAILBOX, key, number)
    assert made == threads.message_id(SECRET, MAILBOX, key, number)
    if upper:
        made = made.upper()
    header = f"<a@b> {made}\r\n <mail-of-their-own@customer.example>"
    assert threads.read_message_ids(SECRET, MAILBOX, ["", header]) == number
    assert threads.read_message_ids("g" * 40, MAILBOX, [header]) is None
    assert threads.read_message_ids(SECRET, "line@example.net", [header]) is None


def test_the_latest_of_our_message_ids_counts():
    first, second = (threads.message_id(SECRET, MAILBOX, "a", number) for number in (1, 2))
    assert threads.read_message_ids(SECRET, MAILBOX, [f"{first} {second}"]) == 2
    assert threads.read_message_ids(SECRET, MAILBOX, [first, f"{second} {first}"]) == 1


def test_a_mail_without_an_incident_names_none():
    made = threads.message_id(SECRET, MAILBOX, "a")
    assert made.endswith("@example.org>")
    assert threads.read_message_ids(SECRET, MAILBOX, [made]) is None


def test_a_thread_that_we_began_has_one_start():
    opening, answer = (threads.build_thread(SECRET, MAILBOX, 1042) for _ in range(2))
    assert opening == answer
    assert opening.references == (opening.in_reply_to,)


def test_a_thread_that_the_customer_began_goes_on_with_their_mail():
    thread = threads.build_thread(SECRET, MAILBOX, 1042, ["<first@customer.example>"])
    assert thread.in_reply_to == "<first@customer.example>"
    assert thread.references[0] == "<first@customer.example>"
    received = [f"<{place}@customer.example>" for place in range(100)]
    long = threads.build_thread(SECRET, MAILBOX, 1042, received)
    assert long.references[0] == received[0]
    assert long.references[1] == threads.build_thread(SECRET, MAILBOX, 1042).in_reply_to
    assert long.references[-1] == long.in_reply_to == received[-1]
    assert len(long.references) < 20
