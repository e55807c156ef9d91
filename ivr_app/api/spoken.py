"""The language in which a program hears why something was not done."""

from __future__ import annotations

from flask import request

from carrier.prompts import SPOKEN

OTHERWISE = "en"


def language() -> str:
    """As the request wishes, where the line has sentences in it."""
    return request.accept_languages.best_match(SPOKEN) or OTHERWISE
