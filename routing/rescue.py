"""Somebody dialled straight from the caller's document: asked for a key, as it may be a mailbox."""

from __future__ import annotations

from routing.call import Call, Stage
from routing.line import LAST_RESORT, Line
from routing.ports import Matter
from routing.speech import Document, HangUp, Menu, Next, say

ASKED = 3


def rescue_key(call: Call) -> str:
    """The digit that takes this call; another one for each call and each number dialled."""
    return str(int(call.id[:6], 16) % 7 + 2 - call.turn % 2)


def rescue_document(matter: Matter, line: Line, *, answered_key: bool = False) -> Document:
    """What they hear; after the right key nothing more, and the carrier joins the two."""
    language, call = line.languages[0], matter.call
    taken = call is not None and call.stage is Stage.RESCUE and call.answered_by == LAST_RESORT
    if answered_key and taken:
        return Document(language, ())
    if call is None or call.stage is not Stage.RESCUE or taken:
        return Document(language, (say("over"), HangUp()))
    then = Next("call.rescue_key", call.id, call.turn)
    asked = Menu((say("rescue_whisper", line=line.name, take=rescue_key(call)),), then)
    return Document(language, (*(asked,) * ASKED, HangUp()))
