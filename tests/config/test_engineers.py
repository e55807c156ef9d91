"""An engineer's own contact rules and quiet hours, as the file writes them."""

import datetime as dt

import pytest

from routing.line import EVERY_DAY, Channel, ContactRule, Hours

JORIS = "name: Joris Bakker,"
NIGHT = Hours(EVERY_DAY, dt.time(22), dt.time(7))


@pytest.fixture
def joris(example, read):
    """Joris with more fields."""

    def with_fields(fields):
        assert JORIS in example
        return read(example.replace(JORIS, f"{JORIS} {fields},")).line.engineer("joris")

    return with_fields


def test_without_rules_the_lines_channels_hold_and_no_hour_is_quiet(example, read):
    joris = read(example).line.engineer("joris")
    assert (joris.contact, joris.quiet) == ((), ())


def test_rules_name_a_way_and_how_long_after_the_first_ring(joris):
    assert joris("contact: [{by: sms}, {by: email, after: 5m}]").contact == (
        ContactRule(Channel.SMS),
        ContactRule(Channel.EMAIL, dt.timedelta(minutes=5)),
    )
    assert joris("contact: {by: email, after: 0s}").contact == (ContactRule(Channel.EMAIL),)


@pytest.mark.parametrize(
    ("written", "quiet"),
    [
        ('"22:00-07:00"', (NIGHT,)),
        ('["22:00-07:00", {days: [sat, sun]}]', (NIGHT, Hours(("sat", "sun")))),
        ('{days: [sun], hours: "06:00-12:00"}', (Hours(("sun",), dt.time(6), dt.time(12)),)),
    ],
)
def test_quiet_is_written_as_hours_with_or_without_days(joris, written, quiet):
    assert joris(f"quiet: {written}").quiet == quiet


@pytest.mark.parametrize(
    ("written", "field", "message"),
    [
        ("contact: [{by: call}]", "contact[0].by", "one of sms, email"),
        ("contact: [{after: 5m}]", "contact[0].by", "is missing"),
        ("contact: [{by: sms, after: soon}]", "contact[0].after", "a length of time, such as 0s"),
        ("contact: [{by: sms}, {by: sms, after: 5m}]", "contact", "a channel twice"),
        ("contact: []", "contact", "at least one"),
        ("quiet: at night", "quiet", "hours such as"),
        ('quiet: "00:00-00:00"', "quiet", "no hour of the week"),
        ('quiet: ["07:00-22:00", "22:00-07:00"]', "quiet", "no hour of the week"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(wrong, written, field, message):
    ((_, at, said),) = wrong(JORIS, f"{JORIS} {written},")
    assert at.startswith(f"engineers[1].{field}")
    assert message in said
