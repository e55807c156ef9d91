"""What an engineer means by a text, typed in the dark."""

import pytest

from routing.course.replies import Reply, named, read
from routing.course.verbs import Verb
from routing.incident import State
from tests.store.cast import incident

TAKE, NOTE = Verb.TAKE, Verb.NOTE
MEANT = [
    ("1042", Reply(TAKE, 1042)),
    (" #1042. ", Reply(TAKE, 1042)),
    ("ok 1042", Reply(TAKE, 1042)),
    ("1042 OK!", Reply(TAKE, 1042)),
    ("Ja, 1042", Reply(TAKE, 1042)),
    ("ik neem 1042 aan", Reply(TAKE, 1042)),
    ("1042 klaar", Reply(Verb.RESPOND, 1042)),
    ("1042: Done.", Reply(Verb.RESPOND, 1042)),
    ("klaar 1042", Reply(Verb.RESPOND, 1042)),
    ("1042 wacht op de logbestanden", Reply(Verb.WAIT, 1042, "op de logbestanden")),
    ("1042 wait log 7", Reply(Verb.WAIT, 1042, "log 7")),
    ("wacht 1042 logs", Reply(Verb.WAIT, 1042, "logs")),
    ("1042 wacht", Reply(Verb.WAIT, 1042)),
    ("1042 verder", Reply(Verb.RESUME, 1042)),
    ("1042 dicht", Reply(Verb.CLOSE, 1042)),
    ("1042 close", Reply(Verb.CLOSE, 1042)),
    ("1042 bel", Reply(Verb.CALL, 1042)),
    ("call 1042", Reply(Verb.CALL, 1042)),
    ("1042 bel ik morgen", Reply(NOTE, 1042, "bel ik morgen")),
    ("1042 kan ik niet", Reply(NOTE, 1042, "kan ik niet")),
    ("1042 klaar met eten, ben onderweg", Reply(NOTE, 1042, "klaar met eten, ben onderweg")),
    ("1042 close to solving it", Reply(NOTE, 1042, "close to solving it")),
    ("bel mij over 1042", Reply(NOTE, 1042, "bel mij over 1042")),
    ("ok", Reply(TAKE)),
    ("", Reply(TAKE)),
    ("klaar", Reply(Verb.RESPOND)),
    ("wacht logs", Reply(Verb.WAIT, None, "logs")),
    ("ben er over tien minuten", Reply(NOTE, None, "ben er over tien minuten")),
    ("+31612345678901234567890", Reply(NOTE, None, "+31612345678901234567890")),
]


@pytest.mark.parametrize(("text", "reply"), MEANT)
def test_a_text_means(text, reply):
    assert read(text) == reply


@pytest.mark.parametrize("text", ["٣٤", "\x00", "🙂" * 300, "-" * 2000, "1" * 2000])
def test_nonsense_is_read_without_harm(text):
    assert read(text).number is None


def test_without_a_number_only_what_nobody_has_can_be_taken():
    free = incident(1)
    own = incident(2, state=State.ACKNOWLEDGED, acknowledged_by="sanne")
    assert named(Reply(TAKE), "sanne", [free, own]) == [free]


def test_without_a_number_the_rest_is_about_ones_own():
    free = incident(1)
    own = incident(2, state=State.ACKNOWLEDGED, acknowledged_by="sanne")
    assert named(Reply(Verb.RESPOND), "sanne", [free, own]) == [own]
    assert named(Reply(NOTE, None, "hm"), "joris", [free]) == [free]
