"""The rows that were not taken, as a table to be corrected and chosen again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from ivr_app.console.cells import MARK, shown
from ivr_app.console.intake.reasons import reason
from plan.rows import REMARKS
from store.preview import WrongRow

_TELEPHONES = re.compile(r"\+[0-9 ;()+-]*", re.ASCII)


def table(rows: Sequence[WrongRow]) -> str:
    """Each row with its line and what is wrong with it; where a PIN was, there is nothing."""
    columns = list(dict.fromkeys(column for row in rows for column in row.cells))
    page = io.StringIO()
    page.write(MARK)
    writer = csv.writer(page)
    writer.writerow([*REMARKS, *columns])
    for row in rows:
        why = "; ".join(f"{field}: {reason(message)}" for field, message in row.reasons)
        cells = [_cell(row.cells.get(column, "")) for column in columns]
        writer.writerow([row.line, why, *cells])
    return page.getvalue()


def _cell(text: str) -> str:
    """Telephone numbers stay as they are: no formula begins like one."""
    return text if _TELEPHONES.fullmatch(text) else shown(text)
