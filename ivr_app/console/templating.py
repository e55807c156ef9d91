"""Globals and filters of all templates, and cells of CSV files."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.routing import Rule

from ivr_app.console import i18n, session
from ivr_app.console.page import ConsolePage
from ivr_app.context import current_call_service
from routing.phone_numbers import legible

STATIC = Path(__file__).parent / "static"


def register_template_globals(app: Flask) -> None:
    """Register the globals and filters of templates."""
    app.jinja_env.globals.update(
        t=t,
        first_known=first_translation,
        may=session.may,
        language=session.language,
        languages=i18n.LANGUAGES,
        zone=session.zone,
        line=session.current_line,
        lines=session.all_lines,
        person=session.find_viewer,
        now=lambda: current_call_service().clock(),
        navigation=navigation,
        asset=asset,
        csrf_token=generate_csrf,
        here=current_address,
    )
    app.jinja_env.filters.update(
        moment=_moment, day=_day, date=_date, exact=_exact, span=_span, iso=_iso, legible=legible
    )


def t(key: str, **values: object) -> str:
    """Return the text of this key in the viewer's language."""
    return i18n.translate(session.language(), key, **values)


def first_translation(*keys: str) -> str | None:
    """The sentence of the first of these keys that has one: not everything kept has a name."""
    return next((t(key) for key in keys if i18n.has_text(key)), None)


def current_address() -> str:
    """The address of this page, to come back to; what a form was answered with has none of its
    own, so there it is that of the page nearest above it."""
    if request.method in session.SAFE_METHODS or request.url_rule is None:
        return f"{request.script_root}{request.full_path.rstrip('?')}"
    rules = current_app.url_map.iter_rules()
    pages = {_rule_path(rule): rule for rule in rules if "GET" in (rule.methods or ())}
    above = _rule_path(request.url_rule)
    while above not in pages:
        above = above.rpartition("/")[0]
    known = request.view_args or {}
    return url_for(pages[above].endpoint, **{name: known[name] for name in pages[above].arguments})


def _rule_path(rule: Rule) -> str:
    return rule.rule.rstrip("/")


def navigation() -> list[ConsolePage]:
    """Return the pages that the viewer may see."""
    pages: list[ConsolePage] = current_app.extensions["pages"]
    return [page for page in pages if session.may(page.role) and page.shown]


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content."""
    return url_for("static", filename=name, v=_file_hash(name))


@cache
def _file_hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _moment(at: dt.datetime) -> str:
    return i18n.format_moment(
        session.language(), at, session.zone(), now=current_call_service().clock()
    )


def _day(at: dt.datetime) -> str:
    return i18n.format_day(session.language(), at, session.zone())


def _date(on: dt.date) -> str:
    return i18n.format_date(session.language(), on)


def _exact(at: dt.datetime) -> str:
    return i18n.format_exact(at, session.zone())


def _span(of: Any) -> str:
    return i18n.format_duration(session.language(), of)


def _iso(at: dt.datetime) -> str:
    return at.astimezone(session.zone()).isoformat(timespec="milliseconds")


BYTE_ORDER_MARK = "\ufeff"
"""The first character of a CSV file, or spreadsheets read it in a wrong encoding."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that starts with one of these as a formula."""


def csv_cell(value: object) -> str:
    """Return a value as a CSV cell that no spreadsheet runs as a formula."""
    if value is None:
        return ""
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
