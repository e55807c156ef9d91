"""What a file allows and hardly means is told, at its line, and stops nothing."""

import datetime as dt

import pytest

from config.checks import find_warnings

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


@pytest.fixture
def attended(example):
    """The example with somebody on call at any hour."""
    office = "      - {people: [sanne], when: office}"
    return example.replace("when: outside_office", f"when: outside_office\n{office}")


@pytest.fixture
def warned(attended, read):
    """What is warned of when something in the example is changed into something else."""

    def find(old="", new=""):
        assert old in attended
        paper = read(attended.replace(old, new, 1) if old else attended)
        return [(f.field, f.message) for f in find_warnings(paper, NOW)]

    return find


def test_a_line_with_somebody_on_call_at_any_hour_gives_no_warning(warned):
    assert warned() == []


def test_hours_with_nobody_on_call_are_shown_at_the_step(example, read):
    (found,) = find_warnings(read(example), NOW)
    assert found.line == 32
    assert found.field == "escalation.steps[0]"
    assert found.message.startswith("nobody is on call from 2026-11-23 09:00 to 2026-11-23 18:00")


def test_a_desk_need_not_be_attended_outside_office_hours(warned):
    desk = "{id: desk, shifts: [{people: [sanne]"
    assert warned(desk, f"{desk}, when: office") == []
    ((field, message),) = warned(desk, f"{desk}, days: [mon]")
    assert (field, "2026-11-24 09:00 to 2026-11-24 18:00" in message) == ("desk", True)


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ('"+31612345602"', '"+319001234"', "engineers[1].phones[0]", "premium-rate"),
        ('"+31612345602"', '"+31201234567"', "engineers[1].phones[0]", "the line's own number"),
        ('"+31612345602"', '"+31208881102"', "engineers[1].phones", "takes the texts"),
        ('"+31612345602"', '"+31612345601"', "engineers[1].phones[0]", "is also a phone of sanne"),
        (", email: joris@example.org", "", "engineers[1].email", "is missing"),
        ('"+31207654321"', '["+319001234"]', "line.last_resort[0]", "cannot be rung"),
        ('"+3197010200000"', '"+31201234567"', "line.texts_from", "cannot send texts"),
        ('"+3197010200000"', "PRIOLINE", "line.texts_from", "takes no texts: pages say to call it"),
        ("schedules:\n", "  - {id: milan, name: Milan, phones: 0612345603, email: m@example.org}\n"
         "schedules:\n", "engineers[2]", "milan is in no schedule and no step"),
        ("ring: [primary]", "ring: [joris]", "schedules[0]", "primary is used by no step"),
        ("languages: [nl, en]}", "languages: [fr]}", "desk", "nobody in it speaks nl or en"),
        ("until: 2026-12-31", "until: 2026-11-22", "contracts[0].valid.until", "expired"),
        ("language: nl}", "language: fr}", "contracts[0].contacts[0].language", "hears nl"),
        ("name: MSA Plus prioriteitslijn", "name: {nl: Spoedlijn}", "line.name", "no name in en"),
        ("whisper: full", "transcribe: carrier", "transcribe", "no words of callers in nl"),
        ("contacts:\n", "contacts: []\n#", "contracts[0]", "nobody can call on it"),
    ],
)  # fmt: skip
def test_what_is_hardly_meant_is_told_with_its_field(warned, old, new, field, message):
    said = dict(warned(old, new))
    assert message in said[field]


def test_a_contract_runs_to_the_end_of_its_last_day(warned):
    assert warned("until: 2026-12-31", "until: 2026-11-23") == []


PIETER = '{name: Pieter Jansen, phone: "+31612345678", pin: "482913", language: nl}'


def contacts(count):
    """So many contacts in place of the only one."""
    return "\n      - ".join(PIETER.replace("482913", f"{n}11111") for n in range(count))


def test_msa_plus_has_two_contacts(warned):
    assert warned(PIETER, contacts(2)) == []
    ((field, message),) = warned(PIETER, contacts(3))
    assert (field, message) == ("contracts[0].contacts", "has 3 contacts; MSA Plus includes 2")


def test_the_file_may_say_how_many_contacts_msa_plus_has(attended, read):
    crowded = attended.replace(PIETER, contacts(3))
    roomy = crowded.replace("line:\n", "line:\n  named_contacts: 3\n", 1)
    assert [len(find_warnings(read(text), NOW)) for text in (crowded, roomy)] == [1, 0]
