"""Five hundred odd mails leave five hundred right outcomes: none is lost, none stops the line."""

from __future__ import annotations

import encodings.aliases
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from service.bootstrap import Services
from service.mail_in.intake import MailIntake
from store.log.received_mails import MailState, ReceivedMail, ReceivedMails
from tests.conftest import Clock
from tests.mail_in.conftest import MAILBOX, tagged, write
from tests.mail_in.test_intake import BOUNCE

WORDS = "De oven staat stil"
NO_TEXT = ("punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7")
LODGED, AUTOMATIC, BOUNCED = MailState.LODGED, MailState.AUTOMATIC, MailState.BOUNCE
UNREADABLE, THREADED, DUPLICATE = MailState.UNREADABLE, MailState.THREADED, MailState.DUPLICATE


@dataclass(frozen=True)
class Odd:
    """A mail, what must become of it, and words that its message must hold."""

    mail: bytes
    state: MailState | None
    words: str = ""


def by(place: int, *headers: bytes) -> bytes:
    """The first headers of a mail of a sender of its own."""
    lines = (b"From: w%d@elders.example" % place, b"Message-ID: <%d@elders>" % place, *headers)
    return b"\n".join(lines) + b"\n"


def charsets() -> Iterator[Odd]:
    for place, charset in enumerate(sorted({*encodings.aliases.aliases.values(), "x-no", "?"})):
        try:
            body = WORDS.encode(charset)
            shown = WORDS if charset not in NO_TEXT else ""
        except Exception:
            body, shown = WORDS.encode(), WORDS
        kind = b"Content-Type: text/plain; charset=%b\n" % charset.encode()
        yield Odd(
            by(place, b"Subject: =?%b?q?oven?=" % charset.encode()) + kind + b"\n" + body,
            LODGED,
            shown,
        )


def loops() -> Iterator[Odd]:
    signs = [
        b"Auto-Submitted: auto-replied", b"Auto-Submitted: auto-generated; x", b"Precedence: junk",
        b"Precedence: LIST", b"List-Id: x", b"List-Unsubscribe: <x>", b"Return-Path: <>",
        b"X-Auto-Response-Suppress: OOF", b"X-Autoreply: 1", b"Subject: Automatisch antwoord: x",
        b"Subject: Out of Office: x", b"Subject: =?utf-8?q?Afwezigheidsbericht?=",
        b"Content-Type: multipart/report; boundary=x", b"Feedback-Type: abuse",
    ]  # fmt: skip
    for place, sign in enumerate(signs * 5):
        yield Odd(by(1000 + place, sign) + b"\n" + WORDS.encode(), AUTOMATIC)
    for sender in (MAILBOX, "mailer-daemon@x.example", "noreply@x.example"):
        yield Odd(b"From: %b\n\nx" % sender.encode(), AUTOMATIC)


def bombs() -> Iterator[Odd]:
    part = b"--a\nContent-Type: text/plain\n\nx\n"
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
        for level in range(30)
    )
    ends = [
        b"Content-Type: multipart/mixed; boundary=a\n\n" + part * 300,
        deep,
        b"Content-Type: message/rfc822\n\n" * 100,
        b"X: y\n" * 3000 + b"\nx",
        b"Subject: " + b"a " * 20_000 + b"\n\nx",
        b"Content-Type: text/html\n\n" + b"<div>" * 20_000 + b"x",
        b"\n" + b"> x\ny\n" * 3000,
    ]
    for place, end in enumerate(ends * 8):
        yield Odd(by(2000 + place) + end, LODGED)


def odd_bytes() -> Iterator[Odd]:
    """Bytes in headers that no database stores as text."""
    for place, odd in enumerate((b"\xff", b"\x00", b"\xff\x00\xfe", b"\xed\xa0\x80", b"\x1b[2J")):
        head = b"From: w%d@elders.example\nMessage-ID: <%d%b@x>\n" % (5000 + place, place, odd)
        head += b"References: <a%b@x>\nSubject: =?%b?q?=00?= %b\n" % (odd, odd, odd)
        kind = b"Content-Type: application/%b; name=%b; charset=%b\n" % (odd, odd, odd)
        yield Odd(head + kind + b"\n" + WORDS.encode() + odd, LODGED)
        mixed = b"Content-Type: multipart/mixed; boundary=a\n\n--a\n"
        yield Odd(b"X: 2\n" + head.replace(b"w", b"v", 1) + mixed + kind + b"\n" + odd, LODGED)
        report = BOUNCE.format(mail_id="<x@y>").encode().replace(b"5.1.1", odd)
        report = report.replace(b"<x@", b"<%b%d@" % (odd, place))
        shown = odd in (b"\x00", b"\x1b[2J")  # what is left of it is a Message-ID
        yield Odd(b"X-Place: %d\n" % place + report, BOUNCED if shown else AUTOMATIC)


def broken(chance: random.Random) -> Iterator[Odd]:
    """Mails of real programs with a piece cut out, doubled or turned."""
    whole = write(WORDS)
    whole.add_alternative(f"<p>{WORDS}</p>", subtype="html")
    whole.add_attachment(b"PK" * 500, maintype="application", subtype="zip", filename="ové.zip")
    data = whole.as_bytes()
    start = data.index(b"MIME-Version")
    for place in range(130):
        at, size = chance.randrange(start, len(data)), chance.randrange(1, 200)
        piece = data[at : at + size]
        other = chance.choice([b"", piece * 2, piece[::-1], bytes(chance.randbytes(size))])
        yield Odd(by(3000 + place) + data[start:at] + other + data[at + size :], LODGED)


def nobodies(chance: random.Random) -> Iterator[Odd]:
    for place in range(60):
        noise = chance.randbytes(chance.randrange(400)).replace(b"@", b"")
        yield Odd(b"X-Place: %d\n\n" % place + noise, UNREADABLE)
    for line in (b"From:", b"From: <>", b"From: undisclosed-recipients:;", b"From: \xff\xfe"):
        yield Odd(line + b"\nSubject: x\n\nx", UNREADABLE)


def replies(services: Services, number: int) -> Iterator[Odd]:
    right = tagged(services, number).encode()
    for place in range(20):
        words = f"Antwoord {place}"
        to = right if place % 2 else right.replace(str(number).encode(), b"%d" % (number + 1))
        state = THREADED if place % 2 else LODGED
        yield Odd(by(4000 + place, b"To: <%b>" % to) + b"\n" + words.encode(), state, words)


@pytest.fixture
def corpus(services: Services) -> list[Odd]:
    chance = random.Random(14)
    intake = MailIntake(services)
    intake.store([write("Het eerste.").as_bytes()], "mailbox")
    intake.read_next()
    odd = [*charsets(), *loops(), *bombs(), *odd_bytes(), *broken(chance), *nobodies(chance)]
    odd += replies(services, 1001)
    odd += [Odd(BOUNCE.format(mail_id=f"<{n}.x@y>").encode(), BOUNCED) for n in range(20)]
    odd += [Odd(b"Received: again\n" + each.mail, DUPLICATE) for each in odd[:40]]
    return odd


def test_500_odd_mails_leave_500_right_outcomes(
    services: Services, mails: ReceivedMails, corpus: list[Odd], clock: Clock
) -> None:
    intake, ids = MailIntake(services), []
    assert len(corpus) >= 500
    for odd in corpus:
        clock.tick(61)  # fewer than a flood
        ids.append(intake.store([odd.mail], "mailbox"))
        assert intake.read_next()
    found = [mails.find(each) for each in ids]
    assert [one and one.state for one in found] == [odd.state for odd in corpus]
    assert mails.count_waiting()[0] == 0
    book = services.call_service.calls.correspondence
    for odd, one in zip(corpus, found, strict=True):
        assert one is not None
        if odd.state in (LODGED, THREADED):
            (*_, message) = [m for m in book.find_messages(one.incident or "") if _is_its(m, one)]
            assert odd.words in message.words
            assert one.file is None
        elif odd.state is not DUPLICATE:
            assert b"".join(book.read_file(one.file or "")) == odd.mail


def _is_its(message: object, mail: ReceivedMail) -> bool:
    return getattr(message, "by", "") == mail.sender
