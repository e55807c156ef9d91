"""Why a row is wrong, in the viewer's language: the reader of files speaks that of the command
line."""

from __future__ import annotations

import re

from ivr_app.console.wardrobe import t

REASONS = {
    r"is also another contact's of this contract.*": "same_pin",
    r"must be (?P<length>\d+) digits": "pin",
    r"must have either pin or pin_hash": "pin_or_hash",
    r"must not end before it begins": "ends_too_early",
    r"is empty": "empty",
    r"is missing(, and so is pin_hash)?": "missing",
    r"must be digits only.*": "keyed",
    r"must be one of (?P<known>.*)": "one_of",
    r"must be a date.*": "date",
    r"must be a whole number from (?P<lowest>\d+) to (?P<highest>\d+)": "whole",
    r"must be one line of at most (?P<most>\d+) characters": "one_line",
    r"is no phone number of .*": "phone",
    r"is not dialled: .*": "undialled",
    r"must be an e-mail address.*": "email",
    r"must be a language.*": "language",
    r"must be the hash.*": "hash",
    r"has (?P<found>\d+) columns, not (?P<wanted>\d+)": "columns",
    r"says something else of this contract than an earlier row": "disagrees",
    r"has an earlier row of this contract": "repeated",
    r"is no CSV.*": "no_csv",
    r"is not UTF-8.*": "no_utf8",
    r"must name its columns first.*: (?P<known>.*)": "no_columns",
    r"has an unknown name; did you mean (?P<near>\w+)\?": "near_column",
    r"has an unknown name; known: (?P<known>.*)": "unknown_column",
    r"stands here a second time": "twice",
    r"contract (?P<number>\d+) is there already and came from: file": "of_the_file",
}
_READ = [(re.compile(pattern), key) for pattern, key in REASONS.items()]


def reason(message: str) -> str:
    """The same in the viewer's language, or as it stands where nobody foresaw it."""
    for pattern, key in _READ:
        found = pattern.fullmatch(message)
        if found is not None:
            return t(f"intake.reason.{key}", **found.groupdict())
    return message
