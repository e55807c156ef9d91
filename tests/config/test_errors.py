"""Every mistake is reported at its line and field, with what would be right."""

from pathlib import Path

import pytest

from config.reader import FileError

ROTATION = '{every: 1 week, from: "2026-01-05T09:00", people: [sanne, joris]}'
OVERRIDE = '{from: "2026-12-24T18:00", to: "2026-12-26T09:00", remove: sanne, add: joris}'
PIETER = 'phone: "+31612345678", pin: "482913", language: nl'

MISTAKES = [
    # what stands in the example, what somebody writes instead, the field, a part of the message
    ("country: NL  ", "country: HOLLAND  ", "line.country", "two capitals"),
    ('number: "+31201234567"', "number: hello", "line.number", "write it as +31612345678"),
    ("  timezone: Europe/Amsterdam\n", "  timezone: Europe/Amsterdm\n", "line.timezone", "Europe"),
    ("languages: [nl, en]   ", "languages: [nl, pl]   ", "line.languages[1]", "one of nl, en, de"),
    ("[mon, tue,", "[mon, tuesday,", "line.office_hours.days[1]", "one of mon, tue"),
    ('"09:00-18:00"}', "9-18}", "line.office_hours.hours", '"09:00-18:00"'),
    ("holidays: NL ", "holidays: Holland ", "line.holidays", "two capitals"),
    ("holidays: NL ", "holidays: {remove: [26-12-2026]} ", "line.holidays.remove[0]", "2026-12-31"),
    ('"+31207654321"', '"+31201234567"', "line.last_resort", "call itself"),
    ('"+31207654321"', "[]", "line.last_resort", "at least one"),
    ("texts_from:", "text_from:", "line.text_from", "did you mean texts_from?"),
    ("+3197010200000", "Bakkerij Jansen", "line.texts_from", "at most 11 characters"),
    ('"+31612345602"', '"+3161234560"', "engineers[1].phones[0]", "not a phone number"),
    ("sanne@example.org", "sanne.example.org", "engineers[0].email", "sanne@example.org"),
    ("id: joris, name", "id: sanne, name", "engineers[1].id", "used by an earlier one"),
    ("id: joris, name", "id: last_resort, name", "engineers[1].id", "choose another"),
    ("id: joris, name", "id: joris bakker, name", "engineers[1].id", "letters, digits"),
    ("id: secondary", "id: joris", "schedules[1].id", "also the id of an engineer"),
    ("people: [sanne, joris]}", "people: [jorsi]}",
     "schedules[0].shifts[0].rotation.people[0]", "did you mean joris?"),
    ("every: 1 week", "every: fortnight", "schedules[0].shifts[0].rotation.every", "1 week"),
    ("every: 1 week", "every: 0 weeks", "schedules[0].shifts[0].rotation.every", "1 week"),
    ('1 week, from: "2026-01-05T09:00"', '1 month, from: "2026-01-29T09:00"',
     "schedules[0].shifts[0].rotation", "day 1 to 28"),
    ("when: outside_office", "when: at night", "schedules[0].shifts[0].when", "outside_office"),
    ("whisper: full", "transcribe: ears", "transcribe", "one of off, local, carrier"),
    (f"rotation: {ROTATION}", "days: [sat]", "schedules[0].shifts[0]", "people or a rotation"),
    ("days: [sat, sun]", "days: []", "schedules[0].shifts[1].days", "at least one"),
    ('hours: "17:00-01:00"', "hours: 17:00-25:00", "schedules[0].shifts[1].hours", "hours such as"),
    ('to: "2026-12-26T09:00"', 'to: "2026-12-24T17:00Z"', "schedules[0].overrides[0]", "end after"),
    ('to: "2026-12-26T09:00"', "to: 2026-12-26", "schedules[0].overrides[0].to", "date and time"),
    ("remove: sanne, add: joris", "", "schedules[0].overrides[0]", "remove or add somebody"),
    ("remove: sanne, add: joris", "remove: bob", "schedules[0].overrides[0].remove", "unknown"),
    ("ring: [primary], for: 30s", "ring: [], for: 30s", "escalation.steps[0].ring", "at least one"),
    ("ring: [primary], for: 30s", "ring: [primry]", "escalation.steps[0].ring[0]", "primary?"),
    ("ring: [primary], for: 30s", "for: 30s", "escalation.steps[0].ring", "is missing"),
    ("ring: [primary], for: 30s", "ring: [primary], for: 0s", "escalation.steps[0].for", "30s"),
    ("repeat: 3", "repeat: often", "escalation.repeat", "whole number from 1"),
    ("repeat: 3", "repeat: 3\n  repeat: 4", "escalation.repeat", "a second time"),
    ("again_after: 5m", "again_after: 5", "paging.again_after", "30s, 5m, 2h, 1d or 1 week"),
    ("[sms, email]", "[sms, fax]", "paging.channels[1]", "sms, email"),
    ("language: fr", "language: French", "routes[0].when.language", "nl or en"),
    ("language: fr", "urgency: 5", "routes[0].when.urgency", "1 to 4"),
    ("respond_within: 4 office hours", "respond_within: soon", "urgency.1.respond_within", "4 o"),
    ("  1: {respond", "  7: {respond", "urgency.7", "is not a field"),
    ("length: 6", "length: 3", "pin.length", "from 4 to 12"),
    ("unverified_level_1: ring ", "unverified_level_1: sing ", "unverified_level_1", "message"),
    ("per_caller: 3/h", "per_caller: 3 per hour", "unverified.per_caller", "such as 3/h"),
    ("whisper: full", "whisper: loud", "whisper", "one of full, brief"),
    ("whisper: full", "handover: {tell: perhaps}", "handover.tell", "one of true, false"),
    ("whisper: full", "handover: {confirm_within: soon}", "handover.confirm_within", "30s, 5m"),
    ("whisper: full", "handover: {tel: true}", "handover.tel", "did you mean tell?"),
    ('"100234"', '"10-0234"', "contracts[0].contract", "at most 20 digits"),
    ("plan: msa_plus  ", "plan: gold  ", "contracts[0].plan", "one of msa_plus, standard"),
    ("until: 2026-12-31", "until: 2025-12-31", "contracts[0].valid", "end before it begins"),
    ("premium_incidents: 12", "premium_incidents: -1", "contracts[0].premium_incidents", "whole"),
    ("Bakkerij Jansen BV", "", "contracts[0].customer", "is empty"),
    (PIETER, 'phone: "+31612345678"', "contracts[0].contacts[0]", "either pin or pin_hash"),
    (PIETER, 'pin: "482913"', "contracts[0].contacts[0]", "either phone or phones"),
    ("482913", "48291", "contracts[0].contacts[0].pin", "must be 6 digits"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "field", "message"), MISTAKES)
def test_a_mistake_is_found_at_its_line_and_field(wrong, old, new, field, message):
    ((line, said),) = [(line, said) for line, at, said in wrong(old, new) if at == field]
    assert line == ("\n" in new and "\n" not in old)
    assert message in said


def test_all_mistakes_are_reported_together_in_order_of_lines(example, read):
    text = example.replace("repeat: 3", "repeat: no").replace("country: NL ", "country: no ")
    text = text.replace("whisper: full", "whisper: [full]")
    with pytest.raises(FileError) as caught:
        read(text)
    found = caught.value.findings
    assert [f.field for f in found] == ["line.country", "escalation.repeat", "whisper"]
    assert [f.line for f in found] == sorted(f.line for f in found)
    assert str(caught.value).splitlines()[2] == f"line {found[2].line}: whisper: " + (
        "must be one value, not a list or fields"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("just words", 1),
        ("- a\n- list", 1),
        ("line:\n  name: [a", 3),
        ("line: {}\nline: {", 2),
        ("a: b\n---\nc: d", 2),
        ("a: b\n\x07: c", 2),
        ("a: *nobody", 1),
        ("[" * 20_000, 1),
    ],
)
def test_what_is_no_line_at_all_is_refused_with_its_line(read, text, line):
    with pytest.raises(FileError) as caught:
        read(text)
    assert caught.value.findings[0].line in {line, line - 1}


def test_a_line_without_english_is_not_written_down_by_the_carrier(read, example):
    dutch = example.replace("languages: [nl, en]   ", "languages: [nl]   ")
    with pytest.raises(FileError, match="transcribe: must be off or local: the carrier"):
        read(dutch + "\ntranscribe: carrier\n")
    assert read(example + "\ntranscribe: carrier\n").line.transcribe == "carrier"


LAUGHS = Path(__file__).parent.parent / "cases" / "yaml" / "laughs.yaml"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LAUGHS.read_text(), "line 6: file: is not valid YAML: its aliases make more than"),
        ("line: &line [*line]", "an alias inside its own value"),
        ("line: &line {id: *line}", "an alias inside its own value"),
        ("line: " + "[" * 50_000, "nested too deeply"),
    ],
)
def test_a_small_file_that_would_grow_without_end_is_refused_in_a_sentence(read, text, why):
    with pytest.raises(FileError, match=why):
        read(text)


def test_an_alias_that_only_saves_typing_is_read(read, example):
    days = "days: [mon, tue, wed, thu, fri]"
    assert example.count(days) == 1
    named = example.replace(days, f"days: &week {days.removeprefix('days: ')}")
    again = named.replace("days: [sat, sun]", "days: *week")
    assert read(again).line.schedules != read(example).line.schedules
    assert read(named).line == read(example).line
