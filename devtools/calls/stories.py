"""Every story, in the order of the index."""

from __future__ import annotations

from devtools.calls.customers import CUSTOMERS
from devtools.calls.engineers import ENGINEERS

STORIES = (*CUSTOMERS, *ENGINEERS)
