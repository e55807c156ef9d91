"""The console for staff: what its pages use. A page is a package here that has a ``page``."""

from __future__ import annotations

from ivr_app.console.login_limits import (
    SECOND_FACTOR_BACKOFF,
    current_limits,
    list_login_counters,
)
from ivr_app.console.page import ConsolePage, accepts_files, needs
from ivr_app.console.session import (
    CONSOLE_SITE,
    audit_entry,
    authorize,
    current_line,
    current_viewer,
    find_own_engineer,
    find_viewer,
    list_line_candidates,
    list_lines,
    make_form_id,
    may,
    open_sessions,
    register_loader,
    require_line,
)

__all__ = [
    "CONSOLE_SITE",
    "SECOND_FACTOR_BACKOFF",
    "ConsolePage",
    "accepts_files",
    "audit_entry",
    "authorize",
    "current_limits",
    "current_line",
    "current_viewer",
    "find_own_engineer",
    "find_viewer",
    "list_line_candidates",
    "list_lines",
    "list_login_counters",
    "make_form_id",
    "may",
    "needs",
    "open_sessions",
    "register_loader",
    "require_line",
]
