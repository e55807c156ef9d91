"""Threads of mail: the addresses that customers and engineers reply to, and the Message-IDs.

Everything is derived from SECRET_KEY, so nothing is stored: an address or a Message-ID that comes
back names its incident by itself. Neither is a secret from the person who received it, and neither
proves who sends: it only says which incident a mail is about.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

LONGEST_LOCAL_PART = 64
"""Characters before the @ (RFC 5321)."""

_TAG_BYTES = 10  # 80 bits, 16 characters: guesses come one mail at a time
_EXTENSION = re.compile(r"([1-9]\d{0,17})\.([a-z2-7]{16})", re.ASCII)
_ENGINEER_EXTENSION = re.compile(r"([1-9]\d{0,17})\.e([a-z2-7]{16})", re.ASCII)
_OWN_ID = re.compile(r"<([1-9]\d{0,17})\.([a-z0-9]+)\.([a-z2-7]{16})@([^<>@\s]+)>", re.ASCII)
_ANY_ID = re.compile(r"<[!-;=?-~]{1,250}>", re.ASCII)
_MOST_REFERENCES = 12


@dataclass(frozen=True, slots=True)
class EngineerReply:
    """The incident that a page was about, and the engineer who was paged."""

    number: int
    engineer: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The headers that let a mail program show all mails of one incident together."""

    in_reply_to: str
    references: tuple[str, ...]


def reply_address(secret: str, mailbox: str, number: int) -> str:
    """The address at which a customer answers about this incident: line+1042.TAG@host.

    A mailbox whose name leaves no room for the tag is returned as it is; a reply is then threaded
    by its Message-IDs.
    """
    return _extend(mailbox, f"{number}.{_sign(secret, 'customer', number)}")


def read_reply_address(secret: str, mailbox: str, address: str) -> int | None:
    """The number of the incident, or None if this is no reply address of the mailbox."""
    found = _EXTENSION.fullmatch(_read_extension(mailbox, address))
    if found is None:
        return None
    number = int(found[1])
    if not hmac.compare_digest(_sign(secret, "customer", number), found[2]):
        return None
    return number


def engineer_address(secret: str, mailbox: str, number: int, engineer: str) -> str:
    """The address at which this engineer answers a page: line+1042.eTAG@host."""
    return _extend(mailbox, f"{number}.e{_sign(secret, 'engineer', number, engineer)}")


def read_engineer_address(
    secret: str, mailbox: str, address: str, find_engineers: Callable[[int], Iterable[str]]
) -> EngineerReply | None:
    """Which engineer was paged for which incident, or None. ``find_engineers`` gives the engineers
    who may have been paged for the incident of a number."""
    extension = _ENGINEER_EXTENSION.fullmatch(_read_extension(mailbox, address))
    if extension is None:
        return None
    number, found = int(extension[1]), None
    for engineer in find_engineers(number):
        if hmac.compare_digest(_sign(secret, "engineer", number, engineer), extension[2]):
            found = EngineerReply(number, engineer)
    return found


def message_id(secret: str, mailbox: str, key: str, number: int | None = None) -> str:
    """The Message-ID of one of our mails, always the same for the same key.

    ``key`` is the id of the page or message. With a number, the Message-ID names the incident.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()[:20]
    if number is None:
        return f"<{digest}.{_sign(secret, 'mail', digest)}@{_domain(mailbox)}>"
    return f"<{number}.{digest}.{_sign(secret, 'mail', number, digest)}@{_domain(mailbox)}>"


def read_message_ids(secret: str, mailbox: str, headers: Iterable[str]) -> int | None:
    """The incident of the latest of our Message-IDs in In-Reply-To or References, or None."""
    numbers = [number for text in headers for number in _read_own_ids(secret, mailbox, text)]
    if not numbers:
        return None
    return numbers[-1]


def build_thread(secret: str, mailbox: str, number: int, received: Sequence[str] = ()) -> Thread:
    """The thread of an incident, after the customer's mails with these Message-IDs, oldest first.

    A thread that the customer began continues theirs. Every thread also refers to one Message-ID
    that no mail has: programs put mails together that refer to the same one. What cannot be a
    Message-ID is left out.
    """
    received = [id_ for id_ in received if _ANY_ID.fullmatch(id_)]
    start = message_id(secret, mailbox, "thread", number)
    references = dict.fromkeys((*received[:1], start, *received[1:][-_MOST_REFERENCES:]))
    return Thread(([start, *received])[-1], tuple(references))


def _extend(mailbox: str, extension: str) -> str:
    name, _, domain = mailbox.rpartition("@")
    local_part = f"{name}+{extension}"
    if len(local_part) > LONGEST_LOCAL_PART:
        return mailbox
    return f"{local_part}@{domain}"


def _read_extension(mailbox: str, address: str) -> str:
    """What follows the mailbox's name and a plus; empty if the address is another one."""
    name, _, domain = mailbox.lower().rpartition("@")
    local_part, _, host = address.strip().lower().rpartition("@")
    prefix = f"{name}+"
    if host != domain or not local_part.startswith(prefix):
        return ""
    return local_part.removeprefix(prefix)


def _read_own_ids(secret: str, mailbox: str, text: str) -> Iterator[int]:
    for found in _OWN_ID.finditer(text.lower()):
        number, digest, tag, host = int(found[1]), found[2], found[3], found[4]
        signed = hmac.compare_digest(_sign(secret, "mail", number, digest), tag)
        if signed and host == _domain(mailbox):
            yield number


def _domain(mailbox: str) -> str:
    return mailbox.lower().rpartition("@")[2] or "localhost"


def _sign(secret: str, *what: str | int) -> str:
    """A tag in the letters and digits that every mail server leaves as they are."""
    key = hmac.new(secret.encode(), b"mail threads", hashlib.sha256).digest()
    mac = hmac.new(key, repr(what).encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:_TAG_BYTES]).decode().lower()
