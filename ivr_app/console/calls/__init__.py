"""Calls: the search, one call with its timeline, and the download."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from flask import abort, render_template, request, url_for

from ivr_app.console import ConsolePage, audit_entry, current_line, list_lines, needs
from ivr_app.console.calls.timeline import find_call_detail
from ivr_app.console.tasks import Export, answer_export
from ivr_app.context import current_call_service, current_services
from ivr_app.thread_share import LONG
from ivr_app.web import PageResponse, t, zone
from routing.call import CallOutcome
from routing.line import LAST_RESORT, Line
from routing.names import tidy
from routing.phone_numbers import written_forms
from store.log import call_search
from store.log.exports import MEDIA_TYPES, build_call_rows
from store.log.reports import Place
from store.people.accounts import Role
from store.people.contract_search import find_companies
from store.work.tasks import ExportCalls, Form

page = ConsolePage("calls", __name__, Role.VIEWER, place=30)


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The calls that match the search, newest first."""
    line = current_line()
    if line is None:
        return render_template("calls/show.html", search=None)
    search, found = read_search(line, zone(), request.values), call_search.CallPage(())
    if search.filter is not None:
        before = parse_cursor(request.args.get("before"))
        found = call_search.search_calls(current_services().engine, search.filter, before)
    names = list_engineer_names(line)
    return render_template(
        "calls/show.html",
        search=search,
        mistakes={name: t(key) for name, key in search.mistakes.items()},
        found=found,
        names=names,
        choices=list_options(names),
        onward=_next_page_address(search, found),
        kinds=list(MEDIA_TYPES),
    )


@page.get("/<sid>")
@needs(Role.VIEWER)
def one(sid: str) -> str:
    """One call: its details, its timeline, and the reasons of each decision."""
    now = current_call_service().clock()
    detail = find_call_detail(current_services().engine, list_lines(), sid, now) or abort(404)
    names: dict[str, str] = {}
    if detail.line is not None:
        names = list_engineer_names(detail.line)
    return render_template("calls/one.html", detail=detail, names=names)


@page.post("/export")
@needs(Role.MANAGER)
@LONG.limits
def export() -> PageResponse:
    """All matching calls as a file; of many, a task makes it. The audit log records it."""
    form, line = request.form.get("kind", ""), current_line()
    if line is None or form not in MEDIA_TYPES:
        abort(400)
    search = read_search(line, zone(), request.values)
    if search.filter is None:
        abort(400)
    values = {"as": form, "asked": ", ".join(sorted(search.filled)) or None}
    calls = call_search.stream_calls(current_services().engine, search.filter)
    return answer_export(
        Export(
            ExportCalls(search.filter, cast(Form, form)),
            "calls",
            audit_entry("calls.export").on("line", line.id, None, values),
        ),
        build_call_rows(calls),
    )


def _next_page_address(search: CallSearch, found: call_search.CallPage) -> str | None:
    if found.older is None:
        return None
    query: dict[str, Any] = {**search.filled, "before": format_cursor(found.older)}
    return url_for("calls.show", **query)


FIELDS = ("number", "company", "engineer", "level", "outcome", "verified", "since", "until")
COMPANIES = 10
"""The most contracts that one search includes."""

A_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CallSearch:
    """A search: the fields as they were filled in, and the filter, which is None if a field has a
    mistake. ``companies`` are the names of the contracts found, by number."""

    filled: Mapping[str, str]
    filter: call_search.CallFilter | None
    companies: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)

    @property
    def cut(self) -> bool:
        """True if more contracts may match than one search includes."""
        return len(self.companies) == COMPANIES


def read_search(line: Line, zone: ZoneInfo, sent: Mapping[str, Any]) -> CallSearch:
    """Return the search of a form; times are in the viewer's zone."""
    texts = {name: tidy(str(sent.get(name, ""))) for name in FIELDS}
    filled = {name: text for name, text in texts.items() if text}
    wrong = {name for name, check in _CHECKS.items() if name in filled and not check(filled[name])}
    if filled.get("engineer") not in {None, *list_engineer_names(line)}:
        wrong.add("engineer")
    if wrong:
        return CallSearch(filled, None, mistakes=dict.fromkeys(wrong, "web.mistake.wrong"))
    if "company" not in filled:
        return CallSearch(filled, _build_filter(line, zone, filled, None))
    engine = current_services().engine
    companies = find_companies(engine, line.id, filled["company"], COMPANIES)
    return CallSearch(filled, _build_filter(line, zone, filled, tuple(companies)), companies)


def _build_filter(
    line: Line, zone: ZoneInfo, filled: Mapping[str, str], contracts: tuple[str, ...] | None
) -> call_search.CallFilter:
    def parse_moment(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)

    return call_search.CallFilter(
        line.id,
        shown=_parse(lambda text: written_forms(text, line.country), filled.get("number")) or (),
        contracts=contracts,
        taker=filled.get("engineer"),
        level=_parse(int, filled.get("level")),
        outcome=_parse(CallOutcome, filled.get("outcome")),
        verified=_parse(lambda text: text == "yes", filled.get("verified")),
        since=_parse(parse_moment, filled.get("since")),
        # a search until 10:00 includes the calls of that minute
        until=_parse(lambda text: parse_moment(text) + A_MINUTE, filled.get("until")),
    )


ValueT = TypeVar("ValueT")


def _parse(parse: Callable[[str], ValueT], text: str | None) -> ValueT | None:
    """Return the value of a field, or None if it is empty."""
    if text is None:
        return None
    return parse(text)


def _is_minute(text: str) -> bool:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return found.tzinfo is None and 1970 < found.year < 9999


_CHECKS = {
    "level": lambda text: text in {"1", "2", "3", "4"},
    "outcome": lambda text: text in set(CallOutcome),
    "verified": lambda text: text in {"yes", "no"},
    "since": _is_minute,
    "until": _is_minute,
}


def list_engineer_names(line: Line) -> dict[str, str]:
    """Return the names of the people who can take a call, by id; the last resort has no name."""
    return {engineer.id: engineer.name for engineer in line.engineers} | {LAST_RESORT: ""}


def format_cursor(place: Place) -> str:
    """Return the cursor of a place among the calls, for an address."""
    return f"{place[0].isoformat()}_{place[1]}"


def parse_cursor(text: str | None) -> Place | None:
    """Return the place of a cursor, or None for anything else."""
    at, _, call = (text or "").partition("_")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    if moment.tzinfo is None or not call:
        return None
    return moment, call


Options = list[tuple[str, str]]


def list_options(names: Mapping[str, str]) -> dict[str, Options]:
    """Return the options of each field: values and texts. ``names`` are the people who can take a
    call."""
    people = [(person, name or t("calls.last_resort")) for person, name in names.items()]
    offered = {
        "engineer": people,
        "level": [(str(level), t("web.level", level=level)) for level in range(1, 5)],
        "outcome": [(one.value, t(f"calls.outcome.{one.value}")) for one in CallOutcome],
        "verified": [("yes", t("calls.verified")), ("no", t("calls.unverified"))],
    }
    return {name: [("", t("calls.any")), *options] for name, options in offered.items()}
