"""What a decision may know of the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from routing.chance import Chance
from routing.contract import Contact
from routing.entitlement import Bundle
from routing.incident import Incident, Kind, Page
from routing.letter import Letter
from routing.line import Line
from routing.ports import Notices
from routing.schedule.hours import Office
from routing.unclosed import CalledAbout


class Facts(CalledAbout, Protocol):
    """What a decision may know of the world; everything is read, nothing changes by asking."""

    @property
    def now(self) -> dt.datetime:
        """The moment of the decision, aware."""

    @property
    def line(self) -> Line:
        """The line as the duty managers have written it down."""

    @property
    def chance(self) -> Chance:
        """Where fresh ids and digits come from."""

    def on_call(self, schedule_id: str) -> tuple[str, ...]:
        """Who is on call on this schedule now."""

    def busy(self, but: str) -> frozenset[str]:
        """Engineers who are being rung or talking for another incident than this."""

    def wanted(self, turn: str) -> frozenset[str]:
        """Engineers for whom a hunt waits whose turn comes before this one."""

    def last_leg(self, engineer: str) -> Page | None:
        """This engineer's latest leg, live or ended."""

    def row(self, kind: Kind) -> Sequence[str]:
        """Keys of the incidents of this kind that wait for their desk, in the order of service."""

    def desk_talks(self, kind: Kind) -> Sequence[dt.timedelta]:
        """How long the talks at the desk took that tell how long the next ones take."""

    def contact(self, contract: str | None, name: str | None) -> Contact | None:
        """The contact of this name who still counts; None where nobody is identified."""

    @property
    def office_open(self) -> bool:
        """True in office hours."""

    def office_opens(self, after: dt.timedelta = dt.timedelta(0)) -> dt.datetime | None:
        """When the office is open next, a while from now or later; None if it never is."""

    def of_the_file(self, number: str) -> bool:
        """True for a number that the file of the line has, and for those that engineers added."""

    @property
    def mail(self) -> bool:
        """True where a mail server is named."""

    def notices(self, engineer: str) -> Notices:
        """The texts and mails of a day to this engineer, newest first, with their incidents."""

    def heard(self, incident: str, url: str) -> bool:
        """True when this recording of the carrier is known to belong to this incident (a key)."""

    def unverified_allowed(self, caller: str | None) -> bool:
        """False when unverified level-1 calls have been rung as often as the line allows."""

    def wrong_pins(self, subject: str, within: dt.timedelta) -> int:
        """How many wrong PINs were counted against this subject lately."""

    def quiet_notice_at(self) -> dt.datetime | None:
        """When the latest notice about calls that rang nobody went out, in the last quarter of an
        hour."""

    def letters_of(self, words: str, since: dt.datetime) -> Sequence[Letter]:
        """The letters of the line in these words since, about no one incident."""

    def open_incidents(self) -> Sequence[Incident]:
        """The incidents of the line that nobody has dealt with, oldest first."""

    def bundle(self, contract: str, opened_at: dt.datetime) -> Bundle | None:
        """The premium incidents of the contract year that holds this moment; None for a contract
        that is not known."""

    def jotted(self, memo: str) -> bool:
        """True when a note of this id is kept, on whatever incident."""

    @property
    def office(self) -> Office:
        """The hours in which the office of the line is open."""
