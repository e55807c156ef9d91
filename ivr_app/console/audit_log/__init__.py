"""The audit log. Copy this page to add another one."""

from __future__ import annotations

from flask import render_template, request

from ivr_app.console import ConsolePage, needs
from ivr_app.context import current_services
from ivr_app.whole_numbers import parse_whole_number
from store.people.accounts import Role
from store.people.audit import AuditLog

page = ConsolePage("audit_log", __name__, Role.MANAGER, place=80)

PAGE_SIZE = 50


@page.get("/")
@needs(Role.MANAGER)
def show() -> str:
    """The entries, newest first; ``before`` is the id that the previous page ended with."""
    before = request.args.get("before", type=parse_whole_number)
    who = request.args.get("who") or None
    entries = AuditLog(current_services().engine).page(before, who, size=PAGE_SIZE)
    older = None
    if len(entries) == PAGE_SIZE:
        older = entries[-1].id
    return render_template("audit_log/show.html", entries=entries, older=older, who=who)
