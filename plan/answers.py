"""Yes or no, a share, and where something is to be sent."""

from __future__ import annotations

from plan.reading import then
from plan.words import among, fitting

yes_or_no = then(among("true", "false"), "true".__eq__)
percent = then(fitting(r"(100|[1-9]\d?)%", "a share from 1% to 100%"), lambda text: int(text[:-1]))
sent_to = fitting(
    r"(?=.{6,80}$)(https://[^\s/]+\.\S+|[^@\s]+@[^@\s.]+(\.[^@\s.]+)+)",
    "a mail address or an https:// address of at most 80 characters",
)
