"""Channels: the registries are complete, and an imaginary channel needs its own parts only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import pytest

from carrier.client import CarrierClient
from carrier.urls import WebhookUrls
from ivr_app.web.i18n import has_text
from routing.line import Channel, ContactRule, DutyManager, Engineer, Paging
from routing.notify import channels
from routing.notify.channels import CHANNELS, NotificationChannel, Person
from routing.notify.messages import News, build_manager_messages, build_message
from routing.page import Page, PageResult
from service.bootstrap import build_services
from service.channels import SENDERS
from service.channels.sender import DeliveryRefusedError, Notice, Sender
from service.doctor.system import check_channels
from service.doctor.verdict import CheckState
from settings import Settings
from tests.routing.floor import ENGINEERS, Bell, Floor, stepping

LOFT = "the loft of sanne"
NEWS = News("drill_failed", (("line", "main"),))


def add_member(name: str, value: str) -> Channel:
    """A line in the enumeration, added for one test."""
    member = str.__new__(Channel, value)
    member._name_, member._value_ = name, value
    Channel._member_map_[name] = member
    Channel._value2member_map_[value] = member
    Channel._member_names_.append(name)
    return member


def drop_member(member: Channel) -> None:
    del Channel._member_map_[member.name]
    del Channel._value2member_map_[member.value]
    Channel._member_names_.remove(member.name)


class PigeonPost(NotificationChannel):
    """Everybody whose name is known has a loft."""

    plural = "pigeons"
    prompt_suffix = "pigeon"
    field = "loft"
    no_address = "is missing, and paging sends pigeons"

    def addresses(self, person: Person) -> tuple[str, ...]:
        match person:
            case Engineer():
                return (f"the loft of {person.id}",)
            case DutyManager():
                return ("the loft of the manager",)
            case _:
                return ()


@dataclass(frozen=True)
class Pigeons(Sender):
    """Remember what they carried; a pigeon that is refused is never sent again."""

    setting = "PIGEON_URL"
    check = "pigeons"

    carried: list[tuple[str, str]]
    refuse: str = ""

    @classmethod
    def is_set_up(cls, settings: Settings) -> bool:
        return False

    @classmethod
    def build(cls, settings: Settings, telephone: CarrierClient, urls: WebhookUrls) -> Self:
        return cls([])

    def send(self, notice: Notice) -> str:
        if self.refuse:
            raise DeliveryRefusedError(self.refuse, f"the pigeon refuses: {self.refuse}")
        self.carried.append((notice.to, notice.write(notice.company)))
        return f"pigeon {len(self.carried)}"


@pytest.fixture
def pigeon() -> Iterator[Channel]:
    """An imaginary channel, registered as CONTRIBUTING says."""
    member = add_member("PIGEON", "pigeon")
    PigeonPost.id = member
    CHANNELS[member], SENDERS[member] = PigeonPost(), Pigeons
    yield member
    del CHANNELS[member], SENDERS[member]
    drop_member(member)


def loft(pigeon: Channel, sender: Pigeons, **changes: Any) -> Floor:
    """A line that pages Sanne by pigeon only."""
    changes = {"paging": Paging((pigeon,)), **changes}
    floor = Floor(escalation=stepping(("primary",)), **changes)
    floor.desk = replace(floor.desk, channels=frozenset(Channel))
    floor.job_context = replace(floor.job_context, call_service=floor.desk)
    floor.send_by(pigeon, sender)
    return floor


def pages(floor: Floor) -> list[Page]:
    return [page for _, page in floor.book.rows.pages.values() if page.channel is not Channel.CALL]


def test_each_channel_but_the_telephone_has_addresses_and_a_sender():
    written = [channel for channel in Channel if channel is not Channel.CALL]
    assert [(channel, CHANNELS[channel].id) for channel in CHANNELS] == [(c, c) for c in written]
    assert list(SENDERS) == written


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_has_a_name_and_a_phrase_in_the_console(channel: Channel) -> None:
    assert has_text(f"console.channel.{channel}")
    assert has_text(f"console.by_channel.{channel}")


def test_a_page_arrives_by_an_imaginary_channel(pigeon: Channel) -> None:
    pigeons = Pigeons([])
    floor = loft(pigeon, pigeons)
    floor.critical()
    ((to, text),) = pigeons.carried
    assert to == LOFT
    assert "Bakkerij Jansen BV" in text
    (page,) = pages(floor)
    assert (page.channel, page.result, page.sid) == (pigeon, PageResult.SENT, "pigeon 1")
    assert floor.exchange.texts == []


def test_a_message_arrives_by_an_imaginary_channel(pigeon: Channel) -> None:
    pigeons = Pigeons([])
    floor = loft(pigeon, pigeons)
    facts = floor.desk.facts(floor.line)
    message = build_message(facts, ENGINEERS[0], NEWS)
    floor.book.messages.send([message], floor.now)
    floor.work()
    assert [to for to, _ in pigeons.carried] == [LOFT]
    kept = floor.book.messages.find(message.id)
    assert kept is not None
    assert (kept.channel, kept.result) == (pigeon, PageResult.SENT)


def test_the_duty_manager_is_written_to_on_it_too(pigeon: Channel) -> None:
    floor = loft(pigeon, Pigeons([]), duty_manager=DutyManager(phone="+31612345699"))
    found = build_manager_messages(floor.desk.facts(floor.line), NEWS)
    assert [one.channel for one in found] == [Channel.SMS, pigeon]


def test_a_pigeon_that_is_refused_is_followed_by_a_text(pigeon: Channel) -> None:
    floor = loft(pigeon, Pigeons([], refuse="fog"))
    floor.critical()
    (page,) = pages(floor)
    assert (page.result, page.reason) == (PageResult.FAILED, "the pigeon refuses: fog")
    floor.advance(10 * 60)
    assert [page.channel for page in pages(floor)] == [pigeon, Channel.SMS]


def test_lost_texts_are_followed_by_a_pigeon(pigeon: Channel) -> None:
    pigeons = Pigeons([])
    floor = loft(pigeon, pigeons, paging=Paging((Channel.SMS,)))
    floor.send_by(Channel.SMS, Pigeons([], refuse="21610"))
    floor.critical()
    floor.advance(10 * 60)
    assert [page.channel for page in pages(floor)] == [Channel.SMS, pigeon]


def test_an_own_contact_rule_may_name_it(pigeon: Channel) -> None:
    sanne = replace(ENGINEERS[0], contact=(ContactRule(pigeon),))
    floor = loft(pigeon, Pigeons([]), engineers=(sanne, ENGINEERS[1]), paging=Paging())
    floor.critical()
    assert [page.channel for page in pages(floor)] == [pigeon]


def test_the_doctor_says_that_it_is_not_set_up(pigeon: Channel, settings: Settings) -> None:
    services, line = build_services(settings, Bell()), loft(pigeon, Pigeons([])).line
    (found,) = [r for r in check_channels(services, [line]) if r.check == "pigeons"]
    assert found.state is CheckState.WARN
    assert found.message == "is off, and line main sends pigeons: set PIGEON_URL"


def test_the_doctor_misses_mail_where_an_engineers_own_rule_needs_it(settings: Settings) -> None:
    sanne = replace(ENGINEERS[0], contact=(ContactRule(Channel.EMAIL),))
    line = Floor(engineers=(sanne, ENGINEERS[1])).line
    (found,) = check_channels(build_services(settings, Bell()), [line])
    assert found.message == "is off, and line main sends mail: set MAIL_URL"


def test_without_it_nothing_is_left_of_it() -> None:
    assert "pigeon" not in [channel.value for channel in CHANNELS]
    assert channels.PHONE_CHANNELS == (Channel.CALL, Channel.SMS)
