"""When this host is gone: documents on another one ring those on call, and no mailbox wins."""

import dataclasses
import datetime as dt
import re
from collections import Counter

import pytest

from carrier.fallback import (
    FallbackLine,
    FallbackPart,
    part_url,
    render_documents,
    render_next_dial,
)
from devtools.phone_company.driver.office import Office
from routing.line import Escalation, Step
from service.fallback import StaticFallback, UploadError, build_documents, upload
from settings import Settings
from store.db.engine import open_engine
from store.people.lines import apply_line
from tests.static_host import Host
from tests.store.cast import LINE, NOW
from workers.context import make_context
from workers.maintenance import Maintenance

SANNE, DESK, JORIS = "+31612345601", "+31208881101", "+31612345602"
LAST_RESORT = "+31207654321"
CALLER = "+31612345678"


@pytest.fixture
def host():
    host = Host()
    yield host
    host.close()


@pytest.fixture
def outside(settings, host):
    """Settings that name the other host, with what it asks for in the query."""
    return _with(settings, fallback_put_url=f"{host.url}/6f3a/line.xml?token=t")


@pytest.fixture
def post(outside):
    engine = open_engine(outside.database_url)
    yield StaticFallback(engine, outside)
    engine.dispose()


@pytest.fixture
def office(outside, host):
    """The company, whose number knows only the other host."""
    upload(build_documents(LINE, [LINE], outside, NOW))
    with Office(manual=True) as office:
        office.number(LINE.number, voice_url=f"{host.url}/6f3a/line.xml", voice_method="GET")
        yield office


def _with(settings, **changes):
    return Settings.model_validate({**settings.model_dump(), **changes})


def test_the_documents_dial_each_person_with_a_whisper_and_then_the_last_resort(outside):
    main = next(
        s for s in build_documents(LINE, [LINE], outside, NOW) if s.part is FallbackPart.MAIN
    )
    numbers = re.findall(r'<Number method="GET" url="([^"]+)">([^<]+)</Number>', main.twiml)
    assert [phone for _, phone in numbers] == [SANNE, DESK, JORIS, LAST_RESORT] * 4
    assert {url for url, _ in numbers} == {main.read_at.replace("line.", "line-whisper.")}


@pytest.mark.parametrize("phones", [1, 2, 4, 7, 16, 20])
def test_what_the_document_says_is_not_heard_time_and_again(phones):
    """Each telephone takes 24 seconds; the document starts over after at least six minutes."""
    line = FallbackLine(
        LINE.number, LINE.name, "nl", tuple(f"+3161234{n:04}" for n in range(phones))
    )
    main = render_documents(line, "https://h/f.xml")[FallbackPart.MAIN]
    assert main.count("<Dial") >= 16
    assert main.count("<Say") == 2
    assert "achterwacht" not in main


def test_who_holds_hears_no_sentence_three_times_in_twelve_minutes():
    for phones in (0, 1, 2, 4, 7, 16, 20):
        line = FallbackLine("", "", "nl", tuple(f"+3161234{n:04}" for n in range(phones)))
        dials = [render_next_dial(line, number, "/next", "/whisper") for number in range(31)]
        said = Counter(one for dial in dials for one in re.findall("<Say[^>]*>([^<]+)", dial))
        if phones:
            assert max(said.values()) <= 2
            assert "achterwacht" not in str(said)
        else:
            assert "Hangup" in dials[0]


def test_a_mailbox_swallows_nothing_and_a_key_joins(office):
    office.phone(SANNE).behave("mailbox")
    office.phone(DESK).behave("busy")
    caller = office.dial(CALLER, LINE.number)
    office.advance(50)
    joris = office.phone(JORIS).answer()
    joris.until_hears("toets 1 om aan te nemen")
    joris.press("1")
    office.advance(2)
    assert caller.bridged_with == joris.sid


def test_whoever_says_nothing_is_hung_up_on_and_the_last_resort_is_asked_for_a_key_too(office):
    for phone in (SANNE, DESK, JORIS):
        office.phone(phone).behave("busy")
    caller = office.dial(CALLER, LINE.number)
    office.advance(12)
    silent = office.phone(LAST_RESORT).answer()
    office.advance(40)
    assert not silent.live
    assert caller.live, "the caller hears everybody rung again"


def test_what_is_put_names_the_other_host_and_no_secret(host, outside):
    upload(build_documents(LINE, [LINE], outside, NOW))
    assert set(host.files) == {f"/6f3a/line{name}.xml" for name in ("", "-whisper", "-joined")}
    assert all(path.endswith("?token=t") for path in host.puts)
    assert host.puts[-1] == "/6f3a/line.xml?token=t", "it refers to nothing that is missing"
    whole = b"".join(host.files.values()).decode()
    assert "token" not in whole
    assert outside.secret_key not in whole
    assert outside.public_url not in whole


def test_it_is_put_at_each_change_and_anew_now_and_then(host, post):
    assert list(post.refresh([LINE], NOW)) == []
    list(post.refresh([LINE], NOW + dt.timedelta(minutes=1)))
    assert len(host.puts) == 3
    swapped = dataclasses.replace(LINE, escalation=Escalation((Step(("joris",)),)))
    list(post.refresh([swapped], NOW + dt.timedelta(minutes=2)))
    assert len(host.puts) == 6
    assert SANNE not in host.files["/6f3a/line.xml"].decode()
    list(post.refresh([swapped], NOW + dt.timedelta(minutes=13)))
    assert len(host.puts) == 9


def test_a_closed_door_is_named_without_its_address_and_tried_again(host, post):
    host.closed = 403
    assert list(post.refresh([LINE], NOW)) == ["main: HTTP 403"]
    host.closed = None
    assert list(post.refresh([LINE], NOW)) == []
    assert len(host.files) == 3


def test_every_process_that_does_errands_keeps_it_fresh(host, outside):
    context = make_context(outside)
    apply_line(context.services.engine, LINE, [], NOW)
    Maintenance(context).look()
    Maintenance(context).look()
    context.notifier.close()
    context.services.engine.dispose()
    assert len(host.puts) == 3, "the second process finds it put"


def test_nobody_follows_the_door_elsewhere(host, outside):
    host.closed = 302
    with pytest.raises(UploadError, match="HTTP 302"):
        upload(build_documents(LINE, [LINE], outside, NOW))


def test_what_the_documents_are_put_with_stands_in_none_of_them(settings):
    given = _with(
        settings, fallback_put_url="https://line:hunter2@files.example.org/6f3a/a.xml?t=1"
    )
    for sheet in build_documents(LINE, [LINE], given, NOW):
        assert sheet.upload_url.startswith("https://line:hunter2@files.example.org/6f3a/a")
        assert sheet.read_at.startswith("https://files.example.org/6f3a/a")
        assert "hunter2" not in sheet.twiml


def test_a_second_line_has_documents_of_its_own(outside):
    other = dataclasses.replace(LINE, id="brussel", number="+3225550101")
    found = build_documents(other, [LINE, other], outside, NOW)
    assert [s.read_at.rpartition("/")[2] for s in found] == [
        "line-brussel-joined.xml",
        "line-brussel-whisper.xml",
        "line-brussel.xml",
    ]


@pytest.mark.parametrize(
    ("address", "beside"),
    [
        ("https://h.example/a/", "https://h.example/a/fallback-whisper.xml"),
        ("https://h.example/a/b?x=1", "https://h.example/a/b-whisper?x=1"),
        ("fallback.xml", "fallback-whisper.xml"),
    ],
)
def test_documents_lie_beside_each_other(address, beside):
    assert part_url(address, FallbackPart.WHISPER) == beside
