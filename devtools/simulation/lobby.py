"""What is answered without database and Redis: people of a file, asked for a key."""

from __future__ import annotations

from routing.voice_document import (
    Act,
    Dial,
    Document,
    HangUp,
    LeaveQueue,
    Menu,
    Music,
    Next,
    Redirect,
    say,
)

RING_SECONDS = 20
ASKED = 3
TAKE = "4"


class Lobby:
    """Stands for ``ivr_app.fallback``: it reads a file, and so it never fails."""

    def __init__(self, number: str, phones: tuple[str, ...]) -> None:
        """The people on call and the last resort, in the order in which they are dialled."""
        self.number, self.phones = number, phones

    def human(self, number: int) -> Document:
        """A sentence, and the next of the people of the file."""
        then, whisper = Next("fallback.next", "", number + 1), Next("fallback.whisper", "")
        phone = self.phones[number % len(self.phones)]
        dial = Dial(phone, self.number, then, RING_SECONDS, whisper)
        if number == 0:
            return _spoken(say("sorry"), dial)
        return _spoken(dial)

    def whisper(self) -> Document:
        """Somebody picked up: a key, because it may be a mailbox."""
        asked = Menu((say("rescue_whisper", take=TAKE),), Next("fallback.key", ""))
        return _spoken(*(asked,) * ASKED, HangUp())

    def keyed(self, key: str | None) -> Document:
        """The right key joins them with the caller."""
        return _spoken() if key == TAKE else _spoken(HangUp())

    def leg_failed(self) -> Document:
        """An engineer hears that we ring again."""
        return _spoken(say("leg_failed"), HangUp())

    def customer_failed(self) -> Document:
        """A customer who asked to be called hears that it did not work."""
        return _spoken(say("call_me_failed"), HangUp())

    def farewell(self) -> Document:
        """They have talked."""
        return _spoken(say("goodbye"), HangUp())

    def wait_again(self, to: Next) -> Document:
        """The waiting room failed: music and one more try, then out of the queue to a human."""
        if to.name == "call.wait_again":
            return _spoken(LeaveQueue())
        again = Next("call.wait_again", to.id, to.turn)
        return _spoken(say("sorry_wait"), Music(), Redirect(again))

    def spoken_failure(self, to: Next) -> Document:
        """By whose telephone it is."""
        if to.name == "leg.connected":
            return _spoken()
        if to.name.startswith("leg."):
            return self.leg_failed()
        if to.name in ("customer.listens", "customer.silence"):
            return self.customer_failed()
        if to.name in ("call.rescue", "call.rescue_key"):
            return self.whisper()
        return self.wait_again(to) if to.name.startswith("call.wait") else self.human(0)


def _spoken(*acts: Act) -> Document:
    return Document("nl", acts)
