"""Deliberate mistakes in how engineers and duty managers are told: each must be noticed."""

import types

import pytest

from routing import flow
from routing.notify import addresses, channels, messages, paging
from routing.oncall import hours
from tests.mistakes import mistaken
from tests.routing import test_contact_rules, test_daily_cap, test_messages, test_quiet_hours
from tests.routing.test_mutations import holds, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (paging.find_page_time, "+ rule.after", ""),
    (paging.find_page_time, "page.since or page.at", "page.at"),
    (paging.repeat_after, "max(again_after, SELDOM)", "again_after"),
    (paging.is_too_soon, "<= now for page", "for page"),
    (paging._why_not_on, "addresses.is_lost(", "False and addresses.is_lost("),
    (paging._add_page, "since < page.at <= at", "False"),
    (paging._add_page, "since < page.at <= at", "since < page.at"),
    (paging._add_page, "draft.do(job, at - facts.now)", "draft.do(job)"),
    (paging.why_void, "incident.state is not IncidentState.OPEN", "False"),
    (paging.why_void, "other.at > since", "False"),
    (addresses.list_sent, "page.result is not PageResult.CANCELED", "True"),
    (flow.record_sending, "if page.result in final or", "if"),
    (channels.rules_of, "engineer.contact or", ""),
    (channels.Sms.addresses, "filter(takes_texts, person.phones)", "person.phones"),
    (messages.find_delivery_time, "if news.level == 1:", "if False:"),
    (messages.find_delivery_time, "if news.level == 1:", "if news.level is not None:"),
    (messages.find_delivery_time, "at = news.at or facts.now", "at = facts.now"),
    (messages._build, "if news.once is not None:", "if False:"),
    (addresses.list_addresses, "if facts.can_send(channel.id):", "if True:"),
    (hours.quiet_until, "+ LONGEST_QUIET", ""),
    (hours.quiet_until, "over = end", "return end"),
]
NOTICED_BY = (test_quiet_hours, test_messages, test_daily_cap, test_contact_rules)


def noticed(tests: types.ModuleType) -> bool:
    return not all(holds(test) for test in those_of(tests))


def test_without_a_mistake_nothing_is_noticed():
    assert not any(map(noticed, NOTICED_BY))


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    MISTAKES,
    ids=[f"{f.__qualname__}: {right[:40]}" for f, right, _ in MISTAKES],
)
def test_a_mistake_is_noticed(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
    assert any(map(noticed, NOTICED_BY))
