"""What every template has at hand: words, times, the viewer, the navigation."""

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
from ivr_app.context import desk
from routing.phone_numbers import legible

STATIC = Path(__file__).parent / "static"


def furnish(app: Flask) -> None:
    """Hang it all into the environment of the templates."""
    app.jinja_env.globals.update(
        t=t,
        first_known=first_known,
        may=session.may,
        language=session.language,
        languages=i18n.LANGUAGES,
        zone=session.zone,
        line=session.line,
        lines=session.lines,
        person=session.signed_in,
        now=lambda: desk().clock(),
        navigation=navigation,
        asset=asset,
        csrf_token=generate_csrf,
        here=here,
    )
    app.jinja_env.filters.update(
        moment=_moment, day=_day, date=_date, exact=_exact, span=_span, iso=_iso, legible=legible
    )


def t(key: str, **values: object) -> str:
    """The sentence of this key in the viewer's language."""
    return i18n.say(session.language(), key, **values)


def first_known(*keys: str) -> str | None:
    """The sentence of the first of these keys that has one: not everything kept has a name."""
    return next((t(key) for key in keys if i18n.has(key)), None)


def here() -> str:
    """The address of this page, to come back to; what a form was answered with has none of its
    own, so there it is that of the page nearest above it."""
    if request.method in session.SAFE or request.url_rule is None:
        return f"{request.script_root}{request.full_path.rstrip('?')}"
    rules = current_app.url_map.iter_rules()
    pages = {_path(rule): rule for rule in rules if "GET" in (rule.methods or ())}
    above = _path(request.url_rule)
    while above not in pages:
        above = above.rpartition("/")[0]
    known = request.view_args or {}
    return url_for(pages[above].endpoint, **{name: known[name] for name in pages[above].arguments})


def _path(rule: Rule) -> str:
    return rule.rule.rstrip("/")


def navigation() -> list[ConsolePage]:
    """The pages that whoever looks may see."""
    pages: list[ConsolePage] = current_app.extensions["pages"]
    return [page for page in pages if session.may(page.role) and page.shown]


def asset(name: str) -> str:
    """The address of a file of ours; a changed file has another one."""
    return url_for("static", filename=name, v=_mark(name))


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _moment(at: dt.datetime) -> str:
    return i18n.moment(session.language(), at, session.zone(), now=desk().clock())


def _day(at: dt.datetime) -> str:
    return i18n.day(session.language(), at, session.zone())


def _date(on: dt.date) -> str:
    return i18n.date(session.language(), on)


def _exact(at: dt.datetime) -> str:
    return i18n.exact(at, session.zone())


def _span(of: Any) -> str:
    return i18n.length(session.language(), of)


def _iso(at: dt.datetime) -> str:
    return at.astimezone(session.zone()).isoformat(timespec="milliseconds")


# Cells of a table that a spreadsheet opens as they were meant.


MARK = "\ufeff"
"""Stands first in a table, or spreadsheets take its letters for those of another alphabet."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What begins with one of these is worked out by a spreadsheet instead of shown."""


def shown(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
