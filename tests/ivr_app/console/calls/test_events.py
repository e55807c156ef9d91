"""Every event that the line writes down has words in both languages."""

import ast

from ivr_app.console.i18n import catalogue
from routing.call import RequestProgress
from routing.page import PageResult
from tests.test_house import room_of, source, tree

NOTICES = (
    PageResult.SENT,
    PageResult.DELIVERED,
    PageResult.UNDELIVERED,
    PageResult.FAILED,
    PageResult.CANCELED,
)


def written_down():
    """The first argument of each ``note`` in the house, as far as it is spelled out."""
    for file in source():
        if room_of(file) not in ("routing", "workers"):
            continue
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "note":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield first.value


def test_every_event_has_words():
    events = set(written_down())
    assert len(events) > 100
    later = (RequestProgress.CONFIRMED, RequestProgress.RELEASED)
    made = {f"notice_{one}" for one in NOTICES} | {f"request_{one}" for one in later}
    assert [one for one in events | made if f"calls.event.{one}" not in catalogue()] == []
