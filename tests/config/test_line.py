"""The example of the specification, read into the values of the line."""

import datetime as dt

import pytest

from config.line import read_line_file
from config.reader import FileError, Finding
from routing.contracts import Contact, Contract
from routing.contracts.plans import OfficeTime
from routing.line import (
    Channel,
    Condition,
    Escalation,
    Hours,
    Override,
    Paging,
    RateLimit,
    Replacement,
    Rotation,
    Shift,
    Step,
    Voice,
)

SECONDS = dt.timedelta(seconds=1)


def at(text):
    return dt.datetime.fromisoformat(text)


def test_the_example_as_it_stands_lacks_only_the_two_schedules_it_rings(as_it_stands, read):
    with pytest.raises(FileError) as caught:
        read(as_it_stands)
    assert [(f.line, f.field) for f in caught.value.findings] == [
        (31, "escalation.steps[1].ring[0]"),
        (34, "desk.ring[0]"),
    ]


def test_the_heading_of_the_example_is_read(example, read):
    line = read(example).line
    assert (line.id, line.name, line.number) == ("main", "MSA Plus prioriteitslijn", "+31201234567")
    assert (line.texts_from, line.last_resort) == ("+3197010200000", ("+31207654321",))
    assert (line.timezone, line.languages) == ("Europe/Amsterdam", ("nl", "en"))
    assert line.office_hours == (
        Hours(("mon", "tue", "wed", "thu", "fri"), dt.time(9), dt.time(18)),
    )
    assert line.holidays.country == "NL"


def test_a_line_has_a_name_in_each_language(example, read, wrong):
    old = "name: MSA Plus prioriteitslijn"
    line = read(example).line
    assert [line.name_in(language) for language in ("nl", "en")] == ["MSA Plus prioriteitslijn"] * 2
    line = read(example.replace(old, "name: {nl: Spoedlijn, en: Urgent line}")).line
    assert (line.name, line.name_in("nl"), line.name_in("en")) == (
        "Spoedlijn",
        "Spoedlijn",
        "Urgent line",
    )
    assert wrong(old, "name: {}")[0][1] == "line.name"
    assert wrong(old, "name: {xx: Spoedlijn}")[0][1] == "line.name.xx"


def test_a_language_may_have_another_voice_and_another_rate(example, read, wrong):
    said = "  nl: {voice: Polly.Lisa-Neural, language: nl-BE, rate: 90%}\n  en: {rate: 150%}\n"
    line = read(f"{example}voices:\n{said}").line
    assert line.voice_in("nl") == Voice("Polly.Lisa-Neural", 90, "nl-BE")
    assert line.voice_in("en") == Voice("", 150, "")
    assert read(example).line.voice_in("nl") == Voice("", 100, "")
    for value in ("49%", "151%", "1.5", "90", "fast"):
        found = wrong("  repeat: 3", f"  repeat: 3\nvoices: {{nl: {{rate: {value}}}}}")
        assert [field for _, field, _ in found] == ["voices.nl.rate"], value
    found = wrong("  repeat: 3", "  repeat: 3\nvoices: {nl: {voice: 'Laura\"'}, xx: {}}")
    assert [field for _, field, _ in found] == ["voices.nl.voice", "voices.xx"]


def test_music_is_one_file_or_several_of_the_folder(example, read, wrong):
    assert read(example).line.music == ()
    assert read(f"{example}music: music/hold.wav\n").line.music == ("music/hold.wav",)
    both = read(f"{example}music: [music/a.wav, music/b-2.mp3]\n").line.music
    assert both == ("music/a.wav", "music/b-2.mp3")
    for value in ("hold.wav", "music/../nl/x.wav", "/music/a.wav", "music/a.ogg", "[]"):
        assert wrong("  repeat: 3", f"  repeat: 3\nmusic: {value}"), value


def test_the_people_and_schedules_of_the_example_are_read(example, read):
    line = read(example).line
    assert line.engineer("sanne").phones == ("+31612345601", "+31208881101")
    assert line.engineer("joris").languages == ()
    primary = line.schedule("primary")
    assert primary.shifts == (
        Shift(
            rotation=Rotation(1, "week", at("2026-01-05T09:00"), (("sanne",), ("joris",))),
            when="outside_office",
        ),
        Shift(people=("sanne",), hours=Hours(("sat", "sun"), dt.time(17), dt.time(1))),
    )
    christmas = Override(at("2026-12-24T18:00"), at("2026-12-26T09:00"), "sanne", "joris")
    assert primary.overrides == (christmas,)
    assert primary.instead == (
        Replacement(at("2026-12-31T12:00"), at("2027-01-01T12:00"), ("joris",)),
    )
    assert line.schedule("desk").timezone == "Europe/Amsterdam"


def test_the_steps_and_rules_of_the_example_are_read(example, read):
    line = read(example).line
    assert line.escalation == Escalation(
        (Step(("primary",), 30 * SECONDS), Step(("secondary", "joris"), 30 * SECONDS)), repeat=3
    )
    assert line.paging == Paging((Channel.SMS, Channel.EMAIL), 300 * SECONDS)
    assert line.desk == Step(("desk",), 20 * SECONDS)
    assert line.routes[0].when == Condition(languages=("fr",))
    assert line.routes[0].escalation == Escalation((Step(("joris",), 30 * SECONDS),), repeat=2)
    assert line.respond_within == ((1, OfficeTime(dt.timedelta(hours=4), office=True)),)
    assert (line.pin.length, line.pin.attempts) == (6, 3)
    assert line.unverified.per_caller == RateLimit(3, dt.timedelta(hours=1))
    assert (line.unverified_level_1, line.whisper) == ("ring", "full")


def test_the_contract_of_the_example_is_read_and_its_pin_hashed(example, read):
    pieter = Contact("Pieter Jansen", ("+31612345678",), "hash-of-6-digits", "nl")
    assert read(example).contracts == (
        Contract(
            "100234",
            "Bakkerij Jansen BV",
            "msa_plus",
            dt.date(2026, 1, 1),
            dt.date(2026, 12, 31),
            12,
            (pieter,),
        ),
    )


LEAST = """
line:
  {name: Line, number: 020 123 4567, timezone: Asia/Kolkata, languages: nl,
   office_hours: {}, last_resort: 0207654321}
engineers: [{id: sanne, name: Sanne de Vries, phones: 0612345601}]
schedules: []
escalation: {steps: [{ring: [sanne]}]}
paging:
"""


def test_all_that_is_not_required_has_a_default(read):
    paper = read(LEAST)
    line = paper.line
    assert (line.id, line.country, line.texts_from) == ("main", "NL", "+31201234567")
    assert line.office_hours == (Hours(),)
    assert line.holidays.country is None
    assert line.escalation == Escalation((Step(("sanne",), 30 * SECONDS),), repeat=1)
    assert line.paging == Paging()
    assert line.respond_within == ((1, OfficeTime(dt.timedelta(hours=4), office=True)),)
    assert (line.desk, line.routes, paper.contracts) == (None, (), ())


def test_a_promise_for_another_level_leaves_that_for_level_one(read):
    line = read(LEAST + "urgency: {2: {respond_within: 8 office hours}}").line
    eight = OfficeTime(dt.timedelta(hours=8), office=True)
    assert line.respond_within == ((1, OfficeTime(dt.timedelta(hours=4), office=True)), (2, eight))


def test_the_sample_line_of_the_project_is_right(pytestconfig):
    line = read_line_file(pytestconfig.rootpath / "line.yaml", lambda pin, owner: "hash").line
    assert {schedule.id for schedule in line.schedules} == {"primary", "secondary", "desk"}


def test_a_file_in_another_encoding_is_refused_at_its_line(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_bytes("line:\n  name: Café\n".encode("latin-1"))
    with pytest.raises(FileError) as caught:
        read_line_file(file, str)
    assert caught.value.findings == (Finding(2, "file", "is not UTF-8; save it as UTF-8"),)
