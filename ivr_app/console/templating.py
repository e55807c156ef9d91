"""Globals and filters of all templates, and cells of CSV files."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.routing import Rule

from ivr_app.console.i18n import (
    LANGUAGES,
    format_date,
    format_day,
    format_duration,
    format_exact,
    format_moment,
    has_text,
    translate,
)
from ivr_app.console.page import ConsolePage
from ivr_app.console.session import (
    SAFE_METHODS,
    current_line,
    find_viewer,
    language,
    list_lines,
    may,
    zone,
)
from ivr_app.context import current_call_service
from routing.phone_numbers import format_international

STATIC = Path(__file__).parent / "static"


def register_template_globals(app: Flask) -> None:
    """Register the globals and filters of templates."""
    app.jinja_env.globals.update(
        t=t,
        first_known=translate_first,
        may=may,
        language=language,
        languages=LANGUAGES,
        zone=zone,
        line=current_line,
        lines=list_lines,
        person=find_viewer,
        now=lambda: current_call_service().clock(),
        navigation=list_navigation,
        asset=find_asset,
        csrf_token=generate_csrf,
        here=find_current_address,
    )
    app.jinja_env.filters.update(
        moment=_format_moment,
        day=_format_day,
        date=_format_date,
        exact=_format_exact,
        span=_format_span,
        iso=_format_iso,
        legible=format_international,
    )


def t(key: str, **values: object) -> str:
    """Return the text of this key in the viewer's language."""
    return translate(language(), key, **values)


def translate_first(*keys: str) -> str | None:
    """Return the text of the first of these keys that has one: a value from the log may have
    none."""
    return next((t(key) for key in keys if has_text(key)), None)


def find_current_address() -> str:
    """Return the address of this page, to come back to. The answer to a form has no address of its
    own; its address is that of the nearest page above it."""
    if request.method in SAFE_METHODS or request.url_rule is None:
        return f"{request.script_root}{request.full_path.rstrip('?')}"
    rules = current_app.url_map.iter_rules()
    pages = {_find_rule_path(rule): rule for rule in rules if "GET" in (rule.methods or ())}
    above = _find_rule_path(request.url_rule)
    while above not in pages:
        above = above.rpartition("/")[0]
    known = request.view_args or {}
    return url_for(pages[above].endpoint, **{name: known[name] for name in pages[above].arguments})


def _find_rule_path(rule: Rule) -> str:
    return rule.rule.rstrip("/")


def list_navigation() -> list[ConsolePage]:
    """Return the pages that the viewer may see."""
    pages: list[ConsolePage] = current_app.extensions["pages"]
    return [page for page in pages if may(page.role) and page.in_navigation]


def find_asset(name: str) -> str:
    """Return the address of a static file; it changes with the content."""
    return url_for("static", filename=name, v=_hash_file(name))


@cache
def _hash_file(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _format_moment(at: dt.datetime) -> str:
    now = current_call_service().clock()
    return format_moment(language(), at, zone(), now=now)


def _format_day(at: dt.datetime) -> str:
    return format_day(language(), at, zone())


def _format_date(on: dt.date) -> str:
    return format_date(language(), on)


def _format_exact(at: dt.datetime) -> str:
    return format_exact(at, zone())


def _format_span(length: dt.timedelta | float) -> str:
    return format_duration(language(), length)


def _format_iso(at: dt.datetime) -> str:
    return at.astimezone(zone()).isoformat(timespec="milliseconds")


BYTE_ORDER_MARK = "\ufeff"
"""The first character of a CSV file, or spreadsheets read it in a wrong encoding."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that starts with one of these as a formula."""
CSV_WORDS = {None: "", True: "yes", False: "no"}


def format_csv_cell(value: object) -> str:
    """Return a value as a CSV cell that no spreadsheet runs as a formula."""
    if value is None or isinstance(value, bool):
        return CSV_WORDS[value]
    text = str(value)
    if text.startswith(FORMULA_STARTS):
        return f"'{text}"
    return text
