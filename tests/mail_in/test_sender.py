"""A From line proves nobody; the report of the server that the settings name does."""

from __future__ import annotations

import pytest

from service.mail_in.parse import LONGEST_HEADER, MOST_HEADERS, read_mail
from service.mail_in.sender import find_automatic_sign, read_sender

PIETER = "pieter@bakkerij.example"
TRUSTED = "mx.example.org"


def mail(*headers: str):
    return read_mail("\n".join(headers).encode() + b"\n\nHallo")


def proven(report: str, from_line: str = PIETER) -> bool:
    headers = (f"Authentication-Results: {report}", f"From: {from_line}")
    return read_sender(mail(*headers), TRUSTED).proven


@pytest.mark.parametrize(
    "report",
    [
        f"{TRUSTED}; dkim=pass header.d=bakkerij.example",
        f"{TRUSTED}; dkim=pass header.i=@bakkerij.example header.s=2026",
        f"{TRUSTED}; spf=pass smtp.mailfrom=bounce@bakkerij.example",
        f"{TRUSTED}; spf=pass smtp.mailfrom=bakkerij.example",
        f"{TRUSTED}; dkim=fail header.d=x.example; spf=pass smtp.mailfrom=bakkerij.example",
        f"{TRUSTED}; dmarc=pass (p=reject) header.from=bakkerij.example",
        "MX.Example.ORG 1; dkim=pass (2048-bit key; secure) header.d=Bakkerij.Example header.b=x",
        f"{TRUSTED};\n dkim=pass\n  header.d=bakkerij.example",
    ],
)
def test_an_aligned_pass_of_the_named_server_proves(report: str) -> None:
    assert proven(report)
    assert proven(report, f'"Jansen, Pieter" <{PIETER.upper()}>')


@pytest.mark.parametrize(
    "report",
    [
        f"{TRUSTED}; none",
        f"{TRUSTED}",
        "",
        f"{TRUSTED}; dkim=fail header.d=bakkerij.example",
        f"{TRUSTED}; dkim=pass header.d=evil.test",
        f"{TRUSTED}; dkim=pass header.d=mail.bakkerij.example",  # strict alignment
        f"{TRUSTED}; dkim=pass header.d=example",
        f"{TRUSTED}; spf=pass smtp.helo=bakkerij.example",
        f"{TRUSTED}; spf=softfail smtp.mailfrom=bakkerij.example",
        f"{TRUSTED}; dmarc=pass header.from=evil.test",
        f"{TRUSTED}; dkim=pass header.d=bakkerij.example; dmarc=fail header.from=bakkerij.example",
        "evil.test; dkim=pass header.d=bakkerij.example",
        f"evil.test ({TRUSTED}); dkim=pass header.d=bakkerij.example",
        f"{TRUSTED}.evil.test; dkim=pass header.d=bakkerij.example",
        f'{TRUSTED}; spf=pass smtp.mailfrom="x; dkim=pass header.d=bakkerij.example"@evil.test',
        f"{TRUSTED}; spf=pass (for a)(b; dkim=pass header.d=bakkerij.example) smtp.mailfrom=x.test",
        f"{TRUSTED}; spf=pass (open; dkim=pass header.d=bakkerij.example",
        f'{TRUSTED}; spf=pass reason="open; dkim=pass header.d=bakkerij.example',
        f"{TRUSTED}; dkim=pass header.d=bakkerij.exampIe",
        f"{TRUSTED}; xdkim=pass header.d=bakkerij.example",
        "dkim=pass header.d=bakkerij.example",
    ],
)
def test_anything_else_proves_nothing(report: str) -> None:
    assert not proven(report)


def test_only_the_topmost_report_counts_and_only_of_the_named_server() -> None:
    forged = f"Authentication-Results: {TRUSTED}; dkim=pass header.d=bakkerij.example"
    real = f"Authentication-Results: {TRUSTED}; dkim=none"
    other = "Authentication-Results: other.example; dkim=pass header.d=bakkerij.example"
    sender = f"From: {PIETER}"
    assert not read_sender(mail(real, forged, sender), TRUSTED).proven
    assert read_sender(mail(forged, real, sender), TRUSTED).proven
    assert not read_sender(mail(other, real, sender), TRUSTED).proven
    assert not read_sender(mail(other, forged, sender), TRUSTED).proven
    assert not read_sender(mail(forged, sender), None).proven


@pytest.mark.parametrize(
    "topmost",
    [
        "",
        ";",
        f"{TRUSTED}; dkim=fail (open",
        f'{TRUSTED}; dkim=fail reason="open',
        f'{TRUSTED}; dkim=fail header.d=x.test \\"',
        f"{TRUSTED}; dkim=pass header.d=bakkerij.example; x={'y' * LONGEST_HEADER}",
        "dkim=fail header.d=bakkerij.example",
    ],
)
def test_below_a_topmost_report_that_cannot_be_read_nothing_counts(topmost: str) -> None:
    forged = f"Authentication-Results: {TRUSTED}; dkim=pass header.d=bakkerij.example"
    lines = (f"Authentication-Results: {topmost}", forged, f"From: {PIETER}")
    assert not read_sender(mail(*lines), TRUSTED).proven


def test_a_mail_of_which_headers_are_dropped_proves_nobody() -> None:
    more = ["X: y"] * MOST_HEADERS
    assert not read_sender(mail(REPORT, f"From: {PIETER}", *more), TRUSTED).proven


REPORT = f"Authentication-Results: {TRUSTED}; dkim=pass header.d=bakkerij.example"


@pytest.mark.parametrize(
    ("lines", "answer_to"),
    [
        ([f"From: {PIETER}", "From: x@evil.test"], PIETER),
        ([f"From: {PIETER}, x@evil.test"], "x@evil.test"),
        ([f"From: x@evil.test <{PIETER}>"], PIETER),
        ([f"From: {PIETER} <x@evil.test>"], "x@evil.test"),
        ([f"From: <{PIETER}> <x@evil.test>"], "x@evil.test"),
        (["From: pieter@bakkerij.example.evil.test"], "pieter@bakkerij.example.evil.test"),
        (["From: Team: pieter@bakkerij.example;"], PIETER),
        (["From: pieter(x)@bakkerij.example"], ""),
        (["From: =?utf-8?q?pieter=40bakkerij.example?="], PIETER),
        (["From: piéter@bakkerij.example"], ""),
        (["From: pieter@ba\u212akerij.example"], ""),
        (["From: undisclosed"], ""),
        (["From:"], ""),
        ([], ""),
    ],
)
def test_a_from_line_that_can_be_read_in_two_ways_proves_nobody(lines, answer_to) -> None:
    sender = read_sender(mail(REPORT, *lines), TRUSTED)
    assert not sender.proven
    if answer_to:
        assert sender.address == answer_to


def test_a_name_may_look_like_another_address_and_changes_nothing() -> None:
    read = read_sender(mail(REPORT, f'From: "boss@evil.test" <{PIETER}>'), TRUSTED)
    assert (read.address, read.proven) == (PIETER, True)
    read = read_sender(mail(REPORT, f'From: "{PIETER}" <x@evil.test>'), TRUSTED)
    assert (read.address, read.proven) == ("x@evil.test", False)


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied (vacation)",
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "List-Id: <list.example.org>",
        "List-Unsubscribe: <mailto:x@example.org>",
        "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes",
        "Return-Path: <>",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x",
        "Subject: Automatisch antwoord: melding 1042",
        "Subject: Automatic reply: report 1042",
        "Subject: Out of Office",
    ],
)
def test_a_mail_of_a_program_is_known(header: str) -> None:
    assert find_automatic_sign(mail(f"From: {PIETER}", header), PIETER, ())


@pytest.mark.parametrize(
    "sender",
    ["mailer-daemon@x.example", "noreply@x.example", "no-reply@x.example", "line@x.example"],
)
def test_a_sender_that_reads_no_mail_is_known(sender: str) -> None:
    assert find_automatic_sign(mail(f"From: {sender}"), sender, ("line@x.example",))


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Precedence: normal",
        "Return-Path: <pieter@bakkerij.example>",
        "Subject: Re: automatic reply does not work",
        "Subject: Afwezigheidsassistent werkt niet",
    ],
)
def test_a_mail_of_a_person_is_none(header: str) -> None:
    assert not find_automatic_sign(mail(f"From: {PIETER}", header), PIETER, ())
