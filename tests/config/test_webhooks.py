"""Programs that are told of incidents, as a file names them."""

import pytest

from config.line import parse_line_file
from config.reader import FileError
from routing.line import IncidentHappening, Webhook
from tests.config.test_retention import PAPER

GOOD = "{id: tickets, url: 'https://tickets.example.org/a?b=c', secret: WEBHOOK_TICKETS%s}"


def hooks(written):
    return parse_line_file(f"{PAPER}webhooks: [{written}]\n", lambda pin, _: pin).line.webhooks


def test_a_program_hears_of_everything_unless_the_file_says_of_what():
    url = "https://tickets.example.org/a?b=c"
    assert hooks(GOOD % "") == (
        Webhook("tickets", url, "WEBHOOK_TICKETS", tuple(IncidentHappening)),
    )
    (some,) = hooks(GOOD % ", on: [opened, closed]")
    assert some.on == (IncidentHappening.OPENED, IncidentHappening.CLOSED)
    assert hooks(GOOD % ", on: breached")[0].on == (IncidentHappening.BREACHED,)
    assert [hooks(GOOD % more)[0].content for more in ("", ", content: true")] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("https://", "ftp://", r"webhooks\[0\]\.url: must be a complete web address"),
        ("https://", "https://sanne:pass@", "must not contain a user"),
        ("b=c", "b=c#d", "must be a complete web address"),
        ("https://tickets", "https://[tickets", "must be a complete web address"),
        ("example.org/", "example.org:99999/", "must be a complete web address"),
        ("example.org/", "example.org:many/", "must be a complete web address"),
        (
            "WEBHOOK_TICKETS",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            r"the name of the environment variable",
        ),
        ("WEBHOOK_TICKETS", "SECRET_KEY", r"secret: must be the name of the environment variable"),
        ("id: tickets", "id: my tickets", r"webhooks\[0\]\.id"),
        ("WEBHOOK_TICKETS", "WEBHOOK_TICKETS, on: [opened, opened]", "twice"),
        ("WEBHOOK_TICKETS", "WEBHOOK_TICKETS, on: []", "at least one"),
        ("WEBHOOK_TICKETS", "WEBHOOK_TICKETS, on: [resolved]", "one of opened, raised"),
        ("WEBHOOK_TICKETS", "WEBHOOK_TICKETS, format: ntfy", "ends with the topic"),
        ("/a?b=c', secret: W", "/', format: ntfy, secret: W", "ends with the topic"),
    ],
)
def test_each_mistake_is_named(old, new, message):
    with pytest.raises(FileError, match=message):
        hooks((GOOD % "").replace(old, new))


def test_two_programs_have_two_ids():
    with pytest.raises(FileError, match="used by an earlier one"):
        hooks(f"{GOOD % ''}, {GOOD % ''}")
