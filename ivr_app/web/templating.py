"""Globals and filters of all templates, and cells of CSV files."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from werkzeug.routing import Rule

from ivr_app.context import current_call_service
from ivr_app.web.i18n import (
    LANGUAGES,
    format_date,
    format_day,
    format_duration,
    format_exact,
    format_moment,
    format_size,
)
from ivr_app.web.site import (
    SAFE_METHODS,
    current_site,
    language,
    make_form_token,
    t,
    translate_first,
    zone,
)
from routing.phone_numbers import format_international

SHARED_FILES = Path(__file__).parent / "static"


def register_template_globals(app: Flask, **of_the_site: object) -> None:
    """Register the globals and filters of templates, and globals of this site alone."""
    app.jinja_env.globals.update(
        t=t,
        first_known=translate_first,
        language=language,
        languages=LANGUAGES,
        zone=zone,
        line=lambda: current_site().find_line(),
        now=lambda: current_call_service().clock(),
        home=lambda: url_for(current_site().home),
        asset=find_asset,
        csrf_token=make_form_token,
        here=find_current_address,
        **of_the_site,
    )
    app.jinja_env.filters.update(
        moment=_format_moment,
        day=_format_day,
        date=_format_date,
        exact=_format_exact,
        span=_format_span,
        size=lambda size: format_size(language(), size),
        iso=_format_iso,
        legible=format_international,
    )


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


def find_asset(name: str) -> str:
    """Return the address of a static file, the site's own or a shared one. It changes with the
    content."""
    own = Path(current_app.static_folder or "") / name
    if own.exists():
        return url_for("static", filename=name, v=_hash_file(own))
    return url_for("web.static", filename=name, v=_hash_file(SHARED_FILES / name))


@cache
def _hash_file(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


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
