"""The tables. A value is kept whole as JSON; the columns beside it are there to be found by."""

from store.tables.base import metadata
from store.tables.dispatches import dispatches
from store.tables.duty import overrides
from store.tables.inbox import received_texts
from store.tables.letters import letters
from store.tables.log import calls, counters, incidents, journal, pages
from store.tables.memos import memos
from store.tables.people import calendar_links, contact_phones, contacts, contracts, lines
from store.tables.phones import added_phones
from store.tables.previews import previews
from store.tables.programs import replays, tokens
from store.tables.recordings import recordings, sounds
from store.tables.reliefs import reliefs
from store.tables.spent import spent
from store.tables.staff import accounts, audit, recovery_codes, sittings
from store.tables.sums import late, sums
from store.tables.work import beats, errands, paces, slips

__all__ = [
    "accounts",
    "added_phones",
    "audit",
    "beats",
    "calendar_links",
    "calls",
    "contact_phones",
    "contacts",
    "contracts",
    "counters",
    "dispatches",
    "errands",
    "incidents",
    "journal",
    "late",
    "letters",
    "lines",
    "memos",
    "metadata",
    "overrides",
    "paces",
    "pages",
    "previews",
    "received_texts",
    "recordings",
    "recovery_codes",
    "reliefs",
    "replays",
    "sittings",
    "slips",
    "sounds",
    "spent",
    "sums",
    "tokens",
]
