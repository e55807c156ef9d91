"""The console has words in both languages for every journal event."""

from ivr_app.console.i18n import catalogue
from routing.journal import JournalEvent


def test_every_event_has_words():
    assert len(JournalEvent) > 100
    assert [one for one in JournalEvent if f"calls.event.{one}" not in catalogue()] == []
