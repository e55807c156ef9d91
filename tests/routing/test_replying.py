"""How somebody says something back: by a reply, a text to the number that rings, or a call."""

from dataclasses import replace

import pytest

from carrier import prompts
from routing.notify.replying import (
    can_receive_texts,
    explain_accept,
    explain_confirm,
    explain_done,
    takes_replies,
)
from tests.routing.floor import LINE

NAMED = replace(LINE, texts_from="PRIOLINE")
MOBILE = replace(NAMED, number="+31612340000")
SAID = [
    (LINE, ["text 1042", "reply 1042 done", "reply 1042 done 4711", "reply OK 7"]),
    (
        MOBILE,
        [
            "text 1042 to +31612340000",
            "text 1042 done to +31612340000",
            "text 1042 done 4711 to +31612340000",
            "text OK 7 to +31612340000",
        ],
    ),
    (NAMED, [f"call {LINE.number}"] * 3 + ["open the console"]),
]


@pytest.mark.parametrize(("line", "words"), SAID)
def test_each_line_says_how_it_is_answered(line, words):
    phrases = [
        explain_accept(line, 1042),
        explain_done(line, 1042, None),
        explain_done(line, 1042, "4711"),
        explain_confirm(line, 7),
    ]
    assert [prompts.render_phrase("en", phrase) for phrase in phrases] == words
    assert all(prompts.render_phrase("nl", phrase) for phrase in phrases)


def test_a_name_takes_no_reply_and_a_landline_no_text():
    assert (takes_replies(LINE), can_receive_texts(LINE)) == (True, True)
    assert (takes_replies(MOBILE), can_receive_texts(MOBILE)) == (False, True)
    assert (takes_replies(NAMED), can_receive_texts(NAMED)) == (False, False)
