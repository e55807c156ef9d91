"""Every story, in the order of the index."""

from __future__ import annotations

from devtools.calls.customers import CALLS_OF_CUSTOMERS
from devtools.calls.engineers import CALLS_OF_ENGINEERS

STORIES = (*CALLS_OF_CUSTOMERS, *CALLS_OF_ENGINEERS)
