"""A customer texts the line, and hears once a day that nobody reads texts there."""

import pytest

from tests.stories.stage import LINE, PIETER, SANNE, STRANGER

A_DAY = 24 * 3600
PHONE = "+31 20 123 4567"


def sent(stage):
    stage.settle()
    return [text for text in stage.office.texts if text.direction != "inbound"]


def texts_to(stage, number):
    return [text.body for text in sent(stage) if text.to == number]


def write(stage, sender, words="De kassa doet het niet"):
    stage.office.text(sender, LINE, words)
    stage.settle()


def test_a_customer_hears_once_a_day_where_to_turn(stage):
    for _ in range(3):
        write(stage, PIETER)
    (body,) = texts_to(stage, PIETER)
    assert PHONE in body
    assert f"{stage.settings.public_url}/portal" in body
    assert not stage.desk.calls.find_open("main")
    stage.advance(A_DAY + 1)
    write(stage, PIETER)
    assert len(texts_to(stage, PIETER)) == 2


@pytest.mark.parametrize(
    "sender", ["12345", "NL-Alert", "anonymous", LINE, "+447700900123", STRANGER]
)
def test_machines_our_own_number_and_strangers_get_no_answer(stage, sender):
    write(stage, sender)
    assert sent(stage) == []


@pytest.mark.parametrize("word", ["STOP", "start", "HELP"])
def test_what_the_carrier_answers_is_not_answered(stage, word):
    write(stage, PIETER, word)
    assert texts_to(stage, PIETER) == []


def test_an_engineer_still_gets_the_answer_of_an_engineer(stage):
    write(stage, SANNE, "1042")
    (body,) = texts_to(stage, SANNE)
    assert "leest geen" not in body
