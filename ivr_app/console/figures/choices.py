"""What the fields of the form offer: each value with its words."""

from __future__ import annotations

from ivr_app.console.figures.asked import BYS, OWN_ONES, PERIODS, Wish
from ivr_app.console.wardrobe import t

Options = list[tuple[str, str]]


def choices(wish: Wish, *, offers_own: bool) -> dict[str, Options]:
    """Those of each field; one's own figures only where there are any."""
    names = [column.name for column in wish.columns]
    return {
        "period": [(one, t(f"figures.period.{one}")) for one in PERIODS],
        "by": [(one, t(f"figures.by.{one}")) for one in BYS if offers_own or one != OWN_ONES],
        "sort": [
            ("", t("figures.sort.plain")),
            *((f"-{one}", t("figures.sort.most", name=t(f"figures.head.{one}"))) for one in names),
            *((one, t("figures.sort.least", name=t(f"figures.head.{one}"))) for one in names),
        ],
    }
