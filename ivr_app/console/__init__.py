"""The console for staff: what its pages use. A page is a package here that has a ``page``."""

from __future__ import annotations

from ivr_app.console.forms import Form, Mistakes, read_as_file_field, read_form
from ivr_app.console.i18n import (
    LANGUAGES,
    format_clock,
    format_date,
    format_day,
    format_duration,
    has_text,
    translate,
    translated_names,
)
from ivr_app.console.login_limits import (
    SECOND_FACTOR_BACKOFF,
    current_limits,
    limit_keys,
    remember_browser,
)
from ivr_app.console.page import ConsolePage, PageResponse, needs, public
from ivr_app.console.session import (
    all_lines,
    audit_entry,
    current_line,
    current_viewer,
    find_viewer,
    is_background_request,
    language,
    line_candidates,
    may,
    open_sessions,
    own_engineer,
    redirect_to,
    require_line,
    safe_address,
    zone,
)
from ivr_app.console.templating import BYTE_ORDER_MARK, csv_cell, first_translation, t

__all__ = [
    "BYTE_ORDER_MARK",
    "LANGUAGES",
    "SECOND_FACTOR_BACKOFF",
    "ConsolePage",
    "Form",
    "Mistakes",
    "PageResponse",
    "all_lines",
    "audit_entry",
    "csv_cell",
    "current_limits",
    "current_line",
    "current_viewer",
    "find_viewer",
    "first_translation",
    "format_clock",
    "format_date",
    "format_day",
    "format_duration",
    "has_text",
    "is_background_request",
    "language",
    "limit_keys",
    "line_candidates",
    "may",
    "needs",
    "open_sessions",
    "own_engineer",
    "public",
    "read_as_file_field",
    "read_form",
    "redirect_to",
    "remember_browser",
    "require_line",
    "safe_address",
    "t",
    "translate",
    "translated_names",
    "zone",
]
