"""What somebody sees when a page is not there, not theirs, or broken."""

from __future__ import annotations

import structlog
from flask import Flask, current_app, g, render_template, request
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from ivr_app.console.visit import ForgedError

TOLD = {
    400: "bad",
    403: "forbidden",
    404: "missing",
    405: "missing",
    413: "large",
    429: "often",
    503: "busy",
}

log = structlog.get_logger()


def hang_on(app: Flask) -> None:
    """Every error has a page; what was not expected is logged, without what was asked."""
    app.register_error_handler(HTTPException, told)
    app.register_error_handler(Exception, unexpected)


Shown = tuple[str, int] | tuple[str, int, dict[str, str]] | HTTPException


def told(error: HTTPException) -> Shown:
    """A page for what went wrong; an error that carries an answer of its own is that answer."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    kind = "forged" if isinstance(error, ForgedError) else TOLD.get(code, "broken")
    headers = {name: value for name, value in error.get_headers() if name == "Retry-After"}
    return render_template("error.html", kind=kind, code=code), code, headers


def unexpected(error: Exception) -> Shown:
    """Our fault: logged by its kind and place, since its words may name people."""
    if current_app.testing:
        raise error
    log.error("page failed", endpoint=request.endpoint, error=type(error).__name__)
    if isinstance(error, SQLAlchemyError):
        return _plain()
    return told(InternalServerError())


def _plain() -> tuple[str, int]:
    """Without the database nobody is known, so the page is drawn for a stranger."""
    g._login_user = AnonymousUserMixin()
    g.lines = []
    return render_template("error.html", kind="away", code=503), 503
