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
    translate_names,
)
from ivr_app.console.login_limits import (
    SECOND_FACTOR_BACKOFF,
    current_limits,
    list_login_counters,
    remember_browser,
)
from ivr_app.console.page import ConsolePage, PageResponse, needs, public
from ivr_app.console.session import (
    audit_entry,
    current_line,
    current_viewer,
    find_own_engineer,
    find_safe_address,
    find_viewer,
    is_background_request,
    language,
    list_line_candidates,
    list_lines,
    may,
    open_sessions,
    redirect_to,
    require_line,
    zone,
)
from ivr_app.console.templating import BYTE_ORDER_MARK, format_csv_cell, t, translate_first

__all__ = [
    "BYTE_ORDER_MARK",
    "LANGUAGES",
    "SECOND_FACTOR_BACKOFF",
    "ConsolePage",
    "Form",
    "Mistakes",
    "PageResponse",
    "audit_entry",
    "current_limits",
    "current_line",
    "current_viewer",
    "find_own_engineer",
    "find_safe_address",
    "find_viewer",
    "format_clock",
    "format_csv_cell",
    "format_date",
    "format_day",
    "format_duration",
    "has_text",
    "is_background_request",
    "language",
    "list_line_candidates",
    "list_lines",
    "list_login_counters",
    "may",
    "needs",
    "open_sessions",
    "public",
    "read_as_file_field",
    "read_form",
    "redirect_to",
    "remember_browser",
    "require_line",
    "t",
    "translate",
    "translate_first",
    "translate_names",
    "zone",
]
