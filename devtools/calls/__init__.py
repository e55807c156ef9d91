"""Whole calls, walked through the real application and written down: ``make calls``.

The files say what is heard; this package says how long it takes. People of stories dial, listen and
press keys (``people``, ``stories``), on a line whose telephones are simulated and whose time is
virtual (``walk``). What each of them heard is counted (``hearing``), held against the limits
(``limits``) and written into docs/calls (``pages``).
"""
