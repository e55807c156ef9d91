"""Whole numbers in addresses and forms, no larger than the database can store."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import IntegerConverter

MOST_DIGITS = 18
"""A number of 18 digits fits into 64 bits."""


class WholeNumber(IntegerConverter):
    """A whole number in an address; a longer one is a 404."""

    regex = rf"[0-9]{{1,{MOST_DIGITS}}}"


def parse_whole_number(text: str) -> int:
    """Return the number in a text; raises ValueError for anything else and for a longer number."""
    if not re.fullmatch(WholeNumber.regex, text.strip()):
        raise ValueError("not a whole number, or too long")
    return int(text)


def register_converters(app: Flask) -> None:
    """Use ``WholeNumber`` for every ``<int:…>`` of an application that has no addresses yet."""
    app.url_map.converters["int"] = WholeNumber
