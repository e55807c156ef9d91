"""Deliberate mistakes in how engineers and duty managers are told: each must be noticed."""

import types

import pytest

from routing import flow
from routing.notify import messages, paging
from routing.oncall import hours
from tests.mistakes import mistaken
from tests.routing import test_alarm, test_contact_rules, test_quiet, test_telling
from tests.routing.test_mutations import holds, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (paging.when, "+ rule.after", ""),
    (paging.when, "page.since or page.at", "page.at"),
    (paging.pause, "max(again_after, SELDOM)", "again_after"),
    (paging.too_soon, "<= now for page", "for page"),
    (paging.by_mail, "lost(facts, who, engineer.email) and", "False and"),
    (paging._notice, "since < page.at <= at", "False"),
    (paging._notice, "since < page.at <= at", "since < page.at"),
    (paging._notice, "draft.do(deed, at - facts.now)", "draft.do(deed)"),
    (paging.void, "incident.state is not IncidentState.OPEN", "False"),
    (paging.void, "other.at > since", "False"),
    (paging._notices, "page.result is not PageResult.CANCELED", "True"),
    (flow.record_sending, "if page.result in final or", "if"),
    (paging.rules_of, "engineer.contact or", ""),
    (paging.texted, "filter(takes_texts, engineer.phones)", "engineer.phones"),
    (messages.told_at, "if news.level != 1 else None", ""),
    (messages.told_at, "if news.level != 1 else None", "if news.level is None else None"),
    (messages.told_at, "at = news.at or facts.now", "at = facts.now"),
    (messages.manager_letters, "if takes_texts(phone)", ""),
    (messages._letter, "facts.chance if news.once is None else", "facts.chance or"),
    (messages._ways_of, "and mail", ""),
    (hours.quiet_until, "+ LONGEST_QUIET", ""),
    (hours.quiet_until, "over = end", "return end"),
]
NOTICED_BY = (test_quiet, test_telling, test_alarm, test_contact_rules)


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
