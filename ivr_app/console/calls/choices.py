"""What the fields of the search offer: each value with its words, the first being no wish."""

from __future__ import annotations

from collections.abc import Mapping

from ivr_app.console.wardrobe import t
from routing.call import Outcome

Options = list[tuple[str, str]]


def choices(names: Mapping[str, str]) -> dict[str, Options]:
    """Those of each field; ``names`` are the people who can take a call."""
    people = [(one, name or t("calls.last_resort")) for one, name in names.items()]
    offered = {
        "engineer": people,
        "level": [(str(level), t("console.level", level=level)) for level in range(1, 5)],
        "outcome": [(one.value, t(f"calls.outcome.{one.value}")) for one in Outcome],
        "verified": [("yes", t("calls.verified")), ("no", t("calls.unverified"))],
    }
    return {name: [("", t("calls.any")), *options] for name, options in offered.items()}
