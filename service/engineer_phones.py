"""The phone numbers of engineers: those of the line's file, and those that engineers add."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from carrier import prompts
from carrier.client import CarrierClient, NotDoneError, RefusedError, UnsureError
from carrier.sms import simplify
from routing.line import Engineer, Line
from routing.oncall.policy import language_of
from routing.phone_numbers import normalise, takes_texts, why_not_rung
from service.bootstrap import Services, build_carrier_account
from service.refusals import PhoneRefusedError
from store.log.callouts import find_last_reached
from store.people.audit import AuditEntry
from store.people.phones import AddedPhones, CodeResult


class PhoneRefusal(StrEnum):
    """Why an engineer cannot add a valid number."""

    TAKEN = "taken"  # it is a number of an engineer of the line
    LINE = "line"  # the line would ring itself
    UNRUNG = "unrung"
    UNDIALLED = "undialled"  # not ordinary, or abroad: only the file may have it
    TEXTLESS = "textless"  # no code can be sent to it


def find_owner(line: Line, number: str) -> Engineer | None:
    """The engineer who has this number."""
    return next((engineer for engineer in line.engineers if number in engineer.phones), None)


def why_not_added(line: Line, number: str) -> PhoneRefusal | None:
    """Why an engineer cannot add a valid number, or None if they can."""
    if find_owner(line, number) is not None:
        return PhoneRefusal.TAKEN
    if number == line.number:
        return PhoneRefusal.LINE
    if why_not_rung(number) is not None:
        return PhoneRefusal.UNRUNG
    if line.why_not_ordinary(number) is not None:
        return PhoneRefusal.UNDIALLED
    if not takes_texts(number):
        return PhoneRefusal.TEXTLESS
    return None


@dataclass(frozen=True, slots=True)
class PhoneEntry:
    """A number of an engineer; ``added`` by them and not in the file, and rung if ``rung``."""

    engineer: str
    number: str
    added: bool
    rung: bool
    verified_at: dt.datetime | None
    last_tried: dt.datetime | None


@dataclass(frozen=True)
class EngineerPhones:
    """The numbers of one line."""

    services: Services
    line: Line
    added: AddedPhones

    @classmethod
    def of(cls, services: Services, line: Line, told: AuditEntry | None = None) -> EngineerPhones:
        """The numbers of a line; ``told`` is the audit entry of the changes."""
        added = AddedPhones(services.engine, services.settings.pin_pepper, line.id, told)
        return cls(services, line, added)

    def add(self, engineer: Engineer, written: str, at: dt.datetime) -> str:
        """Add a number and text a code to it; returns the number in E.164.

        The number is rung once the code is verified. Raises PhoneRefusedError.
        """
        number = self.number(written)
        if why := why_not_added(self.line, number):
            raise self._unfit(why, number)
        self._send(engineer, number, self.added.add(engineer.id, number, at))
        return number

    def verify(self, engineer: Engineer, written: str, code: str, at: dt.datetime) -> str:
        """Verify the code; from now on the number is rung, after those of the file.

        Raises PhoneRefusedError.
        """
        number = self.number(written)
        verdict = self.added.verify(engineer.id, number, code.strip(), at)
        if verdict is not CodeResult.VERIFIED:
            raise PhoneRefusedError(f"code_{verdict}")
        return number

    def remove(self, engineer: str, written: str, at: dt.datetime) -> str:
        """Remove a number that was added. Raises PhoneRefusedError for one of the file."""
        number = self.number(written)
        if not self.added.remove(engineer, number, at):
            raise PhoneRefusedError("number_of_file", number=number, name=engineer)
        return number

    def number(self, written: str) -> str:
        """The number in E.164. Raises PhoneRefusedError."""
        found = normalise(written, self.line.country)
        if found is None:
            raise PhoneRefusedError("number_none", country=self.line.country)
        return found

    def entries(self) -> Iterator[PhoneEntry]:
        """Each engineer's numbers in the order in which they are rung, unverified ones last."""
        tried = find_last_reached(self.services.engine, self.line)
        added = {(one.engineer, one.number): one for one in self.added.all()}
        for engineer in self.line.engineers:
            unverified = (n for e, n in added if e == engineer.id and n not in engineer.phones)
            for number in (*engineer.phones, *unverified):
                one, rung = added.get((engineer.id, number)), number in engineer.phones
                if one is not None and one.verified_at is None and rung:
                    one = None  # the file has it by now
                verified = one.verified_at if one else None
                last = tried.get(number)
                yield PhoneEntry(engineer.id, number, one is not None, rung, verified, last)

    def _unfit(self, why: PhoneRefusal, number: str) -> PhoneRefusedError:
        owner = find_owner(self.line, number)
        if owner is not None:
            return PhoneRefusedError("number_taken", number=number, owner=owner.name)
        return PhoneRefusedError(f"number_{why}", number=number)

    def _send(self, person: Engineer, to: str, code: str) -> None:
        """Send the code at once: a queued message would store it where it can be read."""
        language = language_of(self.line, person.id)
        words = {"code": code, "line": self.line.name_in(language)}
        body = simplify(prompts.render_text(language, "phone_code", words))
        sender = self.line.texts_from or self.line.number
        status = self.services.urls.text_status_url("phone")
        try:
            CarrierClient(build_carrier_account(self.services.settings)).text(
                to, sender, body, status
            )
        except (RefusedError, NotDoneError, UnsureError) as error:
            raise PhoneRefusedError("number_unsent", number=to, error=str(error)) from None
