"""Whatever bytes come in, they give a mail, and soon."""

from __future__ import annotations

import encodings.aliases
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.mail_in import parse
from service.mail_in.parse import DEEPEST, MOST_PARTS, read_mail
from service.mail_in.text import decode, read_html, split_words

PIECES = st.sampled_from(
    [
        b"\n", b"\r\n", b"\r", b"\n\n", b"--a", b"--a--", b"--", b": ", b";", b'"', b"=", b"\x00",
        b"From: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed", b"multipart/alternative",
        b"multipart/report", b"message/rfc822", b"message/delivery-status", b"text/plain",
        b"text/html", b"; boundary=a", b'; boundary="', b"; charset=", b"; charset*=", b"; name*0*",
        b"; filename*1=''x", b"utf-8", b"punycode", b"hex", b"undefined", b"=?utf-8?b?QQ?=",
        b"=?utf-8?q?=?=", b"=?x?b?", b"Content-Transfer-Encoding: ", b"base64", b"uuencode",
        b"quoted-printable", b"Content-Disposition: attachment", b"begin 666 x\n", b"\xff\xfe",
        b">", b"(", b"@", b",", b"References: ", b"Message-ID: ", b"<a@b>", b"Action: failed", b" ",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=9), max_size=40).map(b"".join))
@example(b"Content-Type: text/plain; name*0*=a; name*1=b; name*=''x\n\nx")
@example(b"From: =?utf-8?b?QQ?= <\nSubject: =?utf-8?b?QQ?= <\n\nx")
@example(b"Content-Type: multipart/report\n\nx")
def test_any_bytes_give_a_mail(data: bytes) -> None:
    mail = read_mail(data)
    assert isinstance(mail.subject + mail.message_id + mail.words.whole, str)
    (mail.subject + mail.words.whole).encode()  # every database can store it
    assert isinstance(mail.recipients + mail.references, list)


def test_a_text_comes_before_what_it_quotes() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Dé oven staat stil"
    mail.set_content("Nog steeds.\n\nOp ma 2 mrt schreef Lijn <line@example.org>:\n> Beste,\n> oud")
    read = read_mail(mail.as_bytes())
    assert read.subject == "Dé oven staat stil"
    assert read.words.own == "Nog steeds."
    assert read.words.whole.endswith("> Beste,\n> oud")
    assert read.cut == ""


@pytest.mark.parametrize(
    "quote",
    [
        "> oud",
        "On Mon, 2 Mar 2026 at 10:00, Line <line@example.org> wrote:\n> old",
        "Op ma 2 mrt 2026 om 10:00 schreef Lijn\n<line@example.org>:\n> oud",
        "-----Original Message-----\nFrom: Line\n\nold",
        "-----Oorspronkelijk bericht-----\nVan: Lijn\n\noud",
        "________________________________\nVan: Lijn <line@example.org>\nVerzonden: ma\n\noud",
        "From: Line\nSent: Monday\nTo: Pieter\n\nold",
    ],
)
def test_a_quote_is_known_in_every_program(quote: str) -> None:
    words = split_words(f"Het nieuwe.\n\n{quote}")
    assert (words.own, words.quoted) == ("Het nieuwe.", quote)


def test_an_answer_below_the_quote_comes_first() -> None:
    words = split_words("> Welke versie?\n\nVersie 12.")
    assert words.whole == "Versie 12.\n\n> Welke versie?"


def test_answers_between_quoted_lines_stay_there() -> None:
    text = "Zie hieronder.\n> Welke versie?\n12\n> Sinds wanneer?\nGisteren"
    assert split_words(text).own == text


def test_a_forwarded_mail_alone_is_words_of_its_sender() -> None:
    assert split_words("> alles\n> geciteerd").own == "> alles\n> geciteerd"


def test_a_page_becomes_text_and_a_link_shows_where_it_leads() -> None:
    page = (
        "<style>p{}</style><script>x()</script><p>Beste&nbsp;lijn,</p><p>Het <b>staat</b> stil.<br>"
        "Echt.</p><ul><li>een<li>twee</ul><a href='https://evil.test/x'>https://bank.example</a>"
        "<blockquote>oud</blockquote>"
    )
    assert read_html(page) == (
        "Beste lijn,\n\nHet staat stil.\nEcht.\n\n- een\n- twee\n\n"
        "https://bank.example (https://evil.test/x)\n> oud"
    )


@pytest.mark.parametrize("page", ["", "<", "<p", "\x00", "<div>" * 50_000, "<a " * 50_000])
def test_any_page_becomes_text(page: str) -> None:
    assert "\x00" not in read_html(page)


def test_of_two_forms_the_plain_one_is_read_and_pictures_stay() -> None:
    mail = EmailMessage()
    mail.set_content("gewoon")
    mail.add_alternative("<p>opgemaakt</p>", subtype="html")
    mail.get_payload()[1].add_related(b"GIF", "image", "gif", filename="logo.gif")
    mail.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="ové.zip")
    read = read_mail(mail.as_bytes())
    assert read.words.own == "gewoon"
    assert [(file.name, file.data) for file in read.attachments] == [
        ("logo.gif", b"GIF"),
        ("ové.zip", b"PK\x03\x04"),
    ]


def test_a_mail_in_a_mail_is_a_file() -> None:
    inner, mail = EmailMessage(), EmailMessage()
    inner["Subject"] = "binnenin"
    inner.set_content("tekst")
    mail.set_content("zie bijlage")
    mail.add_attachment(inner)
    (file,) = read_mail(mail.as_bytes()).attachments
    assert (file.name, file.media_type) == ("message.eml", "message/rfc822")
    assert b"binnenin" in file.data


CHARSETS = sorted({*encodings.aliases.aliases.values(), "x-unknown", "iso-8859-8-i", "utf-8"})


@pytest.mark.parametrize("charset", CHARSETS)
def test_every_charset_gives_text(charset: str) -> None:
    try:
        body, readable = "Beste lijn, het is stil".encode(charset), True
        readable = body.decode(charset) == "Beste lijn, het is stil"
    except Exception:
        body, readable = b"Beste lijn, het is stil", False
    mail = read_mail(
        b"Content-Type: text/plain; charset=%b\nContent-Transfer-Encoding: 8bit\n\n"
        % charset.encode()
        + body
    )
    assert mail.words.own
    if readable and charset not in ("punycode", "idna", "unicode_escape", "raw_unicode_escape"):
        assert decode(body, charset) == "Beste lijn, het is stil"


def test_a_wrong_charset_does_not_spoil_the_text() -> None:
    assert decode("geblokkeerd: één".encode(), "us-ascii") == "geblokkeerd: één"
    assert decode("één".encode("cp1252"), "utf-8") == "één"
    assert decode("“één”".encode("cp1252"), "iso-8859-1") == "“één”"


def test_too_many_and_too_deep_parts_are_a_limit_and_no_crash() -> None:
    many = b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * (MOST_PARTS + 1)
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
        for level in range(DEEPEST + 2)
    )
    for bomb in (many, deep, b"Content-Type: message/rfc822\n\n" * 5000):
        assert read_mail(b"Subject: bom\n" + bomb).cut
        assert read_mail(b"Subject: bom\n" + bomb).subject == "bom"


def test_headers_beyond_every_measure_are_cut() -> None:
    huge = b"Subject: " + b"a" * 1_000_000 + b"\n" + b"X: y\n" * 50_000 + b"From: a@b.example\n\nx"
    mail = read_mail(huge)
    assert len(mail.subject) == 500
    assert len(mail.headers) <= 500


REPORT = b"""\
From: MAILER-DAEMON@mx.example.org
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r

Your mail did not arrive.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; pieter@bakkerij.example
Action: %b
Status: 5.1.1
--r
Content-Type: %b

From: line@example.org
Message-ID: <1042.abc.def@example.org>

--r--
"""


@pytest.mark.parametrize("kind", [b"message/rfc822", b"text/rfc822-headers"])
def test_a_report_names_the_mail_that_was_lost(kind: bytes) -> None:
    (bounce,) = read_mail(REPORT % (b"failed", kind)).bounces
    assert (bounce.message_id, bounce.status) == ("<1042.abc.def@example.org>", "5.1.1")


def test_a_mail_that_is_late_is_not_lost() -> None:
    read = read_mail(REPORT % (b"delayed", b"message/rfc822"))
    assert read.report
    assert read.bounces == ()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_of_a_mail_with_too_many_lines_the_head_is_read(
    end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse, "MOST_LINES", 100)
    head = b"From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary=x\n\n"
    assert "parts" in read_mail(head + (b"--" + end) * 96).cut
    mail = read_mail(head + (b"--" + end) * 97)
    assert (mail.cut, mail.subject) == ("it has more than 100 lines", "x")
    assert mail.words.own.startswith("--")


def test_of_a_text_beyond_measure_only_the_beginning_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parse, "MOST_TEXT", 100)
    mail = read_mail(b"From: a@b.example\n\n" + b"\x0b" * 101 + b"end")
    assert (mail.words.whole, mail.cut) == ("", "its text is too long")
