"""Whole numbers in addresses and forms: as large as a database keeps them, and no larger."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import IntegerConverter

MOST_DIGITS = 18
"""Every number of so many digits fits into 64 bits."""


class WholeNumber(IntegerConverter):
    """A number of ours; a longer one is no address, so the answer is 404."""

    regex = rf"[0-9]{{1,{MOST_DIGITS}}}"


def parse_whole_number(text: str) -> int:
    """The number that this says; raises ValueError for none, and for one that is too long."""
    if not re.fullmatch(WholeNumber.regex, text.strip()):
        raise ValueError("no whole number of ours")
    return int(text)


def register_converters(app: Flask) -> None:
    """Use it for every ``<int:…>`` of an application; before it has any address."""
    app.url_map.converters["int"] = WholeNumber
