"""Browsers in which somebody has signed in before. They have rate limits of their own, so that
whoever guesses elsewhere locks nobody out."""

from __future__ import annotations

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "known"
SECONDS = 180 * 24 * 3600
"""Seconds for which a browser stays known as one of somebody."""


def find_known_browser(name: str) -> str | None:
    """Return the mark of this browser if somebody of this name has signed in with it before."""
    cookie = request.cookies.get(COOKIE, "")
    try:
        known = _build_signer().loads(cookie, max_age=SECONDS)
    except BadData:
        return None
    if known != name:
        return None
    return cookie


def remember_browser(name: str, response: Response) -> Response:
    """Set the cookie that marks this browser as one of somebody."""
    response.set_cookie(
        COOKIE,
        str(_build_signer().dumps(name)),
        max_age=SECONDS,
        path=str(current_app.config["SESSION_COOKIE_PATH"]),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response


def _build_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="known browser")
