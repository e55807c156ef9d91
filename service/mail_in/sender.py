"""Who sent a mail, whether the receiving server has proven it, and whether a program wrote it.

A From line proves nothing. The server that received the mail reports in an Authentication-Results
header (RFC 8601) whether a signature (DKIM) or the sending host (SPF) holds for a domain. That
proves the From line only if it is the same domain: alignment is strict here. A domain that wants
the relaxed alignment of subdomains publishes DMARC, and the server reports ``dmarc=pass``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from service.mail_in.parse import REPORT, ParsedMail, decode_words

_HOST = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
_MAILBOX = rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_HOST}"
_PLAIN = re.compile(_MAILBOX, re.ASCII | re.IGNORECASE)
_ONE_SENDER = re.compile(
    rf"""(?:"(?:[^"\\]|\\.)*"|[^"<>@,;:\\()\[\]]*)\s*<\s*({_MAILBOX})\s*>|({_MAILBOX})""",
    re.ASCII | re.IGNORECASE,
)
"""A From line with one address, as nobody can read it in two ways: a name without quotes contains
no @ and no comma."""

_IN_BRACKETS = re.compile(rf"<\s*({_MAILBOX})\s*>", re.ASCII | re.IGNORECASE)
_SEARCHED = re.compile(_MAILBOX, re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailSender:
    """``address`` in lower case, or empty if there is none to answer to; ``why`` says what proves
    it, or what is missing."""

    address: str
    proven: bool
    why: str


def read_sender(mail: ParsedMail, trusts: str | None) -> MailSender:
    """Read the From line, and whether the server of this name has proven its domain."""
    lines = mail.list_values("from")
    address = next((found for line in lines if (found := _find_address(line))), "")
    if not address:
        return MailSender("", False, "its From line names no address")
    whole = _ONE_SENDER.fullmatch(lines[0])
    if len(lines) != 1 or whole is None:
        return MailSender(address, False, "its From line can be read in several ways")
    proven, why = _prove(mail, address.rpartition("@")[2], trusts)
    return MailSender(address, proven, why)


def _find_address(line: str) -> str:
    """The address that a mail program would answer to."""
    whole = _ONE_SENDER.fullmatch(line)
    if whole is not None:
        return (whole[1] or whole[2] or "").lower()
    shown = decode_words(line)
    for pattern in (_IN_BRACKETS, _SEARCHED):
        if found := pattern.findall(shown):
            return str(found[-1]).lower()
    return ""


def _prove(mail: ParsedMail, domain: str, trusts: str | None) -> tuple[bool, str]:
    """Whether the topmost report proves the domain, and why. The sender may have written any other
    below it, so one that cannot be read proves nothing, and no further one is looked for."""
    if not trusts:
        return False, "no server is named whose report counts (MAILBOX_TRUSTS, MAIL_FORM_TRUSTS)"
    if mail.is_head_cut:
        return False, "it has more headers than are read"
    report = _read_report(mail.get(REPORT))
    if report is None or report.server != trusts.lower():
        return False, f"the topmost report is none of {trusts}"
    dmarc = [result for result in report.results if result.method == "dmarc"]
    if any(result.verdict == "fail" for result in dmarc):
        return False, "dmarc=fail"
    for result in report.results:
        if result.verdict == "pass" and domain in result.domains:
            return True, f"{result.method}=pass for {domain}"
    return False, f"neither DKIM nor SPF passes for {domain}"


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """The verdict of one method, and the domains that it is about."""

    method: str
    verdict: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuthenticationReport:
    """What one server reports about a mail."""

    server: str
    results: tuple[AuthenticationResult, ...]


_PROVES = {
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mfrom"),
    "dmarc": ("header.from",),
}
"""The properties with the domain that each method is about. The name that a host gives itself
(smtp.helo) is not the sender's domain."""

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([();])|([^\s"();]+)|(\s+)|(.)')
_RESULT = re.compile(r"([a-z0-9-]+)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)")
_PROPERTY = re.compile(r"([a-z]+\.[a-z0-9_-]+)\s*=\s*(\S+)")


def _read_report(line: str) -> AuthenticationReport | None:
    """Read a header; None if it is not well formed: its words may then be anybody's."""
    pieces = _split(line.lower())
    if not pieces:
        return None
    server = pieces[0].split()
    if not server or len(server) > 2 or "=" in server[0]:
        return None
    results = tuple(found for piece in pieces[1:] if (found := _read_result(piece)) is not None)
    return AuthenticationReport(server[0].strip("\x00"), results)


def _split(line: str) -> list[str] | None:
    """The parts between semicolons without comments; None if a quote or comment has no end.

    What was quoted keeps a mark at both ends, so that no quoted word is a result or a property.
    """
    parts, depth = [""], 0
    for quoted, sign, word, blank, odd in _list_tokens(line):
        if odd:
            return None
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
        elif depth == 0 and sign == ";":
            parts.append("")
        elif depth == 0:
            parts[-1] += word or (" " if blank else f"\x00{_flatten(quoted)}\x00")
        if depth < 0:
            return None
    return None if depth else [part.strip() for part in parts]


def _list_tokens(line: str) -> Iterator[tuple[str, ...]]:
    for found in _TOKEN.finditer(line):
        yield found.groups(default="")


def _flatten(quoted: str) -> str:
    return re.sub(r"[\s=;\x00]", "_", quoted)


def _read_result(piece: str) -> AuthenticationResult | None:
    found = _RESULT.match(piece)
    if found is None or found[1] not in _PROVES:
        return None
    properties = _PROPERTY.findall(piece, found.end())
    domains = [
        value.strip("\x00").rpartition("@")[2].rstrip(".")
        for name in _PROVES[found[1]]
        for known, value in properties
        if known == name
    ]
    return AuthenticationResult(found[1], found[2], tuple(domains[:1]))


# Mails that no person wrote: nobody answers them, so that no two programs write to each other.

_LISTS = ("list-id", "list-post", "list-unsubscribe", "list-help", "mailing-list", "list-owner")
_REPLIES = (
    "x-autoreply", "x-autorespond", "x-auto-reply", "x-autogenerated", "x-auto-generated",
    "x-mail-autoreply", "x-loop", "x-precedence-auto", "x-fc-machinegenerated", "x-cron-env",
)  # fmt: skip
_PRECEDENCE = ("bulk", "junk", "list", "auto_reply", "auto-reply")
_MACHINES = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|noreply-.*|bounces?|.*-bounces?"
    r"|listserv|majordomo)"
)
_ABSENT = re.compile(
    r"(?:out of (?:the )?office|automatic reply|auto(?:matic)?[ -]?(?:response|reply|antwoord)"
    r"|automatisch antwoord|afwezig(?:heid)?(?:sbericht)?\b|abwesenheitsnotiz"
    r"|automatische antwort|réponse automatique)",
    re.IGNORECASE,
)
"""How the subject of an automatic answer begins, for programs that send no header of their own."""


def find_automatic_sign(mail: ParsedMail, sender: str, own: Collection[str]) -> str:
    """What shows that a program wrote this mail; empty for a mail of a person.

    ``own`` are the addresses of the line: a mail of its own that comes back is never answered.
    """
    if sender and sender in own:
        return "it comes from our own address"
    if mail.report or mail.get("content-type").lower().startswith("multipart/report"):
        return "a report of a mail server"
    submitted = mail.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "Auto-Submitted"
    if mail.get("precedence").strip().lower() in _PRECEDENCE:
        return "Precedence"
    for name in (*_LISTS, *_REPLIES, "x-auto-response-suppress", "feedback-type"):
        if mail.list_values(name):
            return name.title()
    if mail.list_values("return-path") and mail.get("return-path").strip() in ("<>", ""):
        return "an empty Return-Path"
    if _MACHINES.fullmatch(sender.partition("@")[0]):
        return "a sender that reads no mail"
    if _ABSENT.match(mail.subject):
        return "the subject of an automatic answer"
    return ""
